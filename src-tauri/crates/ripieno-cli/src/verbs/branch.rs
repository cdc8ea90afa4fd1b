//! `task merge` and `task discard`: the branch of an ended task (D11).

use super::{ask, read};
use crate::out::{Out, plain};
use ripieno_api::{ApiError, command, view};

/// How much of a commit's name is shown.
const SHORT: usize = 12;

pub(super) async fn merge(id: String, out: &Out) -> Result<u8, ApiError> {
    let answer = ask("task.merge", command::Named { id }).await?;
    let merged: view::Merged = read(answer.clone())?;
    out.show(&answer, || {
        let (task, onto) = (&merged.task.short_id, plain(&merged.onto));
        match &merged.commit {
            Some(commit) => format!("{task} is merged into {onto} ({})", short(commit)),
            None => format!("{onto} holds {task} already"),
        }
    });
    Ok(0)
}

pub(super) async fn discard(id: String, undo: bool, out: &Out) -> Result<u8, ApiError> {
    let answer = ask("task.discard", command::Discard { id, undo }).await?;
    let done: view::Discarded = read(answer.clone())?;
    out.show(&answer, || {
        let (task, branch, commit) = (&done.task.short_id, plain(&done.branch), short(&done.commit));
        if undo {
            format!("{branch} is back ({commit})")
        } else {
            format!("{branch} is discarded ({commit}); `ripieno task discard {task} --undo` takes it back")
        }
    });
    Ok(0)
}

fn short(commit: &str) -> &str {
    commit.get(..SHORT).unwrap_or(commit)
}
