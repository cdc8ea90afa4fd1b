//! The change feed: what the log says, as values (architecture 4.2).

use ripieno_core::{
    id::{TaskId, TaskNo},
    time::Timestamp,
};
use serde_json::Value;

/// One row of the log. `seq` counts up without a gap; a consumer that lags reads on with
/// [`Reader::events_since`](crate::Reader::events_since).
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// Its place in the log, from 1.
    pub seq: i64,
    /// When it was written.
    pub at: Timestamp,
    /// The task it is about; `None` for facts about lanes or the worker.
    pub task: Option<(TaskNo, TaskId)>,
    /// The attempt it belongs to; `None` before the first.
    pub attempt: Option<u32>,
    /// The event of the machine in snake case, or a fact.
    pub kind: String,
    /// An object: `from` and `to` for transitions, and what else is worth telling.
    pub data: Value,
}

/// The data of an event as it is shown: `from`, `to`, then what else is told.
pub(crate) fn event_data(from: Option<&str>, to: Option<&str>, data: Option<Value>) -> Value {
    let mut map = serde_json::Map::new();
    if let Some(from) = from {
        map.insert("from".to_owned(), from.into());
    }
    if let Some(to) = to {
        map.insert("to".to_owned(), to.into());
    }
    match data {
        Some(Value::Object(more)) => map.extend(more),
        Some(other) => {
            map.insert("value".to_owned(), other);
        }
        None => {}
    }
    Value::Object(map)
}
