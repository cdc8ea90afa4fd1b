//! Errands: what is done for tasks that have ended, and is better not cut in the middle (a teardown, a worktree that is
//! given back). A stop in order waits for those under way (C7), and an update for all of them (U2).

use crate::ctx::Ctx;
use ripieno_gate::CloseReason;
use std::{sync::atomic::Ordering, time::Duration};

/// How soon an errand that may not begin asks again.
const AGAIN: Duration = Duration::from_secs(1);

/// An errand under way; it is over when this is dropped.
#[derive(Debug)]
pub(crate) struct Errand {
    ctx: Ctx,
}

impl Drop for Errand {
    fn drop(&mut self) {
        self.ctx.errands.fetch_sub(1, Ordering::SeqCst);
        self.ctx.live_changed.notify_waiters();
    }
}

impl Ctx {
    /// Begins an errand, later where the worker is about to be replaced; `None` when it stops.
    pub(crate) async fn errand(&self) -> Option<Errand> {
        loop {
            // Counted before the look: whoever closed the gate before it sees this one, or this one sees the gate.
            self.errands.fetch_add(1, Ordering::SeqCst);
            let errand = Errand { ctx: self.clone() };
            let closed = self.gate.reasons();
            if !closed.contains(CloseReason::Update) && !closed.contains(CloseReason::Shutdown) {
                return Some(errand);
            }
            drop(errand);
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    }

    /// Whether no errand is under way.
    pub(crate) fn runs_no_errand(&self) -> bool {
        self.errands.load(Ordering::SeqCst) == 0
    }
}
