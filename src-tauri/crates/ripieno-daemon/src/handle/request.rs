//! What a surface asks for, already parsed: texts become values at the edge, rules stay here.

use ripieno_core::{ask::AskScope, id::TaskNo, spec::FolderMode, state::Priority, time::Timestamp};
use std::path::PathBuf;

/// On whose authority a request is made (cli.md, "Transport and authority").
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Authority {
    /// The person, at this surface: `cli`, `window`, `tray`, ...
    Person {
        /// Named in answers and events.
        surface: String,
    },
    /// A task: its own verbs, and reading its own family.
    Task {
        /// Which.
        no: TaskNo,
        /// Its live attempt; a request meant for one attempt never reaches the next (T11).
        attempt: u32,
    },
    /// A process below a task that is no longer live: it may do nothing.
    Stale,
}

/// A new task, as a person or agent words it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Submit {
    /// What is to be done.
    pub prompt: String,
    /// Else the first line of the prompt.
    pub title: Option<String>,
    /// Else `solo`.
    pub piece: Option<String>,
    /// The agent, when one is wanted.
    pub agent: Option<String>,
    /// The model, when one is wanted.
    pub model: Option<String>,
    /// The reasoning level, when one is wanted (A4).
    pub effort: Option<String>,
    /// The folder; absolute.
    pub dir: Option<PathBuf>,
    /// How it works there.
    pub mode: Option<FolderMode>,
    /// `ask_all`, `ask_risky`, `trusted`; else the setting.
    pub approvals: Option<String>,
    /// Commands of the gate `check`.
    pub checks: Vec<String>,
    /// How urgent.
    pub priority: Priority,
    /// References of tasks that must be done first.
    pub depends_on: Vec<String>,
    /// While a task with this key is open, it is returned instead (T3).
    pub key: Option<String>,
    /// The task whose thread it goes on in (T19).
    pub continues: Option<String>,
    /// Files to copy into the inputs; absolute.
    pub inputs: Vec<PathBuf>,
    /// Archives to unpack into the inputs, each into a folder of its name; absolute.
    pub unpack: Vec<PathBuf>,
    /// Free labels.
    pub labels: Vec<String>,
    /// Not before this moment.
    pub not_before: Option<Timestamp>,
    /// Else the setting.
    pub max_tries: Option<u32>,
    /// The limit on working time, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// The cap on tokens.
    pub budget_tokens: Option<u64>,
    /// The cap on money, in millionths of a US dollar.
    pub budget_micros: Option<u64>,
    /// Names of variables the performer may see.
    pub env_names: Vec<String>,
    /// Skills its agent is given beside those of the piece.
    pub skills: Vec<String>,
    /// None at all, whatever the piece names (T26).
    pub no_skills: bool,
}

/// Which tasks are listed, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listing {
    /// Shown states (`paused` included); all when empty.
    pub states: Vec<String>,
    /// Labels, each of which must be there.
    pub labels: Vec<String>,
    /// In title or prompt.
    pub search: Option<String>,
    /// At most so many.
    pub limit: u32,
    /// The cursor of the page before.
    pub after: Option<String>,
}

/// What is said to an ask.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// An option's id, its number, or its exact label.
    Option {
        /// As given.
        given: String,
        /// How far it reaches.
        scope: Option<AskScope>,
    },
    /// Free text.
    Text(String),
}

/// A question of a script or agent (`ripieno ask create`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewAsk {
    /// The question.
    pub text: String,
    /// Options as `ID=LABEL` or `LABEL`.
    pub options: Vec<String>,
    /// Whether text is an answer besides the options.
    pub allows_text: bool,
    /// The option that counts when it expires.
    pub default: Option<String>,
    /// How long it stays open, in milliseconds.
    pub expires_ms: Option<u64>,
    /// Makes two questions one (H7).
    pub key: Option<String>,
    /// How long the call waits, in milliseconds; at most the window of H3.
    pub wait_ms: Option<u64>,
}
