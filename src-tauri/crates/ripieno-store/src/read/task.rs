//! One task, whole.

use super::{Reader, Res};
use crate::{
    FailureNote, Owner, StoreError, TaskRow,
    hot::{self, MACHINE_LEN, machine_columns},
    tx::ANY,
};
use ripieno_core::{
    hold::{Candidate, LaneChoice},
    id::{Reference, TaskId, TaskNo},
    lane::LaneId,
    spec::{ResumePoint, TaskSpec},
    time::Timestamp,
};
use rusqlite::{Row, types::FromSql};
use uuid::Uuid;

/// The columns [`whole`] reads, and where they come from.
pub(super) const WHOLE: &str = concat!(
    "SELECT ",
    machine_columns!(),
    ", t.no, t.id, s.title, s.prompt, s.spec, r.position, r.session, t.lane, t.ran_in, t.lease_pid, \
     t.lease_pid_started, t.boot_id, t.parked_on, t.failure_text, t.failed_by, t.on_interrupt, t.review, \
     t.parent_no, coalesce(t.root_no, t.no), coalesce(t.thread_no, t.no), t.depth, t.folder, t.spawn_key, \
     t.version, t.created_at, t.updated_at, t.started_at, t.seen_at, a.class, a.text \
     FROM tasks t JOIN task_specs s ON s.task_no = t.no LEFT JOIN task_resume r ON r.task_no = t.no \
     LEFT JOIN attempts a ON a.task_no = t.no AND a.n = t.attempt "
);

fn get<T: FromSql>(row: &Row<'_>, after_machine: usize) -> Res<T> {
    Ok(row.get(MACHINE_LEN + after_machine)?)
}

fn time(row: &Row<'_>, after_machine: usize) -> Res<Option<Timestamp>> {
    Ok(get::<Option<i64>>(row, after_machine)?.map(Timestamp))
}

/// How a lane column is read.
pub(crate) fn lane_choice(lane: &str, no: TaskNo) -> Res<LaneChoice> {
    if lane == ANY {
        return Ok(LaneChoice::Any);
    }
    lane_id(lane, "tasks", no).map(LaneChoice::Fixed)
}

pub(crate) fn lane_id(lane: &str, table: &'static str, key: impl ToString) -> Res<LaneId> {
    lane.parse().map_err(|e| StoreError::bad_row(table, key, e))
}

/// A row of [`WHOLE`].
pub(super) fn whole(row: &Row<'_>) -> Res<TaskRow> {
    let no = TaskNo(get(row, 0)?);
    let bad = |what: &dyn std::fmt::Display| StoreError::bad_row("tasks", no, what);
    let task = hot::machine(no, row)?;
    let mut spec: TaskSpec = serde_json::from_str(&get::<String>(row, 4)?).map_err(|e| bad(&e))?;
    spec.title = get(row, 2)?;
    spec.prompt = get(row, 3)?;
    let position: Option<String> = get(row, 5)?;
    let session: Option<String> = get(row, 6)?;
    let ran_in: Option<String> = get(row, 8)?;
    let failed: Option<String> = get(row, 13)?;
    let class = match &task.state {
        ripieno_core::state::TaskState::Failed { class }
        | ripieno_core::state::TaskState::Dead { class } => Some(class.name().to_owned()),
        _ => get(row, 28)?,
    };
    let attempt_text: Option<String> = get(row, 29)?;
    Ok(TaskRow {
        no,
        id: TaskId(hot::uuid(row, MACHINE_LEN + 1, "tasks", no)?),
        task,
        spec,
        resume: ResumePoint {
            position: json(position.as_deref()).map_err(|e| bad(&e))?,
            session: json(session.as_deref()).map_err(|e| bad(&e))?,
        },
        lane: lane_choice(&get::<String>(row, 7)?, no)?,
        ran_in: ran_in.map(|lane| lane_id(&lane, "tasks", no)).transpose()?,
        owner: owner(row, MACHINE_LEN + 9)?,
        parked_on: get(row, 12)?,
        failure: class.map(|class| FailureNote {
            class,
            text: failed.or(attempt_text).unwrap_or_default(),
        }),
        failed_by: get::<Option<i64>>(row, 14)?.map(TaskNo),
        on_interrupt: hot::on_interrupt(&get::<String>(row, 15)?, no)?,
        review: get(row, 16)?,
        parent: get::<Option<i64>>(row, 17)?.map(TaskNo),
        root: TaskNo(get(row, 18)?),
        thread: TaskNo(get(row, 19)?),
        depth: get(row, 20)?,
        folder: get(row, 21)?,
        spawn_key: get(row, 22)?,
        version: get(row, 23)?,
        created_at: Timestamp(get(row, 24)?),
        updated_at: Timestamp(get(row, 25)?),
        started_at: time(row, 26)?,
        seen_at: time(row, 27)?,
    })
}

fn json<T: serde::de::DeserializeOwned>(text: Option<&str>) -> serde_json::Result<Option<T>> {
    text.map(serde_json::from_str).transpose()
}

/// The owner in three columns from `at`.
pub(super) fn owner(row: &Row<'_>, at: usize) -> Res<Option<Owner>> {
    let (pid, started, boot): (Option<u32>, Option<i64>, Option<String>) =
        (row.get(at)?, row.get(at + 1)?, row.get(at + 2)?);
    Ok(match (pid, started, boot) {
        (Some(pid), Some(pid_started), Some(boot_id)) => Some(Owner {
            pid,
            pid_started,
            boot_id,
        }),
        _ => None,
    })
}

impl Reader<'_> {
    /// One task.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn task(&self, no: TaskNo) -> Res<TaskRow> {
        self.first(one_task(), [no.0], whole)?
            .ok_or_else(|| StoreError::no_task(no))
    }

    /// The number of the task a person means.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Ambiguous`].
    pub fn find(&self, reference: &Reference) -> Res<TaskNo> {
        self.find_in("tasks", "task", reference).map(TaskNo)
    }

    pub(super) fn find_in(
        &self,
        table: &'static str,
        what: &'static str,
        reference: &Reference,
    ) -> Res<i64> {
        let none = |given: String| StoreError::NotFound {
            what: format!("{what} {given}"),
        };
        match reference {
            Reference::Number(no) => self
                .with_number(table, *no)?
                .ok_or_else(|| none(no.to_string())),
            Reference::Digits { number, suffix } => match self.with_number(table, *number)? {
                Some(no) => Ok(no),
                None => self.one_with_suffix(table, what, suffix),
            },
            Reference::Id(id) => self
                .first(
                    &format!("SELECT no FROM {table} WHERE id = ?1"),
                    [id.as_bytes()],
                    |row| Ok(row.get(0)?),
                )?
                .ok_or_else(|| none(id.to_string())),
            Reference::Suffix(digits) => self.one_with_suffix(table, what, digits),
        }
    }

    fn with_number(&self, table: &'static str, no: i64) -> Res<Option<i64>> {
        let sql = format!("SELECT no FROM {table} WHERE no = ?1");
        self.first(&sql, [no], |row| Ok(row.get(0)?))
    }

    fn one_with_suffix(&self, table: &'static str, what: &'static str, digits: &str) -> Res<i64> {
        let mut found = self.with_suffix(table, digits)?;
        match (found.pop(), found.is_empty()) {
            (Some(no), true) => Ok(no),
            (Some(_), false) => Err(StoreError::Ambiguous {
                given: digits.to_owned(),
                what,
            }),
            (None, _) => Err(StoreError::NotFound {
                what: format!("{what} {digits}"),
            }),
        }
    }

    /// Scans the ids alone: the last three bytes first, then the digits.
    fn with_suffix(&self, table: &'static str, digits: &str) -> Res<Vec<i64>> {
        let six = digits
            .get(digits.len().saturating_sub(6)..)
            .unwrap_or_default();
        let found = self.rows(
            &format!("SELECT no, id FROM {table} WHERE hex(substr(id, -3)) = ?1"),
            [six.to_ascii_uppercase()],
            |row| {
                let id: Uuid = hot::uuid(row, 1, table, "?")?;
                Ok((row.get::<_, i64>(0)?, id.simple().to_string()))
            },
        )?;
        let fits = found.into_iter().filter(|(_, id)| id.ends_with(digits));
        Ok(fits.map(|(no, _)| no).collect())
    }

    /// What decides whether a task may start.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn candidate(&self, no: TaskNo) -> Res<Candidate> {
        let sql = concat!(super::candidate_columns!(), " WHERE t.no = ?1");
        let head = self.first(sql, [no.0], super::queue::head)?;
        head.map(|head| head.candidate)
            .ok_or_else(|| StoreError::no_task(no))
    }
}

/// [`WHOLE`] for one task.
fn one_task() -> &'static str {
    static SQL: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    SQL.get_or_init(|| format!("{WHOLE}WHERE t.no = ?1"))
}
