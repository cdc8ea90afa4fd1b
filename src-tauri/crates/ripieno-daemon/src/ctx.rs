//! What every part of the worker shares.

use crate::{
    config::Settings,
    environment::{Environment, Resolved},
    floor::Floor,
    paths::Home,
    performers::Performer,
    tokens::Tokens,
    update::Updates,
    worktree::Turns,
};
use ripieno_agents::{process::Launcher, stream::Item};
use ripieno_core::{
    hold::GateHold,
    id::{AskNo, TaskNo},
    time::{Clock, Random, Timestamp},
};
use ripieno_gate::{ClaimGate, CloseReason};
use ripieno_store::{Owner, Store};
use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicUsize},
    },
    time::Duration,
};
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// What an actor is told from outside.
#[derive(Clone, PartialEq, Debug)]
pub enum Signal {
    /// A person wants it stopped: the row says whether for good.
    Wished,
    /// The row has news: an answer or a comment.
    News,
    /// The performer named its outcome (`ripieno task finish`, `finish_movement`).
    Finish(Finish),
    /// The performer wrote something down that belongs into its transcript.
    Wrote(Item),
}

/// The outcome of a movement as its performer named it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finish {
    /// The outcome.
    pub outcome: String,
    /// What was done, where it was said.
    pub summary: Option<String>,
}

/// The handle of a live attempt.
#[derive(Clone, Debug)]
pub struct ActorHandle {
    /// Its attempt number.
    pub attempt: u32,
    /// Where it hears.
    pub signals: mpsc::Sender<Signal>,
    /// Cancelled when the worker stops or suspends: the task is given back as interrupted.
    pub suspend: CancellationToken,
    /// The supervisor's process id, once there is one; for authority by descent.
    pub pid: Arc<Mutex<Option<i32>>>,
    /// Ends the actor, when it no longer shows that it lives (C3).
    pub abort: Arc<Mutex<Option<tokio::task::AbortHandle>>>,
    /// When it last did, in awake time.
    pub last_beat: Arc<Mutex<tokio::time::Instant>>,
    /// The number of the last entry in its transcript.
    pub logged: watch::Sender<u64>,
    /// One line about what it does now, and when it last gave a sign of life (O4).
    pub pulse: Arc<Mutex<Pulse>>,
}

/// How often an attempt shows that it lives (C3).
pub(crate) const BEAT: Duration = Duration::from_secs(10);

impl ActorHandle {
    /// Does the work, and shows all the while that the actor lives: for what has a limit of its own, or waits for the
    /// disk for as long as it takes (C6).
    pub(crate) async fn beating<T>(&self, work: impl Future<Output = T>) -> T {
        let mut beats = tokio::time::interval(BEAT);
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                _ = beats.tick() => self.beat(),
            }
        }
    }

    /// Shows that the actor lives (C3).
    pub fn beat(&self) {
        *self
            .last_beat
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = tokio::time::Instant::now();
    }
}

/// What a live attempt does (O4).
#[derive(Clone, Debug, Default)]
pub struct Pulse {
    /// The movement under way.
    pub movement: Option<String>,
    /// Its last tool call, at most 200 characters.
    pub line: Option<String>,
    /// The last sign of life.
    pub at: Option<Timestamp>,
    /// The asks that a performer of this movement has made and was not handed an answer to: it waits, or it went away without (H3, H7).
    pub sent_away: BTreeSet<AskNo>,
}

/// The worker-wide pause as the person set it; durable (S4).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct WorkerPause {
    /// Whether nothing new is taken.
    pub paused: bool,
    /// Until then, when a time was given.
    pub until: Option<Timestamp>,
    /// Whether what runs was suspended: a claim that was under way is given back too.
    #[serde(default)]
    pub suspend: bool,
}

/// Shared state of the worker; cheap to clone.
#[derive(Clone)]
pub struct Ctx {
    inner: Arc<Shared>,
}

/// The fields of [`Ctx`].
pub struct Shared {
    /// The truth.
    pub store: Store,
    /// Where everything lies.
    pub home: Home,
    /// The settings in force.
    pub settings: RwLock<Arc<Settings>>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Ids and jitter.
    pub random: Arc<dyn Random>,
    /// What is live.
    pub floor: Floor,
    /// Through which every claim passes.
    pub gate: ClaimGate,
    /// The pause in force.
    pub pause: Mutex<WorkerPause>,
    /// Free room, when it is too little.
    pub low_disk: Mutex<Option<u64>>,
    /// Tells the watch of the disk that a write found no room.
    pub disk_doubt: Notify,
    /// Wakes the scheduler.
    pub wake: Notify,
    /// How many errands are under way.
    pub errands: AtomicUsize,
    /// Tells the reactor that something could not be followed up.
    pub behind: Notify,
    /// Tells that an attempt began or ended.
    pub live_changed: Notify,
    /// Settings given on the command line.
    pub flags: Vec<(String, String)>,
    /// Whether a later look at folders of other processes is under way already.
    pub recheck_pending: AtomicBool,
    /// What the last search for agents went by; held while somebody looks.
    pub discovery: tokio::sync::Mutex<crate::runtimes::Search>,
    /// What was found of agents, as last looked for.
    pub runtimes: RwLock<Vec<crate::runtimes::Runtime>>,
    /// The live attempts.
    pub actors: Mutex<HashMap<TaskNo, ActorHandle>>,
    /// The secrets that tasks prove themselves with.
    pub tokens: Tokens,
    /// Starts supervised processes.
    pub launcher: Launcher,
    /// Agents by kind; scripts are always there.
    pub performers: RwLock<HashMap<String, Performer>>,
    /// This process, as it stands in leases.
    pub owner: Owner,
    /// The `ripieno` command that belongs to this worker.
    pub command: PathBuf,
    /// The socket in use.
    pub socket: PathBuf,
    /// The environment that agents are looked for with and children's are made from (R11).
    pub environment: Environment,
    /// What is known of the data folder (D7).
    pub storage: crate::storage::Storage,
    /// Something was staged: its day begins.
    pub staged: Notify,
    /// The updater (U1-U4).
    pub updates: Updates,
    /// Whose turn it is to change a worktree.
    pub trees: Turns,
    /// Whose turn it is to tear down what was set up for a task.
    pub teardowns: Turns,
    /// Clones that tasks share (D6).
    pub clones: crate::repos::Clones,
    /// How many may look at what tasks changed at a time: each look starts processes.
    pub looks: Semaphore,
    /// Ends services and the scheduler.
    pub stop: CancellationToken,
    /// Every task of the worker.
    pub tracker: TaskTracker,
}

impl std::ops::Deref for Ctx {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.inner
    }
}

impl std::fmt::Debug for Ctx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ctx")
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}

impl Ctx {
    /// Joins the parts.
    #[must_use]
    pub fn new(shared: Shared) -> Self {
        Ctx {
            inner: Arc::new(shared),
        }
    }

    /// Wakes those who wait for the gate whenever it says something; by itself it keeps nothing alive.
    pub fn listen_to_gate(&self) {
        let weak = Arc::downgrade(&self.inner);
        self.gate.listen(move |_| {
            if let Some(shared) = weak.upgrade() {
                shared.wake.notify_one();
                shared.updates.wake();
            }
        });
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The environment that agents are looked for with and children's are made from; the first call may take 3 s (R11).
    pub async fn resolved_environment(&self) -> Arc<Resolved> {
        self.environment.get(self.settings().login_shell).await
    }

    /// The performer of a kind.
    #[must_use]
    pub fn performer(&self, kind: &str) -> Option<Performer> {
        self.performers
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(kind)
            .cloned()
    }

    /// The live attempt of a task.
    #[must_use]
    pub fn actor(&self, no: TaskNo) -> Option<ActorHandle> {
        self.actors
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&no)
            .cloned()
    }

    /// Every live attempt.
    #[must_use]
    pub fn live(&self) -> Vec<(TaskNo, ActorHandle)> {
        let actors = self.actors.lock().unwrap_or_else(PoisonError::into_inner);
        actors
            .iter()
            .map(|(no, handle)| (*no, handle.clone()))
            .collect()
    }

    /// Suspends every live attempt.
    pub fn suspend_all(&self) {
        for (_, actor) in self.live() {
            actor.suspend.cancel();
        }
    }

    /// Whether an attempt that begins now is to be given back at once.
    #[must_use]
    pub fn suspends_new(&self) -> bool {
        let pause = *self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        (pause.paused && pause.suspend)
            || self.updates.suspends()
            || self.gate.reasons().contains(CloseReason::Shutdown)
    }

    /// Waits until something is live.
    pub async fn sweep_needed(&self) {
        loop {
            // Made before the look: it hears of what begins between the two.
            let changed = self.live_changed.notified();
            if !self.live().is_empty() {
                return;
            }
            changed.await;
        }
    }

    /// Waits until nothing is live and no errand is under way.
    pub async fn quiet(&self) {
        loop {
            let changed = self.live_changed.notified();
            if self.live().is_empty() && self.runs_no_errand() {
                return;
            }
            changed.await;
        }
    }

    /// Tells a live attempt something; nothing when there is none, or it has heard enough.
    pub fn signal(&self, no: TaskNo, signal: Signal) {
        if let Some(actor) = self.actor(no) {
            // A full mailbox holds a signal of the same weight already: the row is the truth.
            drop(actor.signals.try_send(signal));
        }
    }

    /// What the gate says to claims now; every reason it is closed for, the weightiest first.
    #[must_use]
    pub fn gate_hold(&self) -> Option<GateHold> {
        let reasons = self.gate.reasons();
        if reasons.contains(CloseReason::Shutdown) {
            return Some(GateHold::Stopping);
        }
        if reasons.contains(CloseReason::Starting) {
            return Some(GateHold::Starting);
        }
        if reasons.contains(CloseReason::Update) {
            return Some(GateHold::Updating);
        }
        if reasons.contains(CloseReason::UserPause) {
            let pause = *self.pause.lock().unwrap_or_else(PoisonError::into_inner);
            return Some(GateHold::Paused { until: pause.until });
        }
        if reasons.contains(CloseReason::Disk) {
            let free = *self.low_disk.lock().unwrap_or_else(PoisonError::into_inner);
            return Some(GateHold::DiskSpace {
                free: free.unwrap_or(0),
            });
        }
        None
    }
}
