//! The worker-wide pause (S4): durable, with an optional end, closing the gate and nothing else.

use crate::ctx::{Ctx, WorkerPause};
use ripieno_core::time::Timestamp;
use ripieno_gate::CloseReason;
use ripieno_store::StoreError;
use serde_json::json;
use std::sync::PoisonError;

const KEY: &str = "worker_pause";

/// Reads the pause from before a restart and closes the gate when it is in force.
///
/// # Errors
/// When the store refuses.
pub async fn restore(ctx: &Ctx) -> Result<(), StoreError> {
    let stored = ctx.store.read(|r| r.setting(KEY)).await?;
    let pause: WorkerPause = stored
        .and_then(|v| serde_json::from_value(v).ok())
        .unwrap_or_default();
    put_in_force(ctx, pause);
    Ok(())
}

/// Pauses: nothing new is taken; with `suspend` what runs gives its task back, to go on after the resume.
///
/// # Errors
/// When the store refuses.
pub async fn pause(ctx: &Ctx, until: Option<Timestamp>, suspend: bool) -> Result<(), StoreError> {
    let pause = WorkerPause {
        paused: true,
        until,
        suspend,
    };
    store(
        ctx,
        pause,
        "gate_closed",
        json!({ "reason": "paused", "until": until.map(|t| t.0), "suspend": suspend }),
    )
    .await?;
    put_in_force(ctx, pause);
    if suspend {
        ctx.suspend_all();
    }
    ctx.wake.notify_one();
    Ok(())
}

/// Resumes; asking for what is already so changes nothing.
///
/// # Errors
/// When the store refuses.
pub async fn resume(ctx: &Ctx) -> Result<(), StoreError> {
    let paused = ctx
        .pause
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .paused;
    if paused {
        store(
            ctx,
            WorkerPause::default(),
            "gate_opened",
            json!({ "reason": "resumed" }),
        )
        .await?;
        put_in_force(ctx, WorkerPause::default());
    }
    ctx.wake.notify_one();
    Ok(())
}

/// Ends a pause whose time has come; else gives that time.
///
/// # Errors
/// When the store refuses.
pub async fn end_when_due(ctx: &Ctx) -> Result<Option<Timestamp>, StoreError> {
    let until = ctx
        .pause
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .until;
    match until {
        Some(until) if until <= ctx.now() => resume(ctx).await.map(|()| None),
        other => Ok(other),
    }
}

fn put_in_force(ctx: &Ctx, pause: WorkerPause) {
    *ctx.pause.lock().unwrap_or_else(PoisonError::into_inner) = pause;
    if pause.paused {
        ctx.gate.close(CloseReason::UserPause);
    } else {
        ctx.gate.open(CloseReason::UserPause);
    }
}

async fn store(
    ctx: &Ctx,
    pause: WorkerPause,
    fact: &'static str,
    data: serde_json::Value,
) -> Result<(), StoreError> {
    let value = pause
        .paused
        .then(|| serde_json::to_value(pause).unwrap_or_default());
    ctx.store
        .write(move |tx| {
            tx.set_setting(KEY, value.as_ref())?;
            tx.fact(None, fact, data)
        })
        .await
        .map(|_| ())
}
