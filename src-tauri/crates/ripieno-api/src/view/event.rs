//! The view of one row of the event log.

use super::time;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One event, in the order of the log.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Event {
    /// Its place in the log, from 1.
    pub seq: i64,
    /// When.
    pub at: String,
    /// The task, by UUID; none for facts about lanes or the worker.
    pub task: Option<String>,
    /// The attempt; none before the first.
    pub attempt: Option<u32>,
    /// The event in snake case, or a fact.
    pub kind: String,
    /// `from`, `to`, and what else is worth telling.
    #[cfg_attr(test, ts(type = "Record<string, unknown>"))]
    pub data: Value,
}

impl From<&ripieno_daemon::handle::Event> for Event {
    fn from(event: &ripieno_daemon::handle::Event) -> Self {
        Event {
            seq: event.seq,
            at: time(event.at),
            task: event.task.map(|(_, id)| id.to_string()),
            attempt: event.attempt,
            kind: event.kind.clone(),
            data: event.data.clone(),
        }
    }
}
