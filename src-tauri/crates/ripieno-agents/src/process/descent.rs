//! Which run a process belongs to: the API asks for every peer (cli.md, "Transport and authority").

use super::{Descent, TASK_MARKER, proc};

/// How many ancestors are looked at before giving up.
const DEPTH: usize = 256;

/// Tells which of the live runs (by the process ids of their supervisors) a process is below, and which task markers it
/// or an ancestor carries. A process that is gone, or hides its descent, has none.
#[must_use]
pub fn descends_from(peer: i32, supervisors: &[i32]) -> Descent {
    let mut descent = Descent::default();
    let mut pid = peer;
    for _ in 0..DEPTH {
        if supervisors.contains(&pid) {
            descent.supervisor = Some(pid);
            break;
        }
        if let Some(task) = proc::marker(pid, TASK_MARKER)
            && !descent.tasks.contains(&task)
        {
            descent.tasks.push(task);
        }
        match proc::read(pid) {
            Some(process) if process.parent > 0 => pid = process.parent,
            _ => break,
        }
    }
    descent
}
