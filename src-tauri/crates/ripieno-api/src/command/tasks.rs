//! Requests about tasks.

use serde::{Deserialize, Serialize};

/// `task.add`: a new task. Paths are absolute.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Add {
    /// What is to be done.
    pub prompt: String,
    /// Else the first line of the prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Else `solo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub piece: Option<String>,
    /// The agent wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The model wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The reasoning level wanted (A4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<String>,
    /// The folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// `in_place` or `worktree`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// `ask_all`, `ask_risky`, `trusted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvals: Option<String>,
    /// Commands of the gate `check`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub checks: Vec<String>,
    /// `low`, `normal`, `high`, `urgent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// Tasks that must be done first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub depends_on: Vec<String>,
    /// While a task with this key is open, it is returned instead (T3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The task whose thread it goes on in (T19).
    #[serde(default, rename = "continue", skip_serializing_if = "Option::is_none")]
    pub continues: Option<String>,
    /// Files to copy into the inputs (T25).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub inputs: Vec<String>,
    /// Archives (.tar, .tar.gz, .tgz, .zip) to unpack into the inputs, each into a folder of its name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub unpack: Vec<String>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub labels: Vec<String>,
    /// Not before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// Tries in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tries: Option<u32>,
    /// The limit on working time (T10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
    /// The cap on tokens (T17).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_tokens: Option<u64>,
    /// The cap on money, in US dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_usd: Option<f64>,
    /// Names of variables the performer may see (R10).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub env_names: Vec<String>,
    /// Skills its agent is given beside those of the piece (A7).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub skills: Vec<String>,
    /// No skills, whatever the piece names (T26).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub no_skills: bool,
}

/// `task.list`: a page, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct List {
    /// Shown states; all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub states: Vec<String>,
    /// Labels, each of which must be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub labels: Vec<String>,
    /// In title or prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// At most so many, from 1 to 500; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// One task by short id, number, UUID or its last digits: `task.show`, `task.why`, `task.outputs`,
/// `task.timeline`, `task.changes`, `task.patch`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Named {
    /// Which.
    pub id: String,
}

/// `task.diff`: a patch of what a task changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Diff {
    /// Which task.
    pub id: String,
    /// One file, as `task.changes` names it; else all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Whether changes of white space are shown; the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whitespace: Option<bool>,
}

/// `task.discard`: throws the branch of an ended task away.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Discard {
    /// Which.
    pub id: String,
    /// Takes it back instead.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub undo: bool,
}

/// `task.rewind`: goes back to a checkpoint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Rewind {
    /// Which task.
    pub id: String,
    /// The checkpoint's number.
    pub to: u32,
    /// The `seq` that came with the list the choice was made from: refused when the task has moved on since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<i64>,
    /// What is said instead of, or beside, the task's own text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// `task.run`: the facts of an attempt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Run {
    /// Of which task.
    pub id: String,
    /// Which attempt; else the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
}

/// Several tasks: `task.pause`, `task.resume`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Several {
    /// Which.
    pub ids: Vec<String>,
}

/// `task.cancel`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Cancel {
    /// Which.
    pub ids: Vec<String>,
    /// Whether to wait until they are cancelled; the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<bool>,
}

/// `task.retry` (T23).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Retry {
    /// Which.
    pub ids: Vec<String>,
    /// In a new session.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub fresh: bool,
    /// What the performer is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// `task.seen`: clears the failed mark.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Seen {
    /// Which.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub ids: Vec<String>,
    /// All of them.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub all: bool,
}

/// `task.comment` (T13, T23).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Comment {
    /// On which task.
    pub id: String,
    /// What is said.
    pub text: String,
    /// Delivered with the next turn, starting none.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub quiet: bool,
}

/// `task.logs`: a page of the log (R2).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Logs {
    /// Of which task.
    pub id: String,
    /// Of this attempt only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Entries with this number or a later one.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub from: u64,
    /// Whether to wait, up to half a minute, for entries that are not there yet.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub follow: bool,
}

/// `task.wait`: until the task has ended or needs a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Wait {
    /// For which.
    pub id: String,
    /// At most so long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
}
