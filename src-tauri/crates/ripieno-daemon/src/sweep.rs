//! The sweep: a lease whose own live attempt has not given a beat for two minutes of awake time is lost (C3), and so is
//! one that no attempt stands behind.

use crate::ctx::{Ctx, Signal};
use ripieno_core::{event::TaskEvent, id::TaskNo, state::StateKind};
use ripieno_store::{Extra, StoreError};
use std::{collections::HashSet, sync::PoisonError, time::Duration};

/// How often leases are compared with what lives.
const ROUND: Duration = Duration::from_secs(30);
/// How long an attempt may be silent about itself, in awake time.
const SILENCE: Duration = Duration::from_secs(120);

/// Runs until the worker stops; sleeps while nothing is live and nothing was left over.
pub async fn run(ctx: Ctx) {
    let mut suspects = HashSet::new();
    let mut behind = false;
    loop {
        if suspects.is_empty() && !behind {
            tokio::select! {
                () = ctx.stop.cancelled() => return,
                () = ctx.sweep_needed() => {}
            }
        }
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = tokio::time::sleep(ROUND) => {}
        }
        let looked = round(&ctx, &mut suspects).await;
        behind = looked.is_err();
        if let Err(error) = looked {
            tracing::warn!(%error, "the leases could not be looked at");
        }
    }
}

/// A lease seen twice without an actor is nobody's: the first time its actor may be just about to be there.
async fn round(ctx: &Ctx, suspects: &mut HashSet<(TaskNo, u32)>) -> Result<(), StoreError> {
    let mut orphans = HashSet::new();
    for live in ctx.store.read(|r| r.live()).await? {
        match ctx
            .actor(live.no)
            .filter(|actor| actor.attempt == live.attempt)
        {
            Some(actor) => {
                let silent = actor
                    .last_beat
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .elapsed();
                if silent > SILENCE {
                    tracing::error!(no = %live.no, ?silent, "an attempt shows no life and is ended");
                    let abort = actor
                        .abort
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .clone();
                    if let Some(abort) = abort {
                        abort.abort();
                    }
                } else if live.wish.is_some() {
                    // A wish whose signal was lost.
                    ctx.signal(live.no, Signal::Wished);
                }
            }
            None => {
                let lease = (live.no, live.attempt);
                let given_up = suspects.contains(&lease) && give_up(ctx, lease.0, lease.1).await;
                if !given_up {
                    orphans.insert(lease);
                }
            }
        }
    }
    *suspects = orphans;
    Ok(())
}

/// Ends what is left of an attempt that no actor stands behind, then gives its lease up. It counts as a crash of ours:
/// one that happens again and again must ask (C8). Whether it is done; a look of the sweep comes again to what is not.
pub async fn give_up(ctx: &Ctx, no: TaskNo, attempt: u32) -> bool {
    let done = try_give_up(ctx, no, attempt).await;
    if let Err(error) = &done {
        tracing::error!(%error, %no, attempt, "a lease without a live attempt stays for the next look");
    }
    done.is_ok()
}

async fn try_give_up(ctx: &Ctx, no: TaskNo, attempt: u32) -> Result<(), StoreError> {
    let row = ctx.store.read(move |r| r.task(no)).await?;
    let nobody = row.task.attempt == attempt && ctx.actor(no).is_none();
    let Some(lease) = row.task.state.lease().filter(|_| nobody) else {
        return Ok(());
    };
    tracing::error!(%no, attempt, "a lease without a live attempt is given up");
    let id = row.id.to_string();
    let swept =
        tokio::task::spawn_blocking(move || ripieno_agents::process::sweep_marked(&id)).await;
    if let Err(error) = swept {
        tracing::error!(%error, "processes could not be looked for");
    }
    let event = if row.task.state.kind() == StateKind::NeedsInput {
        TaskEvent::WindowClosed
    } else {
        TaskEvent::LeaseLost {
            crash: true,
            progress: false,
        }
    };
    let write = ctx.store.write(move |tx| {
        tx.transition(no, &event, Some(lease.token), Extra::default())?;
        tx.untake_undelivered(no, attempt)
    });
    write.await
}
