//! What is due at a moment: deadlines of asks, and folders held by other processes.

use crate::ctx::Ctx;
use ripieno_core::time::Timestamp;
use ripieno_store::StoreError;
use std::{sync::atomic::Ordering, time::Duration};

/// Settles the asks whose deadline has passed; gives the next deadline.
///
/// # Errors
/// When the store refuses.
pub async fn expire_asks(ctx: &Ctx) -> Result<Option<Timestamp>, StoreError> {
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

/// Brings back, a little later, tasks that wait for a folder another process holds: nothing tells when it is free.
pub fn recheck_folders(ctx: &Ctx) {
    if ctx.recheck_pending.swap(true, Ordering::SeqCst) {
        return;
    }
    let ctx = ctx.clone();
    ctx.tracker.clone().spawn(async move {
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
        }
        ctx.recheck_pending.store(false, Ordering::SeqCst);
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
