//! One worker per home (C4): an OS lock on `state/worker.lock`, and the identity of processes.
//!
//! The lock alone decides; what stands in the file is for people. The system frees the lock with
//! its holder's death, so a lock left by a kill is taken at once and never judged by age.

#[cfg_attr(target_os = "macos", path = "owner/macos.rs")]
#[cfg_attr(windows, path = "owner/windows.rs")]
#[cfg_attr(not(any(target_os = "macos", windows)), path = "owner/linux.rs")]
mod system;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Identifies one process beyond its number, which the system uses again (C2, C3).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProcessIdentity {
    /// The process id.
    pub pid: u32,
    /// When it started, in the system's own unit (Linux: clock ticks since boot).
    pub started: u64,
    /// Which run of the system it belongs to.
    pub boot_id: String,
}

impl ProcessIdentity {
    /// Returns the identity of this process.
    ///
    /// # Errors
    /// When the system does not tell (no `/proc`).
    pub fn current() -> io::Result<Self> {
        Self::of(std::process::id())?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Returns the identity of the process that has `pid` now; `None` when there is none, or only
    /// a zombie that waits for its parent.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn of(pid: u32) -> io::Result<Option<Self>> {
        let Some(started) = system::started(pid)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            pid,
            started,
            boot_id: boot_id()?,
        }))
    }

    /// Tells whether this very process still runs; another one with the same number does not count.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn is_alive(&self) -> io::Result<bool> {
        if self.boot_id != boot_id()? {
            return Ok(false);
        }
        Ok(system::started(self.pid)? == Some(self.started))
    }
}

/// Returns the process that started this one; `None` where the system does not tell.
#[must_use]
pub fn parent() -> Option<u32> {
    #[cfg(unix)]
    return rustix::process::getppid().and_then(|pid| pid.as_raw_nonzero().get().try_into().ok());
    #[cfg(not(unix))]
    None
}

/// Returns what names this run of the system; it changes with every boot.
///
/// # Errors
/// When the system does not tell.
pub fn boot_id() -> io::Result<String> {
    system::boot_id()
}

/// Describes a worker to those who find its lock held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The process.
    #[serde(flatten)]
    pub process: ProcessIdentity,
    /// Where it listens.
    pub socket: PathBuf,
    /// Its version.
    pub version: String,
}

/// Names who holds the lock of a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBy {
    /// The lock file.
    pub path: PathBuf,
    /// The holder as it described itself; `None` while it is writing that, or cannot.
    pub owner: Option<Owner>,
}

impl fmt::Display for HeldBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.owner {
            Some(owner) => write!(
                f,
                "another worker runs on this home: process {} (version {}, socket {}) holds {}; \
                 use it with the ripieno command, or stop it first",
                owner.process.pid,
                owner.version,
                owner.socket.display(),
                self.path.display()
            ),
            None => write!(
                f,
                "another worker runs on this home: it holds {}; stop it first",
                self.path.display()
            ),
        }
    }
}

/// Says why this process does not become the worker.
#[derive(Debug, thiserror::Error)]
pub enum OwnerError {
    /// Another worker is alive (exit 7).
    #[error("{0}")]
    Held(HeldBy),
    /// The lock file cannot be used.
    #[error("cannot use the lock file {path}: {source}; check its folder's permissions and space")]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Makes this process the worker of its home until dropped.
#[derive(Debug)]
pub struct OwnerLock {
    file: File,
    owner: Owner,
}

impl OwnerLock {
    /// Takes the lock at `path` (`Home::worker_lock`) and writes who holds it.
    ///
    /// Never waits: a worker that is alive is named at once.
    ///
    /// # Errors
    /// [`OwnerError::Held`] with the holder, [`OwnerError::Io`] for anything else.
    pub fn acquire(path: &Path, socket: &Path, version: &str) -> Result<Self, OwnerError> {
        let failed = |source| OwnerError::Io {
            path: path.to_owned(),
            source,
        };
        let file = open(path).map_err(failed)?;
        lock_or_name_holder(&file, path)?;
        let process = ProcessIdentity::current().map_err(failed)?;
        let owner = Owner {
            process,
            socket: socket.to_owned(),
            version: version.to_owned(),
        };
        let mut lock = Self { file, owner };
        lock.describe().map_err(failed)?;
        Ok(lock)
    }

    /// Returns who holds the lock: this process.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    fn describe(&mut self) -> io::Result<()> {
        let mut line = serde_json::to_vec(&self.owner)?;
        line.push(b'\n');
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(&line)
    }
}

impl Drop for OwnerLock {
    fn drop(&mut self) {
        // The file stays: removing it would let two workers lock two files of one name. Unlocking
        // by hand frees it even while a child between fork and exec still has a copy.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

/// Looks who holds the lock at `path`, without taking it; `None` when nobody does.
///
/// # Errors
/// When the file is there and cannot be opened.
pub fn holder(path: &Path) -> Result<Option<HeldBy>, OwnerError> {
    let failed = |source| OwnerError::Io {
        path: path.to_owned(),
        source,
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(failed(source)),
    };
    // Shared, so that two who look at the same time do not take each other for a worker.
    match file.try_lock_shared() {
        Ok(()) => {
            file.unlock().map_err(failed)?;
            Ok(None)
        }
        Err(TryLockError::WouldBlock) => Ok(Some(HeldBy {
            path: path.to_owned(),
            owner: live_owner(path),
        })),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// How often a lock without a live holder is tried: a child of the dead one that is between fork and exec still has it,
/// and on a loaded machine that can take a second.
const TRIES: u32 = 400;

/// Locks `file`, or names the live worker that holds it.
///
/// One that looks ([`holder`]) blocks the lock for a moment, and a new holder is unknown until it
/// has described itself: both pass within a tenth of a second.
fn lock_or_name_holder(file: &File, path: &Path) -> Result<(), OwnerError> {
    let mut owner = None;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => owner = live_owner(path),
            Err(TryLockError::Error(source)) => {
                return Err(OwnerError::Io {
                    path: path.to_owned(),
                    source,
                });
            }
        }
        if owner.is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Err(OwnerError::Held(HeldBy {
        path: path.to_owned(),
        owner,
    }))
}

/// Reads the description of a holder that is alive; a dead one's is only not overwritten yet.
fn live_owner(path: &Path) -> Option<Owner> {
    read_owner(path).filter(|owner| owner.process.is_alive().unwrap_or(true))
}

fn read_owner(path: &Path) -> Option<Owner> {
    let mut text = String::new();
    // Bounded: whatever stands in the file, a description is short.
    File::open(path)
        .ok()?
        .take(16 * 1024)
        .read_to_string(&mut text)
        .ok()?;
    serde_json::from_str(&text).ok()
}
