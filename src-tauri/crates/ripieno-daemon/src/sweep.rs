//! The sweep: a lease whose own live attempt has not given a beat for two minutes of awake time is lost (C3).

use crate::ctx::{Ctx, Signal};
use ripieno_core::{event::TaskEvent, id::TaskNo, state::StateKind};
use ripieno_store::{Extra, StoreError};
use std::time::Duration;

/// How often leases are compared with what lives.
const ROUND: Duration = Duration::from_secs(30);

/// Runs until the worker stops; sleeps while nothing is live.
pub async fn run(ctx: Ctx) {
    loop {
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = ctx.sweep_needed() => {}
        }
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = tokio::time::sleep(ROUND) => {}
        }
        if let Err(error) = round(&ctx).await {
            tracing::warn!(%error, "the leases could not be looked at");
        }
    }
}

/// A lease of ours without an actor is nobody's: what is left of its processes is ended, then the task is recovered.
async fn round(ctx: &Ctx) -> Result<(), StoreError> {
    for live in ctx.store.read(|r| r.live()).await? {
        match ctx.actor(live.no) {
            Some(actor) if actor.attempt == live.attempt => {
                if live.wish.is_some() {
                    // A wish whose signal was lost.
                    ctx.signal(live.no, Signal::Wished);
                }
            }
            Some(_) | None => recover(ctx, live.no, live.attempt).await?,
        }
    }
    Ok(())
}

async fn recover(ctx: &Ctx, no: TaskNo, attempt: u32) -> Result<(), StoreError> {
    // The actor may have ended between the two looks.
    let row = ctx.store.read(move |r| r.task(no)).await?;
    let Some(lease) = row
        .task
        .state
        .lease()
        .filter(|_| row.task.attempt == attempt && ctx.actor(no).is_none())
    else {
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
            crash: false,
            progress: true,
        }
    };
    let write = ctx
        .store
        .write(move |tx| tx.transition(no, &event, Some(lease.token), Extra::default()));
    write.await.map(|_| ())
}
