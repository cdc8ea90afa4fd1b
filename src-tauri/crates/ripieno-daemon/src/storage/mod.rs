//! The data folder stays within its limit: what age and state allow is removed, then the oldest logs of ended tasks; when
//! that is not enough nothing new is started, and a person is asked (D7).

mod remove;
mod rules;
mod survey;

pub use remove::{Kept, Report, Usage};
pub use rules::{Because, Owner, Stays};
pub(crate) use survey::size;
pub use survey::{Part, Piece, Survey, TaskFolder};

use crate::{ctx::Ctx, disk_watch};
use ripieno_core::{
    ask::{AskKind, AskOption, AskPurpose, AskSpec},
    id::TaskNo,
};
use ripieno_gate::CloseReason;
use ripieno_store::{AskOn, AskOutcome, NewOutbox, StoreError};
use serde_json::json;
use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};
use tokio::sync::{Mutex, Notify};

/// When it is looked at first after a start.
const FIRST: Duration = Duration::from_secs(30);
/// How often without any reason.
const ROUND: Duration = Duration::from_secs(2 * 60 * 60);
/// How often the output of live attempts is measured.
const LIVE: Duration = Duration::from_secs(1);
/// The most that one live attempt may still write to its logs, in bytes.
const ATTEMPT: u64 = 2 * ripieno_agents::raw_log::RAW_LOG_CAP;
/// The largest share of the limit, in percent, that is kept free for live attempts.
const ROOM: u64 = 60;
/// The share of the limit, in percent, by which more room is made than is needed at once.
const MORE: u64 = 10;
/// The key of the ask, so that there is one.
const KEY: &str = "storage:limit";

/// What is known of the data folder between two looks.
#[derive(Debug, Default)]
pub struct Storage {
    /// Bytes in use, as of the last look and what ended since.
    estimate: AtomicU64,
    /// Nothing new is started until there is room.
    full: AtomicBool,
    /// An attempt ended, or the limit changed.
    changed: Notify,
    /// Held while something is removed.
    turn: Mutex<()>,
}

impl Storage {
    /// Whether the limit is reached and nothing more may be removed.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.full.load(Ordering::SeqCst)
    }

    /// Has the data folder looked at soon.
    pub fn look(&self) {
        self.changed.notify_one();
    }
}

/// Bytes that may be in use before room is made, and those that may be left: what runs must fit in beside them.
fn marks(limit: u64, slots: u32) -> (u64, u64) {
    let room = (limit / 100 * ROOM).min(ATTEMPT.saturating_mul(u64::from(slots)));
    let high = limit.saturating_sub(room);
    (high, high.saturating_sub(limit / 100 * MORE))
}

/// Runs until the worker stops.
pub async fn run(ctx: Ctx) {
    let mut next = tokio::time::Instant::now() + FIRST;
    loop {
        let limit = ctx.settings().storage_limit;
        let measures = limit > 0 && !ctx.live().is_empty();
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = ctx.storage.changed.notified() => {}
            () = tokio::time::sleep_until(next) => {}
            () = tokio::time::sleep(LIVE), if measures => {}
            () = ctx.sweep_needed(), if limit > 0 && !measures => {}
        }
        let due = tokio::time::Instant::now() >= next;
        let above = above(&ctx).await;
        if above {
            // Nothing new writes before there is room for it.
            ctx.gate.close(CloseReason::Disk);
        }
        if due || above {
            match clean(&ctx, false).await {
                Ok(report) if !report.removed.is_empty() => tracing::info!(
                    parts = report.removed.len(),
                    bytes = report.freed(),
                    used = report.usage.used,
                    "the data folder was cleaned up"
                ),
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the data folder could not be cleaned up"),
            }
            next = tokio::time::Instant::now() + ROUND;
        }
        if above {
            disk_watch::look(&ctx).await;
        }
    }
}

/// Whether more is in use than the limit allows without making room; measures live attempts.
async fn above(ctx: &Ctx) -> bool {
    let limit = ctx.settings().storage_limit;
    if limit == 0 {
        return false;
    }
    let (live, home) = (ctx.live(), ctx.home.clone());
    let mut folders = Vec::new();
    for (no, actor) in live {
        if let Ok(row) = ctx.store.read(move |r| r.task(no)).await {
            folders.push(home.attempt_dir(row.id.to_string(), actor.attempt));
        }
    }
    let database = home.database();
    let measured = tokio::task::spawn_blocking(move || {
        let live: u64 = folders.iter().map(|folder| survey::size(folder)).sum();
        live + survey::size(&database)
    });
    let measured = measured.await.unwrap_or(0);
    let known = ctx.storage.estimate.load(Ordering::SeqCst);
    known.saturating_add(measured) > marks(limit, ctx.settings().slots).0
}

/// An attempt has ended: what it left counts from now on.
pub async fn attempt_ended(ctx: &Ctx, no: TaskNo, attempt: u32) {
    let Ok(row) = ctx.store.read(move |r| r.task(no)).await else {
        return;
    };
    let folder = ctx.home.attempt_dir(row.id.to_string(), attempt);
    let left = tokio::task::spawn_blocking(move || survey::size(&folder)).await;
    ctx.storage
        .estimate
        .fetch_add(left.unwrap_or(0), Ordering::SeqCst);
    ctx.storage.look();
}

/// Looks at everything and removes what may go; `dry` only says what that would be.
///
/// # Errors
/// When the store refuses.
pub async fn clean(ctx: &Ctx, dry: bool) -> Result<Report, StoreError> {
    let _turn = ctx.storage.turn.lock().await;
    let limit = ctx.settings().storage_limit;
    let bounds = (limit > 0).then(|| marks(limit, ctx.settings().slots));
    let mut report = remove::clean(ctx, bounds, dry).await?;
    report.usage.limit = limit;
    if !dry {
        let used = report.usage.used;
        ctx.storage
            .estimate
            .store(used.saturating_sub(report.usage.database), Ordering::SeqCst);
        settle(ctx, limit, used).await?;
    }
    Ok(report)
}

/// Stops new starts at the limit with one ask, and lets them go on below it.
async fn settle(ctx: &Ctx, limit: u64, used: u64) -> Result<(), StoreError> {
    let full = limit > 0 && used >= limit;
    let was = ctx.storage.full.swap(full, Ordering::SeqCst);
    if full && !was {
        let text = format!(
            "The data folder uses {} MiB of the {} MiB allowed, and nothing more may be removed: it is what tasks delivered, \
             their workspaces, and what is in use. Remove some of it, or raise storage.limit; nothing new is started \
             before.",
            used >> 20,
            limit >> 20
        );
        ctx.store.write(move |tx| ask(tx, text)).await?;
    } else if was && !full {
        ctx.store.write(withdraw).await?;
    }
    if full != was {
        ctx.disk_doubt.notify_one();
    }
    Ok(())
}

fn ask(tx: &mut ripieno_store::Tx<'_>, text: String) -> Result<(), StoreError> {
    let spec = AskSpec {
        kind: AskKind::Question,
        options: vec![AskOption::new("again", "Look again")],
        allows_text: false,
        key: Some(KEY.to_owned()),
        purpose: AskPurpose::Storage,
        binding: None,
        ..AskSpec::question(text)
    };
    if let AskOutcome::Opened { ask, .. } = tx.ask(&AskOn::Worker, &spec)? {
        tx.outbox_add(&NewOutbox {
            task: None,
            channel: "notify".to_owned(),
            idem_key: format!("ask:{}:{}", ask.id, ask.revision),
            payload: json!({ "kind": "ask", "ask": ask.no }),
            due_at: tx.now(),
        })?;
    }
    Ok(())
}

fn withdraw(tx: &mut ripieno_store::Tx<'_>) -> Result<(), StoreError> {
    let open = tx.asks(true)?;
    for ask in open
        .iter()
        .filter(|ask| ask.spec.purpose == AskPurpose::Storage)
    {
        tx.withdraw(ask.no)?;
    }
    Ok(())
}
