//! What the end of an attempt says about its lane (S5, S6, S9, S11), within the commit of that end.

use crate::{ctx::Ctx, floor::Floor};
use ripieno_core::{
    ask::{AskKind, AskOption, AskPurpose, AskSpec, AskSubject},
    failure::{Class, Disposition},
    lane::{Lane, LaneId},
};
use ripieno_gate::CloseReason;
use ripieno_store::{AskOn, AskOutcome, NewOutbox, StoreError, Tx};
use serde_json::{Value, json};
use std::sync::PoisonError;

/// The option of lane asks that reopens the lane.
pub const REOPEN: &str = "reopen";

/// A success reopens whatever was held, signed out or drained, and takes back what was asked about it. The floor knows
/// before the commit wakes the scheduler.
///
/// # Errors
/// When the store refuses.
pub fn succeeded(tx: &mut Tx<'_>, floor: &Floor, id: &LaneId) -> Result<(), StoreError> {
    let mut lane = tx.lane(id)?;
    let spent = Class::QuotaExhausted { until: None };
    let is_spent = lane.hold_reason.as_deref() == Some(spent.name());
    let is_held = lane.held_until.is_some_and(|until| until > tx.now());
    // What ends well now began before the allowance was used up: it says nothing about that.
    if lane == Lane::fresh(id.clone()) || (is_spent && is_held) {
        return Ok(());
    }
    let open = tx.asks(true)?;
    for ask in open
        .iter()
        .filter(|ask| ask.subject == AskSubject::Lane(id.clone()))
    {
        tx.withdraw(ask.no)?;
    }
    lane.reopen();
    put(
        tx,
        floor,
        &lane,
        "lane_released",
        json!({ "by": "success" }),
    )
}

fn put(
    tx: &mut Tx<'_>,
    floor: &Floor,
    lane: &Lane,
    fact: &str,
    data: Value,
) -> Result<(), StoreError> {
    floor.update_lane(lane);
    tx.put_lane(lane, fact, data)
}

/// Opens a lane whatever holds it: a person said so.
///
/// # Errors
/// When the store refuses.
pub fn reopen(tx: &mut Tx<'_>, floor: &Floor, id: &LaneId, by: &str) -> Result<(), StoreError> {
    let mut lane = tx.lane(id)?;
    lane.reopen();
    put(tx, floor, &lane, "lane_released", json!({ "by": by }))
}

/// A failure may hold, sign out or drain the lane. The lane of scripts is only ever held, for what keeps every script
/// from starting.
///
/// # Errors
/// When the store refuses.
pub fn failed(
    tx: &mut Tx<'_>,
    floor: &Floor,
    id: &LaneId,
    class: &Class,
    text: &str,
    had_output: bool,
) -> Result<(), StoreError> {
    let mut lane = tx.lane(id)?;
    let now = tx.now();
    match class.disposition() {
        // The gate is closed for the whole worker instead.
        Disposition::HoldMissing if *class == Class::DiskFull => Ok(()),
        Disposition::HoldMissing if !id.is_shell() => {
            let since = lane.missing.as_ref().map_or(now, |(since, _)| *since);
            lane.missing = Some((since, text.to_owned()));
            put(
                tx,
                floor,
                &lane,
                "lane_held",
                json!({ "reason": class.name(), "text": text }),
            )
        }
        Disposition::HoldLane { .. } | Disposition::HoldEndpoint | Disposition::HoldMissing => {
            let until = match class.disposition() {
                Disposition::HoldLane { until } => until,
                _ => None,
            };
            let quota = matches!(class, Class::QuotaExhausted { .. });
            lane.hold(now, until, quota, class.name());
            let data = json!({ "until": lane.held_until, "reason": class.name() });
            put(tx, floor, &lane, "lane_held", data)
        }
        Disposition::SignOut => {
            lane.signed_out = true;
            put(tx, floor, &lane, "lane_signed_out", json!({ "text": text }))?;
            let question = format!(
                "{} rejected its login. Sign in again (in a terminal, with the agent's own command), then choose \
                 \"I have signed in\": every task that waits for it goes on in its session.",
                id.kind()
            );
            ask_lane(tx, id, AskKind::SignIn, question, "I have signed in")
        }
        Disposition::Retry
            if class.speaks_of_lane()
                && !id.is_shell()
                && (!had_output || *class == Class::EmptyOutput) =>
        {
            drain(tx, floor, &mut lane, text)
        }
        Disposition::YieldOnly
        | Disposition::Ask(_)
        | Disposition::Retry
        | Disposition::RetryFresh
        | Disposition::Fail => Ok(()),
    }
}

/// Counts a failure of the lane itself; the second in a row drains it, with one ask (S6).
fn drain(tx: &mut Tx<'_>, floor: &Floor, lane: &mut Lane, text: &str) -> Result<(), StoreError> {
    let drained = lane.count_failure(tx.now());
    let fact = if drained {
        "lane_drained"
    } else {
        "lane_failed"
    };
    put(
        tx,
        floor,
        lane,
        fact,
        json!({ "failures": lane.failures, "text": text }),
    )?;
    if !drained {
        return Ok(());
    }
    let question = format!(
        "{} failed {} times in a row before it did anything. The last word was: {text}",
        lane.id.kind(),
        lane.failures
    );
    ask_lane(tx, &lane.id, AskKind::Drain, question, "Try it again")
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
        binding: None,
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
