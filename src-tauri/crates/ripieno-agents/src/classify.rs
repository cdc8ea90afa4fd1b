//! Classification of failures: what a provider or program said, turned into one [`Class`] (R8).
//!
//! Structured signals decide first (HTTP status, provider error code, the protocol's own reason),
//! text only where they are silent. The raw text is kept by the caller.

use jiff::tz::TimeZone;
use ripieno_core::{failure::Class, time::Timestamp};

pub use crate::reset::reset_time;

/// Everything known about a failed call, most reliable first.
#[derive(Clone, Debug)]
pub struct Signals<'a> {
    /// The HTTP status, where there was an answer at all.
    pub status: Option<u16>,
    /// The provider's or agent's error code: `authentication_failed`, `rate_limit`, ...
    pub code: Option<&'a str>,
    /// The protocol's own word for the end: `prompt_too_long`, ...
    pub reason: Option<&'a str>,
    /// When the provider said the limit ends: from a header or a typed event.
    pub until: Option<Timestamp>,
    /// Whether the provider said that the plan's allowance is used up, not only its pace.
    pub allowance_spent: bool,
    /// What was said.
    pub text: &'a str,
    /// The present moment; waits in the text are counted from it.
    pub now: Timestamp,
    /// The zone of clock times in the text that name none.
    pub zone: TimeZone,
}

impl<'a> Signals<'a> {
    /// Signals with a text and nothing else, in the zone of this computer.
    #[must_use]
    pub fn text(text: &'a str, now: Timestamp) -> Self {
        Signals {
            status: None,
            code: None,
            reason: None,
            until: None,
            allowance_spent: false,
            text,
            now,
            zone: TimeZone::system(),
        }
    }
}

/// Decides the one class of a failed call (R8); [`Class::Unknown`] last.
#[must_use]
pub fn classify(signals: &Signals<'_>) -> Class {
    let text = signals.text.to_lowercase();
    by_reason(signals)
        .or_else(|| by_status(signals, &text))
        .or_else(|| by_code(signals, &text))
        .or_else(|| by_text(signals, &text))
        .unwrap_or(Class::Unknown)
}

fn by_reason(signals: &Signals<'_>) -> Option<Class> {
    match signals.reason? {
        "prompt_too_long" | "model_context_window_exceeded" | "blocking_limit" => {
            Some(Class::ContextOverflow)
        }
        "max_turns" => Some(Class::IterationLimit),
        "max_budget" | "budget_exceeded" => Some(Class::BudgetSpent),
        _ => None,
    }
}

fn by_status(signals: &Signals<'_>, text: &str) -> Option<Class> {
    let class = match signals.status? {
        401 | 403 => Class::AuthRejected,
        402 => Class::QuotaExhausted {
            until: until(signals),
        },
        404 if says_model(text) => Class::ModelUnknown,
        408 => Class::ProviderServerError,
        413 => Class::ContextOverflow,
        429 => limited(signals, text),
        // A server that names the moment to come back is a limit, not a fault (S5).
        503 | 529 if until(signals).is_some() => Class::RateLimited {
            until: until(signals),
        },
        500..=599 => Class::ProviderServerError,
        400..=499 => refused(text),
        _ => return None,
    };
    Some(class)
}

fn by_code(signals: &Signals<'_>, text: &str) -> Option<Class> {
    let class = match signals.code? {
        "authentication_failed"
        | "authentication_error"
        | "permission_error"
        | "unauthorized"
        | "oauth_org_not_allowed" => Class::AuthRejected,
        "rate_limit" | "rate_limit_error" | "rate_limit_exceeded" => limited(signals, text),
        "billing_error" | "insufficient_quota" | "usage_limit_exceeded" => Class::QuotaExhausted {
            until: until(signals),
        },
        // Agents call a connection that failed a server's error too.
        "server_error" | "api_error" | "overloaded_error" | "overloaded" | "timeout_error" => {
            connection(text).unwrap_or(Class::ProviderServerError)
        }
        "invalid_request" | "invalid_request_error" => refused(text),
        "request_too_large" | "context_length_exceeded" => Class::ContextOverflow,
        "not_found_error" | "model_not_found" => Class::ModelUnknown,
        _ => return None,
    };
    Some(class)
}

fn by_text(signals: &Signals<'_>, text: &str) -> Option<Class> {
    let has = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    if has(OVERFLOW) {
        return Some(Class::ContextOverflow);
    }
    if has(QUOTA) || has(&["rate limit", "too many requests"]) {
        return Some(limited(signals, text));
    }
    if has(LOGIN) {
        return Some(Class::AuthRejected);
    }
    if has(HISTORY) {
        return Some(Class::UnresumableHistory);
    }
    if has(&["no space left", "enospc", "disk quota exceeded"]) {
        return Some(Class::DiskFull);
    }
    if let Some(class) = connection(text) {
        return Some(class);
    }
    if has(&[
        "overloaded",
        "experiencing high demand",
        "internal server error",
        "bad gateway",
        "service unavailable",
    ]) {
        return Some(Class::ProviderServerError);
    }
    if says_model(text) {
        return Some(Class::ModelUnknown);
    }
    None
}

const OVERFLOW: &[&str] = &[
    "prompt is too long",
    "prompt as too long",
    "context window",
    "context length",
    "maximum context",
    "input is too long",
    "conversation is too long",
    "context exceeds model limit",
];
const QUOTA: &[&str] = &[
    "usage limit",
    "session limit",
    "weekly limit",
    "hit your limit",
    "insufficient_quota",
    "exceeded your current quota",
    "quota exceeded",
    "credit balance is too low",
    "out of credits",
    "spending limit",
];
const LOGIN: &[&str] = &[
    "invalid api key",
    "invalid x-api-key",
    "authentication failed",
    "please run /login",
    "not logged in",
    "oauth token has expired",
    "oauth token revoked",
    "authentication_error",
    "unauthorized",
    "api key not found",
];
const HISTORY: &[&str] = &[
    "ids were found without",
    "unexpected tool_use_id",
    "thinking blocks in the latest assistant message",
    "no conversation found",
    "is already in use",
];
const UNREACHABLE: &[&str] = &[
    "econnrefused",
    "enotfound",
    "eai_again",
    "ehostunreach",
    "enetunreach",
    "connection refused",
    "connectionrefused",
    "could not resolve",
    "failedtoopensocket",
];
const BROKEN: &[&str] = &[
    "stream disconnected",
    "econnreset",
    "etimedout",
    "epipe",
    "socket hang up",
    "socket connection was closed",
    "connection error",
    "connection closed",
    "fetch failed",
    "network error",
    "timed out",
    "certificate",
];

/// A connection that was not made, or broke.
fn connection(text: &str) -> Option<Class> {
    let has = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    if has(UNREACHABLE) {
        Some(Class::ProviderUnreachable)
    } else if has(BROKEN) {
        Some(Class::ProviderNetwork)
    } else {
        // Said of every trouble with a connection: the system's own word goes first.
        has(&["unable to connect"]).then_some(Class::ProviderUnreachable)
    }
}

fn says_model(text: &str) -> bool {
    text.contains("model")
        && [
            "not found",
            "not_found",
            "does not exist",
            "may not exist",
            "not available",
            "unknown model",
        ]
        .iter()
        .any(|needle| text.contains(needle))
}

/// A refused request: too long, a history the provider no longer takes, no money, or malformed.
fn refused(text: &str) -> Class {
    let has = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    if has(OVERFLOW) {
        Class::ContextOverflow
    } else if has(HISTORY) {
        Class::UnresumableHistory
    } else if has(&["credit balance is too low"]) {
        Class::QuotaExhausted { until: None }
    } else if says_model(text) {
        Class::ModelUnknown
    } else {
        Class::InvalidRequest
    }
}

fn limited(signals: &Signals<'_>, text: &str) -> Class {
    let until = until(signals);
    let spent = signals.allowance_spent || QUOTA.iter().any(|needle| text.contains(needle));
    if spent {
        Class::QuotaExhausted { until }
    } else {
        Class::RateLimited { until }
    }
}

/// The end of the limit: the typed one, else what the text says; never in the past.
fn until(signals: &Signals<'_>) -> Option<Timestamp> {
    let typed = signals.until.filter(|at| *at > signals.now);
    typed.or_else(|| reset_time(signals.text, signals.now, &signals.zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn class(status: Option<u16>, code: Option<&str>, text: &str) -> Class {
        let zone = TimeZone::UTC;
        classify(&Signals {
            status,
            code,
            zone,
            ..Signals::text(text, NOW)
        })
    }

    #[test]
    fn status_decides_before_text() {
        for (status, text, want) in [
            (401, "Prompt is too long", "auth_rejected"),
            (403, "", "auth_rejected"),
            (
                400,
                "Prompt is too long · 250000 tokens",
                "context_overflow",
            ),
            (400, "messages: field required", "invalid_request"),
            (
                400,
                "`tool_use` ids were found without `tool_result` blocks",
                "unresumable_history",
            ),
            (400, "Your credit balance is too low", "quota_exhausted"),
            (402, "", "quota_exhausted"),
            (404, "model: claude-x not found", "model_unknown"),
            (404, "no such route", "invalid_request"),
            (413, "", "context_overflow"),
            (429, "slow down", "rate_limited"),
            (429, "You exceeded your current quota", "quota_exhausted"),
            (500, "", "provider_server_error"),
            (529, "Overloaded", "provider_server_error"),
        ] {
            assert_eq!(
                class(Some(status), None, text).name(),
                want,
                "{status} {text}"
            );
        }
    }

    #[test]
    fn overloaded_server_that_names_a_moment_is_a_limit() {
        let got = class(Some(529), None, "Overloaded, try again in 30 seconds");
        assert_eq!(
            got,
            Class::RateLimited {
                until: Some(Timestamp(NOW.0 + 30_000))
            }
        );
    }

    #[test]
    fn code_decides_when_there_is_no_status() {
        for (code, want) in [
            ("authentication_failed", "auth_rejected"),
            ("rate_limit", "rate_limited"),
            ("billing_error", "quota_exhausted"),
            ("server_error", "provider_server_error"),
            ("overloaded_error", "provider_server_error"),
            ("invalid_request", "invalid_request"),
        ] {
            assert_eq!(class(None, Some(code), "").name(), want, "{code}");
        }
    }

    #[test]
    fn connection_that_failed_is_no_fault_of_the_server() {
        let refused = class(
            None,
            Some("server_error"),
            "Connection refused — a firewall?",
        );
        assert_eq!(refused, Class::ProviderUnreachable);
        let reset = class(
            None,
            Some("server_error"),
            "Unable to connect to API (ECONNRESET)",
        );
        assert_eq!(reset, Class::ProviderNetwork);
    }

    #[test]
    fn text_decides_last_and_unknown_stays_unknown() {
        for (text, want) in [
            (
                "API Error: Unable to connect to API (ECONNREFUSED)",
                "provider_unreachable",
            ),
            ("API Error: Connection error.", "provider_network"),
            (
                "Claude AI usage limit reached|1790003600",
                "quota_exhausted",
            ),
            ("Invalid API key · Please run /login", "auth_rejected"),
            ("write failed: No space left on device", "disk_full"),
            (
                "No conversation found with session ID: x",
                "unresumable_history",
            ),
            ("something nobody has seen", "unknown"),
        ] {
            assert_eq!(class(None, None, text).name(), want, "{text}");
        }
    }

    #[test]
    fn typed_reset_wins_over_text_and_a_past_one_is_ignored() {
        let typed = Signals {
            status: Some(429),
            until: Some(Timestamp(NOW.0 + 5)),
            allowance_spent: true,
            ..Signals::text("try again in 1 hour", NOW)
        };
        assert_eq!(
            classify(&typed),
            Class::QuotaExhausted {
                until: Some(Timestamp(NOW.0 + 5))
            }
        );
        let past = Signals {
            until: Some(Timestamp(NOW.0 - 5)),
            ..typed
        };
        let hour = Some(Timestamp(NOW.0 + 3_600_000));
        assert_eq!(classify(&past), Class::QuotaExhausted { until: hour });
    }
}
