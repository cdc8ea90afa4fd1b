//! The actor of one live attempt. It alone reports for its lease; every report is fenced, so that a late one is dropped.

mod budget;
mod changes;
mod checkpoint;
mod choice;
mod context;
mod ends;
mod gates;
mod grants;
mod movement;
mod prepare;
mod record;
mod scripts;
mod settle;
mod skills;
mod turn;
mod work;
mod worktree;

use crate::{
    config::Settings,
    ctx::{ActorHandle, BEAT, Ctx, Pulse, Signal},
    environment::Resolved,
    floor::{FolderUse, ProjectUse, SlotGuard},
    reactor, sidecars, storage, sweep,
    tokens::TokenGuard,
};
use prepare::Dirs;
pub(crate) use prepare::{attempts_dir, load_pinned, pinned_file, unbegun_folders};
use ripieno_agents::transcript::Transcript;
use ripieno_core::{
    budget::{Caps, Used},
    event::YieldReason,
    failure::Failure,
    id::TaskNo,
    lane::LaneId,
    receipt::Receipt,
    state::LeaseToken,
    time::Timestamp,
};
use ripieno_gate::RunGuard;
use ripieno_store::{Claimed, TaskRow};
pub(crate) use scripts::CLEAN_UP;
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
    /// The folder it works in, while it does.
    pub folder: Option<FolderUse>,
    /// Counts as one of its project, while it works.
    pub project: Option<ProjectUse>,
    /// Counts as live behind the gate.
    pub run: RunGuard,
}

/// How an attempt ends, with every process of it gone.
#[derive(Clone, Debug)]
enum End {
    /// The piece is done.
    Completed(Box<Receipt>),
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
    /// What the performers' environments are made from (R11).
    ambient: Arc<Resolved>,
    token: TokenGuard,
    transcript: Transcript,
    signals: mpsc::Receiver<Signal>,
    handle: ActorHandle,
    had_output: bool,
    /// The movement under way, by its number within the attempt.
    movement: Option<u32>,
    movement_name: String,
    used: BTreeMap<String, ripieno_agents::stream::Usage>,
    /// What the task had used before the turn under way, looked at where something is capped (T17).
    spent: Used,
    /// What it may use, with what a person has added.
    allowed: Caps,
    /// The end of what was put out last, for gates and handoffs; at first that of the attempt before.
    tail: String,
    /// The session this attempt has bound.
    bound: Option<String>,
    /// When the prompt of the turn under way was put together, until the performer answers to it.
    prompted: Option<Timestamp>,
    /// When this attempt began.
    begun: Timestamp,
    /// Answers given since then may not have reached a performer: when the attempt before began.
    answers_since: Timestamp,
    /// What the next prompt must say beside the rest (R4).
    notice: Option<String>,
    /// How many movements the run has entered.
    entries: usize,
    /// Whether the project's setup was begun, so that its teardown is due.
    was_set_up: bool,
    /// Whether it is cancelled and only its teardown is left: nobody's wish ends that.
    cleaning: bool,
    /// Whether the piece is done and only its teardown is left: a pause does not end that.
    finishing: bool,
    /// Whether points to go back to are kept (R13).
    keeps_checkpoints: bool,
    /// The commit that a worktree begins with, until somebody works in it.
    fresh: Option<String>,
    /// When the movement under way began; reports from before it are not its own.
    entered: Timestamp,
}

/// Starts the actor of a claim. When it returns, or breaks, the lease is over and everything is given back.
pub fn spawn(ctx: &Ctx, claim: Claim) {
    let (sender, signals) = mpsc::channel(16);
    let handle = ActorHandle {
        attempt: claim.claimed.attempt,
        signals: sender,
        suspend: CancellationToken::new(),
        abort: Arc::default(),
        last_beat: Arc::new(Mutex::new(tokio::time::Instant::now())),
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
            let (no, attempt) = (claim.no, claim.claimed.attempt);
            let abort = Arc::clone(&handle.abort);
            let inner = tokio::spawn(live(ctx.clone(), claim, handle, signals).in_current_span());
            *abort.lock().unwrap_or_else(PoisonError::into_inner) = Some(inner.abort_handle());
            let ended = inner.await;
            if ended.is_err() {
                take_away(&ctx, no).await;
            }
            forget(&ctx, no, attempt);
            if let Err(broken) = ended {
                tracing::error!(%broken, "the actor broke; its lease is given up");
                while !sweep::give_up(&ctx, no, attempt).await {
                    tokio::select! {
                        () = ctx.stop.cancelled() => return,
                        () = tokio::time::sleep(BEAT) => {}
                    }
                }
            }
            storage::attempt_ended(&ctx, no, attempt).await;
            reactor::give_back(&ctx, no).await;
            ctx.live_changed.notify_waiters();
        }
        .instrument(span),
    );
}

/// What a broken actor left in the folder goes before the next attempt may begin.
async fn take_away(ctx: &Ctx, no: TaskNo) {
    match ctx.store.read(move |r| r.task(no)).await {
        Ok(row) => sidecars::settle(ctx, &row).await,
        Err(error) => tracing::warn!(%no, %error, "its sidecars stay for now"),
    }
}

/// Takes the handle away, unless the next attempt has put its own there already.
fn forget(ctx: &Ctx, no: TaskNo, attempt: u32) {
    let mut actors = ctx.actors.lock().unwrap_or_else(PoisonError::into_inner);
    if actors
        .get(&no)
        .is_some_and(|actor| actor.attempt == attempt)
    {
        actors.remove(&no);
    }
}

async fn live(ctx: Ctx, claim: Claim, handle: ActorHandle, signals: mpsc::Receiver<Signal>) {
    let Claim {
        no,
        claimed,
        lane,
        slot,
        folder,
        project,
        run,
    } = claim;
    let fence = claimed.lease.token;
    let beats = handle.clone();
    let prepared = Attempt::prepare(&ctx, no, &claimed, &lane, slot.index(), handle, signals);
    match beats.beating(prepared).await {
        Ok(mut attempt) => {
            let end = attempt.work().await;
            beats.beating(attempt.settle(end)).await;
        }
        Err(end) => {
            let settled = settle::settle_unprepared(&ctx, no, fence, &lane, end);
            beats.beating(settled).await;
        }
    }
    drop((slot, folder, project, run));
}
