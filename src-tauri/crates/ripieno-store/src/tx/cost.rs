//! What an operation costs SQLite, counted rather than timed (perf-5).

use super::{Res, Tx};
use std::sync::atomic::Ordering;

/// Counts of one operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cost {
    /// Steps of SQLite's virtual machine, over all statements; 0 unless the store was opened with
    /// [`Options::count_steps`](crate::Options::count_steps).
    pub steps: u64,
    /// Pages read from the files by this thread; `None` where the system does not tell (only Linux does).
    pub pages_read: Option<u64>,
}

impl Tx<'_> {
    /// Runs a part of the operation and counts what it costs; for benchmarks and tests.
    ///
    /// # Errors
    /// What the part says.
    pub fn measured<R>(&mut self, part: impl FnOnce(&mut Self) -> Res<R>) -> Res<(R, Cost)> {
        let steps = self.pen.shared.steps.clone();
        let from = steps.load(Ordering::Relaxed);
        // Looking costs reads too: twice before, so that the cost of one look can be taken off.
        let (first, second) = (reads(), reads());
        let value = part(self)?;
        let third = reads();
        let pages_read = match (first, second, third) {
            (Some(first), Some(second), Some(third)) => {
                Some((third - second).saturating_sub(second - first))
            }
            _ => None,
        };
        let cost = Cost {
            steps: steps.load(Ordering::Relaxed) - from,
            pages_read,
        };
        Ok((value, cost))
    }
}

/// Read calls of this thread so far; SQLite makes one per page.
fn reads() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/io").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("syscr: "))?;
    line.trim().parse().ok()
}
