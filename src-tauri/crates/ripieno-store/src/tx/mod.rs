//! Writing: what one closure may do, all of it or nothing.

mod answers;
mod asks;
mod changes;
mod checkpoints;
mod cost;
mod effects;
mod grants;
mod inherit;
mod notes;
mod notices;
mod projects;
mod queue;
mod runs;
mod sidecars;
mod submit;
mod teardowns;
mod transition;
mod types;
mod worktrees;
mod world;

pub use cost::Cost;
pub(crate) use submit::ANY;
pub use types::{
    AnswerOutcome, Applied, AskOn, AskOutcome, Claimed, Expired, Extra, NewEnd, NewLock,
    NewMovement, NewOutbox, NewRun, NewStart, NewTask, NewUsage, Submitted,
};

use crate::{
    Event, Reader, StoreError,
    feed::event_data,
    hot::{self, Hot},
    writer::{Mark, Pen},
};
use ripieno_core::{
    apply::Refused,
    id::{TaskId, TaskNo},
    state::{LeaseToken, StateKind},
    time::Timestamp,
};
use rusqlite::Params;
use serde_json::Value;

pub(crate) type Res<T> = Result<T, StoreError>;

/// One operation's view of the transaction; what it wrote is undone when its closure fails. So an error of a method is
/// passed on with `?`: a closure that swallows one and returns `Ok` keeps what was written before it.
pub struct Tx<'c> {
    reader: Reader<'c>,
    pen: &'c mut Pen,
    now: Timestamp,
}

impl<'c> std::ops::Deref for Tx<'c> {
    type Target = Reader<'c>;
    fn deref(&self) -> &Reader<'c> {
        &self.reader
    }
}

/// An event before it has a place in the log.
struct NewEvent<'e> {
    task: Option<(TaskNo, TaskId)>,
    attempt: Option<u32>,
    kind: &'e str,
    states: Option<(StateKind, StateKind)>,
    data: Option<Value>,
    prev: i64,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(reader: Reader<'c>, pen: &'c mut Pen) -> Self {
        let now = pen.shared.clock.now();
        Tx { reader, pen, now }
    }

    /// The present moment, the same for the whole operation.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Puts the mark that the operation is undone to. Every write goes through here.
    fn mark(&mut self) -> Res<()> {
        if self.pen.mark == Mark::Clean {
            self.conn.prepare_cached("SAVEPOINT op")?.execute([])?;
            self.pen.mark = Mark::Savepoint;
        }
        Ok(())
    }

    /// Runs a writing statement; how many rows it changed.
    fn exec(&mut self, sql: &str, params: impl Params) -> Res<usize> {
        self.mark()?;
        Ok(self.reader.conn.prepare_cached(sql)?.execute(params)?)
    }

    /// Runs an INSERT; the number of the new row.
    fn insert(&mut self, sql: &str, params: impl Params) -> Res<i64> {
        self.mark()?;
        Ok(self.reader.conn.prepare_cached(sql)?.insert(params)?)
    }

    /// The machine's view of a task.
    fn hot(&self, no: TaskNo) -> Res<Hot> {
        if let Some(hot) = self.pen.live.get(&no) {
            return Ok(hot.clone());
        }
        self.hot_row(no)?.ok_or_else(|| StoreError::no_task(no))
    }

    /// The row of a live task, refused when the report comes from a lease that is over.
    fn fenced(&self, no: TaskNo, fence: LeaseToken) -> Res<Hot> {
        let hot = self.hot(no)?;
        let expected = hot.task.state.lease().map(|lease| lease.token);
        if expected == Some(fence) {
            return Ok(hot);
        }
        Err(StoreError::Refused {
            task: no,
            source: Refused::StaleLease {
                expected,
                got: Some(fence),
            },
        })
    }

    fn write_event(&mut self, event: NewEvent<'_>) -> Res<i64> {
        let seq = self.pen.next_seq;
        let data = event.data.as_ref().map(Value::to_string);
        let (from, to) = event.states.unzip();
        self.insert(
            "INSERT INTO task_events (seq, at, task_no, attempt, kind, from_state, to_state, data, prev_seq) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (
                seq,
                self.now.0,
                event.task.map(|(no, _)| no.0),
                event.attempt,
                event.kind,
                from.map(StateKind::name),
                to.map(StateKind::name),
                data,
                (event.prev > 0).then_some(event.prev),
            ),
        )?;
        self.pen.next_seq = seq + 1;
        if self.pen.shared.feed.receiver_count() > 0 {
            self.pen.events.push(Event {
                seq,
                at: self.now,
                task: event.task,
                attempt: event.attempt,
                kind: event.kind.to_owned(),
                data: event_data(
                    from.map(StateKind::name),
                    to.map(StateKind::name),
                    event.data,
                ),
            });
        }
        Ok(seq)
    }

    /// Writes a fact into the log; its place. `data` is an object.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown task.
    pub fn fact(&mut self, task: Option<TaskNo>, kind: &str, data: Value) -> Res<i64> {
        let data = (!matches!(&data, Value::Object(map) if map.is_empty()) && !data.is_null())
            .then_some(data);
        let Some(no) = task else {
            return self.write_event(NewEvent {
                task: None,
                attempt: None,
                kind,
                states: None,
                data,
                prev: 0,
            });
        };
        let hot = self.hot(no)?;
        let seq = self.write_event(NewEvent {
            task: Some((no, hot.id)),
            attempt: (hot.task.attempt > 0).then_some(hot.task.attempt),
            kind,
            states: None,
            data,
            prev: hot.last_seq,
        })?;
        self.exec("UPDATE tasks SET last_seq = ?1 WHERE no = ?2", (seq, no.0))?;
        if let Some(live) = self.pen.live.get_mut(&no) {
            live.last_seq = seq;
        }
        Ok(seq)
    }
}

impl Reader<'_> {
    pub(crate) fn hot_row(&self, no: TaskNo) -> Res<Option<Hot>> {
        let mut statement = self.conn.prepare_cached(hot::HOT)?;
        let mut rows = statement.query([no.0])?;
        match rows.next()? {
            Some(row) => Hot::from_row(no, row).map(Some),
            None => Ok(None),
        }
    }
}
