//! Projects: folders of the person that tasks work in, with what the person decided about each (D1).

use crate::{spec::FolderMode, time::Timestamp};
use serde::{Deserialize, Serialize};

/// Whether agents may work with a folder, and load what it configures for them (D1, sec-11).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Nobody was asked yet.
    Unasked,
    /// The person said yes, or named the folder.
    Trusted {
        /// When.
        since: Timestamp,
    },
    /// The person was asked and said no: nobody asks again.
    Refused {
        /// When.
        since: Timestamp,
    },
}

impl Trust {
    /// Whether it is given.
    #[must_use]
    pub fn is_given(self) -> bool {
        matches!(self, Trust::Trusted { .. })
    }
}

/// What tasks of a project do beside their own work.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectPolicy {
    /// A script run before a task's first turn, in its working folder.
    pub setup: Option<String>,
    /// A script run when a task's work is done, in its working folder.
    pub teardown: Option<String>,
    /// Commands of the gate `check` for tasks that name none (P2).
    pub checks: Vec<String>,
    /// The highest approval level: of task, project and piece the narrowest counts (A5).
    pub approvals: Option<String>,
    /// Names of variables that performers may see (R10).
    pub env_names: Vec<String>,
    /// Whether what a task changed in the folder itself is committed when it is done (R14); in worktrees it always is.
    pub commit: bool,
    /// Who commits name as co-author, as `Name <address>` (D8).
    pub co_author: Option<String>,
    /// How many tasks of the project may be under way at a time.
    pub slots: Option<u32>,
}

/// A project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Project {
    /// Its folder, absolute, links resolved.
    pub path: String,
    /// How tasks work there; `None` leaves it to what the folder is.
    pub mode: Option<FolderMode>,
    /// Whether agents may work with it.
    pub trust: Trust,
    /// What its tasks do beside their work.
    pub policy: ProjectPolicy,
    /// Since when it is known.
    pub added_at: Timestamp,
}

impl Project {
    /// A folder nobody was asked about.
    #[must_use]
    pub fn new(path: impl Into<String>, now: Timestamp) -> Self {
        Project {
            path: path.into(),
            mode: None,
            trust: Trust::Unasked,
            policy: ProjectPolicy::default(),
            added_at: now,
        }
    }
}
