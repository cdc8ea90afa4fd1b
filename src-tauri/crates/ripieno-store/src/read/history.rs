//! What attempts left behind.

use super::{Reader, Res};
use crate::{
    AttemptRow, CommentRow, MovementRow, ReceiptRow, StoreError, Taken, UsageRow, UsageSum, hot,
    read::task,
};
use ripieno_core::{
    id::{AttemptId, TaskNo},
    time::Timestamp,
};
use rusqlite::Row;

fn time(row: &Row<'_>, at: usize) -> Res<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(at)?.map(Timestamp))
}

fn count(row: &Row<'_>, at: usize) -> Res<u64> {
    Ok(u64::try_from(row.get::<_, i64>(at)?).unwrap_or(0))
}

fn sum(row: &Row<'_>, from: usize) -> Res<UsageSum> {
    let cost: Option<i64> = row.get(from + 5)?;
    Ok(UsageSum {
        model: row.get(from)?,
        input: count(row, from + 1)?,
        output: count(row, from + 2)?,
        cache_read: count(row, from + 3)?,
        cache_write: count(row, from + 4)?,
        cost_micros: cost.map(|cost| u64::try_from(cost).unwrap_or(0)),
    })
}

impl Reader<'_> {
    /// The attempts of a task, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn attempts(&self, task: TaskNo) -> Res<Vec<AttemptRow>> {
        self.rows(
            "SELECT a.n, a.id, a.lane, a.session, a.model, a.pid, a.pid_started, a.end, a.class, a.text, \
             a.claimed_at, coalesce(a.started_at, CASE WHEN a.end IS NULL THEN t.running_since END), a.ended_at \
             FROM attempts a JOIN tasks t ON t.no = a.task_no WHERE a.task_no = ?1 ORDER BY a.n",
            [task.0],
            |row| {
                let lane: String = row.get(2)?;
                let pid: Option<u32> = row.get(5)?;
                let started: Option<i64> = row.get(6)?;
                Ok(AttemptRow {
                    task,
                    n: row.get(0)?,
                    id: AttemptId(hot::uuid(row, 1, "attempts", task)?),
                    lane: task::lane_id(&lane, "attempts", task)?,
                    session: row.get(3)?,
                    model: row.get(4)?,
                    process: pid.zip(started),
                    end: row.get(7)?,
                    class: row.get(8)?,
                    text: row.get(9)?,
                    claimed_at: Timestamp(row.get(10)?),
                    started_at: time(row, 11)?,
                    ended_at: time(row, 12)?,
                })
            },
        )
    }

    /// The movements of a task, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn movements(&self, task: TaskNo) -> Res<Vec<MovementRow>> {
        self.rows(
            "SELECT attempt, n, name, outcome, summary, checkpoint, started_at, ended_at FROM movements \
             WHERE task_no = ?1 ORDER BY attempt, n",
            [task.0],
            |row| {
                Ok(MovementRow {
                    task,
                    attempt: row.get(0)?,
                    n: row.get(1)?,
                    name: row.get(2)?,
                    outcome: row.get(3)?,
                    summary: row.get(4)?,
                    checkpoint: row.get(5)?,
                    started_at: Timestamp(row.get(6)?),
                    ended_at: time(row, 7)?,
                })
            },
        )
    }

    /// Every report of usage of a task, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn usage(&self, task: TaskNo) -> Res<Vec<UsageRow>> {
        self.rows(
            "SELECT attempt, at, model, input, output, cache_read, cache_write, cost_micros FROM usage \
             WHERE task_no = ?1 ORDER BY no",
            [task.0],
            |row| {
                Ok(UsageRow {
                    attempt: row.get(0)?,
                    at: Timestamp(row.get(1)?),
                    sum: sum(row, 2)?,
                })
            },
        )
    }

    /// What a task used, per model; its money is that of the reports that name one.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn usage_sums(&self, task: TaskNo) -> Res<Vec<UsageSum>> {
        self.rows(
            "SELECT model, sum(input), sum(output), sum(cache_read), sum(cache_write), sum(cost_micros) \
             FROM usage WHERE task_no = ?1 GROUP BY model ORDER BY model",
            [task.0],
            |row| sum(row, 0),
        )
    }

    /// What each attempt of a task used, per model, oldest attempt first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn usage_by_attempt(&self, task: TaskNo) -> Res<Vec<(u32, UsageSum)>> {
        self.rows(
            "SELECT attempt, model, sum(input), sum(output), sum(cache_read), sum(cache_write), sum(cost_micros) \
             FROM usage WHERE task_no = ?1 GROUP BY attempt, model ORDER BY attempt, model",
            [task.0],
            |row| Ok((row.get(0)?, sum(row, 1)?)),
        )
    }

    /// Comments on a task, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn comments(&self, task: TaskNo) -> Res<Vec<CommentRow>> {
        self.rows(
            "SELECT no, by, body, quiet, at, taken_by, taken_at, movement FROM comments WHERE task_no = ?1 ORDER BY no",
            [task.0],
            |row| {
                let by: Option<u32> = row.get(5)?;
                let movement: Option<String> = row.get(7)?;
                Ok(CommentRow {
                    no: row.get(0)?,
                    task,
                    by: row.get(1)?,
                    body: row.get(2)?,
                    quiet: row.get(3)?,
                    at: Timestamp(row.get(4)?),
                    taken: by.zip(time(row, 6)?).map(|(attempt, at)| Taken {
                        attempt,
                        at,
                        movement: movement.filter(|name| !name.is_empty()),
                    }),
                })
            },
        )
    }

    /// The newest receipt of a task.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn receipt(&self, task: TaskNo) -> Res<Option<ReceiptRow>> {
        self.first(
            "SELECT attempt, receipt, at FROM receipts WHERE task_no = ?1 ORDER BY attempt DESC LIMIT 1",
            [task.0],
            |row| {
                let json: String = row.get(1)?;
                Ok(ReceiptRow {
                    attempt: row.get(0)?,
                    receipt: serde_json::from_str(&json)
                        .map_err(|e| StoreError::bad_row("receipts", task, e))?,
                    at: Timestamp(row.get(2)?),
                })
            },
        )
    }
}
