//! What a task changed, and what its attempts ran.

use super::{Reader, Res};
use crate::{ChangesRow, ChangesSum, NewRun, StoreError};
use ripieno_core::{id::TaskNo, time::Timestamp};
use rusqlite::Row;

fn sum(row: &Row<'_>, from: usize) -> Res<Option<ChangesSum>> {
    let count = |at: usize| -> Res<Option<u64>> {
        let n: Option<i64> = row.get(at)?;
        Ok(n.map(|n| u64::try_from(n).unwrap_or(0)))
    };
    let (files, more, less) = (count(from)?, count(from + 1)?, count(from + 2)?);
    Ok(files
        .zip(more)
        .zip(less)
        .map(|((files, insertions), deletions)| ChangesSum {
            files,
            insertions,
            deletions,
        }))
}

impl Reader<'_> {
    /// What is kept of a task's changes; nothing before its first start, or where there was no repository.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn changes(&self, task: TaskNo) -> Res<Option<ChangesRow>> {
        self.first(
            "SELECT base, reason, includes_earlier, start_apart, head, end_apart, files, insertions, deletions \
             FROM task_changes WHERE task_no = ?1",
            [task.0],
            |row| {
                let json = |at: usize| -> Res<serde_json::Value> {
                    let text: String = row.get(at)?;
                    serde_json::from_str(&text)
                        .map_err(|e| StoreError::bad_row("task_changes", task, e))
                };
                let (base, reason): (Option<String>, Option<String>) = (row.get(0)?, row.get(1)?);
                Ok(ChangesRow {
                    base: base.ok_or_else(|| reason.unwrap_or_default()),
                    includes_earlier: row.get(2)?,
                    start_apart: json(3)?,
                    head: row.get(4)?,
                    end_apart: json(5)?,
                    sum: sum(row, 6)?,
                })
            },
        )
    }

    /// How much a task had changed when an attempt of it last ended.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn changes_sum(&self, task: TaskNo) -> Res<Option<ChangesSum>> {
        let found = self.first(
            "SELECT files, insertions, deletions FROM task_changes WHERE task_no = ?1",
            [task.0],
            |row| sum(row, 0),
        )?;
        Ok(found.flatten())
    }

    /// What went wrong in an attempt and stopped nothing (R16), oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn warnings(&self, task: TaskNo, attempt: u32) -> Res<Vec<(Timestamp, String)>> {
        self.rows(
            "WITH RECURSIVE chain (seq) AS (SELECT last_seq FROM tasks WHERE no = ?1 UNION ALL \
             SELECT p.prev_seq FROM task_events p JOIN chain ON p.seq = chain.seq WHERE p.prev_seq IS NOT NULL) \
             SELECT e.at, e.data ->> 'text' FROM chain JOIN task_events e ON e.seq = chain.seq \
             WHERE e.kind = 'warning' AND e.attempt = ?2 ORDER BY e.seq",
            (task.0, attempt),
            |row| {
                let text: Option<String> = row.get(1)?;
                Ok((Timestamp(row.get(0)?), text.unwrap_or_default()))
            },
        )
    }

    /// What an attempt ran last.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn run(&self, task: TaskNo, attempt: u32) -> Res<Option<NewRun>> {
        self.first(
            "SELECT slot, cwd, program, arguments, passed, withheld FROM attempt_runs \
             WHERE task_no = ?1 AND attempt = ?2",
            (task.0, attempt),
            |row| {
                let list = |at: usize| -> Res<Vec<String>> {
                    let text: String = row.get(at)?;
                    serde_json::from_str(&text)
                        .map_err(|e| StoreError::bad_row("attempt_runs", task, e))
                };
                Ok(NewRun {
                    slot: row.get(0)?,
                    cwd: row.get(1)?,
                    program: row.get(2)?,
                    arguments: list(3)?,
                    passed: list(4)?,
                    withheld: list(5)?,
                })
            },
        )
    }
}
