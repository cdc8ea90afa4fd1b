//! Reading: one consistent snapshot per closure.

use crate::{
    AttemptRow, CommentRow, Event, Head, Live, LockRow, MovementRow, ReceiptRow, StoreError, TaskRow, UsageRow,
    UsageSum,
};
use ripieno_core::{
    ask::Ask,
    hold::Candidate,
    id::{AskNo, Reference, TaskNo},
    lane::{Lane, LaneId},
    state::StateKind,
    time::Timestamp,
};
use serde_json::Value;
use std::collections::BTreeMap;

type Res<T> = Result<T, StoreError>;

/// The state as people see it: `paused` stands in place of `queued` and `waiting` for a marked task (cli.md, Views).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ShownState {
    /// The machine's own word.
    Is(StateKind),
    /// Queued or waiting, with the mark.
    Paused,
}

/// What a list shows.
#[derive(Clone, Debug, Default)]
pub struct TaskFilter {
    /// Any of these states; empty for all.
    pub states: Vec<ShownState>,
    /// All of these labels.
    pub labels: Vec<String>,
    /// Part of the title or the prompt, upper and lower case alike.
    pub search: Option<String>,
    /// Only tasks older than this one: the `next` of the page before.
    pub after: Option<TaskNo>,
    /// At most so many; 0 means 50.
    pub limit: usize,
}

/// A page of a list, newest first.
#[derive(Clone, Debug)]
pub struct Page {
    /// The tasks.
    pub tasks: Vec<TaskRow>,
    /// Give it as `after` for the next page; `None` at the end.
    pub next: Option<TaskNo>,
}

/// How many tasks there are of each shown state.
pub type Counts = BTreeMap<ShownState, u64>;

/// A consistent view of the database. [`Tx`](crate::Tx) derefs to it, so that a write can look first.
pub struct Reader<'c> {
    #[allow(dead_code)]
    pub(crate) conn: &'c rusqlite::Connection,
}

#[allow(unused_variables)]
impl Reader<'_> {
    /// One task.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn task(&self, no: TaskNo) -> Res<TaskRow> {
        todo!()
    }
    /// The number of the task a person means.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Ambiguous`].
    pub fn find(&self, reference: &Reference) -> Res<TaskNo> {
        todo!()
    }
    /// A page of tasks, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn list(&self, filter: &TaskFilter) -> Res<Page> {
        todo!()
    }
    /// How many tasks each shown state has.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn counts(&self) -> Res<Counts> {
        todo!()
    }
    /// Failed and dead tasks nobody has seen.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unseen_failures(&self) -> Res<u64> {
        todo!()
    }
    /// What decides whether a task may start.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn candidate(&self, no: TaskNo) -> Res<Candidate> {
        todo!()
    }
    /// The first of each lane's queue, and of the queue of tasks without a fixed lane; lowest rank first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn heads(&self, lanes: &[LaneId]) -> Res<Vec<Head>> {
        todo!()
    }
    /// Every task with a lease.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn live(&self) -> Res<Vec<Live>> {
        todo!()
    }
    /// Tasks whose lease belongs to another process: left by a crash of ours (C2).
    ///
    /// # Errors
    /// When the database refuses.
    pub fn leases_of_others(&self, owner: &crate::Owner) -> Res<Vec<Live>> {
        todo!()
    }
    /// The next moment at which a parked task is due.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn next_due(&self) -> Res<Option<Timestamp>> {
        todo!()
    }
    /// Every key something is parked under.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn parked_keys(&self) -> Res<Vec<String>> {
        todo!()
    }
    /// Asks, newest first: open ones, or all.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn asks(&self, open_only: bool) -> Res<Vec<Ask>> {
        todo!()
    }
    /// Asks of one task, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn asks_of(&self, task: TaskNo) -> Res<Vec<Ask>> {
        todo!()
    }
    /// The oldest open ask of a task.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn open_ask(&self, task: TaskNo) -> Res<Option<AskNo>> {
        todo!()
    }
    /// One ask.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn ask(&self, no: AskNo) -> Res<Ask> {
        todo!()
    }
    /// The ask a person means.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Ambiguous`].
    pub fn find_ask(&self, reference: &Reference) -> Res<AskNo> {
        todo!()
    }
    /// The next deadline of an open ask.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn next_expiry(&self) -> Res<Option<Timestamp>> {
        todo!()
    }
    /// The attempts of a task, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn attempts(&self, task: TaskNo) -> Res<Vec<AttemptRow>> {
        todo!()
    }
    /// The movements of a task, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn movements(&self, task: TaskNo) -> Res<Vec<MovementRow>> {
        todo!()
    }
    /// Every report of usage of a task.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn usage(&self, task: TaskNo) -> Res<Vec<UsageRow>> {
        todo!()
    }
    /// What a task used, per model.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn usage_sums(&self, task: TaskNo) -> Res<Vec<UsageSum>> {
        todo!()
    }
    /// Comments on a task, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn comments(&self, task: TaskNo) -> Res<Vec<CommentRow>> {
        todo!()
    }
    /// The newest receipt of a task.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn receipt(&self, task: TaskNo) -> Res<Option<ReceiptRow>> {
        todo!()
    }
    /// What a task depends on.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn dependencies(&self, task: TaskNo) -> Res<Vec<TaskNo>> {
        todo!()
    }
    /// The first it depends on that is not done.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unmet_dependency(&self, task: TaskNo) -> Res<Option<TaskNo>> {
        todo!()
    }
    /// Its children, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn children(&self, task: TaskNo) -> Res<Vec<TaskNo>> {
        todo!()
    }
    /// How many of its children are open.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn open_children(&self, task: TaskNo) -> Res<u32> {
        todo!()
    }
    /// The tasks of a thread, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn thread(&self, thread: TaskNo) -> Res<Vec<TaskNo>> {
        todo!()
    }
    /// What is known of a lane; a fresh one when nothing is.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn lane(&self, id: &LaneId) -> Res<Lane> {
        todo!()
    }
    /// Every lane something is known of.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn lanes(&self) -> Res<Vec<Lane>> {
        todo!()
    }
    /// Every folder lock on record.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn locks(&self) -> Res<Vec<LockRow>> {
        todo!()
    }
    /// A durable setting of the worker, such as its pause.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn setting(&self, key: &str) -> Res<Option<Value>> {
        todo!()
    }
    /// Events after `seq`, in order, at most `limit`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn events_since(&self, seq: i64, limit: usize) -> Res<Vec<Event>> {
        todo!()
    }
    /// Events of one task after `seq`, in order, at most `limit`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn events_of(&self, task: TaskNo, seq: i64, limit: usize) -> Res<Vec<Event>> {
        todo!()
    }
    /// Rows of the outbox that are due, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn outbox_due(&self, now: Timestamp, limit: usize) -> Res<Vec<crate::OutboxRow>> {
        todo!()
    }
}
