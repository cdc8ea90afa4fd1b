//! Lock files: taking one, giving it back, and what is written in it.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::FolderIdentity;
use crate::owner::ProcessIdentity;

/// Names who works in a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The worker's process.
    #[serde(flatten)]
    pub process: ProcessIdentity,
    /// The home of that worker.
    pub home: PathBuf,
    /// The task, as its worker names it.
    pub task: String,
    /// The folder it holds, links resolved.
    pub path: PathBuf,
    /// Since when, in milliseconds since 1970.
    pub since_ms: u64,
}

/// What stands in the lock file of a folder that is worked in.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    #[serde(flatten)]
    pub(super) holder: Holder,
    pub(super) identity: FolderIdentity,
    pub(super) ancestors: BTreeSet<FolderIdentity>,
    /// The holder's open file of the folder, which follows it when it is moved.
    pub(super) folder_fd: Option<i32>,
}

/// How a lock is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Shared,
    Exclusive,
}

/// A file with its lock.
///
/// The lock belongs to the open file, not to the process, so two tasks of one worker exclude each
/// other too. Unlocked by hand, because a child between fork and exec still has a copy.
#[derive(Debug)]
pub(super) struct Locked(File);

impl Locked {
    /// Locks the file at `path` and makes it where it is missing; `None` when it is taken.
    pub(super) fn take(path: &Path, mode: Mode) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        let taken = match mode {
            Mode::Shared => file.try_lock_shared(),
            Mode::Exclusive => file.try_lock(),
        };
        match taken {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Replaces what is written in the file.
    pub(super) fn write(&mut self, record: &Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        self.0.set_len(0)?;
        self.0.rewind()?;
        self.0.write_all(&line)
    }

    /// Leaves nobody's name in the file.
    pub(super) fn wipe(&self) {
        // A name that stays is harmless: without a lock it says nothing.
        let _ = self.0.set_len(0);
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

/// Reads the description in the file at `path`; `None` when there is none that can be read.
pub(super) fn read(path: &Path) -> Option<Record> {
    let mut text = String::new();
    // Bounded: a description names some paths and no more.
    File::open(path)
        .ok()?
        .take(256 * 1024)
        .read_to_string(&mut text)
        .ok()?;
    serde_json::from_str(&text).ok()
}

/// Tells whether somebody works in the folder of the lock file at `path`, or only inside it.
pub(super) fn is_held_exclusively(path: &Path) -> io::Result<bool> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Removes the lock file at `path` unless somebody has it locked. Only safe in turn: nobody may be
/// between opening and locking it.
pub(super) fn remove_unless_held(path: &Path) {
    // A file that stays costs a name in a folder, nothing else.
    if let Ok(Some(_free)) = Locked::take(path, Mode::Exclusive) {
        let _ = fs::remove_file(path);
    }
}
