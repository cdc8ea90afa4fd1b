//! Locks on real folders, across tasks, processes and homes (D2).
//!
//! Each folder has a lock file named by its identity in one folder per account. Who works in a
//! folder holds its file exclusively and those of all folders around it shared: whoever wants one
//! of those, or one inside, meets a lock. The system frees them with their holder's death.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::record::{self, Holder, Locked, Mode, Record};
use super::{FolderIdentity, RealFolder, system};
use crate::owner::ProcessIdentity;
use crate::paths::{PathError, make_private_folder};

/// How long to wait for the turn, which is held for about a millisecond at a time.
const TURN_LIMIT: Duration = Duration::from_secs(10);

/// The file that is locked while locks are taken, so that taking several of them is one step.
const TURN_FILE: &str = "turn";

/// The ending of the lock files of folders.
const ENDING: &str = "lock";

/// Tells that a folder is in use: itself, one around it, or one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Busy {
    /// The folder that was asked for, links resolved.
    pub path: PathBuf,
    /// Who is in the way; `None` when its lock file cannot be read.
    pub holder: Option<Holder>,
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is in use", self.path.display())?;
        let Some(holder) = &self.holder else {
            return Ok(());
        };
        write!(f, " by {} of {}", holder.task, holder.home.display())?;
        if holder.path != self.path {
            write!(f, ", which works in {}", holder.path.display())?;
        }
        Ok(())
    }
}

/// Says why a folder was not locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another task has it (`DirectoryBusy`).
    #[error("{0}")]
    Busy(Box<Busy>),
    /// The folder to work in cannot be resolved.
    #[error("cannot find the folder {path}: {source}; check that it exists and can be read")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder of lock files cannot be made or used.
    #[error(transparent)]
    LockFolder(#[from] PathError),
    /// A lock file cannot be used.
    #[error("cannot use the lock file {path}: {source}; check its folder's permissions and space")]
    File {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process stopped in the middle of taking a lock.
    #[error(
        "{path} stays locked: a process that was taking a folder is stopped; continue or end it"
    )]
    Stuck {
        /// The file that orders the takers.
        path: PathBuf,
    },
}

/// Takes and shows the locks of one account for one worker.
#[derive(Clone, Debug)]
pub struct DirectoryLocks {
    folder: PathBuf,
    home: PathBuf,
    process: ProcessIdentity,
}

impl DirectoryLocks {
    /// Opens the folder of lock files (`paths::directory_lock_folder`), makes it where it is
    /// missing and clears away what dead holders left. `home` names this worker's home to others.
    ///
    /// # Errors
    /// [`LockError::LockFolder`], [`LockError::File`], [`LockError::Stuck`].
    pub fn open(folder: &Path, home: &Path) -> Result<Self, LockError> {
        make_private_folder(folder)?;
        let process = ProcessIdentity::current().map_err(|source| failed(folder, source))?;
        let locks = Self {
            folder: folder.to_owned(),
            home: home.to_owned(),
            process,
        };
        let _turn = locks.take_turn()?;
        for path in locks.lock_files()? {
            record::remove_unless_held(&path);
        }
        Ok(locks)
    }

    /// Takes `folder` for `task` at once or not at all; never waits for a holder.
    ///
    /// A task that has it already is refused like any other: a lock is kept, not taken twice (D9).
    ///
    /// # Errors
    /// [`LockError::Busy`] with the holder; the others when something cannot be used.
    pub fn acquire(&self, folder: &Path, task: &str) -> Result<DirectoryLock, LockError> {
        let real = resolve(folder)?;
        let _turn = self.take_turn()?;
        let mut own = self.take(&real)?;
        let (opened, folder_fd) = hold_open(&real.path);
        let holder = Holder {
            process: self.process.clone(),
            home: self.home.clone(),
            task: task.to_owned(),
            path: real.path.clone(),
            since_ms: now_ms(),
        };
        let RealFolder {
            identity,
            ancestors,
            ..
        } = real;
        let record = Record {
            holder,
            identity,
            ancestors,
            folder_fd,
        };
        let file = self.file_of(identity);
        own.exclusive
            .write(&record)
            .map_err(|source| failed(&file, source))?;
        let files = std::iter::once(identity).chain(record.ancestors).collect();
        let locks = self.clone();
        Ok(DirectoryLock {
            taken: Some(own),
            holder: record.holder,
            identity,
            files,
            locks,
            _opened: opened,
        })
    }

    /// Tells who is in the way of a task that wants `folder`, without taking it.
    ///
    /// # Errors
    /// As [`DirectoryLocks::acquire`], except `Busy`.
    pub fn holder_of(&self, folder: &Path) -> Result<Option<Busy>, LockError> {
        let real = resolve(folder)?;
        let turn = self.take_turn()?;
        match self.take(&real) {
            Ok(taken) => {
                drop(taken);
                self.clear(&turn, real.ancestors.into_iter().chain([real.identity]));
                Ok(None)
            }
            Err(LockError::Busy(busy)) => Ok(Some(*busy)),
            Err(error) => Err(error),
        }
    }

    /// Lists every holder of this account, of whatever home, in the order of their folders.
    ///
    /// # Errors
    /// As [`DirectoryLocks::acquire`], except `Busy`.
    pub fn list(&self) -> Result<Vec<Holder>, LockError> {
        let _turn = self.take_turn()?;
        let mut all: Vec<Holder> = self
            .held_records()?
            .into_iter()
            .map(|record| record.holder)
            .collect();
        all.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(all)
    }

    /// Locks the files of `real`. Only in turn.
    ///
    /// A holder without a name is about to let go, because it wipes its name first: look again, so
    /// that nobody waits for one that is gone.
    fn take(&self, real: &RealFolder) -> Result<Taken, LockError> {
        for _ in 0..50 {
            match self.try_take(real) {
                Err(LockError::Busy(busy)) if busy.holder.is_none() => {
                    std::thread::sleep(Duration::from_micros(200));
                }
                other => return other,
            }
        }
        self.try_take(real)
    }

    fn try_take(&self, real: &RealFolder) -> Result<Taken, LockError> {
        let busy = |holder| {
            Err(LockError::Busy(Box::new(Busy {
                path: real.path.clone(),
                holder,
            })))
        };
        let lock = |path: &Path, mode| Locked::take(path, mode).map_err(|e| failed(path, e));
        let mut shared = Vec::with_capacity(real.ancestors.len());
        for identity in &real.ancestors {
            let path = self.file_of(*identity);
            match lock(&path, Mode::Shared)? {
                Some(locked) => shared.push(locked),
                None => return busy(record::read(&path).map(|record| record.holder)),
            }
        }
        let path = self.file_of(real.identity);
        let Some(exclusive) = lock(&path, Mode::Exclusive)? else {
            return busy(self.in_the_way(real, &path)?);
        };
        match self.moved_inside(real)? {
            Some(holder) => busy(Some(holder)),
            None => Ok(Taken {
                exclusive,
                _shared: shared,
            }),
        }
    }

    /// Names who works in `real`, else one who works somewhere inside it.
    fn in_the_way(&self, real: &RealFolder, path: &Path) -> Result<Option<Holder>, LockError> {
        if record::is_held_exclusively(path).map_err(|source| failed(path, source))? {
            return Ok(record::read(path).map(|record| record.holder));
        }
        let inside = |record: &Record| record.ancestors.contains(&real.identity);
        Ok(self
            .held_records()?
            .into_iter()
            .find(inside)
            .map(|record| record.holder))
    }

    /// Finds a holder whose folder was moved into `real` since it was locked.
    fn moved_inside(&self, real: &RealFolder) -> Result<Option<Holder>, LockError> {
        Ok(self
            .held_records()?
            .into_iter()
            .find(|record| is_now_inside(record, real))
            .map(|r| r.holder))
    }

    /// Reads the lock files that somebody holds exclusively. Only in turn.
    fn held_records(&self) -> Result<Vec<Record>, LockError> {
        let mut records = Vec::new();
        for path in self.lock_files()? {
            // Folders that are only around others have nothing written in theirs.
            let written = fs::metadata(&path).is_ok_and(|metadata| metadata.len() > 0);
            if !written || !record::is_held_exclusively(&path).map_err(|e| failed(&path, e))? {
                continue;
            }
            records.extend(record::read(&path));
        }
        Ok(records)
    }

    fn lock_files(&self) -> Result<Vec<PathBuf>, LockError> {
        let entries = fs::read_dir(&self.folder).map_err(|e| failed(&self.folder, e))?;
        let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
        Ok(paths
            .filter(|path| path.extension().is_some_and(|ending| ending == ENDING))
            .collect())
    }

    fn file_of(&self, identity: FolderIdentity) -> PathBuf {
        self.folder.join(format!("{identity}.{ENDING}"))
    }

    fn take_turn(&self) -> Result<Locked, LockError> {
        let path = self.folder.join(TURN_FILE);
        let began = Instant::now();
        loop {
            if let Some(turn) = self.try_turn()? {
                return Ok(turn);
            }
            if began.elapsed() > TURN_LIMIT {
                return Err(LockError::Stuck { path });
            }
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    fn try_turn(&self) -> Result<Option<Locked>, LockError> {
        let path = self.folder.join(TURN_FILE);
        Locked::take(&path, Mode::Exclusive).map_err(|source| failed(&path, source))
    }

    /// Removes lock files that nobody holds any more; the turn is what makes it safe.
    fn clear(&self, _turn: &Locked, files: impl IntoIterator<Item = FolderIdentity>) {
        for identity in files {
            record::remove_unless_held(&self.file_of(identity));
        }
    }
}

/// The locks on one folder and on all around it.
#[derive(Debug)]
struct Taken {
    exclusive: Locked,
    _shared: Vec<Locked>,
}

/// Keeps every other task out of a folder, of those around it and of those inside it, until dropped.
#[derive(Debug)]
#[must_use = "a folder is free again when its lock is dropped"]
pub struct DirectoryLock {
    /// Only empty while dropping.
    taken: Option<Taken>,
    holder: Holder,
    identity: FolderIdentity,
    files: Vec<FolderIdentity>,
    locks: DirectoryLocks,
    _opened: Option<File>,
}

impl DirectoryLock {
    /// Returns the folder, links resolved, as it was when it was taken.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.holder.path
    }

    /// Returns which folder it is.
    #[must_use]
    pub fn identity(&self) -> FolderIdentity {
        self.identity
    }

    /// Returns what others are told about the holder.
    #[must_use]
    pub fn holder(&self) -> &Holder {
        &self.holder
    }
}

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        if let Some(taken) = self.taken.take() {
            taken.exclusive.wipe();
        }
        // When somebody has the turn the files stay until the next worker starts.
        if let Ok(Some(turn)) = self.locks.try_turn() {
            self.locks.clear(&turn, self.files.drain(..));
        }
    }
}

/// Tells whether the folder of `record` was moved and lies in `real` now.
fn is_now_inside(record: &Record, real: &RealFolder) -> bool {
    let in_place = FolderIdentity::of(&record.holder.path).is_ok_and(|now| now == record.identity);
    if in_place || record.identity == real.identity {
        return false;
    }
    let moved_to = record
        .folder_fd
        .and_then(|fd| system::open_path(record.holder.process.pid, fd));
    moved_to
        .and_then(|path| RealFolder::resolve(&path).ok())
        .is_some_and(|now| {
            now.identity == record.identity && now.ancestors.contains(&real.identity)
        })
}

/// Opens the folder, so that the system knows where it is even after it was moved.
#[cfg(unix)]
fn hold_open(path: &Path) -> (Option<File>, Option<i32>) {
    use std::os::fd::AsRawFd;
    let opened = File::open(path).ok();
    let fd = opened.as_ref().map(AsRawFd::as_raw_fd);
    (opened, fd)
}

#[cfg(not(unix))]
fn hold_open(_path: &Path) -> (Option<File>, Option<i32>) {
    (None, None)
}

fn resolve(folder: &Path) -> Result<RealFolder, LockError> {
    RealFolder::resolve(folder).map_err(|source| LockError::Folder {
        path: folder.to_owned(),
        source,
    })
}

fn failed(path: &Path, source: io::Error) -> LockError {
    LockError::File {
        path: path.to_owned(),
        source,
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
