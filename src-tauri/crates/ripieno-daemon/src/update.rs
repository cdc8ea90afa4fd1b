//! Updates that never interrupt work (U1-U4): looked for and fetched while tasks run, installed only behind the claim
//! gate's barrier, tried before the old version goes, and put back when they do not hold.

pub mod handover;
mod offer;
mod paths;
mod ready;
mod service;
pub mod settle;
pub mod trial;

/// What an installer that the host brings along is written against.
pub use ripieno_update as parts;
pub use ripieno_update::{
    installer::{Installer, Native},
    place::{Installation, Place, Product},
    source::UpdateSource,
    version::current as version,
};

pub(crate) use paths::UpdatePaths;
pub(crate) use ready::Ready;
pub(crate) use service::{recall, run};

use ripieno_core::time::Timestamp;
use ripieno_gate::Barrier;
use ripieno_update::{Refusal, journal::Outcome};
use semver::Version;
use std::{
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{Notify, watch};

/// The program that hosts the worker, so that the same can be started in a new version.
#[derive(Clone, Debug)]
pub struct HostProgram {
    /// The program file.
    pub program: PathBuf,
    /// Its arguments, without its own name.
    pub arguments: Vec<OsString>,
    /// What it is.
    pub product: Product,
    /// What replaces it where its packaging is the system's own.
    pub native: Option<Native>,
}

/// What the updater does, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nothing.
    #[default]
    Idle,
    /// It asks the server.
    Checking,
    /// It fetches a version.
    Downloading,
    /// A version is here, and waits until it may go into its place.
    Ready,
    /// It is being installed: no task is started.
    Installing,
}

/// The updater at a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateStatus {
    /// What it does.
    pub phase: Phase,
    /// The version that is offered, fetched or ready.
    pub version: Option<Version>,
    /// Bytes here, of how many.
    pub progress: Option<(u64, u64)>,
    /// Whether running tasks are suspended for it.
    pub now: bool,
    /// The version the person does not want.
    pub skipped: Option<Version>,
    /// What was wrong last, or what a person has to do.
    pub trouble: Option<String>,
    /// When the server was last asked.
    pub looked_at: Option<Timestamp>,
    /// When it will be asked by itself.
    pub next_look: Option<Timestamp>,
    /// How often a look came to its end.
    pub looks: u64,
    /// Where a person reads what is new.
    pub notes: Option<String>,
    /// What became of the last update.
    pub last: Option<Outcome>,
}

/// A version that may go into its place now: the gate is shut for it.
#[derive(Debug)]
pub struct Due {
    pub(crate) barrier: Barrier,
    pub(crate) ready: Ready,
    pub(crate) host: HostProgram,
}

/// What was asked for since the service last looked.
#[derive(Clone, Copy, Debug, Default)]
struct Wishes {
    look: bool,
    now: bool,
}

/// The updater's part of the worker's shared state.
#[derive(Debug)]
pub struct Updates {
    host: Option<HostProgram>,
    status: watch::Sender<UpdateStatus>,
    wishes: Mutex<Wishes>,
    /// Wakes the service.
    word: Notify,
    due: watch::Sender<Option<Arc<Mutex<Option<Due>>>>>,
}

impl Updates {
    /// Nothing is known yet; without a host nothing is ever installed.
    #[must_use]
    pub fn new(host: Option<HostProgram>) -> Self {
        Updates {
            host,
            status: watch::Sender::new(UpdateStatus::default()),
            wishes: Mutex::default(),
            word: Notify::new(),
            due: watch::Sender::new(None),
        }
    }

    /// Follows what the updater does.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<UpdateStatus> {
        self.status.subscribe()
    }

    /// What the updater does.
    #[must_use]
    pub fn status(&self) -> UpdateStatus {
        self.status.borrow().clone()
    }

    /// Whether attempts are to be given back at once, because the person wants the update now.
    #[must_use]
    pub fn suspends(&self) -> bool {
        self.status.borrow().now
    }

    /// Wakes the service: a setting changed, or nothing runs any more.
    pub fn wake(&self) {
        self.word.notify_one();
    }

    fn change(&self, edit: impl FnOnce(&mut UpdateStatus)) {
        self.status.send_modify(edit);
    }

    /// Says what was wrong, and that everything is as before.
    fn failed(&self, phase: Phase, refusal: &Refusal) {
        tracing::warn!(%refusal, "an update was not taken");
        self.change(|status| {
            status.phase = phase;
            status.trouble = Some(refusal.to_string());
            status.progress = None;
        });
    }

    /// The person wants to know.
    pub(crate) fn want_look(&self) {
        self.wish(|wishes| wishes.look = true);
    }

    /// The person wants it without waiting for idle.
    pub(crate) fn want_now(&self) {
        self.wish(|wishes| wishes.now = true);
    }

    /// The person has time.
    pub(crate) fn want_idle(&self) {
        self.wish(|wishes| wishes.now = false);
        self.change(|status| status.now = false);
    }

    /// The person does not want this version.
    pub(crate) fn skip(&self, version: Version) {
        self.change(|status| {
            status.phase = Phase::Idle;
            status.now = false;
            status.version = None;
            status.skipped = Some(version);
        });
        self.wake();
    }

    fn wish(&self, edit: impl FnOnce(&mut Wishes)) {
        edit(&mut self.wishes.lock().unwrap_or_else(PoisonError::into_inner));
        self.wake();
    }

    fn take_wishes(&self) -> Wishes {
        std::mem::take(&mut *self.wishes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Hands a version to the host, which stops the worker and puts it into its place.
    fn hand_over(&self, due: Due) {
        self.due.send_replace(Some(Arc::new(Mutex::new(Some(due)))));
    }

    /// Waits for a version that is to be put into its place by the host of the worker.
    pub(crate) async fn due(&self) -> Due {
        let mut due = self.due.subscribe();
        loop {
            let slot = due.borrow_and_update().clone();
            let taken = slot.and_then(|slot| {
                let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
                slot.take()
            });
            if let Some(due) = taken {
                return due;
            }
            if due.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
