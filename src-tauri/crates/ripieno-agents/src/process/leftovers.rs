//! Ending what an earlier worker, or a killed supervisor, has left behind (C2, C3).

use super::{
    RUN_MARKER, TASK_MARKER,
    kill::{below, end_all, end_one},
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
    left + end_all(|| session(pid, started), deadline)
}

/// Ends every process that carries the marker of this task; gives how many could not be ended within 5 s.
/// The net under [`end_leftovers`], for processes whose supervisor is gone. Blocks.
#[must_use]
pub fn sweep_marked(task: &str) -> usize {
    sweep(TASK_MARKER, task, Instant::now() + BOUND)
}

/// Ends what a killed supervisor has left: its session, and whatever carries the run's marker.
pub(super) fn end_orphans(pid: i32, started: u64, run: &str, deadline: Instant) -> usize {
    end_below(pid, started, deadline);
    end_all(|| session(pid, started), deadline) + sweep(RUN_MARKER, run, deadline)
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

/// The members of the session a supervisor made, as long as its id has not been given to somebody else: an id stays
/// taken while a session of that id has members.
fn session(pid: i32, started: u64) -> Vec<Process> {
    let all = proc::snapshot();
    let taken_over = all
        .iter()
        .any(|process| process.pid == pid && process.started != started);
    if taken_over {
        return Vec::new();
    }
    all.into_iter()
        .filter(|process| process.session == pid && process.started >= started)
        .collect()
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
