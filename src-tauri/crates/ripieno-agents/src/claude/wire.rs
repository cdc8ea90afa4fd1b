//! The lines Claude Code prints in `stream-json`, read leniently: what is unknown is kept out of the way, never an error.

use crate::{
    dialogue::plain,
    offer::{Model, Offer},
};
use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use serde_json::{Value, value::RawValue};
use std::{borrow::Cow, collections::BTreeMap, fmt};

/// The outside of every line.
///
/// `M` and `E` are what its message and event are read as: at once what they should be, so that a flood is read in one
/// pass, and only where that fails as they stand.
#[derive(Deserialize)]
pub(super) struct Envelope<'a, M, E> {
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
    pub(super) message: Option<M>,
    pub(super) event: Option<E>,
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

/// A line whose parts have the shape they should have, or are left out.
pub(super) type Line<'a> = Envelope<'a, Message, Event>;

/// Reads a line; what of its message and event has another shape is left out.
pub(super) fn line(text: &str) -> Option<Line<'_>> {
    if let Ok(line) = serde_json::from_str(text) {
        return Some(line);
    }
    let raw: Envelope<'_, &RawValue, &RawValue> = serde_json::from_str(text).ok()?;
    let message = raw.message.and_then(|message| {
        let loose: LooseMessage = serde_json::from_str(message.get()).ok()?;
        Some(loose.into())
    });
    let event = raw
        .event
        .map(|event| serde_json::from_str(event.get()).unwrap_or_default());
    Some(Envelope {
        kind: raw.kind,
        subtype: raw.subtype,
        session_id: raw.session_id,
        parent_tool_use_id: raw.parent_tool_use_id,
        request_id: raw.request_id,
        message,
        event,
        request: raw.request,
        response: raw.response,
        error: raw.error,
        rate_limit_info: raw.rate_limit_info,
    })
}

impl<M, E> Envelope<'_, M, E> {
    /// The error code, when it is a plain word.
    pub(super) fn error_code(&self) -> Option<String> {
        serde_json::from_str(self.error?.get()).ok()
    }
}

/// A message of the model or a user, in the provider's shape.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Message {
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    pub(super) content: Content,
    pub(super) usage: Option<Tokens>,
}

/// The same, with content of any shape.
#[derive(Deserialize, Default)]
#[serde(default)]
struct LooseMessage {
    id: Option<String>,
    model: Option<String>,
    content: Value,
    usage: Option<Tokens>,
}

impl From<LooseMessage> for Message {
    fn from(loose: LooseMessage) -> Self {
        Message {
            id: loose.id,
            model: loose.model,
            content: loose.content.into(),
            usage: loose.usage,
        }
    }
}

/// What a message, or the result of a tool, holds.
#[derive(Default)]
pub(super) enum Content {
    /// Nothing.
    #[default]
    None,
    /// One text.
    Text(String),
    /// Several parts.
    Blocks(Vec<Block>),
}

/// One part of a content.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Block {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) text: Option<String>,
    pub(super) thinking: Option<String>,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) input: Value,
    pub(super) tool_use_id: Option<String>,
    pub(super) is_error: Option<bool>,
    pub(super) content: Content,
}

impl Content {
    /// Its parts, where it has parts.
    pub(super) fn blocks(self) -> Vec<Block> {
        match self {
            Content::Blocks(blocks) => blocks,
            Content::None | Content::Text(_) => Vec::new(),
        }
    }

    /// Its text: of parts that are none their kind, as `[kind]`.
    pub(super) fn into_text(self) -> String {
        match self {
            Content::None => String::new(),
            Content::Text(text) => text,
            Content::Blocks(blocks) => {
                let mut parts = blocks.into_iter().map(|block| match block.text {
                    Some(text) => text,
                    None if block.kind.is_empty() => "[block]".to_owned(),
                    None => format!("[{}]", block.kind),
                });
                let mut text = parts.next().unwrap_or_default();
                for part in parts {
                    text.push('\n');
                    text.push_str(&part);
                }
                text
            }
        }
    }
}

impl From<Value> for Content {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Content::None,
            Value::String(text) => Content::Text(text),
            Value::Array(blocks) => {
                let block = |block| serde_json::from_value(block).unwrap_or_default();
                Content::Blocks(blocks.into_iter().map(block).collect())
            }
            other @ (Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
                Content::Text(other.to_string())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Content;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a text or a list of blocks")
            }

            fn visit_unit<E>(self) -> Result<Content, E> {
                Ok(Content::None)
            }

            fn visit_str<E>(self, text: &str) -> Result<Content, E> {
                Ok(Content::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Content, A::Error> {
                let mut blocks = Vec::new();
                while let Some(block) = from.next_element()? {
                    blocks.push(block);
                }
                Ok(Content::Blocks(blocks))
            }
        }
        from.deserialize_any(Any)
    }
}

/// A piece of a message that is still being written, in the provider's shape.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Event {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) message: Message,
    pub(super) delta: Delta,
    pub(super) usage: Option<Tokens>,
}

/// What is new in it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Delta {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) text: String,
    pub(super) thinking: String,
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

/// The name of the model that is none: what the program takes when it is not told.
const NO_MODEL: &str = "default";

/// What the program lets people choose from, of its answer to our first request (A4).
pub(super) fn offer(response: &RawValue) -> Option<Offer> {
    let answer: Answered = serde_json::from_str(response.get()).ok()?;
    let models = answer.response.models;
    // Where levels are told at all, a model without any has none.
    let told = models
        .iter()
        .any(|model| model.supported_effort_levels.is_some());
    let levels = |model: &OfferedModel| {
        let levels = model.supported_effort_levels.clone();
        told.then(|| levels.unwrap_or_default())
    };
    let without = models.iter().find(|model| model.value == NO_MODEL);
    let without = without.and_then(levels);
    let named = models.iter().filter(|model| model.value != NO_MODEL);
    let named = named.map(|model| Model {
        id: model.value.clone(),
        levels: levels(model),
    });
    Offer::of(named.collect(), without)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Answered {
    response: Opening,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Opening {
    models: Vec<OfferedModel>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct OfferedModel {
    value: String,
    supported_effort_levels: Option<Vec<String>>,
}
