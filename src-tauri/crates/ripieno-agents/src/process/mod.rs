//! Processes of performers: started below a supervisor each, and ended without a trace (R9).
//!
//! Owns starting, stopping and finding processes. Refuses to read or interpret what they print, and to know what a
//! task is, but for the marker its processes carry.

mod sandbox;
mod signal;

#[cfg(target_os = "linux")]
mod descent;
#[cfg(target_os = "linux")]
pub(crate) mod kill;
#[cfg(target_os = "linux")]
mod leftovers;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) mod mark;
#[cfg(target_os = "linux")]
mod proc;
#[cfg(target_os = "linux")]
pub(crate) mod wire;

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(all(unix, not(target_os = "linux")))]
#[path = "unix.rs"]
mod system;
#[cfg(windows)]
#[path = "windows.rs"]
mod system;

#[cfg(target_os = "linux")]
pub use {
    descent::descends_from,
    leftovers::{end_leftovers, sweep_marked},
    linux::{Handle, Launcher, StderrPipe, StdinPipe, StdoutPipe},
    proc::{boot_id, start_time},
};

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{
    Handle, Launcher, StderrPipe, StdinPipe, StdoutPipe, boot_id, descends_from, end_leftovers,
    start_time, sweep_marked,
};

pub use sandbox::Sandbox;
pub use signal::signal_name;

use ripieno_core::failure::{Class, Failure};
use std::{collections::BTreeMap, ffi::OsString, io, path::PathBuf};

/// The name of the variable that marks the processes of a task (cli.md, "Inside a task").
pub const TASK_MARKER: &str = "RIPIENO_TASK_ID";

/// The name of the variable that marks the processes of one run; set by the launcher itself.
pub const RUN_MARKER: &str = "RIPIENO_RUN";

/// What a performer's standard input is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stdin {
    /// A pipe we hold the other end of.
    Piped,
    /// Nothing to read.
    Null,
}

/// A program to start: an argument vector, never a command line (sec-8).
#[derive(Clone, Debug)]
pub struct LaunchSpec {
    /// Absolute path; no search happens.
    pub program: PathBuf,
    /// Arguments, without the program's own name.
    pub args: Vec<OsString>,
    /// The whole environment: nothing is inherited (R10).
    pub env: BTreeMap<String, String>,
    /// The working folder; exists.
    pub cwd: PathBuf,
    /// Its standard input.
    pub stdin: Stdin,
}

/// A run whose target has been started.
#[derive(Debug)]
pub struct Launched {
    /// To the target; `None` with [`Stdin::Null`].
    pub stdin: Option<StdinPipe>,
    /// From the target and everything that inherited it.
    pub stdout: StdoutPipe,
    /// From the target and everything that inherited it.
    pub stderr: StderrPipe,
    /// The supervisor's process id, to be put on record (C2).
    pub pid: i32,
    /// The supervisor's start time in clock ticks since boot, to be put on record (C2).
    pub started: u64,
    /// Ends the run when the last clone is dropped.
    pub handle: Handle,
}

/// What a process descends from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Descent {
    /// The supervisor of the live run it is below.
    pub supervisor: Option<i32>,
    /// The task ids it and its ancestors carry in their environments, nearest first. They need not be tasks of this
    /// worker: the worker itself may have been started inside another's task.
    pub tasks: Vec<String>,
    /// Whether it carries the mark of a run, or its ancestors could not be told: it speaks for no person then.
    pub suspect: bool,
}

/// How the target of a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// By itself, with this status.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// Unknown: its supervisor was killed, and what was left of the run has been ended since.
    Lost,
}

impl Exit {
    /// The status a shell would show: 128 and the signal's number for a signal; `None` when unknown.
    #[must_use]
    pub fn status(self) -> Option<i32> {
        match self {
            Exit::Code(code) => Some(code),
            Exit::Signal(signal) => Some(128 + signal),
            Exit::Lost => None,
        }
    }
}

/// Why a program could not be started; nothing is left behind.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// A relative path was given: which program it names would depend on the folder (sec-8).
    #[error("{program} is not an absolute path: give the whole path of the program")]
    NotAbsolute {
        /// As it was given.
        program: PathBuf,
    },
    /// The program does not exist, or the interpreter its first line names does not.
    #[error("{program} cannot be started: {source}; check that it is installed and executable")]
    Program {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The working folder cannot be entered.
    #[error("the folder {folder} cannot be entered: {source}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The supervisor itself did not start.
    #[error(
        "the supervisor {program} cannot be started: {source}; reinstall ripieno if the file is gone"
    )]
    Supervisor {
        /// Our own command.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The supervisor went away before it reported; its target, if any, has been killed.
    #[error("the supervisor ended before the program was started")]
    SupervisorLost,
}

impl LaunchError {
    /// The class of this failure (R8).
    #[must_use]
    pub fn into_failure(self) -> Failure {
        let class = match &self {
            LaunchError::NotAbsolute { .. } => Class::ConfigMissing,
            LaunchError::Program { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => Class::ExecutableMissing,
                io::ErrorKind::PermissionDenied => Class::ConfigMissing,
                io::ErrorKind::ArgumentListTooLong => Class::InvalidRequest,
                _ => Class::Unknown,
            },
            LaunchError::Folder { .. } => Class::WorkspaceFailed,
            LaunchError::Supervisor { .. } => Class::ExecutableMissing,
            LaunchError::SupervisorLost => Class::Interrupted,
        };
        Failure::new(class, self.to_string())
    }
}
