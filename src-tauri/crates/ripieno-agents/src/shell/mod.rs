//! The shell performer: `sh -eu FILE` in the workspace (architecture 3.4, P6).
//!
//! Owns the script's file, its two streams and its verdict. Refuses to judge an exit status: `ok` or `failed` is the
//! piece's business.

mod merge;
mod turn;

use crate::{
    Agent, Capabilities, Run, RunSpec, Work,
    process::{LaunchSpec, Launcher, Stdin},
    raw_log::RawLog,
};
use ripieno_core::failure::{Class, Failure};
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};
use tokio::sync::mpsc;
use turn::Turn;

/// The shell every POSIX system has, by its whole path (sec-8).
const SHELL: &str = "/bin/sh";

/// How many events may wait for the worker before the script is held up.
const EVENTS: usize = 64;

/// How many words of the worker may wait for a run.
const CONTROLS: usize = 16;

/// Runs scripts.
#[derive(Clone, Debug)]
pub struct Shell {
    launcher: Launcher,
}

impl Shell {
    /// Runs scripts below supervisors of this launcher.
    #[must_use]
    pub fn new(launcher: Launcher) -> Self {
        Shell { launcher }
    }
}

impl Agent for Shell {
    fn kind(&self) -> &str {
        "shell"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    fn env_names(&self) -> Vec<&str> {
        Vec::new()
    }

    fn skills_folder(&self) -> Option<&str> {
        None
    }

    async fn start(&self, spec: RunSpec) -> Result<Run, Failure> {
        let Work::Script { text, file } = &spec.work else {
            let text = "a shell runs scripts: a prompt needs an agent";
            return Err(Failure::new(Class::InvalidRequest, text));
        };
        let (text, path) = (text.clone(), file.clone());
        let written = tokio::task::spawn_blocking(move || write_script(&path, &text)).await;
        written
            .map_err(io::Error::other)
            .and_then(|written| written)
            .map_err(|error| unwritable("script", file, &error))?;
        let log = RawLog::open(&spec.raw_log)
            .await
            .map_err(|error| unwritable("log", &spec.raw_log, &error))?;
        let (program, arguments) = (PathBuf::from(SHELL), vec!["-eu".into(), file.into()]);
        let launched = self
            .launcher
            .launch(LaunchSpec {
                program: program.clone(),
                args: arguments.clone(),
                env: spec.env,
                cwd: spec.folder,
                stdin: Stdin::Null,
            })
            .await
            .map_err(crate::process::LaunchError::into_failure)?;
        let (events, received) = mpsc::channel(EVENTS);
        let (control, controls) = mpsc::channel(CONTROLS);
        tokio::spawn(Turn::new(launched, log, spec.limits, events).run(controls));
        Ok(Run {
            events: received,
            control,
            program,
            arguments,
        })
    }
}

/// Writes a script readable by the user only. A link in its place is replaced, never followed.
fn write_script(path: &Path, text: &str) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

fn unwritable(what: &str, path: &Path, error: &io::Error) -> Failure {
    let class = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Class::DiskFull,
        _ => Class::WorkspaceFailed,
    };
    Failure::new(
        class,
        format!("the {what} {} cannot be written: {error}", path.display()),
    )
}
