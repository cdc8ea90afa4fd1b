//! The worker: everything wired together, started in order and stopped in order.

use crate::{
    changes::passing_folder,
    config::{Config, ConfigError, Settings},
    ctx::{Ctx, Shared, WorkerPause},
    disk_watch,
    environment::Environment,
    error::DaemonError,
    floor::Floor,
    handle::Handle,
    keep_awake, missing,
    outbox::{self, Deliver},
    owner::{self, OwnerError, OwnerLock, ProcessIdentity},
    paths::{Home, PathError, directory_lock_folder},
    pause, reactor, recover, repos, runtimes, scheduler, staged, storage, supervisor, sweep,
    tokens::Tokens,
    update::{
        self, Due, HostProgram, Updates,
        settle::{self, Settled},
        version,
    },
    workspace::{DirectoryLocks, LockError},
    worktree::Turns,
};
use ripieno_agents::process::Launcher;
use ripieno_core::time::{Clock, Random, Timestamp};
use ripieno_gate::{ClaimGate, CloseReason};
use ripieno_store::{OpenError, Options, Owner, Store, StoreError};
use ripieno_update::Refusal;
use std::{
    collections::BTreeMap,
    future::Future,
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicBool, AtomicUsize},
    },
    time::Duration,
};
use tokio::sync::{Notify, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How many may look at what tasks changed at a time.
const LOOKS: usize = 2;

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The system's randomness.
#[derive(Debug, Clone, Copy)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn uuid(&self, _now: Timestamp) -> uuid::Uuid {
        uuid::Uuid::now_v7()
    }

    fn permille(&self) -> u16 {
        u16::try_from(uuid::Uuid::now_v7().as_u128() % 1000).unwrap_or(0)
    }
}

/// What a worker is started with.
#[derive(Debug)]
pub struct WorkerOptions {
    /// Where everything lies.
    pub home: Home,
    /// The `ripieno` command of this worker: first on the PATH of performers, and their supervisor.
    pub command: PathBuf,
    /// Settings given on the command line.
    pub flags: Vec<(String, String)>,
    /// The worker's own environment (R11).
    pub base_env: BTreeMap<String, String>,
    /// The program that an update replaces; nothing is updated without.
    pub program: Option<HostProgram>,
}

/// Why a worker did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A folder or file cannot be used.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Another worker runs on this home, or its lock cannot be taken.
    #[error(transparent)]
    Owner(#[from] OwnerError),
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The folder of directory locks cannot be used.
    #[error(transparent)]
    Locks(#[from] LockError),
    /// The store failed during reconciliation.
    #[error("the tasks of an earlier run could not be put in order: {0}")]
    Reconcile(#[from] StoreError),
    /// An update broke off, and only a person can bring it to its end.
    #[error("{0}")]
    Update(#[from] Refusal),
    /// An update that broke off was brought to its end: the program in place is another one now.
    #[error("an update that broke off was brought to its end: start the program again")]
    Replaced(HostProgram),
    /// The version under trial has no parent that holds the home.
    #[error("a version is tried by the one before it, never by itself")]
    TriedByNobody,
    /// The system does not say who we are.
    #[error("this process cannot be identified: {0}; is /proc mounted?")]
    Identity(#[from] io::Error),
}

impl StartError {
    /// Whether a later version of the program wrote the database.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        matches!(self, StartError::Open(OpenError::Newer { .. }))
    }
}

/// A running worker. Stop it with [`Worker::stop`]; dropping it stops at once.
#[derive(Debug)]
pub struct Worker {
    ctx: Ctx,
    /// `None` only while a version is tried: its parent holds it.
    owner: Option<OwnerLock>,
}

impl Worker {
    /// Starts: lock, folders, settings, database, reconciliation, services, and at last the gate.
    ///
    /// # Errors
    /// [`StartError`]; nothing runs then.
    pub async fn start(
        options: WorkerOptions,
        notifier: Arc<dyn Deliver>,
    ) -> Result<Self, StartError> {
        disk_watch::make_room(&options.home);
        options.home.create()?;
        let socket = options.home.socket_to_bind()?;
        let owner = OwnerLock::acquire(&options.home.worker_lock(), &socket, version())?;
        if settle::settle(&options.home, options.program.as_ref())? == Settled::Replaced
            && let Some(program) = options.program
        {
            return Err(StartError::Replaced(program));
        }
        // What a killed worker left of passing objects; ours alone now.
        drop(std::fs::remove_dir_all(passing_folder(&options.home)));
        let ctx = open(options, socket).await?;
        start_services(&ctx, notifier).await?;
        Ok(Worker {
            ctx,
            owner: Some(owner),
        })
    }

    /// Shows that this version can open the tasks of a home: database opened and brought up to date, the past put in
    /// order, one scheduler pass; then ends without having claimed anything (U4).
    ///
    /// # Errors
    /// [`StartError`]; the home must be held by the process that started this one.
    pub async fn try_out(options: WorkerOptions) -> Result<(), StartError> {
        let held = owner::holder(&options.home.worker_lock())?;
        let holder = held
            .and_then(|held| held.owner)
            .map(|owner| owner.process.pid);
        if holder != owner::parent() {
            return Err(StartError::TriedByNobody);
        }
        let socket = options.home.socket_to_bind()?;
        let ctx = open(options, socket).await?;
        put_in_order(&ctx).await?;
        scheduler::try_out(&ctx).await?;
        Ok(())
    }

    /// The way to talk to it.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle::new(self.ctx.clone())
    }

    /// Waits for an update that is to take its place now: then the host gives the worker to [`Worker::hand_over`].
    pub async fn update_due(&self) -> Due {
        self.ctx.updates.due().await
    }

    pub(crate) fn home(&self) -> &Home {
        &self.ctx.home
    }

    pub(crate) fn health_wait(&self) -> Duration {
        self.ctx.settings().update.health_wait
    }

    /// Stops with nothing live, keeping the home; gives who waits until the database is closed.
    pub(crate) async fn retire(mut self) -> (Option<OwnerLock>, impl Future<Output = ()> + use<>) {
        self.end_services().await;
        (self.owner.take(), self.ctx.store.closed())
    }

    async fn end_services(&self) {
        self.ctx.stop.cancel();
        self.ctx.tracker.close();
        drop(tokio::time::timeout(Duration::from_secs(2), self.ctx.tracker.wait()).await);
    }

    /// Quits in order (C7): the gate closes, attempts are suspended with their sessions and output, what is in the outbox
    /// stays for the next start; at most `quit.grace` in all. A second request, `hurry`, ends it at once.
    pub async fn stop(self, hurry: CancellationToken) {
        let ctx = &self.ctx;
        ctx.gate.close(CloseReason::Shutdown);
        let grace = ctx.settings().quit_grace;
        ctx.suspend_all();
        tokio::select! {
            () = ctx.quiet() => {}
            () = tokio::time::sleep(grace) => tracing::warn!("attempts are left to the next start"),
            () = hurry.cancelled() => tracing::warn!("ending at once"),
        }
        self.end_services().await;
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.ctx.gate.close(CloseReason::Shutdown);
        self.ctx.stop.cancel();
    }
}

fn load_config(home: &Home, flags: &[(String, String)]) -> Result<Config, ConfigError> {
    crate::handle::settings::load(home, flags)
}

async fn open_store(home: &Home, options: Options) -> Result<Store, StartError> {
    let (database, backups) = (home.database(), home.backups_dir());
    let opened =
        tokio::task::spawn_blocking(move || Store::open(&database, &backups, options)).await;
    match opened {
        Ok(opened) => Ok(opened?),
        Err(broken) => Err(StartError::Identity(io::Error::other(broken))),
    }
}

/// Reads the settings, opens the database and joins the parts; the gate is closed.
async fn open(options: WorkerOptions, socket: PathBuf) -> Result<Ctx, StartError> {
    let home = options.home;
    let settings = Arc::new(load_config(&home, &options.flags)?.settings);
    let identity = ProcessIdentity::current()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let mut store_options = Options::new(Arc::clone(&clock), Arc::clone(&random));
    store_options.retry_base = settings.retry_base;
    store_options.retry_cap = settings.retry_cap;
    let store = open_store(&home, store_options).await?;
    let locks = DirectoryLocks::open(&directory_lock_folder()?, home.name())?;
    Ok(Ctx::new(Shared {
        store,
        floor: Floor::new(settings.slots, locks),
        settings: RwLock::new(settings),
        flags: options.flags,
        clock,
        random,
        gate: ClaimGate::closed_for(CloseReason::Starting),
        pause: Mutex::new(WorkerPause::default()),
        low_disk: Mutex::new(None),
        disk_doubt: Notify::new(),
        wake: Notify::new(),
        staged: Notify::new(),
        storage: storage::Storage::default(),
        updates: Updates::new(options.program),
        errands: AtomicUsize::new(0),
        behind: Notify::new(),
        live_changed: Notify::new(),
        actors: Mutex::default(),
        tokens: Tokens::default(),
        launcher: Launcher::new(options.command.clone()),
        performers: RwLock::default(),
        runtimes: RwLock::default(),
        recheck_pending: AtomicBool::new(false),
        discovery: tokio::sync::Mutex::default(),
        owner: Owner {
            pid: identity.pid,
            pid_started: i64::try_from(identity.started).unwrap_or(i64::MAX),
            boot_id: identity.boot_id,
        },
        command: options.command,
        socket,
        environment: Environment::new(options.base_env),
        trees: Turns::default(),
        teardowns: Turns::default(),
        clones: repos::Clones::default(),
        looks: Semaphore::new(LOOKS),
        stop: CancellationToken::new(),
        tracker: TaskTracker::new(),
        home,
    }))
}

/// What must be so before the first claim (C2).
async fn put_in_order(ctx: &Ctx) -> Result<(), StoreError> {
    disk_watch::look(ctx).await;
    runtimes::add_shell(ctx);
    pause::restore(ctx).await?;
    recover::reconcile(ctx).await
}

async fn start_services(ctx: &Ctx, notifier: Arc<dyn Deliver>) -> Result<(), StartError> {
    put_in_order(ctx).await?;
    update::recall(ctx).await;
    ctx.listen_to_gate();
    supervisor::keep(ctx, "reactor", reactor::run);
    supervisor::keep(ctx, "outbox", move |ctx| {
        outbox::run(ctx, vec![Arc::clone(&notifier)])
    });
    supervisor::keep(ctx, "disk watch", disk_watch::run);
    supervisor::keep(ctx, "sweep", sweep::run);
    supervisor::keep(ctx, "missing lanes", missing::run);
    supervisor::keep(ctx, "staged files", staged::run);
    supervisor::keep(ctx, "storage", storage::run);
    supervisor::keep(ctx, "keep awake", keep_awake::run);
    supervisor::keep(ctx, "updates", update::run);
    supervisor::keep(ctx, "scheduler", scheduler::run);
    let finder = ctx.clone();
    ctx.tracker
        .spawn(async move { runtimes::discover(&finder, false).await });
    ctx.gate.open(CloseReason::Starting);
    Ok(())
}

impl Ctx {
    /// Puts settings in force that live elsewhere than in [`Settings`] (O3).
    pub fn apply_settings(&self, settings: &Settings) {
        self.floor.set_slots(settings.slots);
        self.store
            .set_retry(settings.retry_base, settings.retry_cap);
        for view in self.floor.lanes() {
            self.floor
                .set_limit(&view.lane.id, settings.lane_slots(&view.lane.id));
        }
        for lane in settings.lanes.keys() {
            self.floor.set_limit(lane, settings.lane_slots(lane));
        }
        runtimes::allow_automatic(self);
        self.updates.wake();
        self.storage.look();
        self.wake.notify_one();
    }
}

/// Why a request could not be carried out by a worker that is being stopped.
#[must_use]
pub fn stopping() -> DaemonError {
    DaemonError::NotPossibleNow("the worker is stopping: ask again after its next start".to_owned())
}
