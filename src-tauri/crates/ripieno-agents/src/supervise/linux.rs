//! The supervisor, on Linux.
//!
//! Owns the process tree of one performer: it is the subreaper, so whatever forks, leaves group and session or loses
//! its parent stays below it. It reads one message from the socket on its standard input, starts the target with
//! the three streams passed along, and copies nothing. When the socket closes, because the worker ended it or was
//! killed, every descendant is killed. It ends when nothing of the run is left.
//!
//! Refuses to be anything else: no runtime, no thread, no log, no file.

use crate::process::{
    kill::{below, end_all, terminate_but_git, terminate_git},
    mark, start_time,
    wire::{Command, Report, Target, line},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg},
    process::{
        Pid, Signal, WaitOptions, WaitStatus, kill_process, set_child_subreaper, setsid, wait,
    },
};
use std::{
    ffi::OsString,
    io::{self, IoSliceMut, Read, Write},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{net::UnixStream, process::CommandExt},
    },
    path::PathBuf,
    process::{ExitCode, Stdio},
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

/// How long processes that do not die (another user's, or deep in the kernel) are waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest message accepted: above the system's own limit on arguments and environment.
const LARGEST: usize = 32 * 1024 * 1024;

/// Runs the supervisor to its end; `args` are those after the verb and none is known.
///
/// The exit status tells nothing: reports go over the socket.
#[must_use]
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    if args.into_iter().next().is_some() {
        return ExitCode::from(2);
    }
    match supervise() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn supervise() -> io::Result<()> {
    // Out of the terminal's reach: no Ctrl-C meant for the worker, no terminal for the target to read from.
    setsid().ok();
    let own = std::process::id().cast_signed();
    set_child_subreaper(Pid::from_raw(own))?;
    if let Some(started) = start_time(own) {
        mark::put(own, started);
    }
    let (woken, waker) = UnixStream::pair()?;
    woken.set_nonblocking(true)?;
    signal_hook::low_level::pipe::register(signal_hook::consts::SIGCHLD, waker)?;
    // A handler, unlike ignoring, is not inherited by the target. The end of a run comes over the socket only.
    for signal in [
        signal_hook::consts::SIGTERM,
        signal_hook::consts::SIGINT,
        signal_hook::consts::SIGHUP,
    ] {
        signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)))?;
    }
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let Some(Order {
        target,
        streams,
        rest,
    }) = receive(&socket)?
    else {
        return Ok(());
    };
    let mut run = match start(target, streams) {
        Ok(pid) => Supervised {
            socket,
            woken,
            pid,
            alive: true,
            git_until: None,
            unread: rest,
        },
        Err(report) => {
            (&socket).write_all(&line(&report))?;
            return Ok(());
        }
    };
    run.report(&Report::Spawned {
        pid: run.pid.as_raw_nonzero().get(),
    });
    run.watch()
}

/// What a supervisor is told first.
struct Order {
    target: Target,
    /// Standard input, output and error of the target.
    streams: Vec<OwnedFd>,
    /// What the worker said after it.
    rest: Vec<u8>,
}

/// Reads the first line and the streams that came with it; `None` when the worker went away before it was whole.
fn receive(socket: &UnixStream) -> io::Result<Option<Order>> {
    let mut streams = Vec::new();
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut searched = 0;
    loop {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut slices = [IoSliceMut::new(&mut buffer)];
        let got = match recvmsg(socket, &mut slices, &mut ancillary, RecvFlags::CMSG_CLOEXEC) {
            Err(Errno::INTR) => continue,
            other => other?.bytes,
        };
        for message in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(passed) = message {
                streams.extend(passed);
            }
        }
        if got == 0 || bytes.len() + got > LARGEST {
            return Ok(None);
        }
        bytes.extend_from_slice(&buffer[..got]);
        if let Some(end) = bytes[searched..].iter().position(|byte| *byte == b'\n') {
            let rest = bytes.split_off(searched + end + 1);
            let target = serde_json::from_slice(&bytes)?;
            return Ok(Some(Order {
                target,
                streams,
                rest,
            }));
        }
        searched = bytes.len();
    }
}

/// Starts the target in a group of its own; our copies of its streams are closed on return.
fn start(target: Target, streams: Vec<OwnedFd>) -> Result<Pid, Report> {
    let refused = |errno, folder| Report::Refused { errno, folder };
    let Ok([stdin, stdout, stderr]) = <[OwnedFd; 3]>::try_from(streams) else {
        return Err(refused(Errno::BADF.raw_os_error(), false));
    };
    let cwd = PathBuf::from(OsString::from(target.cwd));
    if let Err(error) = std::env::set_current_dir(&cwd) {
        return Err(refused(error.raw_os_error().unwrap_or_default(), true));
    }
    let child = std::process::Command::new(OsString::from(target.program))
        .args(target.args.into_iter().map(OsString::from))
        .env_clear()
        .envs(
            target
                .env
                .into_iter()
                .map(|(name, value)| (OsString::from(name), OsString::from(value))),
        )
        .process_group(0)
        .stdin(Stdio::from(stdin))
        .stdout(Stdio::from(stdout))
        .stderr(Stdio::from(stderr))
        .spawn();
    // The folder is the target's, not ours: a supervisor must not keep it busy.
    std::env::set_current_dir("/").ok();
    match child {
        Ok(child) => Pid::from_raw(child.id().cast_signed())
            .ok_or_else(|| refused(Errno::SRCH.raw_os_error(), false)),
        Err(error) => Err(refused(error.raw_os_error().unwrap_or_default(), false)),
    }
}

/// A target under way.
struct Supervised {
    /// To the worker.
    socket: UnixStream,
    /// Readable when a child has ended.
    woken: UnixStream,
    /// The target.
    pid: Pid,
    /// Whether the target has not been reaped: only so long is its id its own.
    alive: bool,
    /// When git at work in a group that was asked to end is asked too.
    git_until: Option<Instant>,
    /// What the worker said and was not yet a whole line.
    unread: Vec<u8>,
}

impl Supervised {
    /// Serves until the run is over.
    fn watch(&mut self) -> io::Result<()> {
        loop {
            if !self.reap() || !self.alive || !self.obey() {
                self.finish();
                return Ok(());
            }
            let mut events = [
                PollFd::new(&self.socket, PollFlags::IN),
                PollFd::new(&self.woken, PollFlags::IN),
            ];
            let left = self.git_until;
            let left = left.map(|until| until.saturating_duration_since(Instant::now()));
            let left = left.and_then(|left| Timespec::try_from(left).ok());
            match poll(&mut events, left.as_ref()) {
                Err(Errno::INTR) => continue,
                other => other?,
            };
            let spoken = !events[0].revents().is_empty();
            self.press_git();
            // How often it was woken does not matter.
            while matches!(self.woken.read(&mut [0; 256]), Ok(1..)) {}
            if spoken && !self.listen() {
                self.finish();
                return Ok(());
            }
        }
    }

    /// Asks git to end that had its time to finish.
    fn press_git(&mut self) {
        if self.git_until.is_some_and(|until| until <= Instant::now()) {
            self.git_until = None;
            terminate_git(self.pid);
        }
    }

    /// Collects the children that have ended; whether any child is left.
    fn reap(&mut self) -> bool {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.pid => self.ended(status),
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    fn ended(&mut self, status: WaitStatus) {
        if status.exited() || status.signaled() {
            self.alive = false;
            let (code, signal) = (status.exit_status(), status.terminating_signal());
            self.report(&Report::Exited { code, signal });
        }
    }

    /// Reads what the worker says; false when it is gone.
    fn listen(&mut self) -> bool {
        let mut buffer = [0; 256];
        match self.socket.read(&mut buffer) {
            Ok(0) => false,
            Ok(got) => {
                self.unread.extend_from_slice(&buffer[..got]);
                true
            }
            Err(error) => error.kind() == io::ErrorKind::Interrupted,
        }
    }

    /// Does what whole lines ask for; false when that is the end.
    fn obey(&mut self) -> bool {
        while let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.unread.drain(..=end).collect();
            match serde_json::from_slice(&line) {
                Ok(Command::Interrupt) if self.alive => {
                    kill_process(self.pid, Signal::INT).ok();
                }
                Ok(Command::Terminate) if self.alive => {
                    self.git_until = terminate_but_git(self.pid);
                }
                Ok(Command::Interrupt | Command::Terminate) => {}
                Ok(Command::Kill) | Err(_) => return false,
            }
        }
        true
    }

    /// Kills every descendant and says that all are gone. No child left is the proof: whatever loses its parent
    /// becomes ours, so a process that changes its id faster than a look can find it cannot hide.
    fn finish(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        let own = std::process::id().cast_signed();
        let mut left = 0;
        while self.reap() {
            left = end_all(|| below(own), deadline);
            if left > 0 || Instant::now() >= deadline {
                left = left.max(1);
                break;
            }
            // Killed, but not yet ready to be collected.
            std::thread::sleep(Duration::from_micros(100));
        }
        self.reap();
        self.report(&Report::Gone { left });
    }

    /// Tells the worker; one that is gone is told nothing.
    fn report(&mut self, report: &Report) {
        self.socket.write_all(&line(report)).ok();
    }
}
