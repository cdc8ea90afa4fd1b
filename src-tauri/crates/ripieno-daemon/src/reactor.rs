//! The reactor: a cursor over the log that tells live attempts and the scheduler what concerns them.
//!
//! A signal may be lost; after a lag everything is looked at again, because the rows are the truth.

use crate::{
    ctx::{Ctx, Signal},
    holdings, teardown, worktree,
};
use ripieno_core::{id::TaskNo, state::StateKind};
use ripieno_store::{Event, StoreError};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::broadcast::error::RecvError;

/// How soon what could not be followed up is looked at again.
const AGAIN: Duration = Duration::from_secs(1);

/// Runs until the worker stops.
pub async fn run(ctx: Ctx) {
    let mut feed = ctx.store.subscribe();
    // What happened before this cursor, or while it was broken, shows in the rows.
    let mut behind = true;
    loop {
        if behind {
            behind = told(look_at_everything(&ctx).await);
        }
        let event = tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = tokio::time::sleep(AGAIN), if behind => continue,
            () = ctx.behind.notified() => {
                behind = true;
                continue;
            }
            event = feed.recv() => event,
        };
        match event {
            Ok(event) => behind |= told(react(&ctx, &event).await),
            Err(RecvError::Lagged(_)) => behind = true,
            Err(RecvError::Closed) => return,
        }
    }
}

/// Whether something could not be followed up.
fn told(result: Result<(), StoreError>) -> bool {
    if let Err(error) = &result {
        tracing::warn!(%error, "an event could not be followed up and is looked at again");
    }
    result.is_err()
}

/// After an attempt, or a teardown without one: what an ended task held is given back only when nothing of its attempt
/// lives any more. Whoever waited for it is looked at.
pub async fn give_back(ctx: &Ctx, no: TaskNo) {
    let ended = ctx
        .store
        .read(move |r| Ok(r.task(no)?.task.state.is_terminal()))
        .await;
    let given = match ended {
        Ok(true) => free(ctx, no, true).await,
        Ok(false) => match holdings::settle(ctx, no).await {
            Ok(()) => offer_project(ctx, no).await,
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    if told(given) {
        ctx.behind.notify_one();
    }
    ctx.wake.notify_one();
}

async fn react(ctx: &Ctx, event: &Arc<Event>) -> Result<(), StoreError> {
    let Some((no, _)) = event.task else {
        ctx.wake.notify_one();
        return Ok(());
    };
    match event.kind.as_str() {
        "pause_requested" | "cancel_requested" | "window_closed" | "lease_lost" => {
            ctx.signal(no, Signal::Wished);
        }
        "asked" | "asks_settled" | "ask_answered" | "ask_withdrawn" | "comment_added" => {
            ctx.signal(no, Signal::News)
        }
        _ => {}
    }
    let to = event
        .data
        .get("to")
        .and_then(|to| to.as_str())
        .and_then(StateKind::from_name);
    let left_queue = event.data.get("from").and_then(|f| f.as_str())
        == Some(StateKind::Queued.name())
        && to != Some(StateKind::Leased);
    if to.is_some_and(StateKind::is_terminal) || left_queue || event.kind == "pause_requested" {
        free(ctx, no, to.is_some_and(StateKind::is_terminal)).await?;
    }
    if event.kind == "pause_requested" && ctx.actor(no).is_none() {
        holdings::settle(ctx, no).await?;
    }
    if event.kind != "started" && event.kind != "movement_started" {
        ctx.wake.notify_one();
    }
    Ok(())
}

/// The key under which tasks wait for a place in the project that a folder belongs to; none where it has no limit.
pub(crate) fn project_key(ctx: &Ctx, folder: &Path) -> Option<String> {
    let (path, ..) = ctx.floor.project_slots(folder)?;
    Some(format!("project:{}", path.display()))
}

/// Offers the place in its project that an attempt gave back to the next.
async fn offer_project(ctx: &Ctx, no: TaskNo) -> Result<(), StoreError> {
    let row = ctx.store.read(move |r| r.task(no)).await?;
    let dir = row.spec.dir.as_deref().map(Path::new);
    let Some(key) = dir.and_then(|dir| project_key(ctx, dir)) else {
        return Ok(());
    };
    ctx.store.write(move |tx| tx.offer(&key).map(drop)).await
}

/// Gives back what an ended task held, and offers what it held, or merely wanted, to the next.
async fn free(ctx: &Ctx, no: TaskNo, ended: bool) -> Result<(), StoreError> {
    let row = ctx.store.read(move |r| r.task(no)).await?;
    // A task may be reopened by the time its end is heard of.
    let ended = ended && row.task.state.is_terminal();
    if ended && ctx.actor(no).is_some() {
        // Its processes may still be there: the end of the attempt gives it back.
        return Ok(());
    }
    if ended && ctx.teardowns.is_taken(no) {
        // It is at work in the folder, and gives back what the task holds when it is over.
        return Ok(());
    }
    if ended && teardown::is_due(ctx, no).await? {
        // It gives back what the task holds when it is over.
        teardown::run_later(ctx, no);
        return Ok(());
    }
    if ended {
        worktree::release_later(ctx, &row);
    }
    let freed_thread =
        (ended && ctx.floor.free_thread(row.thread, no)) || !ctx.floor.thread_is_held(row.thread);
    let freed = if ended && row.root == no {
        ctx.floor.free_folder(no)
    } else {
        None
    };
    let folder = freed.or_else(|| row.folder.clone().map(PathBuf::from));
    let thread = format!("thread:{}", row.thread.0);
    let dir = row.spec.dir.as_deref().map(Path::new);
    let project = dir.and_then(|dir| project_key(ctx, dir));
    let mut offers = ctx.store.read(|r| r.parked_keys()).await?;
    offers.retain(|key| {
        (freed_thread && *key == thread)
            || project.as_ref() == Some(key)
            || folder.as_deref().is_some_and(|path| overlaps(key, path))
    });
    if !offers.is_empty() {
        ctx.store
            .write(move |tx| {
                for key in &offers {
                    tx.offer(key)?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

/// Whether tasks parked under the key want that folder, one around it or one inside it.
pub(crate) fn overlaps(key: &str, path: &Path) -> bool {
    key.strip_prefix("folder:")
        .map(Path::new)
        .is_some_and(|want| want.starts_with(path) || path.starts_with(want))
}

/// After a lag: every live attempt looks at its row, ended holders give back what they hold, everything parked is
/// offered again.
async fn look_at_everything(ctx: &Ctx) -> Result<(), StoreError> {
    for (no, _) in ctx.live() {
        ctx.signal(no, Signal::Wished);
    }
    let holders: Vec<TaskNo> = ctx
        .floor
        .folders()
        .into_iter()
        .map(|(root, _)| root)
        .chain(ctx.floor.threads())
        .collect();
    for no in holders {
        let ended = ctx
            .store
            .read(move |r| Ok(r.task(no)?.task.state.is_terminal()))
            .await?;
        if ended {
            free(ctx, no, true).await?;
        } else if ctx.actor(no).is_none() {
            holdings::settle(ctx, no).await?;
        }
    }
    for no in ctx.store.read(|r| r.teardowns_due()).await? {
        let read = ctx
            .store
            .read(move |r| Ok(r.task(no)?.task.state.is_terminal()));
        if read.await? && ctx.actor(no).is_none() {
            teardown::run_later(ctx, no);
        }
    }
    ctx.store
        .write(|tx| {
            for key in tx.parked_keys()? {
                tx.offer(&key)?;
            }
            Ok(())
        })
        .await?;
    ctx.wake.notify_one();
    Ok(())
}
