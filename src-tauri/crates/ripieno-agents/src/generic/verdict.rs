//! What a run of such a program came to (R7, R8): its exit status, and what it said of itself.
//!
//! A status other than 0 is a failure whatever was said before. A status of 0 is success unless its own last word tells of a failure, or a turn whose
//! end is told never ended: programs were seen to exit with 0 after each of these.

use super::{
    conversation::{Conversation, answer_of, last_of},
    fields::status_in,
};
use crate::{
    classify::{Signals, classify},
    dialogue::{Cause, Ending, gave_up, head},
    process::{Exit, signal_name},
    stream::{Outcome, Verdict},
};
use ripieno_core::failure::{Class, Failure};

/// How much of the end of what it printed tells why it failed, in bytes.
const REASON: usize = 2000;

/// The same where it is what the agent said of its work: only the very end may be about its own failure.
const LAST_WORDS: usize = 400;

/// Decides how the run ended.
pub(super) fn conclude(run: &Conversation, ending: &Ending) -> Outcome {
    Outcome {
        verdict: verdict(run, ending),
        receipt: None,
        resumable: false,
        resume_rejected: false,
        had_output: run.had_output,
        usage: run.used(),
        denials: 0,
    }
}

fn verdict(run: &Conversation, ending: &Ending) -> Verdict {
    match &ending.cause {
        // Success stands when it came first (T11, T12): only its last word shows that.
        Cause::Stopped if !run.done => return Verdict::Stopped,
        Cause::Limit(failure) if !run.done => {
            return Verdict::Failed(behind_silence(run, failure, ending));
        }
        Cause::Stopped | Cause::Limit(_) => return success(run),
        Cause::Itself | Cause::Hopeless => {}
    }
    match ending.exit {
        Exit::Code(0) => match &run.trouble {
            Some(_) => Verdict::Failed(failure(run, "it ended with an error", ending)),
            None => success(run),
        },
        Exit::Code(code) => {
            Verdict::Failed(failure(run, &format!("it exited with {code}"), ending))
        }
        Exit::Signal(signal) => {
            let text = format!(
                "{} was ended by {}: {}",
                run.name(),
                signal_name(signal),
                said(run, ending)
            );
            Verdict::Failed(Failure::new(Class::ProcessCrashed, head(&text)))
        }
        Exit::Lost => {
            let text = "its supervisor was killed, so its exit status is unknown";
            Verdict::Failed(Failure::new(Class::ProcessCrashed, text))
        }
    }
}

/// A success that is none: cut off, or given up.
fn success(run: &Conversation) -> Verdict {
    let text = answer_of(run);
    let fail = |class, text: &str| Verdict::Failed(Failure::new(class, head(text)));
    if run.turn_open {
        return fail(
            Class::EmptyOutput,
            "it began a turn and ended without ending it",
        );
    }
    if run.cut_off {
        let text = format!("its last line was cut off: {}", run.unreadable.first());
        return fail(Class::EmptyOutput, &text);
    }
    if gave_up(&text) {
        return fail(Class::FallbackMessage, &text);
    }
    Verdict::Completed { text, exit: None }
}

fn failure(run: &Conversation, how: &str, ending: &Ending) -> Failure {
    let said = said(run, ending);
    let trouble = run.trouble.clone().unwrap_or_default();
    let class = classify(&Signals {
        status: trouble.status.or_else(|| status_in(&said)),
        code: trouble.code.as_deref(),
        reason: trouble.reason.as_deref(),
        zone: ending.zone.clone(),
        ..Signals::text(&said, ending.now)
    });
    let class = match class {
        Class::Unknown => Class::ProcessCrashed,
        known => known,
    };
    let text = if said.is_empty() {
        how.to_owned()
    } else {
        format!("{how}: {said}")
    };
    Failure::new(class, head(&text))
}

/// A silence after an error is that error, not a stall.
fn behind_silence(run: &Conversation, limit: &Failure, ending: &Ending) -> Failure {
    match &run.trouble {
        Some(_) if limit.class == Class::IdleStall => {
            failure(run, "it went silent after an error", ending)
        }
        _ => limit.clone(),
    }
}

/// What tells of a failure: its own error, else what it said on stderr, else its last words.
fn said(run: &Conversation, ending: &Ending) -> String {
    let stderr = last_of(ending.stderr.trim(), REASON);
    match (&run.trouble, &run.last) {
        (Some(trouble), _) if stderr.is_empty() || stderr.contains(&trouble.text) => {
            trouble.text.clone()
        }
        (Some(trouble), _) => format!("{}; {stderr}", trouble.text),
        (None, _) if !stderr.is_empty() => stderr.to_owned(),
        (None, Some(last)) => last_of(last, LAST_WORDS).to_owned(),
        (None, None) => last_of(run.tail.trim(), LAST_WORDS).to_owned(),
    }
}
