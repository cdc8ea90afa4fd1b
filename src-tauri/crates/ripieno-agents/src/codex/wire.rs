//! The lines of Codex's app-server, read leniently: what is unknown is kept out of the way, never an error.

use crate::{
    dialogue::rpc::parse,
    offer::{Model, Offer},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

/// Parameters of the notifications this adapter reads; each names only what it needs.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Params {
    pub(super) thread_id: String,
    pub(super) turn_id: String,
    pub(super) item_id: String,
    pub(super) item: Value,
    pub(super) turn: Turn,
    pub(super) delta: String,
    pub(super) token_usage: TokenUsage,
    pub(super) error: Option<TurnError>,
    pub(super) will_retry: bool,
    pub(super) message: String,
    pub(super) request_id: Value,
    pub(super) plan: Value,
    pub(super) rate_limits: RateLimits,
}

/// A turn, as it begins and as it ends.
#[derive(Deserialize, Default, Clone, Debug)]
#[serde(default)]
pub(super) struct Turn {
    pub(super) id: String,
    /// `inProgress`, `completed`, `interrupted`, `failed`.
    pub(super) status: String,
    pub(super) error: Option<TurnError>,
}

/// Why a turn, or one call to the provider, failed.
#[derive(Deserialize, Default, Clone, Debug)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TurnError {
    pub(super) message: String,
    /// A word, or an object of one key with the HTTP status.
    pub(super) codex_error_info: Value,
    pub(super) additional_details: Option<String>,
}

impl TurnError {
    /// The HTTP status, where there was an answer at all.
    pub(super) fn status(&self) -> Option<u16> {
        let (_, detail) = self.codex_error_info.as_object()?.iter().next()?;
        u16::try_from(detail["httpStatusCode"].as_u64()?).ok()
    }

    /// The kind of a failed connection, where no answer came at all.
    pub(super) fn connection(&self) -> Option<&str> {
        let (kind, _) = self.codex_error_info.as_object()?.iter().next()?;
        self.status().is_none().then_some(kind.as_str())
    }

    /// The typed word in the words of other providers.
    pub(super) fn code(&self) -> Option<&'static str> {
        let code = match self.codex_error_info.as_str()? {
            "contextWindowExceeded" => "context_length_exceeded",
            "usageLimitExceeded" => "usage_limit_exceeded",
            "rateLimitExceeded" => "rate_limit_exceeded",
            "unauthorized" => "unauthorized",
            "serverOverloaded" => "overloaded",
            "internalServerError" => "server_error",
            "modelNotFound" => "model_not_found",
            "badRequest" => "invalid_request",
            _ => return None,
        };
        Some(code)
    }

    /// Everything it says in words.
    pub(super) fn words(&self) -> String {
        match &self.additional_details {
            Some(more) if !more.is_empty() => format!("{}: {more}", self.message),
            _ => self.message.clone(),
        }
    }
}

/// Tokens after a call to the model.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct TokenUsage {
    /// Of the last call alone; the total runs over the thread, earlier runs included.
    pub(super) last: Tokens,
}

/// Counts of one call.
#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Tokens {
    /// Caches included.
    pub(super) input_tokens: u64,
    pub(super) cached_input_tokens: u64,
    pub(super) cache_write_input_tokens: u64,
    pub(super) output_tokens: u64,
}

/// What a plan says of its allowance.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RateLimits {
    pub(super) primary: Option<Window>,
    pub(super) secondary: Option<Window>,
    pub(super) rate_limit_reached_type: Option<Value>,
}

impl RateLimits {
    /// When the window that is used up ends, in seconds since the epoch; `None` when none is, or nobody said.
    pub(super) fn resets_at(&self) -> Option<i64> {
        let full = |window: &&Window| window.used_percent >= 100.0;
        let windows = [&self.primary, &self.secondary];
        let full = windows.into_iter().flatten().filter(full);
        full.filter_map(|window| window.resets_at).max()
    }
}

/// One window of an allowance.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Window {
    pub(super) used_percent: f64,
    pub(super) resets_at: Option<i64>,
}

/// The reply that begins a thread.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Thread {
    pub(super) thread: ThreadName,
    pub(super) model: String,
}

/// Names a thread.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ThreadName {
    pub(super) id: String,
}

/// What the program lets people choose from, of its list of models (A4).
pub(super) fn offer(result: &RawValue) -> Option<Offer> {
    let list: Models = parse(result)?;
    let shown = || list.data.iter().filter(|model| !model.hidden);
    let usual = shown()
        .find(|model| model.is_default)
        .map(ListedModel::levels);
    let models = shown().map(|model| Model {
        id: model.name().to_owned(),
        levels: Some(model.levels()),
    });
    Offer::of(models.collect(), usual)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Models {
    data: Vec<ListedModel>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ListedModel {
    id: String,
    model: String,
    hidden: bool,
    is_default: bool,
    supported_reasoning_efforts: Vec<Effort>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Effort {
    reasoning_effort: String,
}

impl ListedModel {
    /// By which a thread asks for it.
    fn name(&self) -> &str {
        if self.model.is_empty() {
            &self.id
        } else {
            &self.model
        }
    }

    fn levels(&self) -> Vec<String> {
        let levels = self.supported_reasoning_efforts.iter();
        levels.map(|level| level.reasoning_effort.clone()).collect()
    }
}
