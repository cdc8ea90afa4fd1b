//! Lanes whose program is missing (S9): found again they open by themselves; after ten minutes a person is asked once.
//!
//! What else may be missing (a model, a key) cannot be seen from here: such a lane is opened by its ask, by
//! `ripieno lane release`, or by a success.

use crate::{ctx::Ctx, lanes, runtimes};
use ripieno_core::{ask::AskKind, lane::LaneId};
use ripieno_store::StoreError;
use serde_json::json;
use std::{collections::HashSet, time::Duration};

/// How long something may be missing before a person is asked.
const ASKS_AFTER: Duration = Duration::from_secs(600);
/// How often what is missing is looked for.
const LOOK: Duration = Duration::from_secs(30);

/// Runs until the worker stops.
pub async fn run(ctx: Ctx) {
    let mut gone = HashSet::new();
    loop {
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        if let Err(error) = look(&ctx, &mut gone).await {
            tracing::warn!(%error, "lanes with something missing could not be looked at");
        }
    }
}

/// `gone` holds the lanes whose program was seen to be away: only its return says that it was what was missing.
async fn look(ctx: &Ctx, gone: &mut HashSet<LaneId>) -> Result<(), StoreError> {
    let missing: Vec<_> = ctx
        .floor
        .lanes()
        .into_iter()
        .filter_map(|view| Some((view.lane.id, view.lane.missing?)))
        .collect();
    gone.retain(|lane| missing.iter().any(|(id, _)| id == lane));
    if missing.is_empty() {
        return Ok(());
    }
    runtimes::discover(ctx, true).await;
    for (id, (since, what)) in missing {
        let found = runtimes::is_found(ctx, &id);
        if !found {
            gone.insert(id.clone());
        } else if gone.remove(&id) {
            let floor = ctx.floor.clone();
            ctx.store
                .write(move |tx| {
                    let mut lane = tx.lane(&id)?;
                    lane.missing = None;
                    floor.update_lane(&lane);
                    tx.put_lane(&lane, "lane_released", json!({ "by": "found" }))
                })
                .await?;
            continue;
        }
        if ctx.now().since(since) >= ASKS_AFTER {
            let text =
                format!("Tasks of {id} wait: {what}. Put it right, then choose \"Look again\".");
            ctx.store
                .write(move |tx| lanes::ask_lane(tx, &id, AskKind::Drain, text, "Look again"))
                .await?;
        }
    }
    Ok(())
}
