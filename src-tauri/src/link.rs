//! The way to the worker: always its socket, also when this process hosts it (decision 0004).

use std::time::Duration;

use ripieno_api::{ApiError, Client};
use ripieno_daemon::Worker;
use ripieno_daemon::paths::Home;
use serde_json::json;
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::fault::Fault;
use crate::host;
use crate::status::Status;
use crate::tray::menu::Role;

/// Events within this time are shown together: a menu that is rebuilt under the pointer cannot be read.
const SETTLE: Duration = Duration::from_millis(300);
/// How long to wait before a worker that is out of reach is looked for again.
const AGAIN: Duration = Duration::from_secs(2);

/// What the tray knows of the worker, and its way to ask for something.
#[derive(Debug)]
pub(crate) struct Link {
    home: Home,
    role: Role,
    worker: Mutex<Option<Worker>>,
    seen: watch::Receiver<Option<Status>>,
}

impl Link {
    /// Hosts the worker, or joins the one at work, and follows it from then on.
    ///
    /// # Errors
    /// The worker cannot be started.
    pub(crate) async fn open(home: Home) -> Result<Self, Fault> {
        let worker = host::start(&home).await?;
        let role = if worker.is_some() {
            Role::Host
        } else {
            Role::Client
        };
        let (tell, seen) = watch::channel(None);
        tokio::spawn(follow(home.clone(), tell));
        Ok(Self {
            home,
            role,
            worker: Mutex::new(worker),
            seen,
        })
    }

    /// Who runs the tasks.
    pub(crate) fn role(&self) -> Role {
        self.role
    }

    /// The worker's status as it changes; `None` while it is out of reach.
    pub(crate) fn seen(&self) -> watch::Receiver<Option<Status>> {
        self.seen.clone()
    }

    /// Asks for something without parameters; a refusal is logged, and the tray goes on showing what is.
    pub(crate) async fn ask(&self, method: &str) {
        let asked = async {
            let mut client = Client::connect(&self.home).await?;
            client.request(method, json!({})).await
        };
        if let Err(error) = asked.await {
            tracing::warn!(method, %error, "the worker refused");
        }
    }

    /// Ends a hosted worker in order (C7); a second signal hurries it. Another's worker goes on.
    pub(crate) async fn close(&self) {
        let Some(worker) = self.worker.lock().await.take() else {
            return;
        };
        let hurry = CancellationToken::new();
        let second = hurry.clone();
        tokio::spawn(async move {
            crate::signals::ended().await;
            second.cancel();
        });
        worker.stop(hurry).await;
    }
}

/// Tells of every change of the worker's status, until nobody listens.
async fn follow(home: Home, tell: watch::Sender<Option<Status>>) {
    while !tell.is_closed() {
        if let Err(error) = follow_one(&home, &tell).await {
            tracing::debug!(%error, "the worker is out of reach");
        }
        tell.send_if_modified(|seen| seen.take().is_some());
        sleep(AGAIN).await;
    }
}

/// Follows one worker to its end.
async fn follow_one(home: &Home, tell: &watch::Sender<Option<Status>>) -> Result<(), ApiError> {
    let mut events = Client::connect(home).await?;
    let mut asks = Client::connect(home).await?;
    let subscribe = json!({"snapshot": false});
    events.request("events.subscribe", subscribe).await?;
    loop {
        let view = asks.request("status", json!({})).await?;
        match serde_json::from_value::<Status>(view) {
            Ok(status) => {
                tell.send_if_modified(|seen| seen.replace(status.clone()) != Some(status));
            }
            Err(error) => tracing::warn!(%error, "the worker's status cannot be read"),
        }
        if events.next_event().await?.is_none() {
            return Ok(());
        }
        let settled = Instant::now() + SETTLE;
        while let Ok(event) = timeout_at(settled, events.next_event()).await {
            if event?.is_none() {
                return Ok(());
            }
        }
    }
}
