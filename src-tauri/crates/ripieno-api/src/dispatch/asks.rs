//! Methods about asks, and those of a task about itself.

use super::{Call, json};
use crate::{
    command::{self, duration, millis},
    error::ApiError,
    view,
};
use ripieno_core::ask::Answer;
use ripieno_daemon::handle::{Finish, NewAsk, Said, WaitEnd};
use serde_json::{Value, json};

pub(super) async fn carry_out(call: Call<'_>) -> Result<Value, ApiError> {
    match call.method {
        "ask.list" => list(call).await,
        "ask.answer" => answer(call).await,
        "ask.snooze" => super::notices::snooze(call).await,
        _ => create(call).await,
    }
}

/// What a task says of itself.
pub(super) async fn inside(mut call: Call<'_>) -> Result<Value, ApiError> {
    match call.method {
        "task.finish" => {
            let command::Finish {
                outcome,
                summary,
                lessons,
            } = call.read()?;
            let finish = Finish { outcome, summary };
            call.handle
                .finish_movement(call.by, finish, lessons)
                .await?;
        }
        "task.checklist" => {
            let checklist: command::Checklist = call.read()?;
            call.handle
                .write_checklist(call.by, checklist.steps)
                .await?;
        }
        "task.brief" => {
            let brief: command::Brief = call.read()?;
            call.handle.write_brief(call.by, &brief.text).await?;
        }
        "task.result" => {
            let report: command::ReportResult = call.read()?;
            call.handle.report_result(call.by, report.receipt).await?;
        }
        _ => {
            let progress: command::Progress = call.read()?;
            call.handle.progress(call.by, &progress.text).await?;
        }
    }
    Ok(json!({}))
}

async fn list(mut call: Call<'_>) -> Result<Value, ApiError> {
    let list: command::AskList = call.read()?;
    let asks: Vec<view::Ask> = call
        .handle
        .asks(list.all)
        .await?
        .iter()
        .map(view::Ask::from)
        .collect();
    Ok(json!({ "asks": json(asks)? }))
}

async fn answer(mut call: Call<'_>) -> Result<Value, ApiError> {
    let answer: command::Answer = call.read()?;
    let said = match (answer.option, answer.text) {
        (Some(given), None) => Said::Option {
            given,
            scope: answer.scope,
        },
        (None, Some(text)) if answer.scope.is_none() => Said::Text(text),
        (None, Some(_)) => {
            return Err(ApiError::usage(
                "a scope goes with an option, not with a text",
            ));
        }
        _ => return Err(ApiError::usage("say either an option or a text")),
    };
    let ask = call
        .handle
        .answer(call.by, &answer.id, answer.revision, &said)
        .await?;
    json(view::Ask::from(&ask))
}

/// Answers `{answer, option, ask, closed}`: the line a script is given and whether it is the id of an option, or none with the ask
/// that stays open.
async fn create(mut call: Call<'_>) -> Result<Value, ApiError> {
    let create: command::AskCreate = call.read()?;
    let new = NewAsk {
        text: create.text,
        options: create.options,
        allows_text: create.text_ok,
        default: create.default,
        expires_ms: duration("expires", create.expires.as_deref())?.map(millis),
        key: create.key,
        wait_ms: duration("wait", create.wait.as_deref())?.map(millis),
    };
    let ended = call.handle.create_ask(call.by, new, call.gone).await?;
    Ok(match ended {
        WaitEnd::Answered(answer) => {
            let option = matches!(answer, Answer::Option { .. });
            json!({ "answer": answer.line(), "option": option, "ask": null, "closed": false })
        }
        WaitEnd::StillOpen(ask) => {
            json!({ "answer": null, "option": null, "ask": ask.to_string(), "closed": false })
        }
        WaitEnd::Closed(ask) => {
            json!({ "answer": null, "option": null, "ask": ask.to_string(), "closed": true })
        }
    })
}
