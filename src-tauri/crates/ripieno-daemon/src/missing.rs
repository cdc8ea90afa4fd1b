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

/// What earlier looks saw.
#[derive(Default)]
struct Seen {
    /// The lanes whose program was away: only its return says that it was what was missing.
    gone: HashSet<LaneId>,
    /// How many looks there were since something is missing.
    looks: u32,
}

/// Runs until the worker stops.
pub async fn run(ctx: Ctx) {
    let mut seen = Seen::default();
    loop {
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        if let Err(error) = look(&ctx, &mut seen).await {
            tracing::warn!(%error, "lanes with something missing could not be looked at");
        }
    }
}

async fn look(ctx: &Ctx, seen: &mut Seen) -> Result<(), StoreError> {
    let missing: Vec<_> = ctx
        .floor
        .lanes()
        .into_iter()
        .filter_map(|view| Some((view.lane.id, view.lane.missing?)))
        .collect();
    let gone = &mut seen.gone;
    gone.retain(|lane| missing.iter().any(|(id, _)| id == lane));
    if missing.is_empty() {
        seen.looks = 0;
        return Ok(());
    }
    seen.looks = seen.looks.saturating_add(1);
    // What is installed changes what the last search went by. A program that is there and did not answer is asked ever more
    // seldom; no other is started for it (A1).
    let is_unusable = |(id, _): &(LaneId, _)| runtimes::is_unusable(ctx, id);
    if seen.looks.is_power_of_two() && missing.iter().any(is_unusable) {
        runtimes::ask_again(ctx).await;
    } else {
        runtimes::discover(ctx, false).await;
    }
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
