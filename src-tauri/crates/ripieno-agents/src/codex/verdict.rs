//! What a run of Codex came to: the one place that turns its signs into an [`Outcome`] (R4, R7, R8).
//!
//! The program exits with 0 also after a failed turn: only a turn that says `completed` is success.

use super::{
    control::Request,
    conversation::{Conversation, End},
    wire::{Turn, TurnError},
};
use crate::{
    classify::{Signals, classify},
    dialogue::{Cause, Ending, gave_up, head, rpc::RpcError},
    stream::{Outcome, Verdict},
};
use ripieno_core::{
    failure::{Class, Failure},
    time::Timestamp,
};

/// Decides how the run ended.
pub(super) fn conclude(run: &Conversation, ending: &Ending) -> Outcome {
    let verdict = verdict(run, ending);
    let rejected = resume_rejected(run);
    let poisoned = verdict.poisons_session();
    Outcome {
        verdict,
        receipt: None,
        resumable: run.thread.is_some() && !rejected && !poisoned,
        resume_rejected: rejected && !run.tool_ran,
        had_output: run.had_output,
        usage: if run.usage.input + run.usage.cache_read + run.usage.output > 0 {
            vec![run.usage.clone()]
        } else {
            Vec::new()
        },
        denials: run.denials,
    }
}

fn verdict(run: &Conversation, ending: &Ending) -> Verdict {
    let done = match run.final_end() {
        Some(End::Turn(turn)) if turn.status == "completed" => Some(turn),
        _ => None,
    };
    match &ending.cause {
        // Success stands when it came first (T11, T12).
        Cause::Stopped if done.is_none() => return Verdict::Stopped,
        Cause::Limit(failure) if done.is_none() => {
            return Verdict::Failed(behind_silence(run, failure, ending));
        }
        Cause::Hopeless => return Verdict::Failed(refused_calls(run, ending)),
        Cause::Itself | Cause::Stopped | Cause::Limit(_) => {}
    }
    match run.final_end() {
        Some(End::Turn(turn)) if turn.status == "completed" => success(run, ending),
        Some(End::Turn(turn)) => Verdict::Failed(unfinished(run, turn, ending)),
        Some(End::Refused(request, error)) => Verdict::Failed(refusal(*request, error, ending)),
        None => Verdict::Failed(ending.no_result(run.had_output, run.unreadable.first())),
    }
}

/// A success that is none: given up, or reached over an open question.
fn success(run: &Conversation, ending: &Ending) -> Verdict {
    let text = run.last_words.clone();
    if gave_up(&text) {
        return Verdict::Failed(Failure::new(Class::FallbackMessage, head(&text)));
    }
    if ending.unanswered > 0 {
        let text = format!("it ended while a question was open: {}", head(&text));
        return Verdict::Failed(Failure::new(Class::ProcessCrashed, text));
    }
    Verdict::Completed { text, exit: None }
}

fn unfinished(run: &Conversation, turn: &Turn, ending: &Ending) -> Failure {
    match (&turn.error, turn.status.as_str()) {
        (Some(error), _) => failed_call(run, error, ending),
        (None, "interrupted") => Failure::new(Class::Interrupted, "the turn was interrupted"),
        (None, other) => {
            let text = format!("the turn ended as `{other}` without a reason");
            Failure::new(Class::Unknown, head(&text))
        }
    }
}

fn failed_call(run: &Conversation, error: &TurnError, ending: &Ending) -> Failure {
    let words = error.words();
    let until = run
        .resets_at
        .map(|seconds| Timestamp(seconds.saturating_mul(1000)))
        .filter(|at| *at > ending.now);
    let class = classify(&Signals {
        status: error.status(),
        code: error.code(),
        reason: None,
        until,
        allowance_spent: error.code() == Some("usage_limit_exceeded"),
        text: &words,
        now: ending.now,
        zone: ending.zone.clone(),
    });
    let class = match (class, error.connection()) {
        (Class::Unknown, Some("httpConnectionFailed")) => Class::ProviderUnreachable,
        (Class::Unknown, Some(_)) => Class::ProviderNetwork,
        (class, _) => class,
    };
    Failure::new(class, head(&words))
}

/// The failure behind retries that were cut short.
fn refused_calls(run: &Conversation, ending: &Ending) -> Failure {
    match &run.trouble {
        Some(error) => failed_call(run, error, ending),
        None => ending.no_result(run.had_output, run.unreadable.first()),
    }
}

/// A silence while the provider was refusing is the provider's failure, not a stall.
fn behind_silence(run: &Conversation, limit: &Failure, ending: &Ending) -> Failure {
    match &run.trouble {
        Some(_) if limit.class == Class::IdleStall => refused_calls(run, ending),
        _ => limit.clone(),
    }
}

fn refusal(request: Request, error: &RpcError, ending: &Ending) -> Failure {
    let known = classify(&Signals {
        zone: ending.zone.clone(),
        ..Signals::text(&error.message, ending.now)
    });
    let class = match (request, known) {
        (Request::Initialize, Class::Unknown) => Class::VersionUnsupported,
        (Request::Thread, _) if is_missing(error) => Class::UnresumableHistory,
        (_, Class::Unknown) => Class::InvalidRequest,
        (_, known) => known,
    };
    Failure::new(class, head(&error.message))
}

fn resume_rejected(run: &Conversation) -> bool {
    let refused = |end: &End| match end {
        End::Refused(Request::Thread, error) => is_missing(error) || run.thread.is_none(),
        End::Refused(..) | End::Turn(_) => false,
    };
    run.resumes() && run.final_end().is_some_and(refused)
}

fn is_missing(error: &RpcError) -> bool {
    ["no rollout found", "not found"]
        .iter()
        .any(|words| error.message.contains(words))
}
