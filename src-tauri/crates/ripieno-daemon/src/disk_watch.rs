//! The disk: too little room closes the gate, and claims start again by themselves once there is room (C6, rel-4).

use crate::{
    ctx::Ctx,
    disk::{DiskState, Reserve, decide, free_space},
    paths::Home,
};
use ripieno_gate::CloseReason;
use std::{sync::PoisonError, time::Duration};

/// How often free room is read while there is enough.
const CALM: Duration = Duration::from_secs(30);
/// How often while there is too little, or little more than that.
const SHORT: Duration = Duration::from_secs(1);
/// How many times `disk.min_free` is little more.
const NEAR: u64 = 4;

/// Runs until the worker stops.
pub async fn run(ctx: Ctx) {
    let mut pause = SHORT;
    loop {
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = ctx.disk_doubt.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
        let free = look(&ctx).await;
        let near = ctx.settings().disk_min_free.saturating_mul(NEAR);
        pause = if free.is_some_and(|free| free >= near) {
            CALM
        } else {
            SHORT
        };
    }
}

/// Reads free room, in bytes, and opens or closes the gate for it; nothing when it cannot be read.
pub async fn look(ctx: &Ctx) -> Option<u64> {
    let settings = ctx.settings();
    let (folder, reserve) = (
        ctx.home.data_dir().to_owned(),
        Reserve::at(ctx.home.reserve_file()),
    );
    let (size, min_free) = (settings.disk_reserve, settings.disk_min_free);
    let was_low = ctx
        .low_disk
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .is_some();
    let read = tokio::task::spawn_blocking(move || {
        let free = free_space(&folder)?;
        let state = decide(free, min_free);
        match state {
            // The reserve gives the database room to go on with what is under way.
            DiskState::Low { .. } => drop(reserve.release()),
            DiskState::Ok => drop(reserve.restore(size, min_free)?),
        }
        Ok::<_, crate::disk::DiskError>((free, state))
    });
    let (free, low) = match read.await {
        Ok(Ok((free, DiskState::Ok))) => (free, None),
        Ok(Ok((_, DiskState::Low { free }))) => (free, Some(free)),
        Ok(Err(error)) => {
            tracing::warn!(%error, "free room could not be read");
            return None;
        }
        Err(error) => {
            tracing::error!(%error, "the look at the disk broke");
            return None;
        }
    };
    *ctx.low_disk.lock().unwrap_or_else(PoisonError::into_inner) = low;
    if low.is_none() && ctx.storage.is_full() {
        // Its own ask says why; nothing else is to be done.
        ctx.gate.close(CloseReason::Disk);
        return Some(free);
    }
    match (was_low, low) {
        (_, Some(free)) => {
            if ctx.gate.close(CloseReason::Disk) {
                tracing::warn!(
                    free,
                    min_free,
                    "too little room: nothing new is started until there is more"
                );
            }
        }
        (_, None) => {
            if ctx.gate.open(CloseReason::Disk) {
                tracing::info!("there is room again");
            }
        }
    }
    Some(free)
}

/// So little room that not even the files of a start can be written.
const FULL: u64 = 1024 * 1024;

/// Gives the reserve up before anything is written, when a worker that crashed on a full disk starts again (rel-4).
pub fn make_room(home: &Home) {
    if free_space(home.data_dir()).is_ok_and(|free| free < FULL)
        && let Err(error) = Reserve::at(home.reserve_file()).release()
    {
        tracing::warn!(%error, "the reserve could not be given up");
    }
}
