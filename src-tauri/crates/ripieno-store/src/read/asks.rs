//! Asks as stored.

use super::{Reader, Res};
use crate::{StoreError, hot, read::task};
use ripieno_core::{
    ask::{Answered, Ask, AskSubject},
    id::{AskId, AskNo, Reference, TaskId, TaskNo},
    time::Timestamp,
};
use rusqlite::Row;
use std::collections::HashSet;

macro_rules! ask_columns {
    () => {
        "SELECT a.no, a.id, a.subject, t.id, a.lane, a.spec, a.revision, a.created_at, a.answer, a.answered_by, \
         a.answered_at, a.closed_at, a.movement, a.task_no, a.snoozed_until FROM asks a LEFT JOIN tasks t ON t.no = a.task_no "
    };
}

fn ask(row: &Row<'_>) -> Res<Ask> {
    let no = AskNo(row.get(0)?);
    let bad = |what: &dyn std::fmt::Display| StoreError::bad_row("asks", no, what);
    let subject: String = row.get(2)?;
    let subject = match subject.as_str() {
        "task" => AskSubject::Task(TaskId(hot::uuid(row, 3, "asks", no)?)),
        "lane" => AskSubject::Lane(task::lane_id(&row.get::<_, String>(4)?, "asks", no)?),
        "worker" => AskSubject::Worker,
        other => return Err(bad(&format!("unknown subject `{other}`"))),
    };
    let spec: String = row.get(5)?;
    let answer: Option<String> = row.get(8)?;
    let by: Option<String> = row.get(9)?;
    let at: Option<i64> = row.get(10)?;
    let answered = match (answer, by, at) {
        (Some(answer), Some(by), Some(at)) => Some(Answered {
            by,
            value: serde_json::from_str(&answer).map_err(|e| bad(&e))?,
            at: Timestamp(at),
        }),
        _ => None,
    };
    Ok(Ask {
        id: AskId(hot::uuid(row, 1, "asks", no)?),
        no,
        subject,
        spec: serde_json::from_str(&spec).map_err(|e| bad(&e))?,
        revision: row.get(6)?,
        created_at: Timestamp(row.get(7)?),
        answered,
        closed_at: row.get::<_, Option<i64>>(11)?.map(Timestamp),
        snoozed_until: row.get::<_, Option<i64>>(14)?.map(Timestamp),
    })
}

impl Reader<'_> {
    /// Asks, newest first: open ones, or all.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn asks(&self, open_only: bool) -> Res<Vec<Ask>> {
        let open = concat!(
            ask_columns!(),
            "WHERE a.answered_at IS NULL AND a.closed_at IS NULL ORDER BY a.no DESC"
        );
        let all = concat!(ask_columns!(), "ORDER BY a.no DESC");
        self.rows(if open_only { open } else { all }, [], ask)
    }

    /// How many asks are open.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn open_asks(&self) -> Res<u64> {
        let count = self.first(
            "SELECT count(*) FROM asks WHERE answered_at IS NULL AND closed_at IS NULL",
            [],
            |row| Ok(row.get::<_, i64>(0)?),
        )?;
        Ok(u64::try_from(count.unwrap_or(0)).unwrap_or(0))
    }

    /// Asks of one task, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn asks_of(&self, task: TaskNo) -> Res<Vec<Ask>> {
        let asks = self.asks_with_movement(task)?;
        Ok(asks.into_iter().map(|(_, ask)| ask).collect())
    }

    pub(crate) fn asks_with_movement(&self, task: TaskNo) -> Res<Vec<(String, Ask)>> {
        let sql = concat!(ask_columns!(), "WHERE a.task_no = ?1 ORDER BY a.no");
        self.rows(sql, [task.0], |row| Ok((row.get(12)?, ask(row)?)))
    }

    /// The asks of a task whose answers have reached a performer.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn answers_delivered(&self, task: TaskNo) -> Res<HashSet<AskNo>> {
        let sql = "SELECT data ->> '$.ask' FROM task_events WHERE task_no = ?1 AND kind = 'answer_delivered'";
        let found = self.rows(sql, [task.0], |row| Ok(AskNo(row.get(0)?)))?;
        Ok(found.into_iter().collect())
    }

    /// The oldest open ask of a task.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn open_ask(&self, task: TaskNo) -> Res<Option<AskNo>> {
        self.first(
            "SELECT no FROM asks WHERE task_no = ?1 AND answered_at IS NULL AND closed_at IS NULL \
             ORDER BY no LIMIT 1",
            [task.0],
            |row| Ok(AskNo(row.get(0)?)),
        )
    }

    /// One ask.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn ask(&self, no: AskNo) -> Res<Ask> {
        let sql = concat!(ask_columns!(), "WHERE a.no = ?1");
        self.first(sql, [no.0], ask)?
            .ok_or_else(|| StoreError::no_ask(no))
    }

    /// The task an ask belongs to; `None` for those of a lane or the worker.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn ask_task(&self, no: AskNo) -> Res<Option<TaskNo>> {
        self.first("SELECT task_no FROM asks WHERE no = ?1", [no.0], |row| {
            Ok(row.get::<_, Option<i64>>(0)?.map(TaskNo))
        })?
        .ok_or_else(|| StoreError::no_ask(no))
    }

    /// The ask a person means.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Ambiguous`].
    pub fn find_ask(&self, reference: &Reference) -> Res<AskNo> {
        self.find_in("asks", "ask", reference).map(AskNo)
    }

    /// The next deadline of an open ask.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn next_expiry(&self) -> Res<Option<Timestamp>> {
        let next = self.first(
            "SELECT min(expires_at) FROM asks \
             WHERE expires_at IS NOT NULL AND answered_at IS NULL AND closed_at IS NULL",
            [],
            |row| Ok(row.get::<_, Option<i64>>(0)?),
        )?;
        Ok(next.flatten().map(Timestamp))
    }
}
