//! The scheduler: woken by events and by one timer for the next due moment, it claims what may start (S1).
//!
//! It looks at the heads of the lanes only. A head held by something of its own is parked under that thing's key,
//! and leaves the index until the thing is free (architecture 1.6).

use crate::{
    ctx::Ctx,
    floor::{FloorView, RowFacts},
    lanes, pause, reactor,
    task::{self, Claim},
    timers,
};
use ripieno_core::{
    hold::{Hold, choose_lane, own_hold},
    id::TaskNo,
    lane::LaneId,
    time::Timestamp,
};
use ripieno_store::{Head, StoreError};
use std::{path::Path, time::Duration};

/// How soon a folder held by another process is looked at again: no event tells when it is free.
const RECHECK: Duration = Duration::from_secs(2);
/// How long it sleeps at most while something is due: timers stand still while the computer sleeps, and its clock may be
/// set (C6, S10).
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// How soon a pass that failed is tried again.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);
/// How many parked tasks one pass brings back at most.
const DUE_BATCH: usize = 500;

/// Runs until the worker stops.
pub async fn run(ctx: Ctx) {
    loop {
        let next = match pass(&ctx).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(%error, "a scheduler pass failed and is tried again");
                lanes::disk_trouble(&ctx, &error);
                Some(ctx.now().after(AFTER_TROUBLE))
            }
        };
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = ctx.wake.notified() => {}
            () = until(&ctx, next) => {}
        }
    }
}

/// One pass behind a closed gate: everything it reads can be read, and nothing is claimed (U4).
///
/// # Errors
/// When the store refuses.
pub async fn try_out(ctx: &Ctx) -> Result<(), StoreError> {
    pass(ctx).await?;
    heads(ctx).await.map(drop)
}

async fn until(ctx: &Ctx, at: Option<Timestamp>) {
    match at {
        // One millisecond more: a timer that fires early would look at a moment that has not come.
        Some(at) => {
            let span = at.since(ctx.now()) + Duration::from_millis(1);
            tokio::time::sleep(span.min(LONGEST_SLEEP)).await;
        }
        None => std::future::pending().await,
    }
}

/// Claims everything that may start now; gives the next moment at which something is due.
async fn pass(ctx: &Ctx) -> Result<Option<Timestamp>, StoreError> {
    let mut next = Next::default();
    next.at(pause::end_when_due(ctx).await?);
    next.at(timers::expire_asks(ctx).await?);
    next.at(bring_back_due(ctx).await?);
    while ctx.gate_hold().is_none() {
        let heads = heads(ctx).await?;
        let mut moved = false;
        for head in heads {
            match try_head(ctx, &head, &mut next).await? {
                Tried::Claimed | Tried::Parked => {
                    moved = true;
                    break;
                }
                Tried::Held => {}
                Tried::NoSlots => break,
            }
        }
        if !moved {
            break;
        }
    }
    for view in ctx.floor.lanes() {
        next.at(view.lane.held_until.filter(|at| *at > ctx.now()));
    }
    Ok(next.0)
}

#[derive(Default)]
struct Next(Option<Timestamp>);

impl Next {
    fn at(&mut self, at: Option<Timestamp>) {
        self.0 = match (self.0, at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

enum Tried {
    Claimed,
    Parked,
    Held,
    NoSlots,
}

async fn bring_back_due(ctx: &Ctx) -> Result<Option<Timestamp>, StoreError> {
    let Some(due) = ctx.store.read(|r| r.next_due()).await? else {
        return Ok(None);
    };
    if due > ctx.now() {
        return Ok(Some(due));
    }
    let back = ctx.store.write(|tx| tx.unpark_due(DUE_BATCH)).await?;
    if back.is_empty() {
        // The stored clock and ours disagree by a moment.
        return Ok(Some(ctx.now().after(Duration::from_millis(20))));
    }
    ctx.store.read(|r| r.next_due()).await
}

/// The heads of every lane, the longest waiting first.
async fn heads(ctx: &Ctx) -> Result<Vec<Head>, StoreError> {
    let lanes: Vec<LaneId> = ctx
        .floor
        .lanes()
        .into_iter()
        .map(|view| view.lane.id)
        .collect();
    let mut heads = ctx.store.read(move |r| r.heads(&lanes)).await?;
    heads.sort_by_key(|head| head.rank);
    Ok(heads)
}

async fn try_head(ctx: &Ctx, head: &Head, next: &mut Next) -> Result<Tried, StoreError> {
    if ctx.actor(head.candidate.no).is_some() {
        // The attempt before is still putting itself away, and wakes us when it has.
        return Ok(Tried::Held);
    }
    let lane = {
        let view = ctx.floor.view(ctx.now(), None, RowFacts::default());
        if let Some(hold) = own_hold(&head.candidate, &view) {
            return park(ctx, head, &hold, next).await;
        }
        match choose(&view, head) {
            Ok(lane) => lane,
            Err(_) => return Ok(Tried::Held),
        }
    };
    claim(ctx, head, lane, next).await
}

fn choose(view: &FloorView<'_>, head: &Head) -> Result<LaneId, Hold> {
    choose_lane(&head.candidate.lane, view)
}

/// Takes the head out of the index; what it wants itself may be free for the next one that wants it.
async fn park(ctx: &Ctx, head: &Head, hold: &Hold, next: &mut Next) -> Result<Tried, StoreError> {
    match hold {
        Hold::NotBefore { until } => next.at(Some(*until)),
        Hold::Directory { task: None, .. } => next.at(Some(ctx.now().after(RECHECK))),
        _ => {}
    }
    let Some(key) = hold.park_key(&head.candidate) else {
        return Ok(Tried::Held);
    };
    let no = head.candidate.no;
    let (wants, parked_on) = (wants(ctx, head), key.clone());
    let (projects, distrusted) = (ctx.floor.projects().clone(), untrusted(hold));
    let parked = ctx.store.write(move |tx| {
        tx.park(no, &parked_on)?;
        if let Some(folder) = &distrusted {
            projects.ask(tx, folder)?;
        }
        for other in wants.iter().filter(|other| **other != parked_on) {
            tx.offer(other)?;
        }
        Ok(())
    });
    match parked.await {
        Ok(()) => {}
        Err(error) => return refused(no, error),
    }
    if matches!(hold, Hold::Directory { task: None, .. }) {
        timers::recheck_folders(ctx);
    } else if free_by_now(ctx, head) {
        // Whoever held it gave it back before this one stood under its key, and so did not see it.
        ctx.store.write(move |tx| tx.offer(&key)).await?;
    }
    Ok(Tried::Parked)
}

/// The folder that somebody has to be asked about.
fn untrusted(hold: &Hold) -> Option<String> {
    match hold {
        Hold::Untrusted { path } => Some(path.clone()),
        _ => None,
    }
}

fn free_by_now(ctx: &Ctx, head: &Head) -> bool {
    let view = ctx.floor.view(ctx.now(), None, RowFacts::default());
    own_hold(&head.candidate, &view).is_none()
}

/// The keys under which others may wait for what this one wants.
fn wants(ctx: &Ctx, head: &Head) -> Vec<String> {
    let project = head.candidate.project.as_deref();
    let project = project.and_then(|path| reactor::project_key(ctx, Path::new(path)));
    let folder = head
        .candidate
        .folder
        .as_ref()
        .map(|folder| format!("folder:{folder}"));
    folder
        .into_iter()
        .chain(project)
        .chain([format!("thread:{}", head.candidate.thread.0)])
        .collect()
}

async fn claim(ctx: &Ctx, head: &Head, lane: LaneId, next: &mut Next) -> Result<Tried, StoreError> {
    let Some(slot) = ctx.floor.take_slot(&lane) else {
        return Ok(Tried::NoSlots);
    };
    let Ok(guard) = ctx.gate.enter() else {
        return Ok(Tried::NoSlots);
    };
    let candidate = &head.candidate;
    let (mut took_folder, mut entered) = (false, None);
    if let Some(folder) = &candidate.folder {
        took_folder = !ctx.floor.holds_folder(candidate.root);
        entered = match ctx.floor.hold_folder(candidate.root, Path::new(folder)) {
            Ok(entered) => entered,
            Err(holder) => {
                let hold = Hold::Directory {
                    path: holder.path,
                    holder: holder.holder,
                    task: holder.task,
                };
                return park(ctx, head, &hold, next).await;
            }
        };
    }
    let (no, owner, in_lane) = (candidate.no, ctx.owner.clone(), lane.clone());
    let lock = took_folder
        .then(|| ctx.floor.lock_row(candidate.root, &ctx.owner))
        .flatten();
    let claimed = ctx.store.write(move |tx| {
        if let Some(lock) = &lock {
            tx.put_lock(lock)?;
        }
        tx.claim(no, &in_lane, &owner)
    });
    match claimed.await {
        Ok(claimed) => {
            ctx.floor.hold_thread(candidate.thread, no);
            let project = candidate.project.as_deref();
            let project = project.and_then(|path| ctx.floor.enter_project(Path::new(path)));
            let run = guard.register();
            task::spawn(
                ctx,
                Claim {
                    no,
                    claimed,
                    lane,
                    slot,
                    folder: entered,
                    project,
                    run,
                },
            );
            Ok(Tried::Claimed)
        }
        Err(error) => {
            if took_folder {
                drop(ctx.floor.free_folder(candidate.root));
            }
            refused(no, error)
        }
    }
}

/// A row that changed since it was read is no trouble: the next look sees it as it is.
fn refused(no: TaskNo, error: StoreError) -> Result<Tried, StoreError> {
    match error {
        StoreError::Refused { .. } | StoreError::Conflict { .. } | StoreError::NotFound { .. } => {
            tracing::debug!(%no, %error, "the claim came too late");
            Ok(Tried::Held)
        }
        other => Err(other),
    }
}
