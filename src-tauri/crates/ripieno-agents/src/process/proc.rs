//! What `/proc` says about processes: parents, start times, states, markers.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
};

/// One process as the kernel lists it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Process {
    /// Its id.
    pub(crate) pid: i32,
    /// The id of its parent.
    pub(crate) parent: i32,
    /// The process group it belongs to.
    pub(crate) group: i32,
    /// The session it belongs to.
    pub(crate) session: i32,
    /// The letter of its state: `R`, `S`, `Z`, ...
    pub(crate) state: u8,
    /// Its start in clock ticks since boot; together with the id it names one process for ever.
    pub(crate) started: u64,
    /// Whether it is called `git`.
    pub(crate) is_git: bool,
}

impl Process {
    /// Whether it still runs code: zombies and the dead do not.
    pub(crate) fn is_live(&self) -> bool {
        !matches!(self.state, b'Z' | b'X' | b'x')
    }
}

/// Reads one process; `None` when there is none of that id.
pub(crate) fn read(pid: i32) -> Option<Process> {
    parse_stat(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// The start time of a process in clock ticks since boot; `None` when it is gone.
#[must_use]
pub fn start_time(pid: i32) -> Option<u64> {
    read(pid).map(|process| process.started)
}

/// The id of this boot, which together with a process id and start time names one process for ever (C3).
///
/// # Errors
/// When the kernel does not tell.
pub fn boot_id() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?
        .trim()
        .to_owned())
}

/// Every process that can be seen right now, in no order.
pub(crate) fn snapshot() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter_map(read)
        .collect()
}

/// Those of `all` that descend from `root`, parents before their children, without `root` itself.
pub(crate) fn descendants(all: &[Process], root: i32) -> Vec<Process> {
    let mut children: HashMap<i32, Vec<Process>> = HashMap::new();
    for process in all {
        children.entry(process.parent).or_default().push(*process);
    }
    let mut found = children.remove(&root).unwrap_or_default();
    let mut next = 0;
    while let Some(process) = found.get(next).copied() {
        found.extend(children.remove(&process.pid).unwrap_or_default());
        next += 1;
    }
    found
}

/// The ids of those of `all` that are git, and of all that descend from them.
pub(crate) fn git_and_below(all: &[Process]) -> HashSet<i32> {
    let git = all.iter().filter(|process| process.is_git);
    git.flat_map(|git| descendants(all, git.pid).into_iter().chain([*git]))
        .map(|process| process.pid)
        .collect()
}

/// Whether the environment a process was started with holds `NAME=value`.
pub(crate) fn carries(pid: i32, name: &str, value: &str) -> bool {
    marker(pid, name).is_some_and(|found| found == value)
}

/// The value of a name in the environment a process was started with; `None` also when it may not be read.
pub(crate) fn marker(pid: i32, name: &str) -> Option<String> {
    let environ = fs::read(format!("/proc/{pid}/environ")).ok()?;
    environ
        .split(|byte| *byte == 0)
        .filter_map(|entry| entry.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
        .find_map(|value| String::from_utf8(value.to_vec()).ok())
}

/// Reads the line of `/proc/<pid>/stat`; the name in it may hold blanks and parentheses.
fn parse_stat(line: &[u8]) -> Option<Process> {
    let open = line.iter().position(|byte| *byte == b'(')?;
    let close = line.iter().rposition(|byte| *byte == b')')?;
    let pid = std::str::from_utf8(line.get(..open)?)
        .ok()?
        .trim()
        .parse()
        .ok()?;
    let rest = std::str::from_utf8(line.get(close + 1..)?).ok()?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    Some(Process {
        pid,
        state: *fields.first()?.as_bytes().first()?,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
        is_git: line.get(open + 1..close) == Some(b"git"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_and_parentheses_is_read_past() {
        let line = b"42 (a) b (c)) S 7 42 41 0 -1 1 2 3 4 5 6 7 8 9 10 11 1 0 9876 0 0";
        let process = parse_stat(line).unwrap();
        assert_eq!((process.pid, process.parent, process.session), (42, 7, 41));
        assert_eq!(
            (process.group, process.state, process.started),
            (42, b'S', 9876)
        );
    }

    #[test]
    fn a_broken_line_is_no_process() {
        for line in [&b""[..], b"1", b"1 (x", b"1 (x)", b"x (y) S 1 1 1"] {
            assert_eq!(parse_stat(line), None);
        }
    }

    #[test]
    fn descendants_come_parents_first_and_leave_strangers_out() {
        let process = |pid, parent| Process {
            pid,
            parent,
            group: 1,
            session: 1,
            state: b'S',
            started: 0,
            is_git: pid == 4,
        };
        let all = [
            process(5, 4),
            process(9, 1),
            process(4, 2),
            process(3, 2),
            process(2, 1),
        ];
        let pids: Vec<i32> = descendants(&all, 2).iter().map(|p| p.pid).collect();
        assert_eq!(pids, [4, 3, 5]);
        assert_eq!(git_and_below(&all), HashSet::from([4, 5]));
    }

    #[test]
    fn this_process_is_found_with_its_start_and_parent() {
        let own = i32::try_from(std::process::id()).unwrap();
        let read = read(own).unwrap();
        assert!(read.is_live());
        assert_eq!(start_time(own), Some(read.started));
        assert!(snapshot().iter().any(|process| process.pid == own));
    }
}
