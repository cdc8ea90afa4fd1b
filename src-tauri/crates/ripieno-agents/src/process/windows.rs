//! Process trees on Windows, by the system's own command.

use super::Exit;
use std::{os::windows::process::CommandExt, process::ExitStatus};
use tokio::process::Command;

/// No console window; a group of its own.
const FLAGS: u32 = 0x0800_0000 | 0x0000_0200;

pub(super) fn set_apart(command: &mut Command) {
    command.creation_flags(FLAGS);
}

pub(super) fn interrupt(pid: i32) {
    end(pid, &[]);
}

pub(super) fn terminate(pid: i32) {
    end(pid, &["/T"]);
}

pub(super) fn kill(pid: i32) {
    end(pid, &["/T", "/F"]);
}

pub(super) fn exit(status: ExitStatus) -> Exit {
    status.code().map_or(Exit::Lost, Exit::Code)
}

fn end(pid: i32, flags: &[&str]) {
    let mut command = std::process::Command::new(r"C:\Windows\System32\taskkill.exe");
    command
        .creation_flags(FLAGS)
        .args(flags)
        .args(["/PID", &pid.cast_unsigned().to_string()]);
    // One that is gone is what was asked for.
    command.status().ok();
}
