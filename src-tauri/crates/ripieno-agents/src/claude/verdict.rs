//! What a run of Claude Code came to: the one place that turns its signs into an [`Outcome`] (R4, R7, R8).
//!
//! Exit code and `subtype` lie alone: an API failure ends as `success` with `is_error`, a stream that
//! was cut as `success` with exit 0. So the verdict is a function of the final event, `is_error`,
//! what was counted, and why we ended it; no final event is a failure.

use super::{reader::Reader, wire::TurnResult};
use crate::{
    classify::{Signals, classify},
    dialogue::{Cause, Ending, gave_up, head, plain},
    stream::{Outcome, Verdict},
};
use ripieno_core::failure::{Class, Failure};

impl Reader {
    /// Decides how the run ended.
    pub(super) fn conclude(&self, ending: &Ending) -> Outcome {
        let verdict = self.verdict(ending);
        let rejected = self.resume_rejected(ending);
        let poisoned = verdict.poisons_session();
        Outcome {
            verdict,
            receipt: None,
            resumable: self.session.is_some() && !rejected && !poisoned,
            resume_rejected: rejected && !self.tool_ran,
            had_output: self.had_output,
            usage: self.tally.all(),
            denials: self.result.as_ref().map_or(0, |result| {
                u32::try_from(result.permission_denials.len()).unwrap_or(u32::MAX)
            }),
        }
    }

    /// The turn's own end, when the last thing that happened is one.
    fn final_result(&self) -> Option<&TurnResult> {
        self.result.as_ref().filter(|_| !self.in_turn)
    }

    fn verdict(&self, ending: &Ending) -> Verdict {
        let finished = self.final_result().filter(|result| !result.is_error);
        match &ending.cause {
            // Success stands when it came first (T11, T12).
            Cause::Stopped if finished.is_none() => return Verdict::Stopped,
            Cause::Limit(failure) if finished.is_none() => {
                return Verdict::Failed(self.behind_silence(failure, ending));
            }
            Cause::Hopeless => return Verdict::Failed(self.trouble_failure(ending)),
            Cause::Itself | Cause::Stopped | Cause::Limit(_) => {}
        }
        match self.final_result() {
            Some(result) if !result.is_error && result.subtype == "success" => {
                self.success(result, ending)
            }
            Some(result) => Verdict::Failed(self.reported_error(result, ending)),
            None => Verdict::Failed(ending.no_result(self.had_output, self.unreadable.first())),
        }
    }

    /// A success that is none: cut, given up, or reached over an open question.
    fn success(&self, result: &TurnResult, ending: &Ending) -> Verdict {
        let text = result.result.clone().unwrap_or_default();
        let cut = result.stop_reason.is_none()
            && self.spoke
            && (result.models.is_empty() || self.message_open());
        let fail = |class, text: String| Verdict::Failed(Failure::new(class, text));
        if cut {
            let text = format!(
                "the model's answer was cut off in the middle: {}",
                head(&text)
            );
            return fail(Class::EmptyOutput, text);
        }
        if gave_up(&text) {
            return fail(Class::FallbackMessage, head(&text));
        }
        if ending.unanswered > 0 {
            let text = format!("it ended while a question was open: {}", head(&text));
            return fail(Class::ProcessCrashed, text);
        }
        Verdict::Completed { text, exit: None }
    }

    fn reported_error(&self, result: &TurnResult, ending: &Ending) -> Failure {
        let words = result.words();
        let reason = result.terminal_reason.as_deref();
        let class = match result.subtype.as_str() {
            "error_max_turns" => Class::IterationLimit,
            "error_max_budget_usd" => Class::BudgetSpent,
            "error_during_execution"
                if reason.is_some_and(|reason| reason.starts_with("aborted")) =>
            {
                Class::Interrupted
            }
            _ => self.classified(result.api_error_status, reason, &words, ending),
        };
        let words = if words.is_empty() {
            result.subtype.clone()
        } else {
            words
        };
        Failure::new(class, head(&words))
    }

    /// A failure by what the provider said, with what events and retries told before.
    fn classified(
        &self,
        status: Option<u16>,
        reason: Option<&str>,
        text: &str,
        ending: &Ending,
    ) -> Class {
        let trouble = self.trouble.clone().unwrap_or_default();
        classify(&Signals {
            status: status.or(trouble.status),
            code: self.synthetic.as_deref().or(trouble.code.as_deref()),
            reason,
            until: self
                .spent
                .flatten()
                .or(trouble.retry_at.filter(|_| status == Some(429))),
            allowance_spent: self.spent.is_some(),
            text,
            now: ending.now,
            zone: ending.zone.clone(),
        })
    }

    /// The failure behind retries that were cut short.
    fn trouble_failure(&self, ending: &Ending) -> Failure {
        let trouble = self.trouble.clone().unwrap_or_default();
        let code = trouble.code.clone().unwrap_or_default();
        let class = self.classified(trouble.status, None, &code, ending);
        let status = trouble
            .status
            .map_or_else(String::new, |status| format!(" (HTTP {status})"));
        let text = match class {
            Class::AuthRejected => format!("the provider rejected the login{status}"),
            _ => format!("the provider answers {}{status}", code.replace('_', " ")),
        };
        Failure::new(class, text)
    }

    /// A silence while the provider was refusing is the provider's failure, not a stall.
    fn behind_silence(&self, limit: &Failure, ending: &Ending) -> Failure {
        match &self.trouble {
            Some(_) if limit.class == Class::IdleStall => self.trouble_failure(ending),
            _ => limit.clone(),
        }
    }

    fn resume_rejected(&self, ending: &Ending) -> bool {
        let said = |text: &str| text.contains("No conversation found");
        let by_result = self
            .final_result()
            .is_some_and(|result| result.errors.iter().any(|error| said(&plain(error))));
        by_result || (self.result.is_none() && !self.had_output && said(&ending.stderr))
    }
}
