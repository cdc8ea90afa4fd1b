//! What the end of an attempt says about its lane (S5, S6, S9, S11), within the commit of that end.

use crate::ctx::Ctx;
use ripieno_core::{
    ask::{AskKind, AskOption, AskPurpose, AskSpec},
    failure::{Class, Disposition},
    lane::{Lane, LaneId},
};
use ripieno_gate::CloseReason;
use ripieno_store::{AskOn, AskOutcome, NewOutbox, StoreError, Tx};
use serde_json::json;
use std::sync::PoisonError;

/// The option of lane asks that reopens the lane.
pub const REOPEN: &str = "reopen";

/// A success reopens whatever was held, signed out or drained; gives the lane when it changed.
///
/// # Errors
/// When the store refuses.
pub fn succeeded(tx: &mut Tx<'_>, id: &LaneId) -> Result<Option<Lane>, StoreError> {
    let mut lane = tx.lane(id)?;
    if lane == Lane::fresh(id.clone()) {
        return Ok(None);
    }
    lane.reopen();
    tx.put_lane(&lane, "lane_released", json!({ "by": "success" }))?;
    Ok(Some(lane))
}

/// A failure may hold, sign out or drain the lane; gives the lane when it changed.
///
/// # Errors
/// When the store refuses.
pub fn failed(
    tx: &mut Tx<'_>,
    id: &LaneId,
    class: &Class,
    text: &str,
    had_output: bool,
) -> Result<Option<Lane>, StoreError> {
    if id.is_shell() {
        return Ok(None);
    }
    let mut lane = tx.lane(id)?;
    let now = tx.now();
    match class.disposition() {
        Disposition::HoldLane { until } => {
            let quota = matches!(class, Class::QuotaExhausted { .. });
            lane.hold(now, until, quota, class.name());
            tx.put_lane(
                &lane,
                "lane_held",
                json!({ "until": lane.held_until, "reason": class.name() }),
            )?;
        }
        Disposition::HoldEndpoint => {
            lane.hold(now, None, false, class.name());
            tx.put_lane(
                &lane,
                "lane_held",
                json!({ "until": lane.held_until, "reason": class.name() }),
            )?;
        }
        Disposition::HoldMissing => {
            let since = lane.missing.as_ref().map_or(now, |(since, _)| *since);
            lane.missing = Some((since, text.to_owned()));
            tx.put_lane(
                &lane,
                "lane_held",
                json!({ "reason": class.name(), "text": text }),
            )?;
        }
        Disposition::SignOut => {
            lane.signed_out = true;
            tx.put_lane(&lane, "lane_signed_out", json!({ "text": text }))?;
            let question = format!(
                "{} rejected its login. Sign in again (in a terminal, with the agent's own command), then choose \
                 \"I have signed in\": every task that waits for it goes on in its session.",
                id.kind()
            );
            ask_lane(tx, id, AskKind::SignIn, question, "I have signed in")?;
        }
        Disposition::Retry
            if class.speaks_of_lane() && (!had_output || *class == Class::EmptyOutput) =>
        {
            let drained = lane.count_failure(now);
            let fact = if drained {
                "lane_drained"
            } else {
                "lane_failed"
            };
            tx.put_lane(
                &lane,
                fact,
                json!({ "failures": lane.failures, "text": text }),
            )?;
            if drained {
                let question = format!(
                    "{} failed {} times in a row before it did anything. The last word was: {text}",
                    id.kind(),
                    lane.failures
                );
                ask_lane(tx, id, AskKind::Drain, question, "Try it again")?;
            }
        }
        Disposition::YieldOnly
        | Disposition::Ask(_)
        | Disposition::Retry
        | Disposition::RetryFresh
        | Disposition::Fail => return Ok(None),
    }
    Ok(Some(lane))
}

/// Opens the one ask of a lane, and tells a person about it once.
///
/// # Errors
/// When the store refuses.
pub fn ask_lane(
    tx: &mut Tx<'_>,
    id: &LaneId,
    kind: AskKind,
    text: String,
    label: &str,
) -> Result<(), StoreError> {
    let spec = AskSpec {
        kind,
        options: vec![AskOption::new(REOPEN, label)],
        allows_text: false,
        purpose: AskPurpose::Lane,
        ..AskSpec::question(text)
    };
    if let AskOutcome::Opened { ask, .. } = tx.ask(&AskOn::Lane(id.clone()), &spec)? {
        tx.outbox_add(&NewOutbox {
            task: None,
            channel: "notify".to_owned(),
            idem_key: format!("ask:{}:{}", ask.id, ask.revision),
            payload: json!({ "kind": "ask", "ask": ask.no, "lane": id }),
            due_at: tx.now(),
        })?;
    }
    Ok(())
}

/// A full disk closes the gate until there is room again (C6, rel-4).
pub fn disk_trouble(ctx: &Ctx, error: &StoreError) {
    if error.is_disk_full() {
        disk_full(ctx);
    }
}

/// Closes the gate and has the reserve given up at once: a write found no room (C6).
pub fn disk_full(ctx: &Ctx) {
    *ctx.low_disk.lock().unwrap_or_else(PoisonError::into_inner) = Some(0);
    ctx.gate.close(CloseReason::Disk);
    ctx.disk_doubt.notify_one();
}
