//! The actor of one live attempt. It alone reports for its lease; every report is fenced, so that a late one is dropped.

mod context;
mod gates;
mod prepare;
mod record;
mod settle;
mod turn;
mod work;

use crate::{
    config::Settings,
    ctx::{ActorHandle, Ctx, Pulse, Signal},
    floor::SlotGuard,
    tokens::TokenGuard,
};
use prepare::Dirs;
pub(crate) use prepare::{attempts_dir, listed_folders, load_pinned, pinned_file};
use ripieno_agents::transcript::Transcript;
use ripieno_core::{
    event::{TaskEvent, YieldReason},
    failure::Failure,
    id::TaskNo,
    lane::LaneId,
    receipt::Receipt,
    state::LeaseToken,
};
use ripieno_gate::RunGuard;
use ripieno_store::{Claimed, Extra, TaskRow};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// A claim with all that must be given back when its attempt is over.
#[derive(Debug)]
pub struct Claim {
    /// The task.
    pub no: TaskNo,
    /// The lease.
    pub claimed: Claimed,
    /// Where it runs.
    pub lane: LaneId,
    /// Its slot.
    pub slot: SlotGuard,
    /// Counts as live behind the gate.
    pub run: RunGuard,
}

/// How an attempt ends, with every process of it gone.
#[derive(Clone, Debug)]
enum End {
    /// The piece is done.
    Completed(Receipt),
    /// It failed.
    Failed(Failure),
    /// It gives the task back.
    Yielded(YieldReason),
    /// A person's wish ended it.
    Stopped,
    /// It waits for a person; the row says so already, with or without the lease.
    Waiting,
    /// The lease is over: there is nothing to report.
    Stale,
}

/// A live attempt.
struct Attempt {
    ctx: Ctx,
    settings: Arc<Settings>,
    no: TaskNo,
    n: u32,
    fence: LeaseToken,
    lane: LaneId,
    slot: usize,
    row: TaskRow,
    dirs: Dirs,
    token: TokenGuard,
    transcript: Transcript,
    signals: mpsc::Receiver<Signal>,
    handle: ActorHandle,
    had_output: bool,
    /// The movement under way, by its number within the attempt.
    movement: Option<u32>,
    movement_name: String,
    used: BTreeMap<String, ripieno_agents::stream::Usage>,
    /// The end of what was put out last, for gates and handoffs.
    tail: String,
}

/// Starts the actor of a claim. When it returns, or breaks, the lease is over and everything is given back.
pub fn spawn(ctx: &Ctx, claim: Claim) {
    let (sender, signals) = mpsc::channel(16);
    let handle = ActorHandle {
        attempt: claim.claimed.attempt,
        signals: sender,
        suspend: CancellationToken::new(),
        pid: Arc::default(),
        logged: tokio::sync::watch::Sender::new(0),
        pulse: Arc::new(Mutex::new(Pulse {
            at: Some(ctx.now()),
            ..Pulse::default()
        })),
    };
    ctx.actors
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(claim.no, handle.clone());
    ctx.live_changed.notify_waiters();
    if ctx.suspends_new() {
        // Claimed while the gate was being closed: whoever suspended the others did not see this one.
        handle.suspend.cancel();
    }
    let span = tracing::info_span!("task", no = claim.no.0, attempt = claim.claimed.attempt);
    let ctx = ctx.clone();
    ctx.tracker.clone().spawn(
        async move {
            let no = claim.no;
            let fence = claim.claimed.lease.token;
            let inner = tokio::spawn(live(ctx.clone(), claim, handle, signals).in_current_span());
            if let Err(broken) = inner.await {
                tracing::error!(%broken, "the actor broke; its lease is given up");
                let lost = TaskEvent::LeaseLost {
                    crash: false,
                    progress: true,
                };
                let report = ctx
                    .store
                    .write(move |tx| tx.transition(no, &lost, Some(fence), Extra::default()));
                if let Err(error) = report.await {
                    tracing::debug!(%error, "nothing was left to give up");
                }
            }
            ctx.actors
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&no);
            ctx.live_changed.notify_waiters();
            ctx.wake.notify_one();
        }
        .instrument(span),
    );
}

async fn live(ctx: Ctx, claim: Claim, handle: ActorHandle, signals: mpsc::Receiver<Signal>) {
    let Claim {
        no,
        claimed,
        lane,
        slot,
        run,
    } = claim;
    let fence = claimed.lease.token;
    let end = match Attempt::prepare(&ctx, no, &claimed, &lane, slot.index(), handle, signals).await
    {
        Ok(mut attempt) => {
            let end = attempt.work().await;
            attempt.settle(end).await;
            None
        }
        Err(end) => Some(end),
    };
    if let Some(end) = end {
        settle::settle_unprepared(&ctx, no, fence, &lane, end).await;
    }
    drop((slot, run));
}
