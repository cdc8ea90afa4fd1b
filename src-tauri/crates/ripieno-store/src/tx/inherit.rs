//! What a follow-up takes over from the task it goes on from (T23, R4).

use crate::{StoreError, Tx};
use ripieno_core::id::TaskNo;

impl Tx<'_> {
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
