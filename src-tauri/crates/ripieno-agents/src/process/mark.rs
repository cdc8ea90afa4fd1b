//! The mark of a run, which its processes cannot take off: a limit that whoever is started inherits, everybody may lower, and nobody
//! may raise without the system's own rights (`setrlimit`, `RLIMIT_RTTIME`; decision 0134).
//!
//! It holds where names do not: an environment can be emptied, a session left, and a parent killed.

use super::proc::{self, Process};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs;

/// Above every mark, and so high (in microseconds of real-time work) that the limit itself limits nothing.
const HIGHEST: u64 = 1 << 62;

/// As many bits as Linux gives process ids, and as many as ticks since boot need for 170 years.
const PID_BITS: u32 = 22;
const START_BITS: u32 = 39;

/// The mark of the run below this supervisor. Later ones are lower, so that a run within a run can be given its own.
pub(super) fn of(pid: i32, started: u64) -> u64 {
    let started = started & ((1 << START_BITS) - 1);
    let pid = u64::from(pid.cast_unsigned()) & ((1 << PID_BITS) - 1);
    HIGHEST - (started << PID_BITS | pid)
}

/// Marks this process and all it starts from now on. Does nothing where the system refuses that.
pub(crate) fn put(pid: i32, started: u64) {
    let mark = own().map_or(of(pid, started), |own| own.min(of(pid, started)));
    let limit = Rlimit {
        current: Some(mark),
        maximum: Some(mark),
    };
    setrlimit(Resource::Rttime, limit).ok();
}

/// The mark this process carries.
fn own() -> Option<u64> {
    getrlimit(Resource::Rttime).maximum
}

/// The mark a process carries; `None` where it has none, or is gone.
fn carried(pid: i32) -> Option<u64> {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let row = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max realtime timeout"))?;
    row.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// Whether a process belongs to a run that this one is not itself part of.
pub(super) fn is_inside(pid: i32) -> bool {
    carried(pid).is_some_and(|mark| Some(mark) != own())
}

/// Every process that carries the mark of this supervisor's run.
pub(super) fn bearers(pid: i32, started: u64) -> Vec<Process> {
    let mark = of(pid, started);
    let mut all = proc::snapshot();
    all.retain(|process| process.pid != pid && carried(process.pid) == Some(mark));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_runs_have_lower_marks_and_no_two_the_same() {
        let marks = [of(7, 100), of(9, 100), of(7, 101), of(1 << 21, 1 << 38)];
        assert!(marks.is_sorted_by(|a, b| a > b), "{marks:?}");
        assert!(marks[3] > HIGHEST / 2);
    }

    #[test]
    fn a_process_that_is_no_runs_is_not_inside_one() {
        assert!(!is_inside(std::process::id().cast_signed()));
        assert!(!is_inside(i32::MAX));
    }
}
