//! Follows the worker: every change is read again, after a moment in which others may come.

use std::time::Duration;

use jiff::Timestamp;
use ripieno_api::{ApiError, Client};
use ripieno_daemon::paths::Home;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::Seen;
use crate::scene::Scene;
use crate::settings::Settings;

/// Events within this time are shown together: a menu that is rebuilt under the pointer cannot be read.
const SETTLE: Duration = Duration::from_millis(300);
/// How long to wait before a worker that is out of reach is looked for again.
const AGAIN: Duration = Duration::from_secs(2);
/// The longest sleep: a clock that is set, or a computer that slept, is noticed by then.
const LONGEST: Duration = Duration::from_secs(60);

/// Tells of every change, until nobody listens.
pub(super) async fn run(home: Home, tell: watch::Sender<Seen>) {
    while !tell.is_closed() {
        if let Err(error) = one(&home, &tell).await {
            tracing::debug!(%error, "the worker is out of reach");
        }
        tell.send_if_modified(|seen| seen.scene.take().is_some());
        sleep(AGAIN).await;
    }
}

/// Follows one worker to its end.
async fn one(home: &Home, tell: &watch::Sender<Seen>) -> Result<(), ApiError> {
    let mut events = Client::connect(home).await?;
    let mut asks = Client::connect(home).await?;
    let subscribe = json!({"snapshot": false});
    events.request("events.subscribe", subscribe).await?;
    let mut settings = Settings::read(&mut asks).await?;
    loop {
        let scene = Scene::read(&mut asks, Timestamp::now()).await?;
        let changes = scene.changes_at.map(until);
        let next = Seen {
            scene: Some(scene),
            settings,
        };
        tell.send_if_modified(|seen| {
            *seen != next && {
                *seen = next;
                true
            }
        });
        let Some(changed) = burst(&mut events, changes).await? else {
            return Ok(());
        };
        if changed {
            settings = Settings::read(&mut asks).await?;
        }
    }
}

/// Waits for the next events, or for the time that changes things by itself; says whether settings are among them.
/// `None` at the worker's end.
async fn burst(events: &mut Client, changes: Option<Instant>) -> Result<Option<bool>, ApiError> {
    let by_itself = async {
        match changes {
            Some(at) => sleep_until(at).await,
            None => std::future::pending().await,
        }
    };
    let first = tokio::select! {
        event = events.next_event() => event?,
        () = by_itself => return Ok(Some(false)),
    };
    let Some(first) = first else { return Ok(None) };
    let mut changed = concerns_settings(&first);
    let settled = Instant::now() + SETTLE;
    while let Ok(event) = timeout_at(settled, events.next_event()).await {
        match event? {
            Some(event) => changed |= concerns_settings(&event),
            None => return Ok(None),
        }
    }
    Ok(Some(changed))
}

fn concerns_settings(event: &Value) -> bool {
    event["kind"] == "settings_changed"
}

/// The moment a time of the clock comes, as far as can be known now.
fn until(at: Timestamp) -> Instant {
    let left = at.duration_since(Timestamp::now());
    let left = Duration::try_from(left).unwrap_or_default();
    Instant::now() + left.clamp(SETTLE, LONGEST)
}
