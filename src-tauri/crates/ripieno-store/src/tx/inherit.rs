//! What a follow-up takes over from the task it goes on from (T23, R4).

use crate::{StoreError, Tx};
use ripieno_core::id::TaskNo;

const UNTAKE: &str = "UPDATE comments SET taken_by = NULL, taken_at = NULL, movement = NULL WHERE task_no = ?1 AND no = ?2";

impl Tx<'_> {
    /// Puts comments back that were taken and did not reach the performer: the next turn takes them again (T13).
    ///
    /// # Errors
    /// When the database refuses.
    pub fn untake_comments(&mut self, task: TaskNo, comments: &[i64]) -> Result<(), StoreError> {
        for no in comments {
            self.exec(UNTAKE, (task.0, no))?;
        }
        Ok(())
    }

    /// Gives a new task the session of an earlier one of its thread; its piece begins at its start.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn inherit_session(&mut self, task: TaskNo, earlier: TaskNo) -> Result<(), StoreError> {
        self.exec(
            "INSERT INTO task_resume (task_no, session) \
             SELECT ?1, session FROM task_resume WHERE task_no = ?2 AND session IS NOT NULL \
             ON CONFLICT (task_no) DO UPDATE SET session = excluded.session",
            (task.0, earlier.0),
        )?;
        Ok(())
    }
}
