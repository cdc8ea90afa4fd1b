//! Usage of a run, per model (R5): what results report, and the messages since the last one.

use super::wire::{ModelUsage, Tokens, TurnResult};
use crate::stream::Usage;
use std::collections::{BTreeMap, VecDeque};

/// Of so many messages more lines may come: those of sub-agents at work side by side come mixed.
const OPEN: usize = 64;

/// Counts tokens and money of one process, however it ends.
#[derive(Default)]
pub(super) struct Tally {
    /// What the last result said: Claude Code counts it over the process.
    settled: BTreeMap<String, Usage>,
    /// The last messages since then, by id, oldest first: one message is printed as several lines.
    loose: VecDeque<(String, Usage)>,
    /// Those before them, per model.
    past: BTreeMap<String, Usage>,
    /// What has been reported already.
    reported: BTreeMap<String, Usage>,
}

impl Tally {
    /// Takes the counts of one message line; later lines of the same message only raise them.
    pub(super) fn message(&mut self, id: &str, model: &str, tokens: Tokens) {
        let known = self.loose.iter().rposition(|(known, _)| known == id);
        let at = known.unwrap_or_else(|| {
            if self.loose.len() == OPEN
                && let Some((_, oldest)) = self.loose.pop_front()
            {
                add(&mut self.past, &oldest);
            }
            self.loose.push_back((id.to_owned(), Usage::default()));
            self.loose.len() - 1
        });
        let Some((_, seen)) = self.loose.get_mut(at) else {
            return;
        };
        if !model.is_empty() {
            model.clone_into(&mut seen.model);
        }
        seen.input = seen.input.max(tokens.input_tokens.unwrap_or(0));
        seen.output = seen.output.max(tokens.output_tokens.unwrap_or(0));
        seen.cache_read = seen
            .cache_read
            .max(tokens.cache_read_input_tokens.unwrap_or(0));
        seen.cache_write = seen
            .cache_write
            .max(tokens.cache_creation_input_tokens.unwrap_or(0));
    }

    /// Takes the end of a turn. A result that counts nothing (a stream that was cut) leaves the
    /// messages to speak.
    pub(super) fn settle(&mut self, result: &TurnResult) {
        if result.models.is_empty() {
            self.settled = self.total();
        } else {
            for (model, counts) in &result.models {
                let usage = from_wire(model, counts);
                let old = self.settled.entry(model.clone()).or_default();
                *old = larger(old, usage);
            }
        }
        self.loose.clear();
        self.past.clear();
    }

    /// Everything used so far, per model.
    pub(super) fn all(&self) -> Vec<Usage> {
        self.total().into_values().collect()
    }

    /// What was used since the last call, per model; the sum of all reports is [`Tally::all`].
    pub(super) fn report(&mut self) -> Vec<Usage> {
        let total = self.total();
        let fresh = total
            .iter()
            .map(|(model, now)| match self.reported.get(model) {
                Some(before) => minus(now, before),
                None => now.clone(),
            })
            .filter(|usage| {
                *usage
                    != Usage {
                        model: usage.model.clone(),
                        ..Usage::default()
                    }
            })
            .collect();
        self.reported = total;
        fresh
    }

    fn total(&self) -> BTreeMap<String, Usage> {
        let mut total = self.settled.clone();
        let loose = self.loose.iter().map(|(_, usage)| usage);
        for usage in self.past.values().chain(loose) {
            add(&mut total, usage);
        }
        total
    }
}

/// Adds to the counts of its model.
fn add(total: &mut BTreeMap<String, Usage>, usage: &Usage) {
    // The result names a variant (`model[1m]`) where messages name the model.
    let variant = format!("{}[", usage.model);
    let name = total
        .keys()
        .find(|name| **name == usage.model || name.starts_with(&variant))
        .unwrap_or(&usage.model)
        .clone();
    let sum = total.entry(name.clone()).or_insert(Usage {
        model: name,
        ..Usage::default()
    });
    sum.input = sum.input.saturating_add(usage.input);
    sum.output = sum.output.saturating_add(usage.output);
    sum.cache_read = sum.cache_read.saturating_add(usage.cache_read);
    sum.cache_write = sum.cache_write.saturating_add(usage.cache_write);
}

fn from_wire(model: &str, counts: &ModelUsage) -> Usage {
    Usage {
        model: model.to_owned(),
        input: counts.input_tokens,
        output: counts.output_tokens,
        cache_read: counts.cache_read_input_tokens,
        cache_write: counts.cache_creation_input_tokens,
        cost_micros: counts.cost_usd.and_then(micros),
    }
}

/// Millionths of a dollar, rounded; `None` for what is no amount.
fn micros(usd: f64) -> Option<u64> {
    let micros = (usd * 1e6).round();
    (micros.is_finite() && (0.0..1e15).contains(&micros)).then_some(micros as u64)
}

fn larger(a: &Usage, b: Usage) -> Usage {
    Usage {
        input: a.input.max(b.input),
        output: a.output.max(b.output),
        cache_read: a.cache_read.max(b.cache_read),
        cache_write: a.cache_write.max(b.cache_write),
        cost_micros: a.cost_micros.max(b.cost_micros),
        model: b.model,
    }
}

fn minus(now: &Usage, before: &Usage) -> Usage {
    let cost = now
        .cost_micros
        .map(|cost| cost.saturating_sub(before.cost_micros.unwrap_or(0)));
    Usage {
        model: now.model.clone(),
        input: now.input.saturating_sub(before.input),
        output: now.output.saturating_sub(before.output),
        cache_read: now.cache_read.saturating_sub(before.cache_read),
        cache_write: now.cache_write.saturating_sub(before.cache_write),
        cost_micros: cost.filter(|cost| *cost > 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(input: u64, output: u64) -> Tokens {
        Tokens {
            input_tokens: Some(input),
            output_tokens: Some(output),
            ..Tokens::default()
        }
    }

    fn result(model: &str, input: u64, cost: f64) -> TurnResult {
        let counts = ModelUsage {
            input_tokens: input,
            cost_usd: Some(cost),
            ..ModelUsage::default()
        };
        TurnResult {
            models: [(model.to_owned(), counts)].into(),
            ..TurnResult::default()
        }
    }

    #[test]
    fn message_printed_as_several_lines_counts_once() {
        let mut tally = Tally::default();
        tally.message("m1", "opus", tokens(100, 1));
        tally.message("m1", "opus", tokens(100, 1));
        tally.message("m1", "", tokens(0, 20));
        tally.message("m2", "opus", tokens(10, 5));
        let all = tally.all();
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].input, all[0].output), (110, 25));
    }

    #[test]
    fn any_number_of_messages_is_counted_in_bounded_memory() {
        let mut tally = Tally::default();
        for at in 0..10 * OPEN {
            let id = at.to_string();
            tally.message(&id, "opus", tokens(100, 1));
            tally.message(&id, "", tokens(0, 20));
        }
        assert_eq!(tally.loose.len(), OPEN);
        let messages = 10 * OPEN as u64;
        let all = tally.all();
        assert_eq!(all.len(), 1);
        assert_eq!(
            (all[0].input, all[0].output),
            (100 * messages, 20 * messages)
        );
    }

    #[test]
    fn result_replaces_messages_and_reports_add_up() {
        let mut tally = Tally::default();
        tally.message("m1", "opus", tokens(100, 1));
        tally.settle(&result("opus[1m]", 150, 0.002));
        assert_eq!(tally.report()[0].input, 150);
        tally.message("m2", "opus", tokens(30, 2));
        let more = tally.report();
        assert_eq!(
            (more[0].model.as_str(), more[0].input, more[0].cost_micros),
            ("opus[1m]", 30, None)
        );
        tally.settle(&result("opus[1m]", 200, 0.003));
        assert_eq!(tally.report()[0].input, 20);
        assert_eq!(
            (tally.all()[0].input, tally.all()[0].cost_micros),
            (200, Some(3000))
        );
        assert!(tally.report().is_empty());
    }

    #[test]
    fn result_that_counts_nothing_leaves_the_messages() {
        let mut tally = Tally::default();
        tally.message("m1", "opus", tokens(100, 1));
        tally.settle(&TurnResult::default());
        assert_eq!(tally.all()[0].input, 100);
    }
}
