//! Tokens and money as agents tell them: with the end of a turn, or while it runs (R5).

use crate::{
    dialogue::Step,
    stream::{Item, Usage},
};
use agent_client_protocol_schema::v1::{Cost, PromptResponse};

/// What a run has used.
#[derive(Default)]
pub(super) struct Tally {
    /// The model that is asked, as far as it is known.
    pub(super) model: String,
    whole: Vec<Usage>,
    reported: Vec<Usage>,
    /// What the session had cost when this run took it up; `None` until that is known.
    before: Option<u64>,
    cost: Option<u64>,
    turn_counted: bool,
}

impl Tally {
    /// A session that begins has cost nothing yet.
    pub(super) fn begins(&mut self) {
        self.before = Some(0);
    }

    /// What the whole session has cost so far. `working` says whether this run has begun to add to it.
    pub(super) fn session_cost(&mut self, cost: &Cost, working: bool) {
        let Some(now) = micros(cost) else { return };
        if !working {
            self.before = Some(now);
        }
        // A session taken up again that tells its cost only afterwards does not say what is ours.
        if let Some(before) = self.before {
            self.cost = Some(now.saturating_sub(before));
        }
    }

    /// Whether the last turn that ended had called a model, as far as the agent tells.
    pub(super) fn turn_counted(&self) -> bool {
        self.turn_counted
    }

    /// Takes what the end of a turn tells of it.
    pub(super) fn turn(&mut self, response: &PromptResponse) {
        self.turn_counted = false;
        if let Some(told) = &response.usage {
            let used = Usage {
                model: self.model.clone(),
                input: told.input_tokens,
                output: told.output_tokens,
                cache_read: told.cached_read_tokens.unwrap_or_default(),
                cache_write: told.cached_write_tokens.unwrap_or_default(),
                cost_micros: None,
            };
            self.add(used);
            return;
        }
        let quota = response.meta.as_ref().and_then(|meta| meta.get("quota"));
        let models = quota.and_then(|quota| quota["model_usage"].as_array());
        for told in models.into_iter().flatten() {
            let count = |name: &str| told["token_count"][name].as_u64().unwrap_or_default();
            self.add(Usage {
                model: told["model"].as_str().unwrap_or(&self.model).to_owned(),
                input: count("input_tokens"),
                output: count("output_tokens"),
                ..Usage::default()
            });
        }
    }

    fn add(&mut self, used: Usage) {
        let counts = [used.input, used.output, used.cache_read, used.cache_write];
        if counts == [0; 4] {
            return;
        }
        self.turn_counted = true;
        match self
            .whole
            .iter_mut()
            .find(|known| known.model == used.model)
        {
            Some(known) => {
                known.input = known.input.saturating_add(used.input);
                known.output = known.output.saturating_add(used.output);
                known.cache_read = known.cache_read.saturating_add(used.cache_read);
                known.cache_write = known.cache_write.saturating_add(used.cache_write);
            }
            None => self.whole.push(used),
        }
    }

    /// Everything so far; the money stands with the first model.
    pub(super) fn whole(&self) -> Vec<Usage> {
        let mut whole = self.whole.clone();
        match (whole.first_mut(), self.cost) {
            (Some(first), cost) => first.cost_micros = cost,
            (None, Some(cost)) if cost > 0 => whole.push(Usage {
                model: self.model.clone(),
                cost_micros: Some(cost),
                ..Usage::default()
            }),
            (None, _) => {}
        }
        whole
    }

    /// The same as [`Tally::late`], for the transcript.
    pub(super) fn steps(&mut self) -> Vec<Step> {
        let fresh = self.late().into_iter();
        fresh.map(|usage| Step::Item(Item::Usage(usage))).collect()
    }

    /// What has come since this was asked last.
    pub(super) fn late(&mut self) -> Vec<Usage> {
        let whole = self.whole();
        let fresh = whole.iter().filter_map(|now| {
            let before = self.reported.iter().find(|known| known.model == now.model);
            let before = before.cloned().unwrap_or_default();
            let cost = now
                .cost_micros
                .map(|cost| cost.saturating_sub(before.cost_micros.unwrap_or_default()));
            let fresh = Usage {
                model: now.model.clone(),
                input: now.input.saturating_sub(before.input),
                output: now.output.saturating_sub(before.output),
                cache_read: now.cache_read.saturating_sub(before.cache_read),
                cache_write: now.cache_write.saturating_sub(before.cache_write),
                cost_micros: cost.filter(|cost| *cost > 0),
            };
            let nothing = fresh.input == 0
                && fresh.output == 0
                && fresh.cache_read == 0
                && fresh.cache_write == 0;
            (!nothing || cost.unwrap_or_default() > 0).then_some(fresh)
        });
        let fresh = fresh.collect();
        self.reported = whole;
        fresh
    }
}

/// Millionths of a US dollar; other money is not counted.
fn micros(cost: &Cost) -> Option<u64> {
    let known = cost.currency == "USD" && cost.amount.is_finite() && cost.amount >= 0.0;
    // Saturates far above any bill.
    known.then(|| (cost.amount * 1e6).round() as u64)
}
