//! What was asked for: the part of a task that its submission fixes.

use crate::{id::TaskNo, state::Priority, time::Timestamp};
use serde::{Deserialize, Serialize};

/// A piece by name, pinned by the digest of its text and facets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PieceRef {
    /// Its name.
    pub name: String,
    /// SHA-256, hexadecimal; a changed piece never changes a submitted task.
    pub digest: String,
}

/// A skill by name, pinned by the digest of its files (A7).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SkillRef {
    /// Its name.
    pub name: String,
    /// SHA-256, hexadecimal; a changed skill never changes a submitted task.
    pub digest: String,
}

/// Where a task works.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FolderMode {
    /// In the folder itself, locked (D1).
    #[default]
    InPlace,
    /// In a worktree of its own; what a surface that says nothing gets in a repository.
    Worktree,
}

/// Everything a submission says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TaskSpec {
    /// What people see.
    pub title: String,
    /// What is to be done: a prompt, or the script of a `script` piece.
    pub prompt: String,
    /// Free labels to filter by (T27).
    #[serde(default)]
    pub labels: Vec<String>,
    /// The workflow.
    pub piece: PieceRef,
    /// The agent, profile or `llm:ROLE` asked for; `None` leaves it to piece and user (S7).
    #[serde(default)]
    pub agent: Option<String>,
    /// The model asked for.
    #[serde(default)]
    pub model: Option<String>,
    /// The reasoning level asked for (A4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<String>,
    /// The folder, absolute and with links resolved; `None` for a workspace of its own.
    #[serde(default)]
    pub dir: Option<String>,
    /// How it works there.
    #[serde(default)]
    pub mode: FolderMode,
    /// The approval level: `ask_all`, `ask_risky`, `trusted` (A5).
    pub approvals: String,
    /// Commands of the gate `check`.
    #[serde(default)]
    pub checks: Vec<String>,
    /// How urgent.
    #[serde(default)]
    pub priority: Priority,
    /// What must be done first.
    #[serde(default)]
    pub depends_on: Vec<TaskNo>,
    /// The task this one follows in its thread (T19, T23).
    #[serde(default)]
    pub continues: Option<TaskNo>,
    /// The file names copied into the inputs folder (T25).
    #[serde(default)]
    pub inputs: Vec<String>,
    /// Not before this moment.
    #[serde(default)]
    pub not_before: Option<Timestamp>,
    /// Tries in all.
    pub max_tries: u32,
    /// The limit on working time, in milliseconds (T10).
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// The cap on tokens; none when absent (T17).
    #[serde(default)]
    pub budget_tokens: Option<u64>,
    /// The cap on money, in millionths of a US dollar.
    #[serde(default)]
    pub budget_micros: Option<u64>,
    /// Names of variables the performer may see (R10).
    #[serde(default)]
    pub env_names: Vec<String>,
    /// The skills its agent is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<SkillRef>,
}

/// Where the next attempt takes up the work: the one mechanism behind answers, retries, pauses and restarts.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct ResumePoint {
    /// The stepper's position, as the pieces crate writes it; `None` starts the piece.
    #[serde(default)]
    pub position: Option<serde_json::Value>,
    /// The conversation to go on in.
    #[serde(default)]
    pub session: Option<SessionRef>,
}

/// A conversation of an agent, with all that makes resuming it safe (R4).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SessionRef {
    /// The runtime kind.
    pub agent: String,
    /// The id the agent gave it.
    pub id: String,
    /// The folder it was made in.
    pub folder: String,
    /// Everything said up to then has reached it; answers given later have not (H3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Timestamp>,
}
