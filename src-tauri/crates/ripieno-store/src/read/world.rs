//! What is not a task: the log, lanes, locks, settings, the outbox.

use super::{Reader, Res, task};
use crate::{Event, LockRow, OutboxRow, StoreError, feed::event_data, hot};
use ripieno_core::{
    id::{TaskId, TaskNo},
    lane::{Lane, LaneId},
    time::Timestamp,
};
use rusqlite::Row;
use serde_json::Value;

macro_rules! event_columns {
    () => {
        "SELECT e.seq, e.at, e.task_no, t.id, e.attempt, e.kind, e.from_state, e.to_state, e.data \
         FROM task_events e LEFT JOIN tasks t ON t.no = e.task_no "
    };
}

fn event(row: &Row<'_>) -> Res<Event> {
    let seq: i64 = row.get(0)?;
    let data: Option<String> = row.get(8)?;
    let data: Option<Value> = data
        .map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|e| StoreError::bad_row("task_events", seq, e))?;
    let from: Option<String> = row.get(6)?;
    let to: Option<String> = row.get(7)?;
    let task = match row.get::<_, Option<i64>>(2)? {
        Some(no) => Some((TaskNo(no), TaskId(hot::uuid(row, 3, "task_events", seq)?))),
        None => None,
    };
    Ok(Event {
        seq,
        at: Timestamp(row.get(1)?),
        task,
        attempt: row.get(4)?,
        kind: row.get(5)?,
        data: event_data(from.as_deref(), to.as_deref(), data),
    })
}

fn lane(text: &str, id: &str) -> Res<Lane> {
    serde_json::from_str(text).map_err(|e| StoreError::bad_row("lanes", id, e))
}

fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

impl Reader<'_> {
    /// The place of the last event of this snapshot; 0 before the first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn last_event(&self) -> Res<i64> {
        let last = self.first("SELECT max(seq) FROM task_events", [], |row| {
            Ok(row.get::<_, Option<i64>>(0)?)
        })?;
        Ok(last.flatten().unwrap_or(0))
    }

    /// Events after `seq`, in order, at most `limit`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn events_since(&self, seq: i64, limit: usize) -> Res<Vec<Event>> {
        let sql = concat!(event_columns!(), "WHERE e.seq > ?1 ORDER BY e.seq LIMIT ?2");
        self.rows(sql, (seq, at_most(limit)), event)
    }

    /// Events of one task after `seq`, in order, at most `limit`: the chain is followed back from its last event.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn events_of(&self, task: TaskNo, seq: i64, limit: usize) -> Res<Vec<Event>> {
        let sql = concat!(
            "WITH RECURSIVE chain (seq) AS (SELECT last_seq FROM tasks WHERE no = ?1 UNION ALL \
             SELECT p.prev_seq FROM task_events p JOIN chain ON p.seq = chain.seq \
             WHERE p.prev_seq IS NOT NULL AND p.prev_seq > ?2) ",
            event_columns!(),
            "WHERE e.seq IN (SELECT seq FROM chain) AND e.seq > ?2 ORDER BY e.seq LIMIT ?3"
        );
        self.rows(sql, (task.0, seq, at_most(limit)), event)
    }

    /// What is known of a lane; a fresh one when nothing is.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn lane(&self, id: &LaneId) -> Res<Lane> {
        let found = self.first(
            "SELECT lane FROM lanes WHERE id = ?1",
            [id.as_str()],
            |row| lane(&row.get::<_, String>(0)?, id.as_str()),
        )?;
        Ok(found.unwrap_or_else(|| Lane::fresh(id.clone())))
    }

    /// Every lane something is known of, by name.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn lanes(&self) -> Res<Vec<Lane>> {
        self.rows("SELECT id, lane FROM lanes ORDER BY id", [], |row| {
            lane(&row.get::<_, String>(1)?, &row.get::<_, String>(0)?)
        })
    }

    /// Every folder lock on record, by path.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn locks(&self) -> Res<Vec<LockRow>> {
        self.rows(
            "SELECT identity, path, holder_no, pid, pid_started, boot_id, acquired_at FROM locks ORDER BY path",
            [],
            |row| {
                let identity: String = row.get(0)?;
                let owner = task::owner(row, 3)?
                    .ok_or_else(|| StoreError::bad_row("locks", &identity, "it names no process"))?;
                Ok(LockRow {
                    path: row.get(1)?,
                    holder: TaskNo(row.get(2)?),
                    owner,
                    acquired_at: Timestamp(row.get(6)?),
                    identity,
                })
            },
        )
    }

    /// A durable setting of the worker, such as its pause.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn setting(&self, key: &str) -> Res<Option<Value>> {
        self.first("SELECT value FROM settings WHERE key = ?1", [key], |row| {
            let text: String = row.get(0)?;
            serde_json::from_str(&text).map_err(|e| StoreError::bad_row("settings", key, e))
        })
    }

    /// Rows of the outbox that are due, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn outbox_due(&self, now: Timestamp, limit: usize) -> Res<Vec<OutboxRow>> {
        self.rows(
            "SELECT no, task_no, channel, idem_key, payload, due_at, tries, last_error FROM outbox \
             WHERE delivered_at IS NULL AND due_at <= ?1 ORDER BY due_at, no LIMIT ?2",
            (now.0, at_most(limit)),
            |row| {
                let no: i64 = row.get(0)?;
                let payload: String = row.get(4)?;
                Ok(OutboxRow {
                    no,
                    task: row.get::<_, Option<i64>>(1)?.map(TaskNo),
                    channel: row.get(2)?,
                    idem_key: row.get(3)?,
                    payload: serde_json::from_str(&payload)
                        .map_err(|e| StoreError::bad_row("outbox", no, e))?,
                    due_at: Timestamp(row.get(5)?),
                    tries: row.get(6)?,
                    last_error: row.get(7)?,
                })
            },
        )
    }
}
