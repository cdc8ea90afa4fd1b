//! Linux: `/proc` tells when a process started and which boot this is.

use std::fs;
use std::io;

/// Returns when `pid` started, in clock ticks since boot; `None` when it is gone or a zombie.
pub(super) fn started(pid: u32) -> io::Result<Option<u64>> {
    match fs::read(format!("/proc/{pid}/stat")) {
        Ok(stat) => parse_stat(&stat)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "unreadable /proc stat"))
            .map(|(state, ticks)| (!matches!(state, b'Z' | b'X')).then_some(ticks)),
        // ESRCH: it ended between the opening and the reading.
        Err(error)
            if error.kind() == io::ErrorKind::NotFound
                || error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error()) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Reads the state (field 3) and start time (field 22). The name in field 2 may hold anything, also
/// spaces and brackets, so fields are counted from its last bracket.
fn parse_stat(stat: &[u8]) -> Option<(u8, u64)> {
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(&stat[end + 1..]).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    let state = *fields.next()?.as_bytes().first()?;
    Some((state, fields.nth(18)?.parse().ok()?))
}

pub(super) fn boot_id() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?
        .trim()
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_is_read_behind_a_hostile_name() {
        let tail = "1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 777 0 0";
        assert_eq!(
            parse_stat(format!("9 (sh) R {tail}").as_bytes()),
            Some((b'R', 777))
        );
        assert_eq!(
            parse_stat(format!("9 (a) Z 1) S {tail}").as_bytes()),
            Some((b'S', 777))
        );
        assert_eq!(parse_stat(b"9 (\xff\xfe) S 1"), None);
        assert_eq!(parse_stat(b""), None);
    }
}
