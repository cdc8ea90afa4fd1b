//! What a follow-up takes over from the task it goes on from (T23, R4).

use crate::{StoreError, Tx};
use ripieno_core::id::TaskNo;

const UNTAKE: &str = "UPDATE comments SET taken_by = NULL, taken_at = NULL, movement = NULL WHERE task_no = ?1 AND no = ?2";

const UNTAKE_UNDELIVERED: &str = "UPDATE comments SET taken_by = NULL, taken_at = NULL, movement = NULL \
     WHERE task_no = ?1 AND taken_by = ?2 AND taken_at > ?3 AND no NOT IN \
     (SELECT data ->> '$.comment' FROM task_events WHERE task_no = ?1 AND kind = 'comment_delivered')";

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

    /// The same for those that an attempt took and that cannot have reached its performer: it was told nothing since, and no
    /// delivery is on record.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn untake_undelivered(&mut self, task: TaskNo, attempt: u32) -> Result<(), StoreError> {
        let told = self
            .task(task)?
            .resume
            .session
            .and_then(|session| session.told);
        self.exec(
            UNTAKE_UNDELIVERED,
            (task.0, attempt, told.unwrap_or_default().0),
        )?;
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
