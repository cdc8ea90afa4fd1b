//! What a run came to: the one place that turns an agent's signs into an [`Outcome`] (R4, R7, R8).
//!
//! Only a turn that ended as `end_turn` is success; the exit code says nothing.

use super::{
    control::Request,
    conversation::{Conversation, End},
};
use crate::{
    classify::{Signals, classify},
    dialogue::{Cause, Ending, gave_up, head, rpc::RpcError},
    stream::{Outcome, Verdict},
};
use agent_client_protocol_schema::v1::StopReason;
use ripieno_core::failure::{Class, Failure};
use serde_json::Value;

/// The protocol's number for a login that is needed.
const AUTH_REQUIRED: i64 = -32000;

/// Decides how the run ended.
pub(super) fn conclude(run: &Conversation, ending: &Ending) -> Outcome {
    let verdict = verdict(run, ending);
    let unresumable = |failure: &Failure| failure.class == Class::UnresumableHistory;
    let rejected = run.session.is_none()
        && matches!(&verdict, Verdict::Failed(failure) if unresumable(failure));
    let poisoned = verdict.poisons_session();
    Outcome {
        verdict,
        receipt: None,
        resumable: run.session.is_some() && !rejected && !poisoned,
        resume_rejected: rejected && !run.tool_ran,
        had_output: run.had_output,
        usage: run.tally.whole(),
        denials: run.denials,
    }
}

fn verdict(run: &Conversation, ending: &Ending) -> Verdict {
    let done = matches!(run.final_end(), Some(End::Turn(StopReason::EndTurn)));
    match &ending.cause {
        // Success stands when it came first (T11, T12).
        Cause::Stopped if !done => return Verdict::Stopped,
        Cause::Limit(failure) if !done => return Verdict::Failed(failure.clone()),
        Cause::Itself | Cause::Hopeless | Cause::Stopped | Cause::Limit(_) => {}
    }
    let failure = match run.final_end() {
        Some(End::Turn(StopReason::EndTurn)) => return success(run, ending),
        Some(End::Turn(reason)) => unfinished(run, *reason),
        Some(End::Unclear(said)) => {
            let text = format!("the turn ended in a way that is not known: {said}");
            Failure::new(Class::Unknown, text)
        }
        Some(End::Refused(request, error)) => refusal(*request, run.resumes(), error, ending),
        None => ending.no_result(run.had_output, run.unreadable.first()),
    };
    Verdict::Failed(failure)
}

/// A success that is none: an error said as an answer, given up, or reached over an open question.
fn success(run: &Conversation, ending: &Ending) -> Verdict {
    let text = run.spoken.last().to_owned();
    let complains = run
        .profile
        .complaints
        .iter()
        .any(|words| text.contains(words.as_str()));
    if complains || (run.profile.counts && !run.tally.turn_counted()) {
        return Verdict::Failed(said_failure(&text, ending));
    }
    if gave_up(&text) {
        return Verdict::Failed(Failure::new(Class::FallbackMessage, head(&text)));
    }
    if ending.unanswered > 0 {
        let text = format!("it ended while a question was open: {}", head(&text));
        return Verdict::Failed(Failure::new(Class::ProcessCrashed, text));
    }
    Verdict::Completed { text, exit: None }
}

/// A turn that is called ended although no model answered it: what was said is the reason.
fn said_failure(text: &str, ending: &Ending) -> Failure {
    let class = classify(&Signals {
        zone: ending.zone.clone(),
        ..Signals::text(text, ending.now)
    });
    let class = match class {
        Class::Unknown => Class::EmptyOutput,
        known => known,
    };
    Failure::new(class, head(&format!("no model answered the turn: {text}")))
}

fn unfinished(run: &Conversation, reason: StopReason) -> Failure {
    let (class, why) = match reason {
        StopReason::MaxTokens => (
            Class::ContextOverflow,
            "the model's limit of tokens was reached",
        ),
        StopReason::MaxTurnRequests => (
            Class::IterationLimit,
            "the limit of requests in a turn was reached",
        ),
        StopReason::Refusal => (Class::InvalidRequest, "the model refused to go on"),
        StopReason::Cancelled => (Class::Interrupted, "the turn was cancelled"),
        _ => (Class::Unknown, "the turn did not end"),
    };
    let said = run.spoken.last();
    let text = if said.is_empty() {
        why.to_owned()
    } else {
        format!("{why}: {said}")
    };
    Failure::new(class, head(&text))
}

/// Why a request of ours was refused: by its number, which may be an HTTP status, then by the agent's own words for it, then
/// by text.
fn refusal(request: Request, resumes: bool, error: &RpcError, ending: &Ending) -> Failure {
    let words = words(error);
    let status = error.data["statusCode"].as_i64().unwrap_or(error.code);
    let code = ["errorKind", "code", "errorName"]
        .iter()
        .find_map(|name| error.data[*name].as_str());
    let known = classify(&Signals {
        status: u16::try_from(status)
            .ok()
            .filter(|status| (400..600).contains(status)),
        code,
        zone: ending.zone.clone(),
        ..Signals::text(&words, ending.now)
    });
    let class = match (request, known) {
        (Request::Session, Class::Unknown) if resumes && error.code != AUTH_REQUIRED => {
            Class::UnresumableHistory
        }
        (Request::Initialize, Class::Unknown) => Class::VersionUnsupported,
        (_, Class::Unknown) if error.code == AUTH_REQUIRED => Class::AuthRejected,
        (Request::Model, Class::Unknown | Class::InvalidRequest) => Class::ModelUnknown,
        (Request::Session | Request::Mode, Class::Unknown) => Class::InvalidRequest,
        (_, known) => known,
    };
    Failure::new(class, head(&words))
}

/// Everything it says in words.
fn words(error: &RpcError) -> String {
    let more = match &error.data {
        Value::String(text) => Some(text.as_str()),
        data => ["details", "message"]
            .iter()
            .find_map(|name| data[*name].as_str()),
    };
    match more {
        Some(more) if !error.message.contains(more) => format!("{}: {more}", error.message),
        _ => error.message.clone(),
    }
}
