//! What a project has set up for a task and must tear down again (D1).

use super::{Res, Tx};
use ripieno_core::id::TaskNo;

impl Tx<'_> {
    /// Records that the setup of a task begins in a folder: its teardown is due from now on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`](crate::StoreError::NotFound).
    pub fn set_up_begun(&mut self, task: TaskNo, folder: &str) -> Res<()> {
        self.hot(task)?;
        self.exec(
            "INSERT INTO teardowns (task_no, folder, due) VALUES (?1, ?2, 1) \
             ON CONFLICT (task_no) DO UPDATE SET folder = ?2, due = 1",
            (task.0, folder),
        )?;
        Ok(())
    }

    /// Records that the teardown of a task begins, or is not wanted any more; whether it was due. Only who is told so
    /// runs it.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn teardown_begun(&mut self, task: TaskNo) -> Res<bool> {
        let sql = "UPDATE teardowns SET due = 0 WHERE task_no = ?1 AND due = 1";
        Ok(self.exec(sql, [task.0])? > 0)
    }
}
