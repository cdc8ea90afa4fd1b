//! Process groups, on Unix systems without a subreaper.

use super::Exit;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::{os::unix::process::ExitStatusExt, process::ExitStatus};
use tokio::process::Command;

pub(super) fn set_apart(command: &mut Command) {
    command.process_group(0);
}

pub(super) fn interrupt(pid: i32) {
    Pid::from_raw(pid).and_then(|pid| kill_process(pid, Signal::INT).ok());
}

pub(super) fn terminate(pid: i32) {
    Pid::from_raw(pid).and_then(|pid| kill_process_group(pid, Signal::TERM).ok());
}

pub(super) fn kill(pid: i32) {
    Pid::from_raw(pid).and_then(|pid| kill_process_group(pid, Signal::KILL).ok());
}

pub(super) fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Lost,
    }
}
