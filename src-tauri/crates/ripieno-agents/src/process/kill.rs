//! Ending process trees: find, stop, kill, until a look finds nothing (R9).

use super::proc::{self, Process};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::{
    collections::HashSet,
    thread,
    time::{Duration, Instant},
};

/// How many looks may be spent on stopping what multiplies before killing begins.
const STOP_ROUNDS: usize = 32;

/// How long to wait between two looks, at first and at most.
const PAUSE: (Duration, Duration) = (Duration::from_micros(200), Duration::from_millis(10));

/// How long git may take to tidy up after itself.
const TIDIES: Duration = Duration::from_millis(300);

/// Kills everything `find` finds until it finds nothing live or the deadline passes; gives how many are left.
///
/// What is found is stopped first, until a look shows nothing new, because a stopped process cannot fork:
/// killing one after the other would lose the race against a fork storm.
pub(crate) fn end_all(mut find: impl FnMut() -> Vec<Process>, deadline: Instant) -> usize {
    let_git_tidy(&mut find, deadline);
    let mut stopped: HashSet<(i32, u64)> = HashSet::new();
    let mut rounds = 0;
    let mut pause = PAUSE.0;
    loop {
        let live: Vec<Process> = find().into_iter().filter(Process::is_live).collect();
        if live.is_empty() {
            return 0;
        }
        if Instant::now() >= deadline {
            return live.len();
        }
        let fresh: Vec<&Process> = live
            .iter()
            .filter(|process| stopped.insert((process.pid, process.started)))
            .collect();
        if !fresh.is_empty() && rounds < STOP_ROUNDS {
            fresh
                .into_iter()
                .for_each(|process| send(process, Signal::STOP));
            rounds += 1;
            continue;
        }
        live.iter().for_each(|process| send(process, Signal::KILL));
        thread::sleep(pause);
        pause = (pause * 2).min(PAUSE.1);
    }
}

/// Asks what is called git to end, and waits a moment for it: it takes its locks along, which a killed one would leave in the
/// person's repository, where they keep everybody out.
fn let_git_tidy(find: &mut impl FnMut() -> Vec<Process>, deadline: Instant) {
    let deadline = deadline.min(Instant::now() + TIDIES);
    let mut asked: HashSet<(i32, u64)> = HashSet::new();
    loop {
        let git = find().into_iter();
        let git: Vec<Process> = git
            .filter(|found| found.is_git && found.is_live())
            .collect();
        if git.is_empty() || Instant::now() >= deadline {
            return;
        }
        for process in git {
            if asked.insert((process.pid, process.started)) {
                send(&process, Signal::TERM);
            }
        }
        thread::sleep(PAUSE.1);
    }
}

/// Everything that descends from `root` right now.
pub(crate) fn below(root: i32) -> Vec<Process> {
    proc::descendants(&proc::snapshot(), root)
}

/// Sends a signal to exactly this process: a later one with the same id is left alone.
fn send(process: &Process, signal: Signal) {
    let Some(pid) = Pid::from_raw(process.pid) else {
        return;
    };
    // A process that is gone, or that belongs to somebody else, is the next look's business.
    if let Ok(handle) = pidfd_open(pid, PidfdFlags::empty())
        && proc::start_time(process.pid) == Some(process.started)
    {
        pidfd_send_signal(&handle, signal).ok();
    }
}

/// Kills one process, named by id and start time; nothing happens when it is gone.
pub(crate) fn end_one(pid: i32, started: u64) {
    if let Some(process) = proc::read(pid).filter(|process| process.started == started) {
        send(&process, Signal::KILL);
    }
}

/// Wakes one process that has been stopped; nothing happens when it runs or is gone.
pub(crate) fn wake(pid: i32, started: u64) {
    let stopped =
        |process: &Process| process.started == started && matches!(process.state, b'T' | b't');
    if let Some(process) = proc::read(pid).filter(stopped) {
        send(&process, Signal::CONT);
    }
}
