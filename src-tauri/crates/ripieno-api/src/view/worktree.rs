//! The views of a worktree and of what a person does with its branch (D5, D11).

use super::Task;
use ripieno_daemon::handle::{WorktreeFate, WorktreeFolder, WorktreeRow};
use serde::{Deserialize, Serialize};

/// The worktree of a task.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Worktree {
    /// `open` while its folder is there, `kept` when the branch alone is, or what a person did with that: `merged`,
    /// `discarded`.
    #[cfg_attr(test, ts(type = "\"open\" | \"kept\" | \"merged\" | \"discarded\""))]
    pub state: String,
    /// The branch it was started from, which a merge goes to.
    pub onto: Option<String>,
    /// The commit the work began at.
    pub base: Option<String>,
    /// Why the folder of an ended task is still there.
    pub stays: Option<String>,
}

impl From<&WorktreeRow> for Worktree {
    fn from(row: &WorktreeRow) -> Self {
        let state = match (row.fate, row.folder) {
            (Some(WorktreeFate::Merged), _) => "merged",
            (Some(WorktreeFate::Discarded), _) => "discarded",
            (None, WorktreeFolder::Making | WorktreeFolder::There) => "open",
            (None, WorktreeFolder::Gone) => "kept",
        };
        Worktree {
            state: state.to_owned(),
            onto: row.onto.clone(),
            base: row.base.clone(),
            stays: row.reason.clone(),
        }
    }
}

/// What a merge led to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Merged {
    /// The task, as it is now.
    pub task: Task,
    /// The branch it went to.
    pub onto: String,
    /// The commit that stands at; none when it held the work already.
    pub commit: Option<String>,
}

/// What discarding a branch, or taking it back, led to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Discarded {
    /// The task, as it is now.
    pub task: Task,
    /// The branch.
    pub branch: String,
    /// The commit it stood at.
    pub commit: String,
}
