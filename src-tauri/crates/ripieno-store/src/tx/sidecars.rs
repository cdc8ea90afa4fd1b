//! What is placed in the folders of tasks, on record before it is (D4).

use super::{Res, Tx, submit::to_json};
use crate::{SidecarKind, SidecarRow};
use ripieno_core::id::TaskNo;
use serde_json::Value;

impl Tx<'_> {
    /// Puts on record what is about to be placed for a task, in the order it is made.
    ///
    /// # Errors
    /// [`StoreError::NotFound`](crate::StoreError::NotFound).
    pub fn list_sidecars(&mut self, rows: &[SidecarRow]) -> Res<()> {
        for row in rows {
            self.hot(row.task)?;
            let files = match &row.kind {
                SidecarKind::Own { files } => to_json("sidecars", row.task, files)?,
                SidecarKind::Around => Value::Object(Default::default()).to_string(),
            };
            self.exec(
                "INSERT INTO sidecars (task_no, folder, path, kind, mark, files, placed) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                (
                    row.task.0,
                    &row.folder,
                    &row.path,
                    row.kind.name(),
                    &row.mark,
                    files,
                    row.placed,
                ),
            )?;
        }
        Ok(())
    }

    /// Records that all that is on record for a task was placed as a whole.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn sidecars_placed(&mut self, task: TaskNo) -> Res<()> {
        self.exec(
            "UPDATE sidecars SET placed = 1 WHERE task_no = ?1",
            [task.0],
        )?;
        Ok(())
    }

    /// Forgets what was placed for a task: it is gone.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn drop_sidecars(&mut self, task: TaskNo) -> Res<()> {
        self.exec("DELETE FROM sidecars WHERE task_no = ?1", [task.0])?;
        Ok(())
    }
}
