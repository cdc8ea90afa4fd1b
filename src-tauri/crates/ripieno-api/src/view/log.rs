//! A page of a task's log.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Entries in order (R2), as they were written.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Logs {
    /// `{n, at, attempt, movement, kind, ...}`.
    #[cfg_attr(test, ts(type = "Array<LogEntry>"))]
    pub entries: Vec<Box<RawValue>>,
    /// Where the next page begins.
    pub next: u64,
    /// Whether the task has ended and nothing follows these entries.
    pub ended: bool,
}
