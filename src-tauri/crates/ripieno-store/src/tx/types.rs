//! What operations take and give.

use crate::{ChangesSum, Owner, UsageSum};
use ripieno_core::{
    ask::Ask,
    effect::Effect,
    hold::LaneChoice,
    id::{AttemptId, TaskId, TaskNo},
    lane::LaneId,
    spec::TaskSpec,
    state::{Lease, LeaseToken, StateKind},
    task::{OnInterrupt, Task},
    time::Timestamp,
};
use serde_json::Value;

/// A task to be.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// Its id, when something had to be named by it before; else one is made.
    pub id: Option<TaskId>,
    /// What is asked for.
    pub spec: TaskSpec,
    /// How it chooses its lane.
    pub lane: LaneChoice,
    /// Work under a key that is open already is not added again (T3).
    pub spawn_key: Option<String>,
    /// The task that spawns it.
    pub parent: Option<TaskNo>,
    /// Whether accepted work waits for a person (T16).
    pub review: bool,
    /// Of its first movement (P9).
    pub on_interrupt: OnInterrupt,
}

impl NewTask {
    /// A task of a person: no key, no parent, no review.
    #[must_use]
    pub fn new(spec: TaskSpec, lane: LaneChoice) -> Self {
        NewTask {
            id: None,
            spec,
            lane,
            spawn_key: None,
            parent: None,
            review: false,
            on_interrupt: OnInterrupt::default(),
        }
    }
}

/// What a submission led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Submitted {
    /// Its number.
    pub no: TaskNo,
    /// Its id.
    pub id: TaskId,
    /// Whether an open task with the same key was given back instead (T3).
    pub existing: bool,
    /// Where it stands.
    pub state: StateKind,
}

/// What the caller adds to a transition.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    /// What was said with a failure; kept raw, cut by the caller.
    pub failure_text: Option<String>,
    /// An object whose members join the event's data.
    pub data: Option<Value>,
}

/// A transition that took place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applied {
    /// The task before.
    pub from: StateKind,
    /// The task afterwards.
    pub task: Task,
    /// What it asked for; those that change rows are carried out already.
    pub effects: Vec<Effect>,
    /// The event's place in the log.
    pub seq: i64,
}

/// A claim that succeeded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claimed {
    /// Fences every report of the attempt.
    pub lease: Lease,
    /// Its number.
    pub attempt: u32,
    /// Its id.
    pub attempt_id: AttemptId,
    /// The event's place in the log.
    pub seq: i64,
}

/// Whose ask it is, and from where.
#[derive(Clone, Debug)]
pub enum AskOn {
    /// A performer of the task asks.
    Task {
        /// The task.
        no: TaskNo,
        /// The lease of its attempt.
        fence: LeaseToken,
        /// The movement; part of what makes two questions the same (H7).
        movement: String,
        /// Whether the live process can take the answer (H3).
        in_place: bool,
    },
    /// All tasks of a lane wait: one open ask per lane and kind.
    Lane(LaneId),
    /// The worker itself asks.
    Worker,
}

/// What asking led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AskOutcome {
    /// It is open now.
    Opened {
        /// The ask.
        ask: Ask,
        /// The task's transition.
        applied: Option<Applied>,
    },
    /// The same question was open already.
    Open(Ask),
    /// The same question was answered before (H7): nothing was changed.
    Answered(Ask),
}

/// What an answer led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnswerOutcome {
    /// The ask with its answer.
    pub ask: Ask,
    /// The task it belongs to.
    pub task: Option<TaskNo>,
    /// The task's transition, when this was the last open ask, or an answer that ends the task. When the task
    /// has a lease still, the daemon hands the answer to the live process.
    pub settled: Option<Applied>,
}

/// An ask whose deadline passed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expired {
    /// The ask; answered `by` `default` when it had one.
    pub ask: Ask,
    /// The task it belongs to.
    pub task: Option<TaskNo>,
    /// The task's transition, when there was one.
    pub settled: Option<Applied>,
}

/// A movement to be.
#[derive(Clone, Debug)]
pub struct NewMovement {
    /// Its name.
    pub name: String,
    /// What is done with it when it is interrupted (P9); becomes the task's rule.
    pub on_interrupt: OnInterrupt,
    /// The checkpoint made before it.
    pub checkpoint: Option<String>,
}

/// What a task's changes are measured from.
#[derive(Clone, Debug)]
pub struct NewStart {
    /// A commit, or why there is none.
    pub base: Result<String, String>,
    /// Whether what was there before is part of them.
    pub includes_earlier: bool,
    /// Files that are not in the commit, a list.
    pub apart: Value,
}

/// The state a task left.
#[derive(Clone, Debug)]
pub struct NewEnd {
    /// The commit.
    pub head: String,
    /// Files that are not in it, a list.
    pub apart: Value,
    /// How much lies between start and end.
    pub sum: ChangesSum,
}

/// What an attempt runs. Variables by name, never by value (R10).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRun {
    /// The index of its slot.
    pub slot: u32,
    /// Where the process starts.
    pub cwd: String,
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Names of the variables it was given.
    pub passed: Vec<String>,
    /// Names of those it was not.
    pub withheld: Vec<String>,
}

/// A report of usage (R5).
pub type NewUsage = UsageSum;

/// Something that must leave the process.
#[derive(Clone, Debug)]
pub struct NewOutbox {
    /// The task it is about.
    pub task: Option<TaskNo>,
    /// Who carries it.
    pub channel: String,
    /// The same key twice is one row.
    pub idem_key: String,
    /// What is said.
    pub payload: Value,
    /// Not before this moment.
    pub due_at: Timestamp,
}

/// A folder lock to record.
#[derive(Clone, Debug)]
pub struct NewLock {
    /// Device and inode, or what names the folder on this system.
    pub identity: String,
    /// The folder as written.
    pub path: String,
    /// The root task that holds it.
    pub holder: TaskNo,
    /// The process that holds the system's lock.
    pub owner: Owner,
}
