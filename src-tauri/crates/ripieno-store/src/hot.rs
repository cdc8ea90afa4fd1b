//! Rows of `tasks` <-> the machine's own types. Reading never panics: a row no code of ours writes is a typed error.

use crate::StoreError;
use ripieno_core::{
    failure::Class,
    id::{TaskId, TaskNo},
    state::{Lease, LeaseToken, Priority, QueueReason, StateKind, TaskState, WaitOn, Wish},
    task::{OnInterrupt, Task},
    time::Timestamp,
};
use rusqlite::{
    Row,
    types::{ToSqlOutput, ValueRef},
};
use uuid::Uuid;

/// The columns [`machine`] reads, in its order.
macro_rules! machine_columns {
    () => {
        "t.state, t.queue_reason, t.not_before, t.wait_on, t.paused, t.wish, t.attempt, t.tries_used, t.crashes, \
         t.fresh_used, t.rework, t.receipt_kept, t.priority, t.rank, t.lease_token, t.class, t.finished_at"
    };
}
pub(crate) use machine_columns;

/// How many columns those are.
pub(crate) const MACHINE_LEN: usize = 17;

/// What a transition reads of a task.
#[derive(Clone, Debug)]
pub(crate) struct Hot {
    pub(crate) no: TaskNo,
    pub(crate) id: TaskId,
    pub(crate) task: Task,
    pub(crate) parked: bool,
    pub(crate) offered: Option<String>,
    pub(crate) on_interrupt: OnInterrupt,
    pub(crate) review: bool,
    pub(crate) parent: Option<TaskNo>,
    pub(crate) has_key: bool,
    pub(crate) start_at: Option<Timestamp>,
    pub(crate) max_tries: u32,
    pub(crate) version: i64,
    pub(crate) last_seq: i64,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) running_since: Option<Timestamp>,
    pub(crate) folder: bool,
    pub(crate) updated_at: Timestamp,
}

/// The statement that loads a [`Hot`] by number.
pub(crate) const HOT: &str = concat!(
    "SELECT ",
    machine_columns!(),
    ", t.id, t.parked_on IS NOT NULL, t.offered, t.on_interrupt, t.review, t.parent_no, \
     t.spawn_key IS NOT NULL, t.start_at, t.max_tries, t.version, t.last_seq, t.started_at, t.running_since, \
     t.folder IS NOT NULL, t.updated_at FROM tasks t WHERE t.no = ?1"
);

impl Hot {
    /// Whether it stands in the queue of its lane.
    pub(crate) fn is_claimable(&self) -> bool {
        matches!(self.task.state, TaskState::Queued { .. }) && !self.task.paused && !self.parked
    }

    pub(crate) fn from_row(no: TaskNo, row: &Row<'_>) -> Result<Self, StoreError> {
        const M: usize = MACHINE_LEN;
        Ok(Hot {
            no,
            id: TaskId(uuid(row, M, "tasks", no)?),
            task: machine(no, row)?,
            parked: row.get(M + 1)?,
            offered: row.get(M + 2)?,
            on_interrupt: on_interrupt(row.get_ref(M + 3)?.as_str().map_err(|e| bad(no, e))?, no)?,
            review: row.get(M + 4)?,
            parent: row.get::<_, Option<i64>>(M + 5)?.map(TaskNo),
            has_key: row.get(M + 6)?,
            start_at: row.get::<_, Option<i64>>(M + 7)?.map(Timestamp),
            max_tries: row.get(M + 8)?,
            version: row.get(M + 9)?,
            last_seq: row.get(M + 10)?,
            started_at: row.get::<_, Option<i64>>(M + 11)?.map(Timestamp),
            running_since: row.get::<_, Option<i64>>(M + 12)?.map(Timestamp),
            folder: row.get(M + 13)?,
            updated_at: Timestamp(row.get(M + 14)?),
        })
    }
}

fn bad(no: TaskNo, what: impl ToString) -> StoreError {
    StoreError::bad_row("tasks", no, what)
}

/// Reads an id column.
pub(crate) fn uuid(
    row: &Row<'_>,
    at: usize,
    table: &'static str,
    key: impl ToString,
) -> Result<Uuid, StoreError> {
    let bytes = row.get_ref(at)?.as_blob();
    bytes
        .ok()
        .and_then(|bytes| Uuid::from_slice(bytes).ok())
        .ok_or_else(|| StoreError::bad_row(table, key, "its id is no UUID"))
}

/// The rule of that name.
pub(crate) fn on_interrupt(name: &str, no: TaskNo) -> Result<OnInterrupt, StoreError> {
    [
        OnInterrupt::Resume,
        OnInterrupt::Restart,
        OnInterrupt::Ask,
        OnInterrupt::Fail,
    ]
    .into_iter()
    .find(|rule| on_interrupt_name(*rule) == name)
    .ok_or_else(|| bad(no, format!("unknown on_interrupt `{name}`")))
}

/// The name of a rule in rows.
pub(crate) fn on_interrupt_name(rule: OnInterrupt) -> &'static str {
    match rule {
        OnInterrupt::Resume => "resume",
        OnInterrupt::Restart => "restart",
        OnInterrupt::Ask => "ask",
        OnInterrupt::Fail => "fail",
    }
}

/// The wish of that name.
pub(crate) fn wish(name: Option<&str>, no: TaskNo) -> Result<Option<Wish>, StoreError> {
    match name {
        None => Ok(None),
        Some("cancel") => Ok(Some(Wish::Cancel)),
        Some("pause") => Ok(Some(Wish::Pause)),
        Some(other) => Err(bad(no, format!("unknown wish `{other}`"))),
    }
}

fn wish_name(wish: Wish) -> &'static str {
    match wish {
        Wish::Cancel => "cancel",
        Wish::Pause => "pause",
    }
}

fn wait_on_name(on: WaitOn) -> &'static str {
    match on {
        WaitOn::Dependencies => "dependencies",
        WaitOn::Subtasks => "subtasks",
    }
}

fn text<'r>(row: &'r Row<'_>, at: usize, no: TaskNo) -> Result<Option<&'r str>, StoreError> {
    row.get_ref(at)?.as_str_or_null().map_err(|e| bad(no, e))
}

/// The machine part of a row whose first columns are [`MACHINE`].
pub(crate) fn machine(no: TaskNo, row: &Row<'_>) -> Result<Task, StoreError> {
    let name = text(row, 0, no)?.unwrap_or_default();
    let kind =
        StateKind::from_name(name).ok_or_else(|| bad(no, format!("unknown state `{name}`")))?;
    let lease = row.get::<_, Option<i64>>(14)?.map(|token| Lease {
        token: LeaseToken(token),
    });
    let priority = text(row, 12, no)?.and_then(Priority::from_name);
    Ok(Task {
        state: state(no, row, kind, lease)?,
        paused: row.get(4)?,
        wish: wish(text(row, 5, no)?, no)?,
        attempt: row.get(6)?,
        tries_used: row.get(7)?,
        crashes: row.get(8)?,
        fresh_used: row.get(9)?,
        rework: row.get(10)?,
        receipt_kept: row.get(11)?,
        priority: priority.ok_or_else(|| bad(no, "unknown priority"))?,
        rank: row.get(13)?,
        finished_at: row.get::<_, Option<i64>>(16)?.map(Timestamp),
    })
}

fn state(
    no: TaskNo,
    row: &Row<'_>,
    kind: StateKind,
    lease: Option<Lease>,
) -> Result<TaskState, StoreError> {
    let leased = || lease.ok_or_else(|| bad(no, format!("{} without a lease", kind.name())));
    let class = || -> Result<Class, StoreError> {
        let name = text(row, 15, no)?.unwrap_or_default();
        Class::from_name(name).ok_or_else(|| bad(no, format!("unknown class `{name}`")))
    };
    Ok(match kind {
        StateKind::Queued => {
            let name = text(row, 1, no)?.unwrap_or_default();
            TaskState::Queued {
                reason: QueueReason::from_name(name)
                    .ok_or_else(|| bad(no, format!("unknown reason `{name}`")))?,
                not_before: row.get::<_, Option<i64>>(2)?.map(Timestamp),
            }
        }
        StateKind::Waiting => TaskState::Waiting {
            on: match text(row, 3, no)? {
                Some("dependencies") => WaitOn::Dependencies,
                Some("subtasks") => WaitOn::Subtasks,
                other => return Err(bad(no, format!("waits for {other:?}"))),
            },
        },
        StateKind::Leased => TaskState::Leased { lease: leased()? },
        StateKind::Running => TaskState::Running { lease: leased()? },
        StateKind::NeedsInput => TaskState::NeedsInput { lease },
        StateKind::NeedsVerification => TaskState::NeedsVerification { lease: leased()? },
        StateKind::Done => TaskState::Done,
        StateKind::Failed => TaskState::Failed { class: class()? },
        StateKind::Dead => TaskState::Dead { class: class()? },
        StateKind::Cancelled => TaskState::Cancelled,
    })
}

/// The columns of a task state that differ between states.
pub(crate) struct StateColumns {
    pub(crate) kind: StateKind,
    pub(crate) reason: Option<&'static str>,
    pub(crate) not_before: Option<i64>,
    pub(crate) wait_on: Option<&'static str>,
    pub(crate) lease: Option<i64>,
    pub(crate) class: Option<&'static str>,
}

impl StateColumns {
    pub(crate) fn of(state: &TaskState) -> Self {
        let mut columns = StateColumns {
            kind: state.kind(),
            reason: None,
            not_before: None,
            wait_on: None,
            lease: state.lease().map(|lease| lease.token.0),
            class: None,
        };
        match state {
            TaskState::Queued { reason, not_before } => {
                columns.reason = Some(reason.name());
                columns.not_before = not_before.map(|at| at.0);
            }
            TaskState::Waiting { on } => columns.wait_on = Some(wait_on_name(*on)),
            TaskState::Failed { class } | TaskState::Dead { class } => {
                columns.class = Some(class.name())
            }
            TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::NeedsVerification { .. }
            | TaskState::Done
            | TaskState::Cancelled => {}
        }
        columns
    }
}

/// Column and value pairs of an UPDATE: only what differs, so that indexes of other columns are left alone.
#[derive(Default)]
pub(crate) struct Changes<'a> {
    sets: Vec<&'static str>,
    pub(crate) values: Vec<ToSqlOutput<'a>>,
}

/// A text parameter that is not copied.
pub(crate) fn borrowed(text: Option<&str>) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(text.map_or(ValueRef::Null, |text| ValueRef::Text(text.as_bytes())))
}

/// A number parameter.
pub(crate) fn number<'a>(value: Option<i64>) -> ToSqlOutput<'a> {
    ToSqlOutput::Borrowed(value.map_or(ValueRef::Null, ValueRef::Integer))
}

impl<'a> Changes<'a> {
    /// Sets a column, written `column = ?`.
    pub(crate) fn set(&mut self, column: &'static str, value: ToSqlOutput<'a>) {
        self.sets.push(column);
        self.values.push(value);
    }

    /// Sets a column to something without a parameter, such as `queue = lane`.
    pub(crate) fn set_to(&mut self, assignment: &'static str) {
        self.sets.push(assignment);
    }

    fn text(&mut self, column: &'static str, old: Option<&'static str>, new: Option<&'static str>) {
        if old != new {
            self.set(column, borrowed(new));
        }
    }

    fn int(&mut self, column: &'static str, old: Option<i64>, new: Option<i64>) {
        if old != new {
            self.set(column, number(new));
        }
    }

    /// What changed of the machine part.
    pub(crate) fn machine(&mut self, old: &Task, new: &Task) {
        let (was, is) = (StateColumns::of(&old.state), StateColumns::of(&new.state));
        let bit = |b: bool| Some(i64::from(b));
        let count = |n: u32| Some(i64::from(n));
        self.text("state = ?", Some(was.kind.name()), Some(is.kind.name()));
        self.text("queue_reason = ?", was.reason, is.reason);
        self.int("not_before = ?", was.not_before, is.not_before);
        self.text("wait_on = ?", was.wait_on, is.wait_on);
        self.int("lease_token = ?", was.lease, is.lease);
        self.text("class = ?", was.class, is.class);
        self.int("paused = ?", bit(old.paused), bit(new.paused));
        self.text("wish = ?", old.wish.map(wish_name), new.wish.map(wish_name));
        self.int("attempt = ?", count(old.attempt), count(new.attempt));
        self.int(
            "tries_used = ?",
            count(old.tries_used),
            count(new.tries_used),
        );
        self.int("crashes = ?", count(old.crashes), count(new.crashes));
        self.int("fresh_used = ?", bit(old.fresh_used), bit(new.fresh_used));
        self.int("rework = ?", count(old.rework), count(new.rework));
        self.int(
            "receipt_kept = ?",
            bit(old.receipt_kept),
            bit(new.receipt_kept),
        );
        self.int("rank = ?", Some(old.rank), Some(new.rank));
        let at = |at: Option<Timestamp>| at.map(|at| at.0);
        self.int("finished_at = ?", at(old.finished_at), at(new.finished_at));
    }

    /// The statement; the number and the expected version are its last two parameters.
    pub(crate) fn sql(&self) -> String {
        let mut sql = String::with_capacity(64 + 24 * self.sets.len());
        sql.push_str("UPDATE tasks SET version = version + 1");
        for set in &self.sets {
            sql.push_str(", ");
            sql.push_str(set);
        }
        sql.push_str(" WHERE no = ? AND version = ?");
        sql
    }
}
