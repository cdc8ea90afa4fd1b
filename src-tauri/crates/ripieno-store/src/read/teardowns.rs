//! What projects have set up for tasks (D1).

use super::{Reader, Res};
use ripieno_core::id::TaskNo;

/// What the project of a task has set up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TeardownRow {
    /// The folder it was set up in.
    pub folder: String,
    /// Whether the teardown has not begun yet.
    pub due: bool,
}

impl Reader<'_> {
    /// What was set up for a task; none when nothing ever was.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn teardown(&self, task: TaskNo) -> Res<Option<TeardownRow>> {
        let sql = "SELECT folder, due FROM teardowns WHERE task_no = ?1";
        let mut rows = self.rows(sql, [task.0], |row| {
            Ok(TeardownRow {
                folder: row.get(0)?,
                due: row.get(1)?,
            })
        })?;
        Ok(rows.pop())
    }

    /// The tasks whose teardown has not begun.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn teardowns_due(&self) -> Res<Vec<TaskNo>> {
        let sql = "SELECT task_no FROM teardowns WHERE due = 1 ORDER BY task_no";
        self.rows(sql, [], |row| Ok(TaskNo(row.get(0)?)))
    }
}
