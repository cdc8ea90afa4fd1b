//! The loop around the checker and the barrier: it obeys the one and waits for the other (U1, U2).

use super::{Due, Phase, Ready, UpdatePaths, offer};
use crate::{ctx::Ctx, update::UpdateStatus};
use ripieno_core::time::Timestamp;
use ripieno_gate::CloseReason;
use ripieno_update::{
    checker::{Checker, Step},
    journal::Outcome,
};
use serde_json::json;
use std::time::Duration;

/// What became of the last update, before anything is claimed: the log tells it in that order.
pub(crate) async fn recall(ctx: &Ctx) {
    let paths = UpdatePaths::of(&ctx.home);
    ctx.updates.change(|status| {
        *status = UpdateStatus {
            last: Outcome::load(&paths.outcome),
            skipped: std::fs::read_to_string(&paths.skipped)
                .ok()
                .and_then(|text| text.trim().parse().ok()),
            ..UpdateStatus::default()
        };
    });
    tell_outcome(ctx).await;
}

/// Runs until the worker stops.
pub(crate) async fn run(ctx: Ctx) {
    recall(&ctx).await;
    let automatic = ctx.settings().update.check && can_look(&ctx);
    let mut watch = Loop {
        checker: Checker::new(ctx.now().0, automatic, ctx.random.permille()),
        ready: None,
        insists: false,
        ctx,
    };
    let stop = watch.ctx.stop.clone();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = watch.turn() => {}
        }
    }
}

/// Without an address or a host there is nothing to ask by itself; whoever asks by hand is told why.
fn can_look(ctx: &Ctx) -> bool {
    let given = !ctx.settings().update.source.is_empty();
    ctx.updates.host.is_some() && (given || option_env!("RIPIENO_UPDATE_SOURCE").is_some())
}

struct Loop {
    ctx: Ctx,
    checker: Checker,
    ready: Option<Ready>,
    /// The person asked for the version by hand, also for one that was skipped or failed.
    insists: bool,
}

impl Loop {
    async fn turn(&mut self) {
        self.hear();
        self.try_barrier().await;
        let ctx = self.ctx.clone();
        let now = ctx.now();
        match self.checker.poll(now.0) {
            Step::Look => self.look().await,
            Step::WaitForWord => ctx.updates.word.notified().await,
            Step::WaitUntil(due) => {
                let pause = Timestamp(due).since(now) + Duration::from_millis(1);
                tokio::select! {
                    () = ctx.updates.word.notified() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            }
        }
    }

    /// Takes in what was asked for and what the settings say.
    fn hear(&mut self) {
        let wishes = self.ctx.updates.take_wishes();
        let settings = self.ctx.settings();
        self.checker
            .set_automatic(settings.update.check && can_look(&self.ctx));
        if wishes.look || (wishes.now && self.ready.is_none()) {
            self.checker.ask();
        }
        if wishes.now {
            self.insists = true;
            self.ctx.updates.change(|status| status.now = true);
        }
        if self.ready.is_some() && self.ctx.updates.status().phase != Phase::Ready {
            // It was skipped.
            self.ready = None;
        }
        let next = self.checker.due().map(Timestamp);
        self.ctx.updates.status.send_if_modified(|status| {
            let changed = status.next_look != next;
            status.next_look = next;
            changed
        });
    }

    async fn look(&mut self) {
        let updates = &self.ctx.updates;
        updates.change(|status| status.phase = Phase::Checking);
        let looked = offer::look(&self.ctx, self.insists).await;
        let well = looked.is_ok();
        match looked {
            Ok(found) => {
                let phase = if found.is_some() {
                    Phase::Ready
                } else {
                    Phase::Idle
                };
                updates.change(|status| {
                    status.phase = phase;
                    status.trouble = None;
                    status.progress = None;
                    status.version = found.as_ref().map(|ready| ready.version.clone());
                });
                self.ready = found;
            }
            Err(refusal) => {
                self.ready = None;
                updates.failed(Phase::Idle, &refusal);
            }
        }
        let now = self.ctx.now();
        self.checker.looked(now.0, well, self.ctx.random.permille());
        self.insists = false;
        self.ctx.updates.change(|status| {
            status.looked_at = Some(now);
            status.looks += 1;
            status.now &= status.phase == Phase::Ready;
        });
        tell(&self.ctx, "update_looked").await;
    }

    /// Hands a ready version to the host when nothing is under way; else the end of what is wakes us.
    async fn try_barrier(&mut self) {
        let ctx = self.ctx.clone();
        let now = ctx.updates.suspends();
        let (Some(ready), Some(host)) = (&self.ready, ctx.updates.host.clone()) else {
            ctx.gate.open(CloseReason::Update);
            return;
        };
        if !now {
            ctx.gate.open(CloseReason::Update);
            if !ctx.settings().update.when_idle {
                return;
            }
        } else {
            // Nothing new begins, and what runs gives its task back with its session (U2).
            ctx.gate.close(CloseReason::Update);
            ctx.suspend_all();
        }
        let Some(barrier) = ctx.gate.try_close() else {
            return;
        };
        ripieno_store::crash::point("update.barrier.taken");
        // The last attempt may still be putting itself away.
        ctx.quiet().await;
        let ready = ready.clone();
        let checked = ready.check();
        if let Err(refusal) = checked {
            self.ready = None;
            ctx.gate.open(CloseReason::Update);
            drop(barrier);
            ctx.updates.change(|status| status.now = false);
            ctx.updates.failed(Phase::Idle, &refusal);
            return;
        }
        ctx.updates
            .change(|status| status.phase = Phase::Installing);
        tell(&ctx, "update_installing").await;
        ctx.updates.hand_over(Due {
            barrier,
            ready,
            host,
        });
        // The host stops the worker, and this loop with it.
        ctx.stop.cancelled().await;
    }
}

/// The setting that holds of which outcome the log knows.
const TOLD: &str = "update_told";

/// What became of the last update is a fact of the log, once.
async fn tell_outcome(ctx: &Ctx) {
    let Some(last) = ctx.updates.status().last else {
        return;
    };
    let fact = match last.undone {
        None => "update_installed",
        Some(_) => "update_undone",
    };
    let at = json!(last.at);
    let told = ctx.store.read(|r| r.setting(TOLD)).await;
    if told.is_ok_and(|told| told.as_ref() == Some(&at)) {
        return;
    }
    let data = json!({
        "version": last.version.to_string(),
        "previous": last.previous.to_string(),
        "reason": last.undone,
    });
    let written = ctx.store.write(move |tx| {
        tx.set_setting(TOLD, Some(&at))?;
        tx.fact(None, fact, data)
    });
    if let Err(error) = written.await {
        tracing::warn!(%error, fact, "a fact about an update was not stored");
    }
}

/// A fact in the log, so that every surface looks again.
pub(super) async fn tell(ctx: &Ctx, fact: &'static str) {
    let status = ctx.updates.status();
    let data = json!({
        "phase": status.phase,
        "version": status.version.map(|version| version.to_string()),
        "trouble": status.trouble,
    });
    let written = ctx.store.write(move |tx| tx.fact(None, fact, data)).await;
    if let Err(error) = written {
        tracing::warn!(%error, fact, "a fact about an update was not stored");
    }
}
