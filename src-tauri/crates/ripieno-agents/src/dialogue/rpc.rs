//! JSON-RPC by lines, both ways: what every protocol that is one shares.

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use std::borrow::Cow;

/// The outside of every line: a notification, a request, or a reply to one of ours.
#[derive(Deserialize)]
pub(crate) struct Envelope<'a> {
    #[serde(default)]
    pub(crate) id: Option<Value>,
    #[serde(borrow, default)]
    pub(crate) method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) params: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) result: Option<&'a RawValue>,
    #[serde(default)]
    pub(crate) error: Option<RpcError>,
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
