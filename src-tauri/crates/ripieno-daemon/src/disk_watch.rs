//! The disk: too little room closes the gate, and claims start again by themselves once there is room (C6, rel-4).

use crate::{
    ctx::Ctx,
    disk::{DiskState, Reserve, decide, free_space},
};
use ripieno_gate::CloseReason;
use std::{sync::PoisonError, time::Duration};

/// How often free room is read while there is enough.
const CALM: Duration = Duration::from_secs(30);
/// How often while there is too little.
const SHORT: Duration = Duration::from_secs(1);

/// Runs until the worker stops.
pub async fn run(ctx: Ctx) {
    loop {
        let pause = if ctx
            .low_disk
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
        {
            SHORT
        } else {
            CALM
        };
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        look(&ctx).await;
    }
}

/// Reads free room and opens or closes the gate for it.
pub async fn look(ctx: &Ctx) {
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
        Ok::<_, crate::disk::DiskError>(state)
    });
    let low = match read.await {
        Ok(Ok(DiskState::Ok)) => None,
        Ok(Ok(DiskState::Low { free })) => Some(free),
        Ok(Err(error)) => {
            tracing::warn!(%error, "free room could not be read");
            return;
        }
        Err(error) => {
            tracing::error!(%error, "the look at the disk broke");
            return;
        }
    };
    *ctx.low_disk.lock().unwrap_or_else(PoisonError::into_inner) = low;
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
}
