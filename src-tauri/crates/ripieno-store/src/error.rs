//! What can go wrong; each error names the thing and the remedy.

use ripieno_core::{
    apply::Refused,
    ask::{Answer, BadAnswer, QUESTIONS},
    id::{AskNo, TaskNo},
    time::Timestamp,
};
use std::path::{Path, PathBuf};

/// Why a store could not be opened (C5, C6). The file is unchanged unless the variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A later version of the program wrote it.
    #[error(
        "{path} was written by a newer version of Ripieno (format {found}, this version knows {known}): \
         install that version again, or restore a backup made by this one"
    )]
    Newer {
        /// The database; unchanged.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format this program knows.
        known: i64,
    },
    /// It is damaged; its files were moved aside.
    #[error(
        "{path} is damaged ({what}) and was set aside as {set_aside}. {}", restore(.path, .set_aside, .newest_backup.as_deref())
    )]
    Corrupt {
        /// Where the database belongs; no file is there now.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
        /// Where the damaged file is now (its `-wal` and `-shm` beside it).
        set_aside: PathBuf,
        /// The newest backup that passes a check.
        newest_backup: Option<PathBuf>,
    },
    /// It cannot be written to.
    #[error("{path} cannot be written to: make the file and its folder writable for this user")]
    ReadOnly {
        /// The database.
        path: PathBuf,
    },
    /// It is something else.
    #[error("{path} is no database of Ripieno ({what}): move it elsewhere; it was left as it is")]
    NotADatabase {
        /// The file; unchanged.
        path: PathBuf,
        /// What it seems to be.
        what: String,
    },
    /// SQLite did not take a setting that our promises rest on.
    #[error(
        "{path}: SQLite answered `{got}` to `{pragma}`, `{wanted}` is needed; is the folder on a network drive? \
         Keep the data folder on a local disk"
    )]
    Pragma {
        /// The database.
        path: PathBuf,
        /// The setting.
        pragma: &'static str,
        /// What was asked for.
        wanted: String,
        /// What is so.
        got: String,
    },
    /// A migration failed; the database is as it was before it.
    #[error(
        "{path} could not be brought to format {to}: {source}. Nothing was changed; a backup is in {backups}"
    )]
    Migration {
        /// The database.
        path: PathBuf,
        /// The format aimed at.
        to: i64,
        /// Where backups are.
        backups: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The disk, the folder or SQLite refused.
    #[error(
        "{path} could not be opened while {doing}: {text}. Check free space and the folder's permissions"
    )]
    Io {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What was said.
        text: String,
    },
}

fn restore(path: &Path, set_aside: &Path, backup: Option<&Path>) -> String {
    let fresh = format!(
        "to start with an empty list instead, move {} to another folder",
        set_aside.display()
    );
    match backup {
        Some(backup) => format!(
            "The newest good backup is {}: copy it to {} to restore it; {fresh}",
            backup.display(),
            path.display()
        ),
        None => format!("There is no good backup; {fresh}"),
    }
}

/// What kind of trouble the disk or SQLite gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DiskTrouble {
    /// No space left: free some; the store goes on by itself.
    Full,
    /// Reading or writing failed.
    Io,
    /// The file or its folder became read-only.
    ReadOnly,
    /// The database is damaged: the next start checks it and sets it aside.
    Corrupt,
    /// Another process keeps the database locked.
    Busy,
    /// Anything else.
    Other,
}

/// Why an operation on the store did nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such thing.
    #[error("there is no {what}")]
    NotFound {
        /// `task T-41`, `ask A-7`, ...
        what: String,
    },
    /// The reference fits several things.
    #[error("`{given}` fits more than one {what}: give more digits, or the number")]
    Ambiguous {
        /// What was given.
        given: String,
        /// `task` or `ask`.
        what: &'static str,
    },
    /// The machine says no (T1).
    #[error("{task}: {source}")]
    Refused {
        /// The task.
        task: TaskNo,
        /// Why.
        source: Refused,
    },
    /// The row changed between reading and writing.
    #[error("{task} was changed by someone else meanwhile: look again")]
    Conflict {
        /// The task.
        task: TaskNo,
    },
    /// An open task holds the same key (T3).
    #[error("{by} is open under the same key: end it first")]
    KeyTaken {
        /// The open task.
        by: TaskNo,
    },
    /// It was to depend on a task that does not exist (T5).
    #[error("it depends on {needs}, which does not exist")]
    UnknownDependency {
        /// The task that does not exist.
        needs: TaskNo,
    },
    /// Its parent has ended.
    #[error("its parent {parent} has ended")]
    ParentEnded {
        /// The parent.
        parent: TaskNo,
    },
    /// Its performers may ask nothing more (P4).
    #[error(
        "{task} has asked {QUESTIONS} questions, the most a task may: decide yourself, or report `blocked`"
    )]
    NoMoreQuestions {
        /// The task.
        task: TaskNo,
    },
    /// Someone was quicker (H2).
    #[error("{ask} was already answered by {by}")]
    AlreadyAnswered {
        /// The ask.
        ask: AskNo,
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
        /// What they said.
        value: Answer,
    },
    /// The ask was closed without an answer: its task ended, or it was withdrawn.
    #[error("{ask} is closed: nothing waits for an answer any more")]
    AskClosed {
        /// The ask.
        ask: AskNo,
    },
    /// The ask changed since it was shown (H2).
    #[error("{ask} has changed since you saw it (revision {found}): look again")]
    AskChanged {
        /// The ask.
        ask: AskNo,
        /// Its revision now.
        found: i64,
    },
    /// The answer does not fit.
    #[error(transparent)]
    BadAnswer(#[from] BadAnswer),
    /// A row says something no code of ours writes.
    #[error(
        "{table} {key}: {what}; the database is damaged or was edited by hand, restore a backup"
    )]
    BadRow {
        /// The table.
        table: &'static str,
        /// Which row.
        key: String,
        /// What is wrong.
        what: String,
    },
    /// The disk or SQLite refused.
    #[error("the database refused: {text}")]
    Disk {
        /// What kind.
        trouble: DiskTrouble,
        /// What was said.
        text: String,
    },
    /// The operation itself broke; nothing of it was written.
    #[error("an operation on the store broke and was undone: {text}")]
    Panicked {
        /// What it said.
        text: String,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// Whether the disk is full: drop the reserve, stop claiming, try again (rel-4).
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        matches!(
            self,
            StoreError::Disk {
                trouble: DiskTrouble::Full,
                ..
            }
        )
    }

    pub(crate) fn bad_row(table: &'static str, key: impl ToString, what: impl ToString) -> Self {
        StoreError::BadRow {
            table,
            key: key.to_string(),
            what: what.to_string(),
        }
    }

    pub(crate) fn no_task(no: TaskNo) -> Self {
        StoreError::NotFound {
            what: format!("task {no}"),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let trouble = match error.sqlite_error_code() {
            Some(Code::DiskFull) => DiskTrouble::Full,
            Some(Code::SystemIoFailure | Code::CannotOpen) => DiskTrouble::Io,
            Some(Code::ReadOnly | Code::PermissionDenied) => DiskTrouble::ReadOnly,
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => DiskTrouble::Corrupt,
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => DiskTrouble::Busy,
            _ => DiskTrouble::Other,
        };
        StoreError::Disk {
            trouble,
            text: error.to_string(),
        }
    }
}
