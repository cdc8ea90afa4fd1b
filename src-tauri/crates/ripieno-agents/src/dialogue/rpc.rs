//! JSON-RPC by lines, both ways: what every protocol that is one shares.

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use std::borrow::Cow;

/// What one line says.
pub(crate) enum Incoming<'a> {
    /// Nothing.
    Blank,
    /// The agent asks something, and waits.
    Request {
        id: Value,
        method: Cow<'a, str>,
        params: Option<&'a RawValue>,
    },
    /// The agent tells something.
    Notification {
        method: Cow<'a, str>,
        params: Option<&'a RawValue>,
    },
    /// The answer to a request of ours.
    Reply {
        id: Value,
        result: Result<Option<&'a RawValue>, RpcError>,
    },
    /// No message; the text without what surrounds it.
    Unreadable(&'a str),
}

impl<'a> Incoming<'a> {
    /// Reads a line.
    pub(crate) fn read(line: &'a str) -> Self {
        let text = line.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        if text.is_empty() {
            return Self::Blank;
        }
        let Ok(line) = serde_json::from_str::<Envelope<'_>>(text) else {
            return Self::Unreadable(text);
        };
        let params = line.params;
        match (line.id, line.method) {
            (Some(id), Some(method)) => Self::Request { id, method, params },
            (None, Some(method)) => Self::Notification { method, params },
            (Some(id), None) => Self::Reply {
                id,
                result: line.error.map_or(Ok(line.result), Err),
            },
            (None, None) => Self::Unreadable(text),
        }
    }
}

/// The outside of every line: a notification, a request, or a reply to one of ours.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default)]
    id: Option<Value>,
    #[serde(borrow, default)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
    #[serde(default)]
    error: Option<RpcError>,
}

/// The refusal of a request of ours.
#[derive(Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(default)]
pub(crate) struct RpcError {
    pub(crate) code: i64,
    pub(crate) message: String,
    pub(crate) data: Value,
}

/// Reads what was kept raw; `None` when it has another shape.
pub(crate) fn parse<T: for<'a> Deserialize<'a>>(raw: &RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

/// One line, newline included.
pub(crate) fn line(value: &Value) -> Vec<u8> {
    let mut bytes = value.to_string().into_bytes();
    bytes.push(b'\n');
    bytes
}

/// The answer to a request that is refused; the protocol's own marks are added by its adapter.
pub(crate) fn refusal(id: &Value, why: &str) -> Value {
    json!({"id": id, "error": {"code": -32601, "message": why}})
}

/// Why a request whose line was cut is refused.
pub(crate) const TOO_LONG: &str = "the request is too long to be shown to a person";

/// The id of a request of the agent, from the head of its line: it is refused rather than left waiting.
pub(crate) fn request_in(head: &str) -> Option<Value> {
    let head = head.get(..2000).unwrap_or(head);
    let (_, rest) = head.split_once("\"id\":")?;
    if !head.contains("\"method\":") {
        return None;
    }
    let end = rest.find([',', '}'])?;
    serde_json::from_str(rest[..end].trim()).ok()
}
