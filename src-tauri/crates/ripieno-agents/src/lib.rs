//! Performers: who carries out a movement.
//!
//! Owns the [`Agent`] trait and its stream of [`RunEvent`]s, the adapters (shell, Claude Code, Codex, the Agent Client Protocol, any other program), process
//! supervision (R9), the environment of children (R10), discovery (A1), transcripts (R2) and the classification of failures (R8).
//! Refuses to know the store, task states or scheduling: it is told what to run and says what happened.

pub mod acp;
pub mod classify;
pub mod claude;
pub mod codex;
mod dialogue;
pub mod discover;
pub mod env;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod generic;
pub mod lines;
pub mod offer;
pub mod process;
pub mod raw_log;
mod reset;
pub mod shell;
pub mod stream;
pub mod supervise;
pub mod text;
pub mod tools;
pub mod transcript;
pub mod watchdog;

use ripieno_core::{ask::Answer, failure::Failure};
use std::{collections::BTreeMap, ffi::OsString, path::PathBuf, time::Duration};
use stream::RunEvent;
use tokio::sync::mpsc;

/// How freely an agent may act without asking (A5).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approvals {
    /// Everything asks.
    AskAll,
    /// Reading in scope and editing inside the workspace pass; commands, network and everything outside ask.
    #[default]
    AskRisky,
    /// Commands, network and file access inside the workspace pass.
    Trusted,
}

/// What a movement may do; bounds every approval level (A5).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// No edit, no command.
    Read,
    /// Edits; no command without asking.
    Edit,
    /// As the approval level says.
    #[default]
    Full,
}

/// Which conversation the run belongs to (R4).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Session {
    /// A new one; agents that let us choose the id take this one.
    New(uuid::Uuid),
    /// Goes on in this one.
    Resume(String),
}

/// What the performer is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Work {
    /// An agent is given this prompt.
    Prompt(String),
    /// The text is written to a file and run as `sh -eu FILE` (architecture 3.4).
    Script {
        /// The text of the script.
        text: String,
        /// Where it is written; its folder exists.
        file: PathBuf,
    },
}

/// Time limits of one run, in awake time (R6); `None` switches one off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// No message at all for so long ends the run.
    pub idle: Option<Duration>,
    /// The same while a tool is in flight.
    pub tool: Option<Duration>,
    /// Working time of the movement (T10).
    pub working: Option<Duration>,
    /// How long a stop may take before everything is killed (`stop.grace`).
    pub grace: Duration,
}

/// Everything a performer needs to run one turn.
#[derive(Clone, Debug)]
pub struct RunSpec {
    /// What to do.
    pub work: Work,
    /// The folder it works in; exists.
    pub folder: PathBuf,
    /// The whole environment of the process: nothing is inherited (R10).
    pub env: BTreeMap<String, String>,
    /// Which conversation.
    pub session: Session,
    /// The model to ask for; none is passed when `None` (A4).
    pub model: Option<String>,
    /// The reasoning level to ask for; none is passed when `None` (A4).
    pub effort: Option<String>,
    /// How freely it may act.
    pub approvals: Approvals,
    /// The bound of the movement.
    pub access: Access,
    /// Time limits.
    pub limits: Limits,
    /// The file that receives what the performer prints, raw (R15); its folder exists. Capped (R12).
    pub raw_log: PathBuf,
    /// A folder for spilled tool output (R2) and other files of the run; exists.
    pub spill: PathBuf,
    /// The title of the task, for agents that name their sessions (A9).
    pub title: String,
    /// What this run may cost, in millionths of a US dollar, for agents that can watch it themselves (T17).
    pub most_micros: Option<u64>,
    /// The tools of ours that an agent is given (A6); none for scripts.
    pub tools: Option<tools::TaskTools>,
}

/// What the actor may tell a live run.
#[derive(Debug)]
pub enum Control {
    /// The answer to an ask this run raised.
    Answer {
        /// The key of the [`stream::AskRaised`].
        key: String,
        /// What was said.
        answer: Answer,
    },
    /// A comment, delivered at the next turn boundary (T13); the run reports `Delivered` with the same id.
    Comment {
        /// Named in the acknowledgement.
        id: i64,
        /// What was said.
        text: String,
    },
    /// The task waits for a person, or no longer does, because of an ask that is not this run's own: raised by a tool of ours
    /// or by `ripieno ask create`. Waiting is neither work nor silence (T10).
    Waits(bool),
    /// Stop: protocol cancel, stdin closed, TERM to the group, and after the grace KILL for every descendant (R9).
    /// The run ends with exactly one [`RunEvent::Ended`], sent only when no process is left.
    Stop,
}

/// A run under way. Dropping it kills everything the run started.
#[derive(Debug)]
pub struct Run {
    /// What happens, in order; the last one is [`RunEvent::Ended`], always, exactly once.
    pub events: mpsc::Receiver<RunEvent>,
    /// The way to talk to it.
    pub control: mpsc::Sender<Control>,
    /// The program that was started.
    pub program: PathBuf,
    /// Its arguments; never the prompt (sec-8).
    pub arguments: Vec<OsString>,
}

/// What an agent can do; the engine asks here, never by name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Capabilities {
    /// A session can be resumed in a new process.
    pub resume: bool,
    /// An ask can be answered while the process waits (H3).
    pub answer_in_place: bool,
    /// A comment reaches it between turns (T13).
    pub comments: bool,
    /// It tells how many tokens it uses (T17).
    pub tells_tokens: bool,
    /// It tells what its calls cost (T17).
    pub tells_money: bool,
}

/// One kind of performer.
pub trait Agent: Send + Sync {
    /// The runtime kind: `shell`, `claude`, ...
    fn kind(&self) -> &str;
    /// What it can do.
    fn capabilities(&self) -> Capabilities;
    /// The variables its program reads; taken from the worker's own environment at each spawn (cli.md).
    fn env_names(&self) -> Vec<&str>;
    /// Where it looks for the skills of a folder it works in, below that folder (A7); `None` for what has no use for any.
    fn skills_folder(&self) -> Option<&str>;
    /// Starts one turn.
    ///
    /// # Errors
    /// A classified [`Failure`] when no process could be started; nothing is left behind then.
    fn start(
        &self,
        spec: RunSpec,
    ) -> impl std::future::Future<Output = Result<Run, Failure>> + Send;
}
