//! macOS: `ps` and `sysctl`, because the calls behind them are not safe to make from here.

use std::io;
use std::process::Command;

/// Returns when `pid` started, as a number made from the date that `ps` prints; `None` when it is
/// gone or a zombie.
pub(super) fn started(pid: u32) -> io::Result<Option<u64>> {
    let text = output("/bin/ps", &["-o", "stat=,lstart=", "-p", &pid.to_string()])?;
    let text = text.trim();
    if text.is_empty() || text.starts_with('Z') {
        return Ok(None);
    }
    let (_, date) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    // The date only has to be told from another one, not to be counted with.
    Ok(Some(
        date.trim()
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            }),
    ))
}

pub(super) fn boot_id() -> io::Result<String> {
    Ok(output("/usr/sbin/sysctl", &["-n", "kern.bootsessionuuid"])?
        .trim()
        .to_owned())
}

fn output(program: &str, arguments: &[&str]) -> io::Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
