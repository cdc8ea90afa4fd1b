//! Messages of the Model Context Protocol: JSON-RPC 2.0, one to a line.

use serde::Deserialize;
use serde_json::{Value, json};

/// The revisions in which tools are listed and called as they are here, oldest first.
const REVISIONS: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// The revision to speak: the agent's where it is known, else the newest.
pub(super) fn agreed(asked: &Value) -> &'static str {
    let known = REVISIONS.into_iter().find(|known| asked == known);
    known.unwrap_or(REVISIONS[REVISIONS.len() - 1])
}

/// A request or a notification of the agent.
#[derive(Debug, Deserialize)]
pub(super) struct Message {
    /// None for a notification.
    #[serde(default)]
    pub(super) id: Option<Value>,
    pub(super) method: String,
    #[serde(default)]
    pub(super) params: Value,
}

impl Message {
    /// Reads a line; nothing for an empty one.
    ///
    /// # Errors
    /// The reply to what cannot be read.
    pub(super) fn read(line: &str) -> Result<Option<Self>, Reply> {
        if line.trim().is_empty() {
            return Ok(None);
        }
        let value: Value = serde_json::from_str(line)
            .map_err(|bad| Reply::error(Value::Null, -32700, &format!("no JSON: {bad}")))?;
        // A reply to something of ours: there is none that waits.
        if value.get("method").is_none() && value.get("id").is_some() {
            return Ok(None);
        }
        let id = value.get("id").cloned().unwrap_or_default();
        serde_json::from_value(value)
            .map(Some)
            .map_err(|bad| Reply::error(id, -32600, &format!("no request: {bad}")))
    }
}

/// What the agent is answered.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Reply(Value);

impl Reply {
    pub(super) fn result(id: Value, result: Value) -> Self {
        Reply(json!({"jsonrpc": "2.0", "id": id, "result": result}))
    }

    pub(super) fn unknown(id: Value, method: &str) -> Self {
        Self::error(id, -32601, &format!("there is no method `{method}`"))
    }

    pub(super) fn invalid(id: Value, why: &str) -> Self {
        Self::error(id, -32602, why)
    }

    fn error(id: Value, code: i32, message: &str) -> Self {
        Reply(json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}))
    }

    /// The line, newline included.
    pub(super) fn line(&self) -> String {
        format!("{}\n", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revision_is_the_agents_where_it_is_known() {
        assert_eq!(agreed(&json!("2025-03-26")), "2025-03-26");
        assert_eq!(agreed(&json!("2031-01-01")), "2025-11-25");
        assert_eq!(agreed(&Value::Null), "2025-11-25");
    }

    #[test]
    fn what_cannot_be_read_is_answered_and_what_asks_nothing_is_not() {
        let code = |line: &str| {
            let reply = Message::read(line).err()?;
            reply.0["error"]["code"].as_i64()
        };
        assert_eq!(code("{"), Some(-32700));
        assert_eq!(code("[]"), Some(-32600));
        assert_eq!(code("{\"id\": 1, \"method\": 2}"), Some(-32600));
        for nothing in ["", "  ", "{\"id\": 3, \"result\": {}}"] {
            assert!(Message::read(nothing).unwrap().is_none(), "{nothing}");
        }
        let notified = Message::read("{\"method\": \"notifications/initialized\"}");
        assert_eq!(notified.unwrap().unwrap().id, None);
    }

    #[test]
    fn every_reply_is_one_line() {
        let reply = Reply::invalid(json!("a\nb"), "c\nd");
        assert_eq!(reply.line().matches('\n').count(), 1);
    }
}
