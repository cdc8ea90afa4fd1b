//! What a task changed, and what its attempts ran.

use super::{NewEnd, NewRun, NewStart, Res, Tx, submit::to_json};
use ripieno_core::{id::TaskNo, state::LeaseToken};
use serde_json::Value;

impl Tx<'_> {
    /// Records what a task's changes are measured from; the first record stays.
    ///
    /// # Errors
    /// [`StoreError::Refused`](crate::StoreError::Refused) for a stale lease.
    pub fn put_start(&mut self, task: TaskNo, fence: LeaseToken, start: &NewStart) -> Res<()> {
        self.fenced(task, fence)?;
        let (base, reason) = match &start.base {
            Ok(base) => (Some(base), None),
            Err(reason) => (None, Some(reason)),
        };
        self.exec(
            "INSERT INTO task_changes (task_no, base, reason, includes_earlier, start_apart) \
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (task_no) DO NOTHING",
            (
                task.0,
                base,
                reason,
                start.includes_earlier,
                start.apart.to_string(),
            ),
        )?;
        Ok(())
    }

    /// Records the state a task left and how much it changed; a later one replaces it.
    ///
    /// # Errors
    /// [`StoreError::Refused`](crate::StoreError::Refused) for a stale lease.
    pub fn put_end(&mut self, task: TaskNo, fence: LeaseToken, end: &NewEnd) -> Res<()> {
        self.fenced(task, fence)?;
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        self.exec(
            "UPDATE task_changes SET head = ?1, end_apart = ?2, files = ?3, insertions = ?4, deletions = ?5 \
             WHERE task_no = ?6 AND base IS NOT NULL",
            (
                &end.head,
                end.apart.to_string(),
                count(end.sum.files),
                count(end.sum.insertions),
                count(end.sum.deletions),
                task.0,
            ),
        )?;
        Ok(())
    }

    /// Records what an attempt runs; a later process of the same attempt replaces it.
    ///
    /// # Errors
    /// [`StoreError::Refused`](crate::StoreError::Refused) for a stale lease.
    pub fn put_run(&mut self, task: TaskNo, fence: LeaseToken, run: &NewRun) -> Res<()> {
        let attempt = self.fenced(task, fence)?.task.attempt;
        let list = |list: &[String]| to_json("attempt_runs", task, &list);
        self.exec(
            "INSERT INTO attempt_runs (task_no, attempt, slot, cwd, program, arguments, passed, withheld) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (task_no, attempt) DO UPDATE SET \
             slot = excluded.slot, cwd = excluded.cwd, program = excluded.program, \
             arguments = excluded.arguments, passed = excluded.passed, withheld = excluded.withheld",
            (
                task.0,
                attempt,
                run.slot,
                &run.cwd,
                &run.program,
                list(&run.arguments)?,
                list(&run.passed)?,
                list(&run.withheld)?,
            ),
        )?;
        Ok(())
    }

    /// Tells the log of something that went wrong and stops nothing (R16).
    ///
    /// # Errors
    /// [`StoreError::NotFound`](crate::StoreError::NotFound).
    pub fn warn(&mut self, task: TaskNo, text: &str) -> Res<()> {
        let data = Value::Object([("text".to_owned(), text.into())].into_iter().collect());
        self.fact(Some(task), "warning", data).map(|_| ())
    }
}
