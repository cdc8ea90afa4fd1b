//! Which run a process belongs to: the API asks for every peer (cli.md, "Transport and authority").

use super::{Descent, TASK_MARKER, mark, proc};
use rustix::{
    io::Errno,
    process::{Pid, test_kill_process},
};

/// How often descent is looked at anew where an ancestor has ended in the middle of a look.
const LOOKS: usize = 8;

/// Tells which of the live runs (by the process ids of their supervisors) a process is below, and which task markers it
/// or an ancestor carries. What cannot be told, and what carries the mark of a run, is suspect (decision 0134).
#[must_use]
pub fn descends_from(peer: i32, supervisors: &[i32]) -> Descent {
    let marked = mark::is_inside(peer);
    let looked = (0..LOOKS).find_map(|_| look(peer, supervisors));
    match looked {
        Some(descent) => Descent {
            suspect: marked,
            ..descent
        },
        None => Descent {
            suspect: true,
            ..Descent::default()
        },
    }
}

/// Goes up from a process to a supervisor or to the root; `None` when that broke off, because an ancestor ended meanwhile.
fn look(peer: i32, supervisors: &[i32]) -> Option<Descent> {
    let mut descent = Descent::default();
    let (mut pid, mut latest) = (peer, u64::MAX);
    loop {
        if supervisors.contains(&pid) {
            descent.supervisor = Some(pid);
            return Some(descent);
        }
        if let Some(task) = proc::marker(pid, TASK_MARKER)
            && !descent.tasks.contains(&task)
        {
            descent.tasks.push(task);
        }
        match proc::read(pid) {
            Some(process) if process.parent == 0 => return Some(descent),
            // A parent that began after its child is somebody else with its id.
            Some(process) if process.started <= latest => {
                (pid, latest) = (process.parent, process.started);
            }
            None if is_hidden(pid) => return Some(descent),
            Some(_) | None => return None,
        }
    }
}

/// Whether there is such a process, of a user whose processes are not shown to us (`hidepid`): none of ours is above it.
fn is_hidden(pid: i32) -> bool {
    Pid::from_raw(pid).is_some_and(|pid| test_kill_process(pid) == Err(Errno::PERM))
}
