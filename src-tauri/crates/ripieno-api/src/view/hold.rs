//! Why a task waits (S2), as `task why` and the task view show it.

use super::{clock::clock, time};
use ripieno_core::hold::Hold;
use serde_json::{Map, Value, json};

/// A hold in one sentence; `marked` says whether the task itself has the mark of a pause (T12).
pub(super) fn sentence(hold: &Hold, marked: bool) -> String {
    match hold {
        // The same kind stands for the worker's pause (S4).
        Hold::Paused { until: None } if !marked => "The worker is paused.".to_owned(),
        _ => hold.text(clock),
    }
}

/// `{kind, text, ...}` with what the hold's name carries: tasks and asks by short id, moments as RFC 3339. `marked` says
/// whether the task itself has the mark of a pause (T12).
#[must_use]
pub fn hold(hold: &Hold, marked: bool) -> Value {
    let text = sentence(hold, marked);
    let Ok(Value::Object(plain)) = serde_json::to_value(hold) else {
        return json!({ "kind": "unknown", "text": text });
    };
    let mut shown = Map::new();
    if let Some(kind) = plain.get("kind") {
        shown.insert("kind".to_owned(), kind.clone());
    }
    shown.insert("text".to_owned(), text.into());
    for (key, value) in plain.into_iter().filter(|(key, _)| key != "kind") {
        let value = match (key.as_str(), value.as_i64()) {
            ("until" | "since" | "next", Some(at)) => {
                time(ripieno_core::time::Timestamp(at)).into()
            }
            ("task", Some(no)) => format!("T-{no}").into(),
            ("ask", Some(no)) => format!("A-{no}").into(),
            _ => value,
        };
        shown.insert(key, value);
    }
    Value::Object(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ripieno_core::{
        id::{AskNo, TaskNo},
        time::Timestamp,
    };

    #[test]
    fn hold_names_tasks_and_moments_as_people_read_them() {
        let shown = hold(
            &Hold::NotBefore {
                until: Timestamp(1_772_355_600_000),
            },
            false,
        );
        assert_eq!(shown["kind"], "not_before");
        assert_eq!(shown["until"], "2026-03-01T09:00:00Z");
        let shown = hold(
            &Hold::Directory {
                path: "/r".into(),
                holder: "T-3".into(),
                task: Some(TaskNo(3)),
            },
            false,
        );
        assert_eq!(
            shown,
            json!({ "kind": "directory", "text": "/r is in use by T-3.", "path": "/r", "holder": "T-3", "task": "T-3" })
        );
        assert_eq!(hold(&Hold::Ask { ask: AskNo(2) }, false)["ask"], "A-2");
        assert_eq!(hold(&Hold::Slots { used: 4, limit: 4 }, false)["limit"], 4);
    }

    #[test]
    fn pause_of_the_worker_is_not_taken_for_the_tasks_own() {
        let paused = Hold::Paused { until: None };
        assert_eq!(hold(&paused, true)["text"], "It is paused.");
        assert_eq!(hold(&paused, false)["text"], "The worker is paused.");
    }
}
