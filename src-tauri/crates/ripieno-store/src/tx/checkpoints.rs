//! Points a task can be taken back to, and what is taken back (R13).

use super::{Res, Tx};
use crate::NewCheckpoint;
use ripieno_core::id::TaskNo;
use serde_json::{Value, json};

impl Tx<'_> {
    /// Records a point to go back to; its number. One with the files of the last, taken for the same, is that one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`](crate::StoreError::NotFound).
    pub fn put_checkpoint(&mut self, task: TaskNo, new: &NewCheckpoint) -> Res<u32> {
        let attempt = self.hot(task)?.task.attempt;
        let last = self.checkpoints(task)?.pop();
        if let Some(last) = &last
            && last.new == *new
            && last.attempt == attempt
        {
            return Ok(last.n);
        }
        let n = last.map_or(1, |last| last.n + 1);
        let (head, files, why) = match &new.files {
            Ok(kept) => (kept.head.as_ref(), Some(&kept.files), None),
            Err(why) => (None, None, Some(why)),
        };
        self.exec(
            "INSERT INTO checkpoints (task_no, n, attempt, reason, movement, head, files, why, position, at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            (
                task.0,
                n,
                attempt,
                new.reason.name(),
                &new.movement,
                head,
                files,
                why,
                new.position.as_ref().map(Value::to_string),
                self.now().0,
            ),
        )?;
        Ok(n)
    }

    /// Records that a person took `task` back to the checkpoint `n` of `of`: the next attempt carries it out.
    ///
    /// # Errors
    /// When the database refuses, also for a checkpoint that does not exist.
    pub fn put_rewind(
        &mut self,
        task: TaskNo,
        of: TaskNo,
        n: u32,
        position: Option<&Value>,
    ) -> Res<()> {
        self.exec("UPDATE rewinds SET done = 1 WHERE task_no = ?1", [task.0])?;
        self.exec(
            "INSERT INTO rewinds (task_no, of_no, n, position, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                task.0,
                of.0,
                n,
                position.map(Value::to_string),
                self.now().0,
            ),
        )?;
        Ok(())
    }

    /// Records that a rewind was carried out; `abandoned` is the checkpoint of the line it left behind.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn rewind_done(&mut self, task: TaskNo, no: i64, abandoned: u32) -> Res<()> {
        self.exec("UPDATE rewinds SET done = 1 WHERE no = ?1", [no])?;
        self.fact(
            Some(task),
            "files_restored",
            json!({ "abandoned": abandoned }),
        )?;
        Ok(())
    }
}
