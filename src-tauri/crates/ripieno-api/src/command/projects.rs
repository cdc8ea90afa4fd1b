//! Requests about projects, and about folders in use. Paths are absolute.

use serde::{Deserialize, Serialize};

/// `project.add` and `project.set`: a folder with what is decided about it. What is left out stays.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct ProjectSet {
    /// The folder.
    pub dir: String,
    /// `auto`, `in_place` or `worktree`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The script before a task's first turn; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup: Option<String>,
    /// The script after a task's work; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teardown: Option<String>,
    /// Commands of the gate `check` for tasks that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checks: Option<Vec<String>>,
    /// The highest approval level: `ask_all`, `ask_risky`, `trusted`; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvals: Option<String>,
    /// Names of variables that performers may see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env_names: Option<Vec<String>>,
    /// Whether what a task changed in the folder itself is committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<bool>,
    /// Who commits name as co-author, as `Name <address>`; empty for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub co_author: Option<String>,
    /// How many tasks of it may be under way at a time; 0 for no limit of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slots: Option<u32>,
}

/// `project.show`, `project.trust`, `project.untrust`, `project.remove`: one project.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct ProjectNamed {
    /// The folder.
    pub dir: String,
}

/// `lock.release`: lets others into the folder that a task keeps while it rests (D9).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct LockRelease {
    /// The task.
    pub task: String,
}
