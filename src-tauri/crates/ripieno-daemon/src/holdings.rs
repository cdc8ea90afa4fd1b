//! Folders of tasks at rest: kept while the task waits for a person with changes of its own in the folder, else given
//! back; one word of the person lets others in (D9).

use crate::{config::KeepFolder, ctx::Ctx, reactor::overlaps};
use ripieno_core::{
    id::TaskNo,
    state::{StateKind, TaskState},
};
use ripieno_store::{StoreError, TaskRow};
use serde_json::json;
use std::path::PathBuf;

/// After an attempt, or a pause: gives the folder back unless the task goes on by itself, or keeps it.
///
/// # Errors
/// When the store refuses.
pub async fn settle(ctx: &Ctx, no: TaskNo) -> Result<(), StoreError> {
    let row = ctx.store.read(move |r| r.task(no)).await?;
    if row.root != no || !rests(&row) || !ctx.floor.holds_folder(no) {
        return Ok(());
    }
    let keeps = match ctx.settings().folders_keep {
        KeepFolder::Always => true,
        KeepFolder::Never => false,
        KeepFolder::Auto => changed(ctx, no).await? != Some(0),
    };
    if !keeps {
        let_in(ctx, no, "rule").await?;
    }
    Ok(())
}

/// Whether it goes on only when a person, or another task, has done something.
fn rests(row: &TaskRow) -> bool {
    match &row.task.state {
        TaskState::NeedsInput { lease } => lease.is_none(),
        TaskState::Waiting { .. } => true,
        TaskState::Queued { .. } => row.task.paused,
        _ => false,
    }
}

/// How many files the task changed so far; `None` where nobody can tell: that counts as changed.
pub(crate) async fn changed(ctx: &Ctx, no: TaskNo) -> Result<Option<u64>, StoreError> {
    let kept = ctx.store.read(move |r| r.changes(no)).await?;
    Ok(kept.and_then(|kept| kept.sum).map(|sum| sum.files))
}

/// Lets others into the folder of a task none of whose attempts is live; the folder, when it held one. Its next attempt
/// takes it again, or waits for it.
///
/// # Errors
/// When the store refuses: the folder is free then and its record stays until the next start.
pub(crate) async fn let_in(
    ctx: &Ctx,
    root: TaskNo,
    by: &str,
) -> Result<Option<PathBuf>, StoreError> {
    let Some(path) = ctx.floor.free_idle_folder(root) else {
        return Ok(None);
    };
    let (floor, freed, by) = (ctx.floor.clone(), path.clone(), by.to_owned());
    ctx.store
        .write(move |tx| {
            // Taken again by its own next attempt meanwhile: that one's record is the true one.
            if !floor.holds_folder(root) {
                tx.drop_locks_of(root)?;
            }
            let data = json!({ "path": freed.display().to_string(), "by": by });
            tx.fact(Some(root), "folder_released", data)?;
            for key in tx.parked_keys()? {
                if overlaps(&key, &freed) {
                    tx.offer(&key)?;
                }
            }
            Ok(())
        })
        .await?;
    ctx.wake.notify_one();
    Ok(Some(path))
}

/// Why a root task has its folder now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeptFor {
    /// It works there.
    Work,
    /// It waits for an answer.
    Answer,
    /// It is paused.
    Pause,
    /// It waits for its subtasks.
    Subtasks,
    /// It goes on by itself: after a pause before a retry, or when a slot is free.
    NextAttempt,
}

impl KeptFor {
    /// Reads it from a row.
    pub(crate) fn of(row: &TaskRow) -> Self {
        match row.task.state.kind() {
            StateKind::NeedsInput => KeptFor::Answer,
            StateKind::Waiting => KeptFor::Subtasks,
            StateKind::Queued if row.task.paused => KeptFor::Pause,
            StateKind::Queued => KeptFor::NextAttempt,
            _ => KeptFor::Work,
        }
    }

    /// The word in views.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            KeptFor::Work => "work",
            KeptFor::Answer => "answer",
            KeptFor::Pause => "pause",
            KeptFor::Subtasks => "subtasks",
            KeptFor::NextAttempt => "next_attempt",
        }
    }
}
