//! Ending process trees: find, stop, kill, until a look finds nothing (R9).

use super::proc::{self, Process};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open, pidfd_send_signal};
use std::{
    collections::HashSet,
    thread,
    time::{Duration, Instant},
};

/// How many looks may be spent on stopping what multiplies before killing begins.
const STOP_ROUNDS: usize = 32;

/// How long to wait between two looks, at first and at most.
const PAUSE: (Duration, Duration) = (Duration::from_micros(200), Duration::from_millis(10));

/// How long git may take to finish what it is at, and then, once asked to end, to take its locks along.
const FINISHES: Duration = Duration::from_millis(500);
const TIDIES: Duration = Duration::from_millis(300);

/// Kills everything `find` finds until it finds nothing live or the deadline passes; gives how many are left.
///
/// What is found is stopped first, until a look shows nothing new, because a stopped process cannot fork:
/// killing one after the other would lose the race against a fork storm. Git that is at work is let finish, as nothing
/// can start another any more.
pub(crate) fn end_all(mut find: impl FnMut() -> Vec<Process>, deadline: Instant) -> usize {
    let mut git = GitAtWork::since(Instant::now());
    let mut stopped: HashSet<Name> = HashSet::new();
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
        // What multiplies as git is not waited for.
        let spared = match rounds < STOP_ROUNDS {
            true => git.spared(&live),
            false => HashSet::new(),
        };
        let (at_work, others): (Vec<Process>, Vec<Process>) = live
            .into_iter()
            .partition(|process| spared.contains(&process.pid));
        let became_git = at_work
            .iter()
            .filter(|process| stopped.remove(&name(process)));
        became_git.for_each(|process| send(process, Signal::CONT));
        let fresh: Vec<&Process> = others
            .iter()
            .filter(|process| stopped.insert(name(process)))
            .collect();
        if !fresh.is_empty() && rounds < STOP_ROUNDS {
            fresh
                .into_iter()
                .for_each(|process| send(process, Signal::STOP));
            rounds += 1;
        } else if at_work.is_empty() {
            others
                .iter()
                .for_each(|process| send(process, Signal::KILL));
            thread::sleep(pause);
            pause = (pause * 2).min(PAUSE.1);
        } else {
            git.press(&at_work);
            thread::sleep(PAUSE.1);
        }
    }
}

/// What names one process for ever, within this boot.
type Name = (i32, u64);

fn name(process: &Process) -> Name {
    (process.pid, process.started)
}

/// Git at work in a tree that ends. A killed one leaves its locks in the person's repository, where they keep everybody
/// out; so does, now and then, one that is asked to end in the moment it makes a lock (0132).
struct GitAtWork {
    since: Instant,
    asked: HashSet<Name>,
}

impl GitAtWork {
    fn since(since: Instant) -> Self {
        GitAtWork {
            since,
            asked: HashSet::new(),
        }
    }

    /// The ids of those that may still run: git and what it has started, for as long as it is waited for.
    fn spared(&self, live: &[Process]) -> HashSet<i32> {
        match self.since.elapsed() < FINISHES + TIDIES {
            true => proc::git_and_below(live),
            false => HashSet::new(),
        }
    }

    /// Asks those to end that had their time, once.
    fn press(&mut self, at_work: &[Process]) {
        if self.since.elapsed() < FINISHES {
            return;
        }
        for process in at_work.iter().filter(|process| process.is_git) {
            if self.asked.insert(name(process)) {
                send(process, Signal::TERM);
            }
        }
    }
}

/// Asks a process group to end, all but git at work in it and what that has started. Gives when that is to be asked as
/// well, by [`terminate_git`]; `None` when there is none.
pub(crate) fn terminate_but_git(group: Pid) -> Option<Instant> {
    let Some(held) = hold_all_but_git(group) else {
        kill_process_group(group, Signal::TERM).ok();
        // One that is stopped would see the signal only when somebody wakes it.
        kill_process_group(group, Signal::CONT).ok();
        return None;
    };
    for process in &held.others {
        send(process, Signal::TERM);
        send(process, Signal::CONT);
    }
    held.git.then(|| Instant::now() + FINISHES)
}

/// A group that stands still but for git.
struct Held {
    others: Vec<Process>,
    /// Whether git is at work.
    git: bool,
}

/// Stops a group but for git at work, so that nothing becomes git in the moment in which it is asked to end; `None` for one that
/// multiplies faster.
fn hold_all_but_git(group: Pid) -> Option<Held> {
    let mut stopped: HashSet<Name> = HashSet::new();
    for _ in 0..STOP_ROUNDS {
        let members = members(group);
        let spared = proc::git_and_below(&members);
        let (at_work, others): (Vec<Process>, Vec<Process>) = members
            .into_iter()
            .partition(|process| spared.contains(&process.pid));
        for process in at_work.iter().filter(|one| stopped.remove(&name(one))) {
            send(process, Signal::CONT);
        }
        let mut settled = true;
        for process in &others {
            if stopped.insert(name(process)) {
                settled = false;
                send(process, Signal::STOP);
            }
        }
        if settled {
            let git = !at_work.is_empty();
            return Some(Held { others, git });
        }
    }
    None
}

/// Asks the git in a process group to end.
pub(crate) fn terminate_git(group: Pid) {
    for process in members(group).iter().filter(|one| one.is_git) {
        send(process, Signal::TERM);
    }
}

fn members(group: Pid) -> Vec<Process> {
    let group = group.as_raw_nonzero().get();
    let all = proc::snapshot().into_iter();
    all.filter(|process| process.group == group && process.is_live())
        .collect()
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
