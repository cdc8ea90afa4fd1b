//! Every folder and file of ours, and how they are made (cli.md, "Binaries and folders").
//!
//! Nothing else in the worker builds a path of its own from the environment.

mod create;
mod socket;
#[cfg(test)]
mod tests;
mod write;

#[cfg_attr(target_os = "macos", path = "paths/macos.rs")]
#[cfg_attr(windows, path = "paths/windows.rs")]
#[cfg_attr(not(any(target_os = "macos", windows)), path = "paths/linux.rs")]
mod system;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use create::make_private_folder;
pub use write::write_atomically;

/// Says in one sentence which folder or file cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum PathError {
    /// Neither the environment nor the user database names a home.
    #[error("no home folder is known for this user: set RIPIENO_HOME to a folder of yours")]
    NoHome,
    /// The folder lies on a read-only file system.
    #[error(
        "{path} is on a read-only file system: set RIPIENO_HOME to a folder that can be written"
    )]
    ReadOnly {
        /// The folder.
        path: PathBuf,
    },
    /// Something that is not a folder stands where a folder must be.
    #[error("{path} is not a folder: move it away, or set RIPIENO_HOME to another folder")]
    NotADirectory {
        /// What stands in the way.
        path: PathBuf,
    },
    /// The user may not read, write or enter the folder.
    #[error(
        "no permission to use {path}: make it writable for your user, or set RIPIENO_HOME to a folder of yours"
    )]
    Denied {
        /// The folder.
        path: PathBuf,
    },
    /// A folder that must be private belongs to somebody else.
    #[error("{path} belongs to another user: remove it, or set RIPIENO_HOME to a folder of yours")]
    NotOurs {
        /// The folder.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("no space left to create {path}: free some space on its disk and start again")]
    Full {
        /// The folder.
        path: PathBuf,
    },
    /// The socket's path is longer than the system allows.
    #[error("the socket path {path} is longer than 100 bytes: set RIPIENO_SOCKET to a shorter one")]
    SocketTooLong {
        /// The path.
        path: PathBuf,
    },
    /// Anything else the system reports.
    #[error("cannot use {path}: {source}; check that folder, or set RIPIENO_HOME to another one")]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl PathError {
    /// Names the cause behind what the system reported for `path`.
    #[must_use]
    pub fn from_io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            io::ErrorKind::PermissionDenied => Self::Denied { path },
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => Self::NotADirectory {
                path: in_the_way(&path),
            },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Io { path, source },
        }
    }
}

/// Finds the part of `path` that exists and is no folder.
fn in_the_way(path: &Path) -> PathBuf {
    path.ancestors()
        .find(|part| part.symlink_metadata().is_ok() && !part.is_dir())
        .unwrap_or(path)
        .to_owned()
}

/// Reads one variable of the environment; tests give their own.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The five folders of one system's convention.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Folders {
    config: PathBuf,
    data: PathBuf,
    state: PathBuf,
    cache: PathBuf,
    run: PathBuf,
}

/// Knows where everything of one home lies. Making the value touches no disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    folders: Folders,
    /// The folder of `RIPIENO_HOME`, when that named the home.
    root: Option<PathBuf>,
    socket_override: Option<PathBuf>,
}

impl Home {
    /// Finds the home as this process's environment names it.
    ///
    /// # Errors
    /// [`PathError::NoHome`], or [`PathError::Io`] when `RIPIENO_HOME` is relative and the current
    /// folder is gone.
    pub fn from_env() -> Result<Self, PathError> {
        Self::resolve(&|name| std::env::var_os(name))
    }

    /// Finds the home as `variables` name it: `RIPIENO_HOME`, else the platform's folders.
    ///
    /// # Errors
    /// As [`Home::from_env`].
    pub fn resolve(variables: Variables<'_>) -> Result<Self, PathError> {
        let set = |name: &str| {
            variables(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let mut home = match set("RIPIENO_HOME") {
            Some(root) => {
                let whole = std::path::absolute(&root)
                    .map_err(|source| PathError::Io { path: root, source })?;
                Self::under(whole)
            }
            None => {
                let folders = system::folders(&set, user_home(&set)?);
                Self {
                    folders,
                    root: None,
                    socket_override: None,
                }
            }
        };
        home.socket_override = set("RIPIENO_SOCKET");
        Ok(home)
    }

    /// Places everything under one folder, as `RIPIENO_HOME` does. `root` should be absolute.
    #[must_use]
    pub fn under(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let folders = Folders {
            config: root.join("config"),
            data: root.join("data"),
            state: root.join("state"),
            cache: root.join("cache"),
            run: root.join("run"),
        };
        Self {
            folders,
            root: Some(root),
            socket_override: None,
        }
    }

    /// Returns the folder that stands for this home in messages and lock files.
    #[must_use]
    pub fn name(&self) -> &Path {
        self.root.as_deref().unwrap_or(&self.folders.data)
    }

    /// Returns the folder of settings and of the user's own pieces.
    #[must_use]
    pub fn config_dir(&self) -> &Path {
        &self.folders.config
    }

    /// Returns the folder of the database, tasks and worktrees.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.folders.data
    }

    /// Returns the folder of the worker's lock and logs.
    #[must_use]
    pub fn state_dir(&self) -> &Path {
        &self.folders.state
    }

    /// Returns the folder of what may be deleted at any time.
    #[must_use]
    pub fn cache_dir(&self) -> &Path {
        &self.folders.cache
    }

    /// Returns the 0700 folder of the socket.
    #[must_use]
    pub fn run_dir(&self) -> &Path {
        &self.folders.run
    }

    /// Returns the settings file.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.config_dir().join("config.toml")
    }

    /// Returns the folder of the user's own pieces (P1).
    #[must_use]
    pub fn pieces_dir(&self) -> PathBuf {
        self.config_dir().join("pieces")
    }

    /// Returns the folder of the user's own skills (A7).
    #[must_use]
    pub fn skills_dir(&self) -> PathBuf {
        self.config_dir().join("skills")
    }

    /// Returns the folder of the skills pinned to a task (A7).
    #[must_use]
    pub fn task_skills(&self, id: impl AsRef<Path>) -> PathBuf {
        self.task_dir(id).join("skills")
    }

    /// Returns the database file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data_dir().join("ripieno.db")
    }

    /// Returns the folder of the database's backups.
    #[must_use]
    pub fn backups_dir(&self) -> PathBuf {
        self.data_dir().join("backups")
    }

    /// Returns the folder of bare clones (D6).
    #[must_use]
    pub fn repos_dir(&self) -> PathBuf {
        self.data_dir().join("repos")
    }

    /// Returns the folder of the repositories that hold snapshots of folders without git (R13).
    #[must_use]
    pub fn snapshots_dir(&self) -> PathBuf {
        self.data_dir().join("snapshots")
    }

    /// Returns the file that keeps space free for a full disk (rel-4).
    #[must_use]
    pub fn reserve_file(&self) -> PathBuf {
        self.data_dir().join("reserve")
    }

    /// Returns the folder of all tasks.
    #[must_use]
    pub fn tasks_dir(&self) -> PathBuf {
        self.data_dir().join("tasks")
    }

    /// Returns the folder of one task. `id` is its UUID.
    #[must_use]
    pub fn task_dir(&self, id: impl AsRef<Path>) -> PathBuf {
        self.tasks_dir().join(id)
    }

    /// Returns the folder of a task's input files (T25).
    #[must_use]
    pub fn task_inputs(&self, id: impl AsRef<Path>) -> PathBuf {
        self.task_dir(id).join("inputs")
    }

    /// Returns the folder of what a task delivers (T25).
    #[must_use]
    pub fn task_outputs(&self, id: impl AsRef<Path>) -> PathBuf {
        self.task_dir(id).join("outputs")
    }

    /// Returns the workspace of a task that names no folder (D1).
    #[must_use]
    pub fn task_workspace(&self, id: impl AsRef<Path>) -> PathBuf {
        self.task_dir(id).join("workspace")
    }

    /// Returns the folder of one attempt; `n` counts from 1.
    #[must_use]
    pub fn attempt_dir(&self, id: impl AsRef<Path>, n: u32) -> PathBuf {
        self.task_dir(id).join("attempts").join(n.to_string())
    }

    /// Returns the folder of a task's worktree. `short_id` is written like `T-41`.
    #[must_use]
    pub fn worktree(&self, short_id: impl AsRef<Path>) -> PathBuf {
        self.data_dir().join("worktrees").join(short_id)
    }

    /// Returns the file whose lock makes its holder the worker (C4).
    #[must_use]
    pub fn worker_lock(&self) -> PathBuf {
        self.state_dir().join("worker.lock")
    }

    /// Returns the folder of the logs.
    #[must_use]
    pub fn logs_dir(&self) -> PathBuf {
        self.state_dir().join("logs")
    }

    /// Returns the folder of files for tasks that are not added yet.
    #[must_use]
    pub fn staged_dir(&self) -> PathBuf {
        self.cache_dir().join("staged")
    }

    /// Returns the folder of the desktop window's own data.
    #[must_use]
    pub fn webview_dir(&self) -> PathBuf {
        self.cache_dir().join("webview")
    }
}

/// Returns the user's home: `HOME` where it is usable, else what the user database says.
fn user_home(set: &impl Fn(&str) -> Option<PathBuf>) -> Result<PathBuf, PathError> {
    set(system::HOME_VARIABLE)
        .filter(|home| home.is_absolute())
        .or_else(system::account_home)
        .ok_or(PathError::NoHome)
}

/// Returns the home folder the system's user database names, whatever the environment says.
///
/// # Errors
/// [`PathError::NoHome`] when the database has none for this user.
pub fn account_home() -> Result<PathBuf, PathError> {
    system::account_home().ok_or(PathError::NoHome)
}

/// Returns the folder of directory locks: one per account, the same for every home (D2).
///
/// # Errors
/// [`PathError::NoHome`] when the user database names no home for this user.
pub fn directory_lock_folder() -> Result<PathBuf, PathError> {
    account_home().map(|home| system::directory_lock_folder(&home))
}
