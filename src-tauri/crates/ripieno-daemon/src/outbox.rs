//! The outbox: what must leave this process leaves it at least once, however often we restart (architecture 1.4).

use crate::ctx::Ctx;
use ripieno_store::{OutboxRow, StoreError};
use std::{sync::Arc, time::Duration};

/// How many rows one round takes.
const BATCH: usize = 50;
/// The longest pause after failed deliveries.
const LONGEST: Duration = Duration::from_secs(300);

/// Delivers rows of one channel. The same key may come twice after a crash.
pub trait Deliver: Send + Sync {
    /// The channel it serves.
    fn channel(&self) -> &'static str;
    /// Delivers one row.
    ///
    /// # Errors
    /// What went wrong; the row is tried again later.
    fn deliver(&self, row: &OutboxRow) -> Result<(), String>;
}

/// Tells of asks and final failures in the log: the only channel a worker without a desktop has.
#[derive(Debug)]
pub struct LogNotifier;

impl Deliver for LogNotifier {
    fn channel(&self) -> &'static str {
        "notify"
    }

    fn deliver(&self, row: &OutboxRow) -> Result<(), String> {
        tracing::info!(
            key = row.idem_key,
            task = row.task.map(|t| t.0),
            "someone should look: {}",
            row.payload["state"].as_str().unwrap_or_default()
        );
        Ok(())
    }
}

/// Runs until the worker stops; what is left then goes out after the next start (C7).
pub async fn run(ctx: Ctx, channels: Vec<Arc<dyn Deliver>>) {
    let mut feed = ctx.store.subscribe();
    loop {
        let pause = match round(&ctx, &channels).await {
            Ok(Round::More) => continue,
            Ok(Round::Failed) => Some(Duration::from_secs(1)),
            // Rows from before a restart may be due later.
            Ok(Round::Done) => Some(Duration::from_secs(60)),
            Err(error) => {
                tracing::warn!(%error, "the outbox waits");
                Some(Duration::from_secs(5))
            }
        };
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            // A lag means that there was news.
            _ = feed.recv() => {}
            () = sleep(pause) => {}
        }
    }
}

async fn sleep(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => std::future::pending().await,
    }
}

/// What a round came to.
enum Round {
    /// Everything due is delivered.
    Done,
    /// There may be more that is due.
    More,
    /// Something failed and is due again.
    Failed,
}

/// Delivers what is due.
async fn round(ctx: &Ctx, channels: &[Arc<dyn Deliver>]) -> Result<Round, StoreError> {
    let now = ctx.now();
    let due = ctx.store.read(move |r| r.outbox_due(now, BATCH)).await?;
    let full = due.len() == BATCH;
    let mut failed = false;
    for row in due {
        let Some(channel) = channels.iter().find(|c| c.channel() == row.channel) else {
            continue;
        };
        let no = row.no;
        match channel.deliver(&row) {
            Ok(()) => ctx.store.write(move |tx| tx.outbox_delivered(no)).await?,
            Err(error) => {
                failed = true;
                let pause = Duration::from_secs(1 << row.tries.min(8)).min(LONGEST);
                let due_at = now.after(pause);
                ctx.store
                    .write(move |tx| tx.outbox_failed(no, &error, due_at))
                    .await?;
            }
        }
    }
    Ok(match (failed, full) {
        (true, _) => Round::Failed,
        (false, true) => Round::More,
        (false, false) => Round::Done,
    })
}
