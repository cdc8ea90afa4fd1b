//! Rows as values.

use ripieno_core::{
    hold::{Candidate, LaneChoice},
    id::{AttemptId, TaskId, TaskNo},
    lane::LaneId,
    receipt::Receipt,
    spec::{ResumePoint, TaskSpec},
    state::{LeaseToken, StateKind, Wish},
    task::{OnInterrupt, Task},
    time::Timestamp,
};
use serde_json::Value;

/// The process that holds a lease: proof after a crash (C3).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owner {
    /// Its process id.
    pub pid: u32,
    /// Its start time, in the system's own unit.
    pub pid_started: i64,
    /// The boot it belongs to.
    pub boot_id: String,
}

/// Why a task failed, as shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FailureNote {
    /// The class by name.
    pub class: String,
    /// What was said.
    pub text: String,
}

/// All of a task.
#[derive(Clone, PartialEq, Debug)]
pub struct TaskRow {
    /// Its short number.
    pub no: TaskNo,
    /// Its id.
    pub id: TaskId,
    /// The machine part.
    pub task: Task,
    /// What was asked for.
    pub spec: TaskSpec,
    /// Where the next attempt takes up the work.
    pub resume: ResumePoint,
    /// How it chooses its lane.
    pub lane: LaneChoice,
    /// The lane of the live attempt, else of the last one.
    pub ran_in: Option<LaneId>,
    /// The process that holds the lease; present exactly with it.
    pub owner: Option<Owner>,
    /// The key under which it is parked (architecture 1.6).
    pub parked_on: Option<String>,
    /// Why it failed: for terminal states the verdict, else the last attempt's.
    pub failure: Option<FailureNote>,
    /// The dependency whose end failed it.
    pub failed_by: Option<TaskNo>,
    /// What is done with an interrupted movement (P9).
    pub on_interrupt: OnInterrupt,
    /// Whether accepted work waits for a person (T16).
    pub review: bool,
    /// The task that spawned it.
    pub parent: Option<TaskNo>,
    /// The first of its family; itself for a task without a parent.
    pub root: TaskNo,
    /// The first task of its thread (T22).
    pub thread: TaskNo,
    /// 0 for a task without a parent.
    pub depth: u32,
    /// The folder it locks; `None` for a workspace or worktree of its own.
    pub folder: Option<String>,
    /// The key of T3.
    pub spawn_key: Option<String>,
    /// Counts changes of the row.
    pub version: i64,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When the row last changed.
    pub updated_at: Timestamp,
    /// When it first ran.
    pub started_at: Option<Timestamp>,
    /// When a person saw its end.
    pub seen_at: Option<Timestamp>,
}

impl TaskRow {
    /// What of it decides whether it may start ([`ripieno_core::hold::hold`]).
    #[must_use]
    pub fn candidate(&self) -> Candidate {
        use ripieno_core::state::TaskState;
        Candidate {
            no: self.no,
            state: self.task.state.kind(),
            wait_on: match self.task.state {
                TaskState::Waiting { on } => Some(on),
                _ => None,
            },
            paused: self.task.paused,
            not_before: match self.task.state {
                TaskState::Queued { not_before, .. } => not_before,
                _ => None,
            },
            lane: self.lane.clone(),
            piece: self.spec.piece.name.clone(),
            thread: self.thread,
            folder: self.folder.clone(),
            root: self.root,
            project: self.spec.dir.clone(),
        }
    }
}

/// The first of a lane's queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// What decides whether it may start.
    pub candidate: Candidate,
    /// Its place; lower goes first, across lanes too.
    pub rank: i64,
}

/// A task with a lease.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Live {
    /// Its number.
    pub no: TaskNo,
    /// Its id.
    pub id: TaskId,
    /// Where it stands.
    pub state: StateKind,
    /// The fence.
    pub lease: LeaseToken,
    /// Who holds it.
    pub owner: Owner,
    /// The attempt.
    pub attempt: u32,
    /// The lane it runs in.
    pub lane: LaneId,
    /// Its thread.
    pub thread: TaskNo,
    /// Its root.
    pub root: TaskNo,
    /// The folder it locks.
    pub folder: Option<String>,
    /// Its piece.
    pub piece: String,
    /// What a person wants of the attempt.
    pub wish: Option<Wish>,
}

/// One leased execution.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttemptRow {
    /// The task.
    pub task: TaskNo,
    /// From 1.
    pub n: u32,
    /// Its id.
    pub id: AttemptId,
    /// The lane it ran in.
    pub lane: LaneId,
    /// The agent's session, once known (R3).
    pub session: Option<String>,
    /// The model, once known.
    pub model: Option<String>,
    /// The performer's process, once spawned, with its start time.
    pub process: Option<(u32, i64)>,
    /// How it ended ([`ripieno_core::effect::AttemptEnd::name`]).
    pub end: Option<String>,
    /// The class, when it failed.
    pub class: Option<String>,
    /// The text of the failure.
    pub text: Option<String>,
    /// When it was claimed.
    pub claimed_at: Timestamp,
    /// When its performer began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// One step of a piece within an attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MovementRow {
    /// The task.
    pub task: TaskNo,
    /// The attempt.
    pub attempt: u32,
    /// From 1 within the attempt.
    pub n: u32,
    /// Its name.
    pub name: String,
    /// The outcome, once it ended.
    pub outcome: Option<String>,
    /// What it says it did.
    pub summary: String,
    /// The checkpoint made before it (R13).
    pub checkpoint: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// What one report of usage said (R5).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsageRow {
    /// The attempt.
    pub attempt: u32,
    /// When.
    pub at: Timestamp,
    /// What was used.
    pub sum: UsageSum,
}

/// Tokens and money of one model; money in millionths of a US dollar.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct UsageSum {
    pub model: String,
    pub input: u64,
    pub output: u64,
    pub cache_read: u64,
    pub cache_write: u64,
    /// `None` where nobody said.
    pub cost_micros: Option<u64>,
}

/// An interjection (T13).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommentRow {
    /// Its number.
    pub no: i64,
    /// The task.
    pub task: TaskNo,
    /// Who said it.
    pub by: String,
    /// What was said.
    pub body: String,
    /// Delivered with the next turn, starting none.
    pub quiet: bool,
    /// When it was said.
    pub at: Timestamp,
    /// Where it was delivered, once it was.
    pub taken: Option<Taken>,
}

/// Where a comment landed (T13).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// The attempt that took it.
    pub attempt: u32,
    /// When.
    pub at: Timestamp,
    /// The movement that was under way; not known of one delivered before this was kept.
    pub movement: Option<String>,
}

/// How much a task changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChangesSum {
    /// Files.
    pub files: u64,
    /// Lines more.
    pub insertions: u64,
    /// Lines less.
    pub deletions: u64,
}

/// What a task's changes are measured from, and what they came to.
#[derive(Clone, PartialEq, Debug)]
pub struct ChangesRow {
    /// The commit they are measured from, or why there is none.
    pub base: Result<String, String>,
    /// Whether what was there before is part of them.
    pub includes_earlier: bool,
    /// Files that are not in `base`.
    pub start_apart: Value,
    /// The commit an attempt left last.
    pub head: Option<String>,
    /// Files that are not in `head`.
    pub end_apart: Value,
    /// How much lies between the two.
    pub sum: Option<ChangesSum>,
}

/// A stored receipt (T14).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceiptRow {
    /// The attempt that made it.
    pub attempt: u32,
    /// What it says.
    pub receipt: Receipt,
    /// When.
    pub at: Timestamp,
}

/// A folder lock's row; pairs with the lock of the system and is never trusted alone (D2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LockRow {
    /// Device and inode, or what names the folder on this system.
    pub identity: String,
    /// The folder as written.
    pub path: String,
    /// The root task that holds it (D9).
    pub holder: TaskNo,
    /// The process that holds the system's lock.
    pub owner: Owner,
    /// Since when.
    pub acquired_at: Timestamp,
}

/// Something that must leave the process.
#[derive(Clone, PartialEq, Debug)]
pub struct OutboxRow {
    /// Its number.
    pub no: i64,
    /// The task it is about.
    pub task: Option<TaskNo>,
    /// Who carries it: `notify`, ...
    pub channel: String,
    /// The same for every delivery of the same thing.
    pub idem_key: String,
    /// What is said.
    pub payload: Value,
    /// Not before this moment.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// What went wrong last.
    pub last_error: Option<String>,
}
