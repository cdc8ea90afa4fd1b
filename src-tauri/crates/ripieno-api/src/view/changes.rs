//! What a task changed in its folder.

use ripieno_daemon::handle::{self, FileStatus};
use serde::{Deserialize, Serialize};

/// How much a task changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ChangesSum {
    /// Files.
    pub files: u64,
    /// Lines more.
    pub insertions: u64,
    /// Lines less.
    pub deletions: u64,
}

/// One changed file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ChangedFile {
    /// Below the folder of the task; bytes that are no text as `\xNN`.
    pub path: String,
    /// Its name before, when it was renamed.
    pub from: Option<String>,
    /// `added`, `modified`, `deleted`, `renamed`, `mode`, `submodule` or `untracked`.
    pub status: String,
    /// Whether its content is no text.
    pub binary: bool,
    /// Whether it is too large, or cannot be read, and so was not compared.
    pub unread: bool,
    /// Lines more.
    pub insertions: u64,
    /// Lines less.
    pub deletions: u64,
}

/// What a task changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Changes {
    /// The commit it is measured from; none where `reason` says why.
    pub base: Option<String>,
    /// Why nothing is shown.
    pub reason: Option<String>,
    /// Whether changes from before the task are among them.
    pub includes_earlier: bool,
    /// The changed files, in the order of their paths.
    pub files: Vec<ChangedFile>,
    /// Lines more, in all.
    pub insertions: u64,
    /// Lines less, in all.
    pub deletions: u64,
    /// Whether there are more files than are named.
    pub truncated: bool,
}

/// A patch.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Diff {
    /// A unified diff.
    pub patch: String,
    /// Whether there is more than fits.
    pub truncated: bool,
    /// Why there is none.
    pub reason: Option<String>,
}

/// A whole patch in a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Patch {
    /// The file.
    pub path: String,
    /// How long it is.
    pub bytes: u64,
    /// Changed files that are not in it: over 16 MiB, or not readable.
    pub left_out: Vec<String>,
}

impl From<handle::Patch> for Patch {
    fn from(patch: handle::Patch) -> Self {
        Patch {
            path: patch.path.display().to_string(),
            bytes: patch.export.bytes,
            left_out: patch.export.left_out,
        }
    }
}

impl From<handle::ChangesSum> for ChangesSum {
    fn from(sum: handle::ChangesSum) -> Self {
        ChangesSum {
            files: sum.files,
            insertions: sum.insertions,
            deletions: sum.deletions,
        }
    }
}

impl From<handle::FileChange> for ChangedFile {
    fn from(change: handle::FileChange) -> Self {
        let status = match change.status {
            FileStatus::Added => "added",
            FileStatus::Modified => "modified",
            FileStatus::Deleted => "deleted",
            FileStatus::Renamed => "renamed",
            FileStatus::Mode => "mode",
            FileStatus::Submodule => "submodule",
            FileStatus::Untracked => "untracked",
        };
        ChangedFile {
            path: change.path,
            from: change.from,
            status: status.to_owned(),
            binary: change.binary,
            unread: change.unread,
            insertions: change.insertions,
            deletions: change.deletions,
        }
    }
}

impl From<handle::Changes> for Changes {
    fn from(changes: handle::Changes) -> Self {
        Changes {
            base: changes.base,
            reason: changes.reason,
            includes_earlier: changes.includes_earlier,
            files: changes.files.into_iter().map(ChangedFile::from).collect(),
            insertions: changes.insertions,
            deletions: changes.deletions,
            truncated: changes.truncated,
        }
    }
}

impl From<handle::Diff> for Diff {
    fn from(diff: handle::Diff) -> Self {
        Diff {
            patch: diff.patch,
            truncated: diff.truncated,
            reason: diff.reason,
        }
    }
}
