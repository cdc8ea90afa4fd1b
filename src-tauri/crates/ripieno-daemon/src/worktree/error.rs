//! Why a worktree cannot be made, looked at or changed.

use super::begin::{Unjoined, names};
use crate::changes::{CaptureError, GitError, NoRepository};
use ripieno_core::{
    failure::{Class, Failure},
    id::TaskNo,
};
use std::{io, path::PathBuf};

/// What went wrong. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// There is no repository, or none that can be used.
    #[error(
        "a worktree needs a git repository, and {0}; --mode in_place works in the folder itself"
    )]
    Repository(#[from] NoRepository),
    /// The state of the folder cannot be read.
    #[error("the state of the folder cannot be carried into a worktree: {0}")]
    Capture(#[from] CaptureError),
    /// git failed.
    #[error("the worktree cannot be used: {0}")]
    Git(#[from] GitError),
    /// Parts of the repository are elsewhere.
    #[error(
        "parts of this repository are not on this computer (a partial clone): fetch them with \
         `git fetch --refetch --no-filter`, or use --mode in_place"
    )]
    Partial,
    /// The branch of the task is in use.
    #[error("the branch {branch} is checked out in {}: switch to another branch there, then try again", .at.display())]
    BranchInUse {
        /// The branch.
        branch: String,
        /// Where it is checked out.
        at: PathBuf,
    },
    /// Branches that a task is to begin on conflict (T5).
    #[error("the branches it depends on cannot be joined: {}", said(.with, .unjoined))]
    Unjoined {
        /// The tasks whose branches were joined before.
        with: Vec<TaskNo>,
        /// Those that could not be.
        unjoined: Vec<Unjoined>,
    },
    /// What was kept of it is gone.
    #[error("{0} is not in the repository any more: its branch and its hidden refs were removed")]
    Lost(String),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] ripieno_store::StoreError),
    /// A folder or file cannot be used.
    #[error("{} cannot be used: {source}; check that folder", .path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What conflicts with what, in words.
pub(crate) fn said(with: &[TaskNo], unjoined: &[Unjoined]) -> String {
    const NAMED: usize = 5;
    let one = |left: &Unjoined| {
        let files: Vec<&str> = left.files.iter().take(NAMED).map(String::as_str).collect();
        let more = match left.files.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (task, branch) = (left.task, &left.branch);
        format!("{task} ({branch}) changed {}{more}", files.join(", "))
    };
    let all: Vec<String> = unjoined.iter().map(one).collect();
    format!("{}, and so did {}", all.join("; "), names(with))
}

impl TreeError {
    /// The same for what the system reported about a path.
    pub fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| TreeError::Io { path, source }
    }

    /// Whether git failed, which it does too when what it was to use was just collected.
    #[must_use]
    pub fn is_failure_of_git(&self) -> bool {
        matches!(
            self,
            TreeError::Git(GitError::Failed { .. })
                | TreeError::Capture(CaptureError::Git(GitError::Failed { .. }))
        )
    }

    /// The failure an attempt ends with.
    #[must_use]
    pub fn into_failure(self) -> Failure {
        let full = match &self {
            TreeError::Io { source, .. } => source.kind() == io::ErrorKind::StorageFull,
            TreeError::Git(GitError::Failed { text, .. }) => text.contains("No space left"),
            _ => false,
        };
        let class = if full {
            Class::DiskFull
        } else {
            Class::WorkspaceFailed
        };
        Failure::new(class, self.to_string())
    }
}
