//! Keeps the system from going to sleep while tasks are at work (S10).
//!
//! What is wanted is a pure decision; how the system is told is a file per system.

#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(not(any(target_os = "macos", windows)), path = "linux.rs")]
mod system;

use crate::{config::KeepAwake, ctx::Ctx};
use ripieno_store::Event;
use std::{sync::Arc, time::Duration};
use system::{Held, Power};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::Instant,
};

/// How often the power supply is looked at while tasks are at work and it matters.
const ROUND: Duration = Duration::from_secs(60);

/// How long the system may take to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// Whether the system is to be kept awake, with so many tasks at work.
#[must_use]
pub fn inhibit(at_work: usize, setting: KeepAwake, on_ac: bool) -> bool {
    at_work > 0
        && match setting {
            KeepAwake::Off => false,
            KeepAwake::OnAc => on_ac,
            KeepAwake::Always => true,
        }
}

/// Runs until the worker stops; what it holds is given back with it.
pub async fn run(ctx: Ctx) {
    let mut keeper = Keeper::default();
    let mut feed = ctx.store.subscribe();
    loop {
        let changed = ctx.live_changed.notified();
        tokio::pin!(changed);
        // From here on it hears of what begins after the look.
        changed.as_mut().enable();
        let (at_work, setting) = (ctx.live().len(), ctx.settings().desktop.keep_awake);
        keeper.look(at_work, setting, &ctx).await;
        let watches_power = at_work > 0 && setting == KeepAwake::OnAc;
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = changed => {}
            () = tokio::time::sleep(ROUND), if watches_power => {}
            () = settings_changed(&mut feed) => {}
        }
    }
}

/// Waits until a setting is changed.
async fn settings_changed(feed: &mut Receiver<Arc<Event>>) {
    loop {
        match feed.recv().await {
            Ok(event) if event.kind == "settings_changed" => return,
            Ok(_) => {}
            // What was missed may have been one.
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// What is held, and what was said about it.
#[derive(Default)]
struct Keeper {
    power: Option<Power>,
    held: Option<Held>,
    /// When the system gave no good answer last; it is left alone for a while then.
    trouble: Option<Instant>,
    told: bool,
}

impl Keeper {
    async fn look(&mut self, at_work: usize, setting: KeepAwake, ctx: &Ctx) {
        // Without a wish that could be granted the system is not even asked.
        if !inhibit(at_work, setting, true) {
            self.held = None;
            return;
        }
        if self.trouble.is_some_and(|at| at.elapsed() < ROUND) {
            return;
        }
        let looked = tokio::time::timeout(ANSWER, self.hold(at_work, setting, ctx)).await;
        let trouble = match looked {
            Ok(Ok(())) => {
                self.trouble = None;
                return;
            }
            Ok(Err(trouble)) => trouble.to_string(),
            Err(_) => "no answer from the system".to_owned(),
        };
        (self.held, self.power, self.trouble) = (None, None, Some(Instant::now()));
        if !std::mem::replace(&mut self.told, true) {
            tracing::info!(trouble, "the system may go to sleep while tasks run");
        }
    }

    async fn hold(
        &mut self,
        at_work: usize,
        setting: KeepAwake,
        ctx: &Ctx,
    ) -> Result<(), system::Trouble> {
        let power = match &self.power {
            Some(power) => power,
            None => self.power.insert(Power::find(ctx.environment.own()).await?),
        };
        let on_ac = setting == KeepAwake::Always || power.on_ac().await?;
        if !inhibit(at_work, setting, on_ac) {
            self.held = None;
        } else if self.held.is_none() {
            self.held = Some(power.hold().await?);
            tracing::debug!("the system is kept awake");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_is_kept_awake_only_while_tasks_are_at_work_and_as_the_setting_says() {
        for (at_work, setting, on_ac, kept) in [
            (0, KeepAwake::Always, true, false),
            (0, KeepAwake::OnAc, true, false),
            (1, KeepAwake::Off, true, false),
            (3, KeepAwake::Off, false, false),
            (1, KeepAwake::OnAc, true, true),
            (1, KeepAwake::OnAc, false, false),
            (1, KeepAwake::Always, false, true),
            (2, KeepAwake::Always, true, true),
        ] {
            assert_eq!(
                inhibit(at_work, setting, on_ac),
                kept,
                "{at_work} {setting:?} {on_ac}"
            );
        }
    }
}
