//! Why a task waits (S2), as `task why` and the task view show it.

use super::time;
use ripieno_core::hold::Hold;
use serde_json::{Map, Value, json};

/// `{kind, text, ...}` with what the hold's name carries: tasks and asks by short id, moments as RFC 3339.
#[must_use]
pub fn hold(hold: &Hold) -> Value {
    let text = hold.text(time);
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
        let shown = hold(&Hold::NotBefore {
            until: Timestamp(1_772_355_600_000),
        });
        assert_eq!(shown["kind"], "not_before");
        assert_eq!(shown["until"], "2026-03-01T09:00:00Z");
        let shown = hold(&Hold::Directory {
            path: "/r".into(),
            holder: "T-3".into(),
            task: Some(TaskNo(3)),
        });
        assert_eq!(
            shown,
            json!({ "kind": "directory", "text": "/r is in use by T-3.", "path": "/r", "holder": "T-3", "task": "T-3" })
        );
        assert_eq!(hold(&Hold::Ask { ask: AskNo(2) })["ask"], "A-2");
        assert_eq!(hold(&Hold::Slots { used: 4, limit: 4 })["limit"], 4);
    }
}
