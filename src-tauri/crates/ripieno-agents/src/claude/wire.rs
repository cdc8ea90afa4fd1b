//! The lines Claude Code prints in `stream-json`, read leniently: what is unknown is kept out of the way, never an error.

use crate::dialogue::plain;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use std::{borrow::Cow, collections::BTreeMap};

/// The outside of every line.
#[derive(Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) subtype: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) session_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) parent_tool_use_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) request_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) request: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) response: Option<&'a RawValue>,
    /// A code on synthetic messages and retries.
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) rate_limit_info: Option<&'a RawValue>,
}

impl Envelope<'_> {
    /// The error code, when it is a plain word.
    pub(super) fn error_code(&self) -> Option<String> {
        serde_json::from_str(self.error?.get()).ok()
    }
}

/// A message of the model or a user, in the provider's shape.
#[derive(Deserialize)]
pub(super) struct Message {
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) model: Option<String>,
    #[serde(default)]
    pub(super) content: Value,
    #[serde(default)]
    pub(super) usage: Option<Tokens>,
}

/// The model name Claude Code gives messages it writes itself.
pub(super) const SYNTHETIC: &str = "<synthetic>";

/// Token counts as the provider names them.
#[derive(Deserialize, Default, Clone, Copy)]
pub(super) struct Tokens {
    #[serde(default)]
    pub(super) input_tokens: Option<u64>,
    #[serde(default)]
    pub(super) output_tokens: Option<u64>,
    #[serde(default)]
    pub(super) cache_read_input_tokens: Option<u64>,
    #[serde(default)]
    pub(super) cache_creation_input_tokens: Option<u64>,
}

/// `system/api_retry`.
#[derive(Deserialize)]
pub(super) struct ApiRetry {
    #[serde(default)]
    pub(super) attempt: u32,
    #[serde(default)]
    pub(super) max_retries: u32,
    #[serde(default)]
    pub(super) retry_delay_ms: f64,
    #[serde(default)]
    pub(super) error_status: Option<u16>,
    #[serde(default)]
    pub(super) error: Option<String>,
}

/// The last line of a turn.
#[derive(Deserialize, Default, Clone)]
pub(super) struct TurnResult {
    #[serde(default)]
    pub(super) subtype: String,
    #[serde(default)]
    pub(super) is_error: bool,
    #[serde(default)]
    pub(super) api_error_status: Option<u16>,
    #[serde(default)]
    pub(super) terminal_reason: Option<String>,
    #[serde(default)]
    pub(super) stop_reason: Option<String>,
    #[serde(default)]
    pub(super) result: Option<String>,
    #[serde(default)]
    pub(super) errors: Vec<Value>,
    #[serde(default, rename = "modelUsage")]
    pub(super) models: BTreeMap<String, ModelUsage>,
    #[serde(default)]
    pub(super) permission_denials: Vec<Value>,
}

impl TurnResult {
    /// Everything it says in words: the result, else the errors.
    pub(super) fn words(&self) -> String {
        let errors: Vec<String> = self.errors.iter().map(plain).collect();
        match self.result.as_deref() {
            Some(text) if !text.is_empty() => text.to_owned(),
            _ => errors.join("\n"),
        }
    }
}

/// What one model used, counted over the process.
#[derive(Deserialize, Default, Clone)]
#[serde(rename_all = "camelCase")]
pub(super) struct ModelUsage {
    #[serde(default)]
    pub(super) input_tokens: u64,
    #[serde(default)]
    pub(super) output_tokens: u64,
    #[serde(default)]
    pub(super) cache_read_input_tokens: u64,
    #[serde(default)]
    pub(super) cache_creation_input_tokens: u64,
    #[serde(default, rename = "costUSD")]
    pub(super) cost_usd: Option<f64>,
}

/// `rate_limit_event`: what a subscription says of its allowance.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RateLimit {
    #[serde(default)]
    pub(super) status: String,
    /// Seconds since the epoch.
    #[serde(default)]
    pub(super) resets_at: Option<f64>,
}

/// `system/background_tasks_changed`.
#[derive(Deserialize, Default)]
pub(super) struct BackgroundTasks {
    #[serde(default)]
    pub(super) tasks: Vec<Value>,
}

/// What the agent asks us for.
#[derive(Deserialize, Clone, Debug, PartialEq)]
pub(super) struct Request {
    #[serde(default)]
    pub(super) subtype: String,
    #[serde(default)]
    pub(super) tool_name: String,
    #[serde(default)]
    pub(super) input: Value,
    #[serde(default)]
    pub(super) permission_suggestions: Vec<Value>,
    #[serde(default)]
    pub(super) blocked_path: Option<String>,
    #[serde(default)]
    pub(super) decision_reason: Option<Value>,
    #[serde(default)]
    pub(super) tool_use_id: Option<String>,
    #[serde(default)]
    pub(super) mcp_server_name: String,
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    pub(super) url: Option<String>,
    #[serde(default)]
    pub(super) requested_schema: Value,
}

/// The text of a content value: a string, or the text blocks of a list; other blocks as `[kind]`.
pub(super) fn content_text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let parts: Vec<String> = blocks
                .iter()
                .map(|block| match block.get("text").and_then(Value::as_str) {
                    Some(text) => text.to_owned(),
                    None => format!("[{}]", block["type"].as_str().unwrap_or("block")),
                })
                .collect();
            parts.join("\n")
        }
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
