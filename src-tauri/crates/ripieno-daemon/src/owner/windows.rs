//! Windows: PowerShell, because the calls behind it are not safe to make from here.

use std::io;
use std::process::Command;

/// Returns when `pid` started, in 100 ns ticks; `None` when it is gone.
pub(super) fn started(pid: u32) -> io::Result<Option<u64>> {
    let question = format!("(Get-Process -Id {pid} -ErrorAction Stop).StartTime.Ticks");
    Ok(ask(&question)?.trim().parse().ok())
}

pub(super) fn boot_id() -> io::Result<String> {
    let question = "(Get-CimInstance Win32_OperatingSystem).LastBootUpTime.Ticks";
    Ok(ask(question)?.trim().to_owned())
}

fn ask(question: &str) -> io::Result<String> {
    let output = Command::new("powershell")
        .args(["-NoProfile", "-NonInteractive", "-Command", question])
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
