//! The worker's side of a supervisor, on Linux.

use super::{
    Exit, LaunchError, LaunchSpec, Launched, RUN_MARKER, Stdin,
    kill::{below, end_all, end_one, wake},
    leftovers,
    proc::start_time,
    wire::{Command, Raw, Report, Target, line},
};
use rustix::{
    io::retry_on_intr,
    net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg},
};
use std::{
    ffi::OsStr,
    fs::File,
    io::{self, IoSlice, Write},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream as BlockingStream,
    },
    path::PathBuf,
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{UnixStream, unix::pipe},
    process::Child,
    sync::{mpsc, watch},
};

/// To a target.
pub type StdinPipe = pipe::Sender;
/// From a target.
pub type StdoutPipe = pipe::Receiver;
/// From a target.
pub type StderrPipe = pipe::Receiver;

/// How long after KILL a supervisor may take before it is taken for stopped and its tree is ended from here.
const TRUST: Duration = Duration::from_millis(1500);

/// How often a supervisor that has not answered yet is looked at, and how long it may take on a busy machine.
const LOOK: Duration = Duration::from_millis(250);
const SLOWEST: Duration = Duration::from_secs(30);

/// How long ending a tree from here may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts programs, each below a supervisor of its own.
#[derive(Clone, Debug)]
pub struct Launcher {
    supervisor: Arc<PathBuf>,
}

impl Launcher {
    /// Takes the program that has the verb `supervise`: our own command.
    #[must_use]
    pub fn new(supervisor: PathBuf) -> Self {
        Launcher {
            supervisor: Arc::new(supervisor),
        }
    }

    /// Starts a program and returns once it runs (R9).
    ///
    /// # Errors
    /// [`LaunchError`], typed by what was in the way; nothing is left behind then.
    pub async fn launch(&self, mut spec: LaunchSpec) -> Result<Launched, LaunchError> {
        if !spec.program.is_absolute() {
            return Err(LaunchError::NotAbsolute {
                program: spec.program,
            });
        }
        // No other run has it, also when a launcher is made anew.
        let run = uuid::Uuid::now_v7().to_string();
        spec.env.insert(RUN_MARKER.to_owned(), run.clone());
        let supervisor = Arc::clone(&self.supervisor);
        let failed = |source| LaunchError::Supervisor {
            program: supervisor.to_path_buf(),
            source,
        };
        let program = Arc::clone(&self.supervisor);
        let runtime = tokio::runtime::Handle::current();
        let begun = tokio::task::spawn_blocking(move || {
            let _inside = runtime.enter();
            begin(&program, &spec).map(|begun| (begun, spec))
        });
        let (begun, spec) = begun
            .await
            .map_err(io::Error::other)
            .and_then(|begun| begun)
            .map_err(failed)?;
        let Begun {
            child,
            socket,
            pid,
            started,
            stdin,
            stdout,
            stderr,
        } = begun;
        let socket = UnixStream::from_std(socket).map_err(failed)?;
        let (state, seen) = watch::channel(State::default());
        let (commands, asked) = mpsc::unbounded_channel();
        let watched = Watched {
            child,
            pid,
            started,
            run,
            state,
        };
        tokio::spawn(watched.watch(socket, asked));
        let handle = Handle {
            pid,
            started,
            commands,
            seen,
        };
        handle.begun(spec).await?;
        Ok(Launched {
            stdin,
            stdout,
            stderr,
            pid,
            started,
            handle,
        })
    }
}

/// A supervisor that was started and told what to do, but has not answered yet.
struct Begun {
    child: Child,
    socket: BlockingStream,
    pid: i32,
    started: u64,
    stdin: Option<StdinPipe>,
    stdout: StdoutPipe,
    stderr: StderrPipe,
}

fn begin(program: &PathBuf, spec: &LaunchSpec) -> io::Result<Begun> {
    let (ours, theirs) = BlockingStream::pair()?;
    let child = tokio::process::Command::new(program)
        .arg("supervise")
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let gone = || io::Error::other("it ended at once");
    let pid = child.id().ok_or_else(gone)?.cast_signed();
    let started = start_time(pid).ok_or_else(gone)?;
    let (their_stdin, stdin) = match spec.stdin {
        Stdin::Null => (OwnedFd::from(File::open("/dev/null")?), None),
        Stdin::Piped => {
            let (theirs, ours) = io::pipe()?;
            (
                theirs.into(),
                Some(pipe::Sender::from_owned_fd(ours.into())?),
            )
        }
    };
    let (stdout, their_stdout) = io::pipe()?;
    let (stderr, their_stderr) = io::pipe()?;
    let streams = [
        their_stdin.as_fd(),
        their_stdout.as_fd(),
        their_stderr.as_fd(),
    ];
    let message = line(&target(spec));
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    ancillary.push(SendAncillaryMessage::ScmRights(&streams));
    let sent = retry_on_intr(|| {
        sendmsg(
            &ours,
            &[IoSlice::new(&message)],
            &mut ancillary,
            SendFlags::NOSIGNAL,
        )
    })?;
    (&ours).write_all(&message[sent..])?;
    ours.set_nonblocking(true)?;
    Ok(Begun {
        child,
        socket: ours,
        pid,
        started,
        stdin,
        stdout: pipe::Receiver::from_owned_fd(stdout.into())?,
        stderr: pipe::Receiver::from_owned_fd(stderr.into())?,
    })
}

fn target(spec: &LaunchSpec) -> Target {
    let raw = |text: &String| Raw::Text(text.clone());
    Target {
        program: spec.program.as_os_str().into(),
        args: spec
            .args
            .iter()
            .map(|arg| Raw::from(OsStr::new(arg)))
            .collect(),
        env: spec
            .env
            .iter()
            .map(|(name, value)| (raw(name), raw(value)))
            .collect(),
        cwd: spec.cwd.as_os_str().into(),
    }
}

/// What is known of a run.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// The target, once it runs.
    target: Option<i32>,
    /// Why it could not be started.
    refused: Option<(i32, bool)>,
    /// How the target ended.
    exit: Option<Exit>,
    /// How many processes could not be killed, once nothing else is left.
    gone: Option<usize>,
}

/// Holds a run: stops it, and tells of its end. The run is killed when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Handle {
    pid: i32,
    started: u64,
    commands: mpsc::UnboundedSender<Command>,
    seen: watch::Receiver<State>,
}

impl Handle {
    /// The supervisor's process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// The target's process id, which is also its group's.
    #[must_use]
    pub fn target(&self) -> Option<i32> {
        self.seen.borrow().target
    }

    /// Resolves when the target has ended; its descendants may live a moment longer.
    pub async fn exited(&self) -> Exit {
        self.known(|state| state.exit).await.unwrap_or(Exit::Lost)
    }

    /// Resolves when no process of the run is left; gives how many could not be killed (another user's): 0 but for those.
    pub async fn gone(&self) -> usize {
        self.known(|state| state.gone).await.unwrap_or_default()
    }

    /// Sends INT to the target alone.
    pub fn interrupt(&self) {
        self.tell(Command::Interrupt);
    }

    /// Kills every process of the run; [`Handle::gone`] tells when that is done.
    pub fn kill(&self) {
        self.tell(Command::Kill);
    }

    /// Stops the run: TERM to the target's group, after `grace` KILL to every descendant. Resolves when no process
    /// is left, with how the target ended (R9).
    pub async fn stop(&self, grace: Duration) -> Exit {
        self.tell(Command::Terminate);
        if tokio::time::timeout(grace, self.gone()).await.is_err() {
            self.kill();
            if tokio::time::timeout(TRUST, self.gone()).await.is_err() {
                end_from_outside(self.pid, self.started).await;
            }
        }
        self.gone().await;
        self.exited().await
    }

    /// Waits for the first answer: the target runs, or why not. A target is faster than its supervisor's report, and
    /// may have stopped it by then: so one that is stopped is woken.
    async fn begun(&self, spec: LaunchSpec) -> Result<(), LaunchError> {
        let answer = self.known(|state| match state {
            State {
                refused: Some(refused),
                ..
            } => Some(Err(Some(*refused))),
            State {
                target: Some(_), ..
            } => Some(Ok(())),
            State { gone, .. } => gone.map(|_| Err(None)),
        });
        tokio::pin!(answer);
        let deadline = tokio::time::Instant::now() + SLOWEST;
        let answer = loop {
            match tokio::time::timeout(LOOK, &mut answer).await {
                Ok(answer) => break answer,
                Err(_) if tokio::time::Instant::now() < deadline => wake(self.pid, self.started),
                Err(_) => {
                    end_from_outside(self.pid, self.started).await;
                    break None;
                }
            }
        };
        match answer {
            Some(Ok(())) => Ok(()),
            None | Some(Err(None)) => Err(LaunchError::SupervisorLost),
            Some(Err(Some((errno, folder)))) => {
                let source = io::Error::from_raw_os_error(errno);
                Err(match folder {
                    true => LaunchError::Folder {
                        folder: spec.cwd,
                        source,
                    },
                    false => LaunchError::Program {
                        program: spec.program,
                        source,
                    },
                })
            }
        }
    }

    async fn known<T>(&self, look: impl Fn(&State) -> Option<T>) -> Option<T> {
        let mut seen = self.seen.clone();
        let state = seen.wait_for(|state| look(state).is_some()).await.ok()?;
        look(&state)
    }

    fn tell(&self, command: Command) {
        // A run that is over needs no command.
        self.commands.send(command).ok();
    }
}

/// Ends a tree whose supervisor does not act: it was stopped, perhaps by its own target.
async fn end_from_outside(pid: i32, started: u64) {
    let ended = tokio::task::spawn_blocking(move || {
        if start_time(pid) == Some(started) {
            end_all(|| below(pid), Instant::now() + PATIENCE);
            end_one(pid, started);
        }
    });
    ended.await.ok();
}

/// The end of the socket that stays with the worker.
struct Watched {
    child: Child,
    pid: i32,
    started: u64,
    run: String,
    state: watch::Sender<State>,
}

impl Watched {
    /// Carries commands down and reports up until the supervisor is gone. When every handle is dropped the socket
    /// is closed, which is what tells the supervisor to kill.
    async fn watch(mut self, socket: UnixStream, mut asked: mpsc::UnboundedReceiver<Command>) {
        let (reading, mut writing) = socket.into_split();
        let mut reports = BufReader::new(reading).lines();
        loop {
            tokio::select! {
                report = reports.next_line() => match report {
                    Ok(Some(report)) => self.note(&report),
                    Ok(None) | Err(_) => break,
                },
                command = asked.recv() => match command {
                    // A supervisor that cannot be written to is gone, which the reading side finds out.
                    Some(command) => { writing.write_all(&line(&command)).await.ok(); }
                    None => {
                        drop((reports, writing));
                        return self.abandon().await;
                    }
                },
            }
        }
        self.close().await;
    }

    /// Waits for a supervisor whose socket was closed, and ends the tree from here when it does not act.
    async fn abandon(mut self) {
        if tokio::time::timeout(TRUST + PATIENCE, self.child.wait())
            .await
            .is_err()
        {
            end_from_outside(self.pid, self.started).await;
            self.child.wait().await.ok();
        }
    }

    fn note(&self, report: &str) {
        let Ok(report) = serde_json::from_str(report) else {
            return;
        };
        self.state.send_modify(|state| match report {
            Report::Spawned { pid } => state.target = Some(pid),
            Report::Refused { errno, folder } => {
                state.refused = Some((errno, folder));
                state.gone = Some(0);
            }
            Report::Exited {
                code: Some(code), ..
            } => state.exit = Some(Exit::Code(code)),
            Report::Exited {
                signal: Some(signal),
                ..
            } => state.exit = Some(Exit::Signal(signal)),
            Report::Exited { .. } => state.exit = Some(Exit::Lost),
            Report::Gone { left } => state.gone = Some(left),
        });
    }

    /// Collects the supervisor; one that ended without its last report was killed, and its tree is ended from here.
    async fn close(&mut self) {
        let orphaned = self.state.borrow().gone.is_none();
        if orphaned {
            let (pid, started, run) = (self.pid, self.started, self.run.clone());
            let swept = tokio::task::spawn_blocking(move || {
                leftovers::end_orphans(pid, started, &run, Instant::now() + PATIENCE)
            });
            let left = swept.await.unwrap_or_default();
            tracing::warn!(
                pid,
                left,
                "a supervisor was killed; what was left of its run has been ended"
            );
            self.state.send_modify(|state| {
                state.exit = state.exit.or(Some(Exit::Lost));
                state.gone = Some(left);
            });
        }
        self.child.wait().await.ok();
    }
}
