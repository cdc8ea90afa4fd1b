//! Methods about tasks.

use super::{Call, json, logs, record};
use crate::{
    command::{self, duration, millis},
    error::{ApiError, Code},
    view,
};
use ripieno_core::{spec::FolderMode, state::Priority};
use ripieno_daemon::handle::{CommentOutcome, Listing, Rewind, RewindOutcome, Submit};
use serde_json::{Value, json};
use std::{path::Path, time::Duration};

/// How long a cancel waits for the first task, and for each further one (cli.md).
const FIRST: Duration = Duration::from_secs(15);
const FURTHER: Duration = Duration::from_secs(5);
/// How many tasks a list may hold.
const LONGEST_LIST: u32 = 500;

pub(super) async fn carry_out(call: Call<'_>) -> Result<Value, ApiError> {
    match call.method {
        "task.add" => add(call).await,
        "task.list" => list(call).await,
        "task.show" => show(call).await,
        "task.why" => why(call).await,
        "task.outputs" => outputs(call).await,
        "task.wait" => wait(call).await,
        "task.logs" => logs::page(call).await,
        "task.raw_logs" => logs::raw(call).await,
        "task.cancel" => cancel(call).await,
        "task.pause" | "task.resume" => mark(call).await,
        "task.retry" => retry(call).await,
        "task.seen" => seen(call).await,
        "task.comment" => comment(call).await,
        "task.checkpoints" => checkpoints(call).await,
        "task.rewind" => rewind(call).await,
        "task.merge" => merge(call).await,
        "task.discard" => discard(call).await,
        "task.timeline" | "task.changes" | "task.diff" | "task.patch" | "task.run" => {
            record::carry_out(call).await
        }
        _ => super::asks::inside(call).await,
    }
}

async fn add(mut call: Call<'_>) -> Result<Value, ApiError> {
    let request: command::Add = call.read()?;
    let submit = submission(&call, request)?;
    let stored = call.handle.submit(call.by, submit).await?;
    let mut shown = json(call.view(&stored.id.to_string()).await?)?;
    shown["existing"] = stored.existing.into();
    Ok(shown)
}

fn submission(call: &Call<'_>, add: command::Add) -> Result<Submit, ApiError> {
    let not_before = add
        .not_before
        .as_deref()
        .map(|text| call.handle.moment(text))
        .transpose()?;
    Ok(Submit {
        prompt: add.prompt,
        title: add.title,
        piece: add.piece,
        agent: add.agent,
        model: add.model,
        effort: add.effort,
        dir: add.dir.map(|dir| call.path("dir", &dir)).transpose()?,
        mode: add.mode.as_deref().map(mode).transpose()?,
        approvals: add.approvals,
        checks: add.checks,
        priority: add
            .priority
            .as_deref()
            .map_or(Ok(Priority::default()), priority)?,
        depends_on: add.depends_on,
        key: add.key,
        continues: add.continues,
        inputs: add
            .inputs
            .iter()
            .map(|file| call.path("inputs", file))
            .collect::<Result<_, _>>()?,
        unpack: add
            .unpack
            .iter()
            .map(|file| call.path("unpack", file))
            .collect::<Result<_, _>>()?,
        labels: add.labels,
        not_before,
        max_tries: add.max_tries,
        timeout_ms: duration("timeout", add.timeout.as_deref())?.map(millis),
        budget_tokens: add.budget_tokens,
        budget_micros: add.budget_usd.map(micros).transpose()?,
        env_names: add.env_names,
        skills: add.skills,
        no_skills: add.no_skills,
    })
}

fn mode(word: &str) -> Result<FolderMode, ApiError> {
    match word {
        "in_place" => Ok(FolderMode::InPlace),
        "worktree" => Ok(FolderMode::Worktree),
        _ => Err(ApiError::invalid(format!(
            "`{word}` is no folder mode: choose in_place or worktree"
        ))),
    }
}

fn priority(word: &str) -> Result<Priority, ApiError> {
    Priority::from_name(word).ok_or_else(|| {
        ApiError::invalid(format!(
            "`{word}` is no priority: choose low, normal, high or urgent"
        ))
    })
}

/// Dollars as millionths.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn micros(dollars: f64) -> Result<u64, ApiError> {
    if dollars.is_finite() && (0.0..=1e9).contains(&dollars) {
        return Ok((dollars * 1e6).round() as u64);
    }
    Err(ApiError::invalid(
        "budget_usd is an amount from 0 to 1,000,000,000 US dollars",
    ))
}

async fn list(mut call: Call<'_>) -> Result<Value, ApiError> {
    let list: command::List = call.read()?;
    let limit = list.limit.unwrap_or(50);
    if !(1..=LONGEST_LIST).contains(&limit) {
        return Err(ApiError::invalid(format!(
            "a page holds from 1 to {LONGEST_LIST} tasks, not {limit}"
        )));
    }
    let listing = Listing {
        states: list.states,
        labels: list.labels,
        search: list.search,
        limit,
        after: list.after,
    };
    let (details, next) = call.handle.tasks(call.by, &listing).await?;
    let tasks: Vec<view::Task> = details.iter().map(view::Task::listed).collect();
    Ok(json!({ "tasks": json(tasks)?, "next": next }))
}

async fn show(mut call: Call<'_>) -> Result<Value, ApiError> {
    let named: command::Named = call.read()?;
    json(call.view(&named.id).await?)
}

async fn why(mut call: Call<'_>) -> Result<Value, ApiError> {
    let named: command::Named = call.read()?;
    let hold = call.handle.why(call.by, &named.id).await?;
    let Some(hold) = hold else {
        return Ok(json!({ "hold": null }));
    };
    let marked = call.handle.task(call.by, &named.id).await?.row.task.paused;
    Ok(json!({ "hold": view::hold(&hold, marked) }))
}

async fn outputs(mut call: Call<'_>) -> Result<Value, ApiError> {
    let named: command::Named = call.read()?;
    let folder = call.handle.task(call.by, &named.id).await?.outputs;
    let root = folder.clone();
    let files = tokio::task::spawn_blocking(move || files_below(&root))
        .await
        .unwrap_or_default();
    json(view::Outputs {
        folder: folder.display().to_string(),
        files,
    })
}

/// Files below a folder, sorted; links are named, not followed.
fn files_below(root: &Path) -> Vec<String> {
    const MOST: usize = 10_000;
    let (mut files, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if let Ok(below) = path.strip_prefix(root) {
                files.push(below.display().to_string());
            }
        }
        if files.len() >= MOST {
            break;
        }
    }
    files.sort();
    files
}

/// Returns the view at the moment the task ended, needed a person, or the limit was over.
async fn wait(mut call: Call<'_>) -> Result<Value, ApiError> {
    let wait: command::Wait = call.read()?;
    let limit = duration("limit", wait.limit.as_deref())?;
    // Refused before waiting when it is not the asker's to see.
    call.view(&wait.id).await?;
    let settled = call
        .handle
        .wait_settled(&wait.id, limit)
        .await
        .map_err(|error| {
            if call.handle.has_stopped() {
                ApiError::new(
                    Code::Offline,
                    "the worker has stopped; the task goes on at its next start",
                )
            } else {
                error.into()
            }
        })?;
    Ok(json!({ "settled": settled.is_some(), "task": json(call.view(&wait.id).await?)? }))
}

async fn cancel(mut call: Call<'_>) -> Result<Value, ApiError> {
    let cancel: command::Cancel = call.read()?;
    let mut wished = Vec::new();
    let mut refused = None;
    for id in some(&cancel.ids)? {
        match call.handle.cancel(call.by, id).await {
            Ok(no) => wished.push(no),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    if cancel.wait.unwrap_or(true) {
        let mut limit = FIRST;
        for no in &wished {
            call.handle.wait_cancelled(*no, limit).await?;
            limit = FURTHER;
        }
    }
    match refused {
        Some(error) => Err(error.into()),
        None => views(&call, &cancel.ids).await,
    }
}

async fn mark(mut call: Call<'_>) -> Result<Value, ApiError> {
    let several: command::Several = call.read()?;
    let pause = call.method == "task.pause";
    for id in some(&several.ids)? {
        if pause {
            call.handle.pause_task(call.by, id).await?;
        } else {
            call.handle.resume_task(call.by, id).await?;
        }
    }
    views(&call, &several.ids).await
}

async fn retry(mut call: Call<'_>) -> Result<Value, ApiError> {
    let retry: command::Retry = call.read()?;
    for id in some(&retry.ids)? {
        call.handle
            .retry(call.by, id, retry.fresh, retry.text.clone())
            .await?;
    }
    views(&call, &retry.ids).await
}

async fn seen(mut call: Call<'_>) -> Result<Value, ApiError> {
    let seen: command::Seen = call.read()?;
    if seen.all != seen.ids.is_empty() {
        return Err(ApiError::usage(
            "name the tasks, or say all: not both, not neither",
        ));
    }
    Ok(json!({ "seen": call.handle.seen(call.by, &seen.ids).await? }))
}

async fn comment(mut call: Call<'_>) -> Result<Value, ApiError> {
    let comment: command::Comment = call.read()?;
    match call
        .handle
        .comment(call.by, &comment.id, &comment.text, comment.quiet)
        .await?
    {
        CommentOutcome::Stored => Ok(json!({ "follow_up": null })),
        CommentOutcome::FollowUp(no) => {
            Ok(json!({ "follow_up": json(call.view(&no.to_string()).await?)? }))
        }
    }
}

async fn checkpoints(mut call: Call<'_>) -> Result<Value, ApiError> {
    let named: command::Named = call.read()?;
    let found = call.handle.checkpoints(call.by, &named.id).await?;
    json(view::Checkpoints::from(&found))
}

async fn rewind(mut call: Call<'_>) -> Result<Value, ApiError> {
    let asked: command::Rewind = call.read()?;
    let rewind = Rewind {
        to: asked.to,
        as_of: asked.as_of,
        text: asked.text,
    };
    let outcome = call.handle.rewind(call.by, &asked.id, rewind).await?;
    json(view::Rewound {
        task: call.view(&asked.id).await?,
        follow_up: match outcome {
            RewindOutcome::Rewound => None,
            RewindOutcome::FollowUp(no) => Some(call.view(&no.to_string()).await?),
        },
    })
}

async fn merge(mut call: Call<'_>) -> Result<Value, ApiError> {
    let named: command::Named = call.read()?;
    let merged = call.handle.merge(call.by, &named.id).await?;
    json(view::Merged {
        task: call.view(&named.id).await?,
        onto: merged.onto,
        commit: merged.commit,
    })
}

async fn discard(mut call: Call<'_>) -> Result<Value, ApiError> {
    let discard: command::Discard = call.read()?;
    let done = if discard.undo {
        call.handle.restore(call.by, &discard.id).await?
    } else {
        call.handle.discard(call.by, &discard.id).await?
    };
    json(view::Discarded {
        task: call.view(&discard.id).await?,
        branch: done.branch,
        commit: done.commit,
    })
}

fn some(ids: &[String]) -> Result<&[String], ApiError> {
    if ids.is_empty() {
        Err(ApiError::usage("name at least one task"))
    } else {
        Ok(ids)
    }
}

async fn views(call: &Call<'_>, ids: &[String]) -> Result<Value, ApiError> {
    let mut tasks = Vec::new();
    for id in ids {
        tasks.push(json(call.view(id).await?)?);
    }
    Ok(json!({ "tasks": tasks }))
}
