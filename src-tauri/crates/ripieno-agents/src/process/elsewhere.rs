//! Runs on systems without a subreaper: the target is our own child in a group of its own, and the group is what is
//! ended. A process that leaves the group escapes; KNOWN_ISSUES says so until these systems get their own supervisor.

use super::{Exit, LaunchError, LaunchSpec, Launched, RUN_MARKER, Stdin, system};
use std::{
    io,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};
use tokio::{
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    sync::watch,
};

/// To a target.
pub type StdinPipe = ChildStdin;
/// From a target.
pub type StdoutPipe = ChildStdout;
/// From a target.
pub type StderrPipe = ChildStderr;

/// Starts programs, each in a group of its own.
#[derive(Clone, Debug)]
pub struct Launcher;

impl Launcher {
    /// Takes the program that would supervise; this system needs none.
    #[must_use]
    pub fn new(_supervisor: PathBuf) -> Self {
        Launcher
    }

    /// Starts a program and returns once it runs (R9).
    ///
    /// # Errors
    /// [`LaunchError`], typed by what was in the way; nothing is left behind then.
    pub async fn launch(&self, spec: LaunchSpec) -> Result<Launched, LaunchError> {
        let LaunchSpec {
            program,
            args,
            env,
            cwd,
            stdin,
        } = spec;
        if !program.is_absolute() {
            return Err(LaunchError::NotAbsolute { program });
        }
        if let Err(source) = std::fs::read_dir(&cwd) {
            return Err(LaunchError::Folder {
                folder: cwd,
                source,
            });
        }
        let mut command = Command::new(&program);
        system::set_apart(&mut command);
        let spawned = command
            .args(args)
            .env_clear()
            .envs(env)
            .env(RUN_MARKER, std::process::id().to_string())
            .current_dir(cwd)
            .stdin(if stdin == Stdin::Piped {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child = spawned.map_err(|source| LaunchError::Program { program, source })?;
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(pid), Some(stdout), Some(stderr)) = (child.id(), stdout, stderr) else {
            return Err(LaunchError::SupervisorLost);
        };
        let (told, seen) = watch::channel(None);
        let guard = Arc::new(Guard {
            pid: pid.cast_signed(),
        });
        tokio::spawn(collect(child, pid.cast_signed(), told));
        let handle = Handle { guard, seen };
        Ok(Launched {
            stdin,
            stdout,
            stderr,
            pid: pid.cast_signed(),
            started: 0,
            handle,
        })
    }
}

/// Waits for the target and ends what its group has left.
async fn collect(mut child: Child, pid: i32, told: watch::Sender<Option<Exit>>) {
    let status: io::Result<ExitStatus> = child.wait().await;
    system::kill(pid);
    told.send_replace(Some(status.map_or(Exit::Lost, system::exit)));
}

/// Kills the group when the last handle is gone.
#[derive(Debug)]
struct Guard {
    pid: i32,
}

impl Drop for Guard {
    fn drop(&mut self) {
        system::kill(self.pid);
    }
}

/// Holds a run: stops it, and tells of its end. The run is killed when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Handle {
    guard: Arc<Guard>,
    seen: watch::Receiver<Option<Exit>>,
}

impl Handle {
    /// The target's process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.guard.pid
    }

    /// The target's process id, which is also its group's.
    #[must_use]
    pub fn target(&self) -> Option<i32> {
        Some(self.guard.pid)
    }

    /// Resolves when the target has ended.
    pub async fn exited(&self) -> Exit {
        let mut seen = self.seen.clone();
        seen.wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|exit| *exit)
            .unwrap_or(Exit::Lost)
    }

    /// Resolves when the group has been ended; how many are left is not known here.
    pub async fn gone(&self) -> usize {
        self.exited().await;
        0
    }

    /// Asks the target to interrupt what it does.
    pub fn interrupt(&self) {
        if self.seen.borrow().is_none() {
            system::interrupt(self.guard.pid);
        }
    }

    /// Kills the group.
    pub fn kill(&self) {
        if self.seen.borrow().is_none() {
            system::kill(self.guard.pid);
        }
    }

    /// Stops the run: asks the group to end, after `grace` kills it. Resolves with how the target ended (R9).
    pub async fn stop(&self, grace: Duration) -> Exit {
        if self.seen.borrow().is_none() {
            system::terminate(self.guard.pid);
        }
        if tokio::time::timeout(grace, self.exited()).await.is_err() {
            self.kill();
        }
        self.exited().await
    }
}

/// The start time of a process; not known on this system.
#[must_use]
pub fn start_time(_pid: i32) -> Option<u64> {
    None
}

/// The id of this boot; empty, because this system does not tell.
///
/// # Errors
/// Never, here.
pub fn boot_id() -> io::Result<String> {
    Ok(String::new())
}

/// Ends the run on record; nothing is certain enough here to be killed.
#[must_use]
pub fn end_leftovers(_pid: i32, _started: u64, _boot: &str) -> usize {
    0
}

/// Ends what carries the marker of this task; environments cannot be read here.
#[must_use]
pub fn sweep_marked(_task: &str) -> usize {
    0
}

/// Tells which live run a process is below; not known here, so that only tokens tell who asks.
#[must_use]
pub fn descends_from(_peer: i32, _supervisors: &[i32]) -> super::Descent {
    super::Descent::default()
}
