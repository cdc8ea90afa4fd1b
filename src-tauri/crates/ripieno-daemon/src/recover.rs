//! Start-up reconciliation, before the first claim (C2): attempts of a dead worker are closed, what is left of their
//! processes is ended, and what they held is taken again by the tasks that still live.

mod usage;

use crate::{ctx::Ctx, sidecars, task, worktree};
use ripieno_agents::{
    process::{end_leftovers, sweep_marked},
    stream::Item,
    transcript::{Entry, Query, Reader},
};
use ripieno_core::{event::TaskEvent, id::TaskNo, lane::LaneId, state::StateKind};
use ripieno_store::{Extra, Live, StoreError};
use std::{collections::HashSet, path::Path};

/// How many entries are looked at for progress: the first that is no status decides.
const ENTRIES: usize = 200;

/// Brings the rows and the floor into line with the machine as it is now.
///
/// # Errors
/// When the store refuses.
pub async fn reconcile(ctx: &Ctx) -> Result<(), StoreError> {
    let owner = ctx.owner.clone();
    let left = ctx.store.read(move |r| r.leases_of_others(&owner)).await?;
    if !left.is_empty() {
        tracing::info!(
            attempts = left.len(),
            "attempts of a worker that is gone are closed"
        );
    }
    end_processes(ctx, &left).await?;
    for live in left {
        close(ctx, &live).await?;
    }
    restore_lanes(ctx).await?;
    ctx.floor
        .projects()
        .replace(ctx.store.read(|r| r.projects()).await?);
    restore_holdings(ctx).await?;
    clear_unknown_folders(ctx).await?;
    sidecars::reconcile(ctx).await?;
    worktree::reconcile(ctx).await?;
    ctx.store.write(|tx| tx.unpark_all()).await?;
    Ok(())
}

/// Ends what is left of the processes first: a task never runs twice at once.
async fn end_processes(ctx: &Ctx, left: &[Live]) -> Result<(), StoreError> {
    let mut work = Vec::new();
    for live in left {
        let (no, attempt) = (live.no, live.attempt);
        let attempts = ctx.store.read(move |r| r.attempts(no)).await?;
        let process = attempts
            .into_iter()
            .find(|a| a.n == attempt)
            .and_then(|a| a.process);
        work.push((live.id.to_string(), live.owner.boot_id.clone(), process));
    }
    let swept = tokio::task::spawn_blocking(move || {
        let mut stubborn = 0;
        for (id, boot, process) in work {
            if let Some((pid, started)) = process {
                stubborn += end_leftovers(pid.cast_signed(), started.unsigned_abs(), &boot);
            }
            stubborn += sweep_marked(&id);
        }
        stubborn
    });
    match swept.await {
        Ok(0) => {}
        Ok(stubborn) => tracing::error!(
            stubborn,
            "processes of an earlier worker could not be ended"
        ),
        Err(error) => {
            tracing::error!(%error, "processes of an earlier worker could not be looked for")
        }
    }
    Ok(())
}

async fn close(ctx: &Ctx, live: &Live) -> Result<(), StoreError> {
    let (no, fence, attempt) = (live.no, live.lease, live.attempt);
    let event = if live.state == StateKind::NeedsInput {
        TaskEvent::WindowClosed
    } else {
        TaskEvent::LeaseLost {
            crash: true,
            progress: progressed(ctx, live).await?,
        }
    };
    let used = usage::unrecorded(ctx, live).await?;
    let write = ctx.store.write(move |tx| {
        for usage in &used {
            tx.add_usage(no, attempt, usage)?;
        }
        let extra = Extra {
            failure_text: Some("the worker ended without a word".to_owned()),
            data: None,
        };
        tx.transition(no, &event, Some(fence), extra)?;
        // Handed to a run that is gone with its worker: the next one is told (T13).
        tx.untake_undelivered(no, attempt)
    });
    write.await
}

/// Whether the attempt achieved anything (C8): a movement finished, or an entry was stored after it was taken up.
async fn progressed(ctx: &Ctx, live: &Live) -> Result<bool, StoreError> {
    let (no, attempt) = (live.no, live.attempt);
    let movements = ctx.store.read(move |r| r.movements(no)).await?;
    if movements
        .iter()
        .any(|m| m.attempt == attempt && m.ended_at.is_some())
    {
        return Ok(true);
    }
    let folder = task::attempts_dir(&ctx.home, &live.id.to_string());
    let wrote = tokio::task::spawn_blocking(move || {
        let query = Query {
            attempt: Some(attempt),
            entries: ENTRIES,
            ..Query::from(1)
        };
        let page = Reader::new(folder).page(query).ok()?;
        let parsed = page
            .entries
            .iter()
            .filter_map(|raw| serde_json::from_str::<Entry>(raw.get()).ok());
        Some(
            parsed
                .into_iter()
                .any(|entry| !matches!(entry.item, Item::Status { .. })),
        )
    });
    Ok(wrote.await.ok().flatten().unwrap_or(false))
}

async fn restore_lanes(ctx: &Ctx) -> Result<(), StoreError> {
    for lane in ctx.store.read(|r| r.lanes()).await? {
        ctx.floor.update_lane(&lane);
    }
    // A lane that never failed has no row, and its agent may be gone: its tasks must be seen all the same.
    for lane in ctx.store.read(|r| r.open_lanes()).await? {
        ctx.floor.know_lane(&lane);
    }
    let settings = ctx.settings();
    ctx.apply_settings(&settings);
    Ok(())
}

/// Begun tasks hold their thread and, in place, their folder, until they end (T22, D9).
async fn restore_holdings(ctx: &Ctx) -> Result<(), StoreError> {
    let rows = ctx.store.read(|r| r.locks()).await?;
    let recorded: HashSet<TaskNo> = rows.iter().map(|row| row.holder).collect();
    let mut known = HashSet::new();
    for begun in ctx.store.read(|r| r.begun()).await? {
        ctx.floor.hold_thread(begun.thread, begun.no);
        let Some(folder) = &begun.folder else {
            continue;
        };
        // One without a record let others in before.
        if recorded.contains(&begun.root)
            && known.insert(begun.root)
            && let Err(holder) = ctx.floor.hold_folder(begun.root, Path::new(folder))
        {
            tracing::warn!(task = %begun.root, folder, holder = holder.holder, "the folder is held by another process");
        }
    }
    let stale: Vec<TaskNo> = rows
        .iter()
        .map(|row| row.holder)
        .filter(|holder| !known.contains(holder))
        .collect();
    ctx.store
        .write(move |tx| {
            for holder in stale {
                tx.drop_locks_of(holder)?;
            }
            Ok(())
        })
        .await
}

/// Folders of submissions that never became a row are removed. One with attempts or outputs is somebody's work, whatever
/// the rows say (a backup may have been restored), and stays.
async fn clear_unknown_folders(ctx: &Ctx) -> Result<(), StoreError> {
    let folder = ctx.home.tasks_dir();
    let listed = tokio::task::spawn_blocking(move || task::unbegun_folders(&folder))
        .await
        .unwrap_or_default();
    for (id, path) in listed {
        let known = ctx
            .store
            .read(move |r| {
                r.find(&ripieno_core::id::Reference::Id(id))
                    .map(Some)
                    .or_else(absent)
            })
            .await?;
        if known.is_none() {
            tracing::info!(path = %path.display(), "the folder of a submission that was never stored is removed");
            if let Err(error) = tokio::fs::remove_dir_all(&path).await {
                tracing::warn!(%error, path = %path.display(), "the folder stays");
            }
        }
    }
    Ok(())
}

fn absent(error: StoreError) -> Result<Option<TaskNo>, StoreError> {
    match error {
        StoreError::NotFound { .. } => Ok(None),
        other => Err(other),
    }
}

/// Lanes of queued tasks are known to the floor, so that their heads are looked at.
pub fn know_lane(ctx: &Ctx, lane: &LaneId) {
    ctx.floor.know_lane(lane);
}
