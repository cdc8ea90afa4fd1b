//! What such a program tells of its use (R5): added up line by line, until its last word says the whole.

use super::fields::{Object, count_of, first, object_of};
use crate::stream::Usage;

/// What a run has used.
#[derive(Default)]
pub(super) struct Tally {
    /// The model, as far as it was told.
    pub(super) model: String,
    /// Of messages that are over.
    settled: Usage,
    /// Of the last message: one message may be printed as several lines.
    loose: Usage,
    message: Option<String>,
    reported: Usage,
}

impl Tally {
    /// Takes the counts of one line. Lines of the same message raise its counts, they do not add to them.
    pub(super) fn line(&mut self, message: Option<&str>, used: &Usage) {
        let same = message.is_some() && message == self.message.as_deref();
        if same {
            self.loose = with(&self.loose, used, u64::max);
        } else {
            self.settled = self.sum();
            self.loose = used.clone();
            self.message = message.map(str::to_owned);
        }
    }

    /// Takes what the last word says of the whole; one that counts nothing leaves the lines to speak.
    pub(super) fn whole(&mut self, used: &Usage) {
        if is_nothing(used) {
            return;
        }
        let told = self.sum();
        self.settled = Usage {
            // Some name the money of the whole only by its parts.
            cost_micros: used.cost_micros.or(told.cost_micros),
            ..used.clone()
        };
        (self.loose, self.message) = (Usage::default(), None);
    }

    /// Everything used so far; `None` when nothing was told.
    pub(super) fn all(&self) -> Option<Usage> {
        let sum = self.sum();
        (!is_nothing(&sum)).then(|| Usage {
            model: self.model.clone(),
            ..sum
        })
    }

    /// What was used since the last call.
    pub(super) fn report(&mut self) -> Option<Usage> {
        let sum = self.sum();
        let fresh = with(&sum, &self.reported, u64::saturating_sub);
        self.reported = sum;
        (!is_nothing(&fresh)).then(|| Usage {
            model: self.model.clone(),
            ..fresh
        })
    }

    fn sum(&self) -> Usage {
        with(&self.settled, &self.loose, u64::saturating_add)
    }
}

fn is_nothing(used: &Usage) -> bool {
    let tokens = [used.input, used.output, used.cache_read, used.cache_write];
    tokens == [0; 4] && used.cost_micros.unwrap_or_default() == 0
}

fn with(a: &Usage, b: &Usage, both: fn(u64, u64) -> u64) -> Usage {
    let cost = match (a.cost_micros, b.cost_micros) {
        (Some(a), b) => Some(both(a, b.unwrap_or_default())),
        (None, b) => b,
    };
    Usage {
        model: String::new(),
        input: both(a.input, b.input),
        output: both(a.output, b.output),
        cache_read: both(a.cache_read, b.cache_read),
        cache_write: both(a.cache_write, b.cache_write),
        cost_micros: cost,
    }
}

/// The counts an object tells, at its top or in the field that is for them.
pub(super) fn counts(object: &Object) -> Option<Usage> {
    let inner = object_of(
        object,
        &[
            "usage",
            "token_usage",
            "tokenUsage",
            "stats",
            "tokens",
            "usageMetadata",
        ],
    );
    let cost = [
        "total_cost_usd",
        "cost_usd",
        "costUsd",
        "total_cost",
        "cost",
    ];
    let cost = first(object, &cost).or_else(|| inner.and_then(|inner| first(inner, &cost)));
    let mut used = inner.map(tokens).unwrap_or_default();
    used.cost_micros = cost.and_then(serde_json::Value::as_f64).and_then(micros);
    (!is_nothing(&used)).then_some(used)
}

fn tokens(counts: &Object) -> Usage {
    let cache = object_of(counts, &["cache"]);
    let details = object_of(counts, &["prompt_tokens_details", "input_tokens_details"]);
    let input = count_of(
        counts,
        &[
            "input_tokens",
            "inputTokens",
            "prompt_tokens",
            "promptTokens",
            "promptTokenCount",
            "input",
        ],
    );
    let output = count_of(
        counts,
        &[
            "output_tokens",
            "outputTokens",
            "completion_tokens",
            "completionTokens",
            "candidatesTokenCount",
            "output",
        ],
    );
    // Who calls it "cached" counts it within what was read; who calls it a read of the cache counts it apart.
    let within = count_of(
        counts,
        &[
            "cached_input_tokens",
            "cached",
            "cached_tokens",
            "cachedContentTokenCount",
        ],
    )
    .or_else(|| details.and_then(|details| count_of(details, &["cached_tokens"])));
    let apart = count_of(
        counts,
        &[
            "cache_read_input_tokens",
            "cacheReadInputTokens",
            "cacheRead",
            "cache_read",
        ],
    )
    .or_else(|| cache.and_then(|cache| count_of(cache, &["read"])));
    let written = count_of(
        counts,
        &[
            "cache_creation_input_tokens",
            "cache_write_input_tokens",
            "cacheWrite",
            "cache_write",
        ],
    )
    .or_else(|| cache.and_then(|cache| count_of(cache, &["write"])));
    Usage {
        model: String::new(),
        input: input
            .unwrap_or_default()
            .saturating_sub(within.unwrap_or_default()),
        output: output.unwrap_or_default(),
        cache_read: apart.or(within).unwrap_or_default(),
        cache_write: written.unwrap_or_default(),
        cost_micros: None,
    }
}

fn micros(usd: f64) -> Option<u64> {
    let micros = (usd * 1e6).round();
    (micros.is_finite() && (0.0..1e15).contains(&micros)).then_some(micros as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn used(value: serde_json::Value) -> Usage {
        counts(value.as_object().unwrap()).unwrap()
    }

    #[test]
    fn counts_are_read_under_the_names_of_every_provider() {
        let all = [
            json!({"usage": {"input_tokens": 320, "cached_input_tokens": 100, "output_tokens": 40}}),
            json!({"usage": {"prompt_tokens": 320, "completion_tokens": 40, "prompt_tokens_details": {"cached_tokens": 100}}}),
            json!({"stats": {"input_tokens": 320, "output_tokens": 40, "cached": 100}}),
            json!({"usage": {"input_tokens": 220, "cache_read_input_tokens": 100, "output_tokens": 40}}),
            json!({"tokens": {"input": 220, "output": 40, "cache": {"read": 100, "write": 0}}}),
        ];
        for told in all {
            let used = used(told.clone());
            assert_eq!(
                (used.input, used.cache_read, used.output),
                (220, 100, 40),
                "{told}"
            );
        }
        assert_eq!(used(json!({"cost": 0.00015})).cost_micros, Some(150));
        assert_eq!(
            counts(
                json!({"usage": {"input_tokens": -1}, "cost": "much"})
                    .as_object()
                    .unwrap()
            ),
            None
        );
    }

    #[test]
    fn lines_of_one_message_count_once_and_the_last_word_counts_for_all() {
        let line = |output| Usage {
            input: 100,
            output,
            ..Usage::default()
        };
        let mut tally = Tally::default();
        tally.line(Some("a"), &line(1));
        tally.line(Some("a"), &line(5));
        tally.line(Some("b"), &line(7));
        assert_eq!(
            tally.report().map(|used| (used.input, used.output)),
            Some((200, 12))
        );
        assert_eq!(tally.report(), None);
        tally.whole(&line(40));
        assert_eq!(
            tally.all().map(|used| (used.input, used.output)),
            Some((100, 40))
        );
        assert_eq!(
            tally.report().map(|used| (used.input, used.output)),
            Some((0, 28))
        );
        tally.whole(&Usage::default());
        assert_eq!(tally.all().map(|used| used.output), Some(40));
    }
}
