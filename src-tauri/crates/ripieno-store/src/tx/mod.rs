//! Writing: what one closure may do, all of it or nothing.

use crate::{CommentRow, Owner, Reader, StoreError, UsageSum};
use ripieno_core::{
    ask::{Answer, Ask, AskSpec},
    effect::Effect,
    event::TaskEvent,
    hold::LaneChoice,
    id::{AskNo, AttemptId, TaskId, TaskNo},
    lane::{Lane, LaneId},
    receipt::Receipt,
    spec::{ResumePoint, SessionRef, TaskSpec},
    state::{Lease, LeaseToken, StateKind},
    task::{OnInterrupt, Task},
    time::Timestamp,
};
use serde_json::Value;

type Res<T> = Result<T, StoreError>;

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

/// One operation's view of the transaction; what it wrote is undone when it fails.
pub struct Tx<'c> {
    reader: Reader<'c>,
}

impl<'c> std::ops::Deref for Tx<'c> {
    type Target = Reader<'c>;
    fn deref(&self) -> &Reader<'c> {
        &self.reader
    }
}

#[allow(unused_variables, clippy::too_many_arguments)]
impl Tx<'_> {
    /// The present moment, the same for the whole operation.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        todo!()
    }
    /// Adds a task, queued or waiting for what it depends on; one whose dependency has failed already fails at
    /// once (T5). A child's thread is its own; a follow-up's is that of the task it continues.
    ///
    /// # Errors
    /// [`StoreError::UnknownDependency`], [`StoreError::NotFound`] for the parent or the task it continues,
    /// [`StoreError::ParentEnded`]. A cycle cannot be written: a task depends on older tasks only.
    pub fn submit(&mut self, new: &NewTask) -> Res<Submitted> {
        todo!()
    }
    /// Applies an event to a task and carries out what follows from it, in this transaction (architecture 4.1).
    /// Counts of open children and unmet dependencies in the event are replaced by the true ones.
    ///
    /// # Errors
    /// [`StoreError::Refused`]; [`StoreError::KeyTaken`] for a reopening.
    pub fn transition(
        &mut self,
        no: TaskNo,
        event: &TaskEvent,
        fence: Option<LeaseToken>,
        extra: Extra,
    ) -> Res<Applied> {
        todo!()
    }
    /// Claims a queued task: a new lease, a new attempt.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when it is not queued, paused, or not due.
    pub fn claim(&mut self, no: TaskNo, lane: &LaneId, owner: &Owner) -> Res<Claimed> {
        todo!()
    }
    /// Reopens an ended task; `fresh` drops the session and the resume point.
    ///
    /// # Errors
    /// [`StoreError::Refused`], [`StoreError::KeyTaken`].
    pub fn reopen(&mut self, no: TaskNo, fresh: bool) -> Res<Applied> {
        todo!()
    }
    /// Opens an ask, or gives back the same one (H7).
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease or a task that is being cancelled.
    pub fn ask(&mut self, on: &AskOn, spec: &AskSpec) -> Res<AskOutcome> {
        todo!()
    }
    /// Answers an ask: the first one counts (H2).
    ///
    /// # Errors
    /// [`StoreError::AlreadyAnswered`], [`StoreError::AskClosed`], [`StoreError::AskChanged`],
    /// [`StoreError::BadAnswer`].
    pub fn answer(&mut self, no: AskNo, revision: Option<i64>, answer: &Answer, by: &str) -> Res<AnswerOutcome> {
        todo!()
    }
    /// Takes an ask back unanswered; when it was the last, its task goes on.
    ///
    /// # Errors
    /// [`StoreError::AlreadyAnswered`], [`StoreError::AskClosed`].
    pub fn withdraw(&mut self, no: AskNo) -> Res<AnswerOutcome> {
        todo!()
    }
    /// Settles every ask whose deadline has passed: by its default, else its task fails (H1).
    ///
    /// # Errors
    /// When the database refuses.
    pub fn expire_due(&mut self) -> Res<Vec<Expired>> {
        todo!()
    }
    /// Stores a comment; its number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn comment(&mut self, task: TaskNo, body: &str, quiet: bool, by: &str) -> Res<i64> {
        todo!()
    }
    /// Takes the comments nobody has taken, oldest first: each is given out once (T13).
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease.
    pub fn take_comments(&mut self, task: TaskNo, fence: LeaseToken, movement: &str) -> Res<Vec<CommentRow>> {
        todo!()
    }
    /// Records that a movement began; its number within the attempt, from 1.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease.
    pub fn movement_started(&mut self, task: TaskNo, fence: LeaseToken, new: &NewMovement) -> Res<u32> {
        todo!()
    }
    /// Records that a movement ended.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease, [`StoreError::NotFound`].
    pub fn movement_ended(
        &mut self,
        task: TaskNo,
        fence: LeaseToken,
        n: u32,
        outcome: &str,
        summary: &str,
        data: Option<Value>,
    ) -> Res<()> {
        todo!()
    }
    /// Adds a report of usage to an attempt, live or ended (R5).
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn add_usage(&mut self, task: TaskNo, attempt: u32, usage: &NewUsage) -> Res<()> {
        todo!()
    }
    /// Stores the receipt of an attempt; a later one of the same attempt replaces it.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease.
    pub fn put_receipt(&mut self, task: TaskNo, fence: LeaseToken, receipt: &Receipt) -> Res<()> {
        todo!()
    }
    /// Stores where the next attempt takes up the work.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease.
    pub fn set_resume(&mut self, task: TaskNo, fence: LeaseToken, resume: &ResumePoint) -> Res<()> {
        todo!()
    }
    /// Stores the session the moment it is known (R3).
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease.
    pub fn bind_session(&mut self, task: TaskNo, fence: LeaseToken, session: &SessionRef, model: Option<&str>) -> Res<()> {
        todo!()
    }
    /// Records the performer's process: what is killed after a crash of ours (C2).
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease.
    pub fn record_spawn(&mut self, task: TaskNo, fence: LeaseToken, pid: u32, pid_started: i64) -> Res<()> {
        todo!()
    }
    /// Writes a fact into the log; its place. `data` is an object.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn fact(&mut self, task: Option<TaskNo>, kind: &str, data: Value) -> Res<i64> {
        todo!()
    }
    /// Marks the ends of tasks as seen; how many were not yet.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn seen(&mut self, tasks: &[TaskNo]) -> Res<usize> {
        todo!()
    }
    /// Marks every failed end as seen; how many were not yet.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn all_seen(&mut self) -> Res<usize> {
        todo!()
    }
    /// Stores what is known of a lane and writes the fact of that kind (`lane_held`, `lane_released`, ...).
    ///
    /// # Errors
    /// When the database refuses.
    pub fn put_lane(&mut self, lane: &Lane, fact: &str, data: Value) -> Res<()> {
        todo!()
    }
    /// Records a folder lock; one for the same folder is replaced.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn put_lock(&mut self, lock: &NewLock) -> Res<()> {
        todo!()
    }
    /// Removes the record of a folder lock.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn drop_lock(&mut self, identity: &str) -> Res<()> {
        todo!()
    }
    /// Removes every lock record of a root task; the folders it held.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn drop_locks_of(&mut self, holder: TaskNo) -> Res<Vec<String>> {
        todo!()
    }
    /// Stores a durable setting of the worker; `None` removes it.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn set_setting(&mut self, key: &str, value: Option<&Value>) -> Res<()> {
        todo!()
    }
    /// Adds a row to the outbox; false when its key is there already.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn outbox_add(&mut self, new: &NewOutbox) -> Res<bool> {
        todo!()
    }
    /// Marks a row of the outbox as delivered.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn outbox_delivered(&mut self, no: i64) -> Res<()> {
        todo!()
    }
    /// Counts a failed delivery and sets when it is due again.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn outbox_failed(&mut self, no: i64, error: &str, due_at: Timestamp) -> Res<()> {
        todo!()
    }
    /// Takes a queued task out of the index of its lane until [`Tx::offer`] of that key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not queued.
    pub fn park(&mut self, no: TaskNo, key: &str) -> Res<()> {
        todo!()
    }
    /// Brings back the first of each lane that is parked under the key; which they are.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn offer(&mut self, key: &str) -> Res<Vec<TaskNo>> {
        todo!()
    }
    /// Brings back tasks whose moment has come, at most `limit`; which they are.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unpark_due(&mut self, limit: usize) -> Res<Vec<TaskNo>> {
        todo!()
    }
    /// Brings back every parked task that is due, whatever its key (start-up, tests); how many.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unpark_all(&mut self) -> Res<usize> {
        todo!()
    }
}
