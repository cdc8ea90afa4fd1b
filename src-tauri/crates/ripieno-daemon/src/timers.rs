//! What is due at a moment: deadlines of asks, lanes whose program is missing, folders held by other processes.

use crate::{ctx::Ctx, lanes};
use ripieno_core::{ask::AskKind, lane::Lane, time::Timestamp};
use ripieno_store::StoreError;
use serde_json::json;
use std::time::Duration;

/// How long something may be missing before a person is asked (S9).
const MISSING_ASKS_AFTER: Duration = Duration::from_secs(600);
/// How often what is missing is looked for again.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Does what is due now; gives the next moment.
///
/// # Errors
/// When the store refuses.
pub async fn run_due(ctx: &Ctx) -> Result<Option<Timestamp>, StoreError> {
    let asks = expire_asks(ctx).await?;
    let missing = look_for_missing(ctx).await?;
    Ok(match (asks, missing) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    })
}

async fn expire_asks(ctx: &Ctx) -> Result<Option<Timestamp>, StoreError> {
    let next = ctx.store.read(|r| r.next_expiry()).await?;
    if next.is_none_or(|at| at > ctx.now()) {
        return Ok(next);
    }
    let expired = ctx.store.write(|tx| tx.expire_due()).await?;
    for ask in &expired {
        tracing::info!(ask = %ask.ask.no, "an ask passed its deadline");
    }
    ctx.store.read(|r| r.next_expiry()).await
}

/// Lanes with something missing: found again they open; missing for ten minutes, a person is asked once (S9).
async fn look_for_missing(ctx: &Ctx) -> Result<Option<Timestamp>, StoreError> {
    let now = ctx.now();
    let mut next = None;
    for view in ctx.floor.lanes() {
        let Some((since, what)) = view.lane.missing.clone() else {
            continue;
        };
        if ctx.performers_found(&view.lane.id).await {
            let lane = Lane {
                missing: None,
                ..view.lane
            };
            put(ctx, lane, "lane_released").await?;
            continue;
        }
        if now.since(since) >= MISSING_ASKS_AFTER {
            let id = view.lane.id.clone();
            let text =
                format!("Tasks of {id} wait: {what}. Put it right, then choose \"Look again\".");
            ctx.store
                .write(move |tx| lanes::ask_lane(tx, &id, AskKind::Drain, text, "Look again"))
                .await?;
        }
        next = Some(now.after(LOOK_AGAIN));
    }
    Ok(next)
}

async fn put(ctx: &Ctx, lane: Lane, fact: &'static str) -> Result<(), StoreError> {
    ctx.floor.update_lane(&lane);
    ctx.store
        .write(move |tx| tx.put_lane(&lane, fact, json!({ "by": "found" })))
        .await
}

/// Brings back, a little later, tasks that wait for a folder another process holds: nothing tells when it is free.
pub fn recheck_folders(ctx: &Ctx) {
    let ctx = ctx.clone();
    ctx.tracker.clone().spawn(async move {
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
        }
        let offered = ctx.store.write(|tx| {
            for key in tx
                .parked_keys()?
                .iter()
                .filter(|key| key.starts_with("folder:"))
            {
                tx.offer(key)?;
            }
            Ok(())
        });
        if let Err(error) = offered.await {
            tracing::warn!(%error, "waiting folders could not be looked at again");
        }
        ctx.wake.notify_one();
    });
}
