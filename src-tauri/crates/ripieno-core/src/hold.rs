//! Holds: the one answer to "why does it wait?" (S2, architecture 1.6). The claim refuses exactly when
//! [`hold`] gives a reason, and every surface shows that reason.

mod lanes;
mod text;

pub use lanes::choose_lane;

use crate::{
    id::{AskNo, TaskNo},
    lane::{Lane, LaneId},
    state::{StateKind, WaitOn},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Why a task may not start now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Hold {
    /// Its own start time, or the pause before a retry.
    NotBefore { until: Timestamp },
    /// Another task of its thread is live (T22).
    Thread { task: TaskNo },
    /// Every slot is taken.
    Slots { used: u32, limit: u32 },
    /// Every slot of its lane is taken.
    LaneFull { lane: LaneId, used: u32, limit: u32 },
    /// Every slot of its piece is taken.
    PieceFull {
        piece: String,
        used: u32,
        limit: u32,
    },
    /// As many tasks of its project run as that allows.
    ProjectFull { path: String, used: u32, limit: u32 },
    /// The provider's limit (S5).
    LaneHold {
        lane: LaneId,
        until: Timestamp,
        reason: String,
    },
    /// The login was rejected (S11).
    LaneSignedOut { lane: LaneId },
    /// Failures that speak about the lane (S6).
    LaneDrained { lane: LaneId, failures: u32 },
    /// No answer from it (S5).
    EndpointDown { endpoint: String, since: Timestamp },
    /// No network.
    Offline { since: Timestamp },
    /// A day's or lane's cap (T17).
    Budget { cap: String, until: Timestamp },
    /// Another task works in the folder (D2).
    Directory {
        path: String,
        holder: String,
        task: Option<TaskNo>,
    },
    /// The folder is not trusted (D1).
    Untrusted { path: String },
    /// The task's own mark, or the worker's pause.
    Paused { until: Option<Timestamp> },
    /// An update is being installed.
    Updating,
    /// Outside the hours given.
    OutsideSchedule { next: Timestamp },
    /// No agent of that kind, any more (S9).
    NoRuntime { what: String },
    /// The model is gone.
    ModelUnavailable { model: String },
    /// A setting, key or program is missing (S9).
    NotConfigured { what: String },
    /// The keyring is locked.
    VaultLocked,
    /// Too little room (rel-4).
    DiskSpace { free: u64 },
    /// The worker is starting.
    Starting,
    /// The worker is stopping.
    Stopping,
    /// A task it depends on is not done (T5).
    Dependency { task: TaskNo },
    /// Children are open (T6).
    Subtasks { open: u32 },
    /// A person is asked.
    Ask { ask: AskNo },
}

/// What the gate says to every claim (S4).
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum GateHold {
    Starting,
    Stopping,
    Updating,
    Paused { until: Option<Timestamp> },
    DiskSpace { free: u64 },
}

/// How a task chooses its lane (S7).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LaneChoice {
    /// This one.
    Fixed(LaneId),
    /// The least busy of those the user allows for automatic choice.
    Any,
}

/// What of a task decides whether it may start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Its number.
    pub no: TaskNo,
    /// Where it stands.
    pub state: StateKind,
    /// What it waits for, when `waiting`.
    pub wait_on: Option<WaitOn>,
    /// The mark.
    pub paused: bool,
    /// Not before this moment, when queued.
    pub not_before: Option<Timestamp>,
    /// Its lane.
    pub lane: LaneChoice,
    /// Its piece.
    pub piece: String,
    /// Its thread, named by the number of the thread's first task.
    pub thread: TaskNo,
    /// The folder it works in, as written; `None` for a workspace of its own.
    pub folder: Option<String>,
    /// The folder of the person it belongs to, whether it works there or in a worktree of it: the one to be trusted (D1).
    pub project: Option<String>,
    /// The task that holds folders for it: its root (D9).
    pub root: TaskNo,
}

/// Who holds a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FolderHolder {
    /// The folder that is held: the same one, an ancestor or a descendant.
    pub path: String,
    /// In words: `T-41`, or `process 812 of another worker`.
    pub holder: String,
    /// The task, when it is one of this worker's.
    pub task: Option<TaskNo>,
}

/// What the scheduler knows; answers are of one moment.
pub trait World {
    /// That moment.
    fn now(&self) -> Timestamp;
    /// Why the gate is closed, if it is.
    fn gate(&self) -> Option<GateHold>;
    /// Slots in use, and how many there are.
    fn slots(&self) -> (u32, u32);
    /// What is known of a lane, its slots in use, and how many it has (`None`: no limit of its own).
    fn lane(&self, lane: &LaneId) -> (Lane, u32, Option<u32>);
    /// The lanes allowed for automatic choice, in the user's order.
    fn automatic_lanes(&self) -> Vec<LaneId>;
    /// Tasks of the piece under way, and how many it allows.
    fn piece(&self, piece: &str) -> Option<(u32, u32)>;
    /// The other live task of the thread.
    fn thread_holder(&self, thread: TaskNo, task: TaskNo) -> Option<TaskNo>;
    /// Whether the person lets agents work with that folder (D1).
    fn trusts(&self, folder: &str) -> bool;
    /// The project that the folder belongs to, where it has a limit: its folder, its tasks under way, and how many it allows.
    fn project(&self, folder: &str) -> Option<(String, u32, u32)>;
    /// Who holds the folder, other than this task's root.
    fn folder_holder(&self, folder: &str, root: TaskNo) -> Option<FolderHolder>;
    /// The first task it depends on that is not done.
    fn unmet_dependency(&self, task: TaskNo) -> Option<TaskNo>;
    /// How many of its children are open.
    fn open_children(&self, task: TaskNo) -> u32;
    /// Its oldest open ask.
    fn open_ask(&self, task: TaskNo) -> Option<AskNo>;
}

/// Why the task may not start now; `None` for one that may, and for one that is live or has ended.
pub fn hold(task: &Candidate, world: &(impl World + ?Sized)) -> Option<Hold> {
    match task.state {
        StateKind::Queued => own_hold(task, world).or_else(|| shared_hold(task, world)),
        StateKind::Waiting => Some(match task.wait_on {
            Some(WaitOn::Subtasks) => Hold::Subtasks {
                open: world.open_children(task.no),
            },
            Some(WaitOn::Dependencies) | None => Hold::Dependency {
                task: world.unmet_dependency(task.no).unwrap_or(task.no),
            },
        }),
        StateKind::NeedsInput => world.open_ask(task.no).map(|ask| Hold::Ask { ask }),
        StateKind::Leased
        | StateKind::Running
        | StateKind::NeedsVerification
        | StateKind::Done
        | StateKind::Failed
        | StateKind::Dead
        | StateKind::Cancelled => None,
    }
}

/// A hold of something of the task's own: it leaves the index of its lane until that thing is free.
pub fn own_hold(task: &Candidate, world: &(impl World + ?Sized)) -> Option<Hold> {
    if task.paused {
        return Some(Hold::Paused { until: None });
    }
    if let Some(until) = task.not_before.filter(|at| *at > world.now()) {
        return Some(Hold::NotBefore { until });
    }
    if let Some(other) = world.thread_holder(task.thread, task.no) {
        return Some(Hold::Thread { task: other });
    }
    if let Some((used, limit)) = world
        .piece(&task.piece)
        .filter(|(used, limit)| used >= limit)
    {
        return Some(Hold::PieceFull {
            piece: task.piece.clone(),
            used,
            limit,
        });
    }
    if let Some(path) = task.project.as_deref().filter(|path| !world.trusts(path)) {
        return Some(Hold::Untrusted {
            path: path.to_owned(),
        });
    }
    let project = task.project.as_deref();
    if let Some((path, used, limit)) = project
        .and_then(|path| world.project(path))
        .filter(|(_, used, limit)| used >= limit)
    {
        return Some(Hold::ProjectFull { path, used, limit });
    }
    let held = task
        .folder
        .as_deref()
        .and_then(|folder| world.folder_holder(folder, task.root));
    held.map(|by| Hold::Directory {
        path: by.path,
        holder: by.holder,
        task: by.task,
    })
}

/// A hold shared with every task of the lane or of the worker.
fn shared_hold(task: &Candidate, world: &(impl World + ?Sized)) -> Option<Hold> {
    if let Some(gate) = world.gate() {
        return Some(match gate {
            GateHold::Starting => Hold::Starting,
            GateHold::Stopping => Hold::Stopping,
            GateHold::Updating => Hold::Updating,
            GateHold::Paused { until } => Hold::Paused { until },
            GateHold::DiskSpace { free } => Hold::DiskSpace { free },
        });
    }
    choose_lane(&task.lane, world).err().or_else(|| {
        let (used, limit) = world.slots();
        (used >= limit).then_some(Hold::Slots { used, limit })
    })
}

impl Hold {
    /// The key under which a task held by something of its own is parked; `None` for holds shared with its lane.
    /// It names what the task itself wants (its folder, its thread), so that whoever frees that thing finds it.
    #[must_use]
    pub fn park_key(&self, task: &Candidate) -> Option<String> {
        match self {
            Hold::NotBefore { .. } => Some(PARKED_ON_TIME.to_owned()),
            Hold::Thread { .. } => Some(format!("thread:{}", task.thread.0)),
            Hold::PieceFull { piece, .. } => Some(format!("piece:{piece}")),
            Hold::ProjectFull { path, .. } => Some(format!("project:{path}")),
            Hold::Directory { .. } => task
                .folder
                .as_ref()
                .map(|folder| format!("folder:{folder}")),
            Hold::Untrusted { path } => Some(format!("trust:{path}")),
            Hold::Slots { .. }
            | Hold::LaneFull { .. }
            | Hold::LaneHold { .. }
            | Hold::LaneSignedOut { .. }
            | Hold::LaneDrained { .. }
            | Hold::EndpointDown { .. }
            | Hold::Offline { .. }
            | Hold::Budget { .. }
            | Hold::Paused { .. }
            | Hold::Updating
            | Hold::OutsideSchedule { .. }
            | Hold::NoRuntime { .. }
            | Hold::ModelUnavailable { .. }
            | Hold::NotConfigured { .. }
            | Hold::VaultLocked
            | Hold::DiskSpace { .. }
            | Hold::Starting
            | Hold::Stopping
            | Hold::Dependency { .. }
            | Hold::Subtasks { .. }
            | Hold::Ask { .. } => None,
        }
    }
}

/// The park key of tasks that wait for a moment.
pub const PARKED_ON_TIME: &str = "time";
