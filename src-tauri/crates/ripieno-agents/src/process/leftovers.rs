//! Ending what an earlier worker, or a killed supervisor, has left behind (C2, C3).

use super::{
    RUN_MARKER, TASK_MARKER,
    kill::{below, end_all, end_one},
    mark,
    proc::{self, Process, boot_id, start_time},
};
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

/// How long ending leftovers may take (C2).
const BOUND: Duration = Duration::from_secs(5);

/// Ends the run of a supervisor on record, if it is still there: same boot, same id, same start time.
/// Gives how many processes could not be ended within 5 s. Blocks; call it where blocking is allowed.
///
/// The supervisor of a dead worker ends its tree by itself; this is for one that is stopped, slow or gone.
#[must_use]
pub fn end_leftovers(pid: i32, started: u64, boot: &str) -> usize {
    if boot_id().is_ok_and(|now| now != boot) {
        return 0;
    }
    let deadline = Instant::now() + BOUND;
    let left = end_below(pid, started, deadline);
    left + end_all(|| left_by(pid, started), deadline)
}

/// Ends every process that carries the marker of this task; gives how many could not be ended within 5 s.
/// The net under [`end_leftovers`], for processes whose supervisor is gone. Blocks.
#[must_use]
pub fn sweep_marked(task: &str) -> usize {
    sweep(TASK_MARKER, task, Instant::now() + BOUND)
}

/// Ends what a killed supervisor has left: whatever carries its mark or the run's marker.
pub(super) fn end_orphans(pid: i32, started: u64, run: &str, deadline: Instant) -> usize {
    end_below(pid, started, deadline);
    end_all(|| left_by(pid, started), deadline) + sweep(RUN_MARKER, run, deadline)
}

/// Ends everything below a supervisor that still lives, then the supervisor.
fn end_below(pid: i32, started: u64, deadline: Instant) -> usize {
    if start_time(pid) != Some(started) {
        return 0;
    }
    let left = end_all(|| below(pid), deadline);
    end_one(pid, started);
    left
}

/// What a supervisor that is gone has left: all that carries the mark of its run, and those of its session that carry a marker. Ids are given
/// again, and sessions with them: a member without either is somebody else's.
fn left_by(pid: i32, started: u64) -> Vec<Process> {
    let mut left = mark::bearers(pid, started);
    let members = proc::snapshot().into_iter().filter(|process| {
        process.session == pid && process.pid != pid && process.started >= started
    });
    let ours = members.filter(|process| proc::marker(process.pid, RUN_MARKER).is_some());
    left.extend(ours);
    left
}

fn sweep(name: &str, value: &str, deadline: Instant) -> usize {
    let spared = lineage();
    end_all(
        || {
            proc::snapshot()
                .into_iter()
                .filter(|process| !spared.contains(&process.pid))
                .filter(|process| proc::carries(process.pid, name, value))
                .collect()
        },
        deadline,
    )
}

/// This process and those it descends from: they are never swept, whatever they carry.
fn lineage() -> HashSet<i32> {
    let mut found = HashSet::new();
    let mut pid = std::process::id().cast_signed();
    while pid > 0 && found.insert(pid) {
        pid = proc::read(pid).map_or(0, |process| process.parent);
    }
    found
}
