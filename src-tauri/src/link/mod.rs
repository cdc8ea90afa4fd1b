//! The way to the worker: always its socket, also when this process hosts it (decision 0004).

mod follow;

use std::sync::Arc;

use ripieno_api::socket::Surface;
use ripieno_api::{ApiError, Client};
use ripieno_daemon::Worker;
use ripieno_daemon::paths::Home;
use ripieno_daemon::update::Due;
use ripieno_daemon::update::handover::Next;
use serde_json::Value;
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

use crate::fault::Fault;
use crate::host;
use crate::scene::Scene;
use crate::settings::Settings;
use crate::tray::menu::Role;

/// What is known of the worker.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// What it says; `None` while it is out of reach.
    pub(crate) scene: Option<Scene>,
    /// The settings it had last.
    pub(crate) settings: Settings,
}

/// Hosts the worker or follows another's, and asks it for things.
#[derive(Debug)]
pub(crate) struct Link {
    home: Home,
    worker: Mutex<Option<Worker>>,
    role: watch::Sender<Role>,
    seen: watch::Receiver<Seen>,
}

impl Link {
    /// Hosts the worker, or joins the one at work, and follows it from then on.
    ///
    /// # Errors
    /// The worker cannot be started.
    pub(crate) async fn open(home: Home) -> Result<Arc<Self>, Fault> {
        let worker = host::start(&home).await?;
        let role = if worker.is_some() {
            Role::Host
        } else {
            Role::Client
        };
        let (tell, seen) = watch::channel(Seen::default());
        tokio::spawn(follow::run(home.clone(), tell));
        Ok(Arc::new(Self {
            home,
            worker: Mutex::new(worker),
            role: watch::Sender::new(role),
            seen,
        }))
    }

    /// The folders both programs use.
    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// Who runs the tasks.
    pub(crate) fn role(&self) -> Role {
        *self.role.borrow()
    }

    /// Tells when another runs them.
    pub(crate) fn roles(&self) -> watch::Receiver<Role> {
        self.role.subscribe()
    }

    /// What is known of the worker, as it changes.
    pub(crate) fn seen(&self) -> watch::Receiver<Seen> {
        self.seen.clone()
    }

    /// A connection that speaks for the person at a surface.
    ///
    /// # Errors
    /// Offline when no worker answers.
    pub(crate) async fn client(&self, surface: Surface) -> Result<Client, ApiError> {
        Ok(Client::connect(&self.home).await?.with_surface(surface))
    }

    /// Asks once.
    ///
    /// # Errors
    /// What the worker refuses with.
    pub(crate) async fn ask(
        &self,
        surface: Surface,
        method: &str,
        params: Value,
    ) -> Result<Value, ApiError> {
        self.client(surface).await?.request(method, params).await
    }

    /// Hosts a worker when nobody does; joins when somebody was quicker.
    ///
    /// # Errors
    /// The worker cannot be started.
    pub(crate) async fn start_worker(&self) -> Result<(), Fault> {
        let mut hosted = self.worker.lock().await;
        if hosted.is_none()
            && let Some(worker) = host::start(&self.home).await?
        {
            *hosted = Some(worker);
            self.role.send_replace(Role::Host);
        }
        Ok(())
    }

    /// Waits for an update of the hosted worker that is to take its place now; forever where none is hosted.
    pub(crate) async fn update_due(&self) -> Due {
        let mut roles = self.roles();
        loop {
            let handle = self.worker.lock().await.as_ref().map(Worker::handle);
            let due = async {
                match handle {
                    Some(handle) => handle.update_due().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                due = due => if let Some(due) = due {
                    return due;
                },
                changed = roles.changed() => if changed.is_ok() {
                    continue;
                },
            }
            std::future::pending::<()>().await;
        }
    }

    /// Gives the hosted worker to an update; `None` when it has ended already.
    pub(crate) async fn hand_over(&self, due: Due) -> Option<Next> {
        let worker = self.worker.lock().await.take()?;
        Some(worker.hand_over(due).await)
    }

    /// Ends a hosted worker in order (C7), at once when it is told to hurry. Another's worker goes on.
    pub(crate) async fn close(&self, hurry: CancellationToken) {
        if let Some(worker) = self.worker.lock().await.take() {
            worker.stop(hurry).await;
        }
    }
}
