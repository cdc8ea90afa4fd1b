//! What a task's performers wrote down, as stored.

use super::{Reader, Res};
use crate::StoreError;
use ripieno_core::{id::TaskNo, notes::Notes};

impl Reader<'_> {
    /// The notes of a task; empty ones when nobody wrote any.
    ///
    /// # Errors
    /// When the database refuses, or holds what cannot be read.
    pub fn notes(&self, no: TaskNo) -> Res<Notes> {
        let found = self.first(
            "SELECT brief, checklist, lessons FROM task_notes WHERE task_no = ?1",
            [no.0],
            |row| {
                let (checklist, lessons): (String, String) = (row.get(1)?, row.get(2)?);
                let bad = |error: serde_json::Error| StoreError::bad_row("task_notes", no, error);
                Ok(Notes {
                    brief: row.get(0)?,
                    checklist: serde_json::from_str(&checklist).map_err(bad)?,
                    lessons: serde_json::from_str(&lessons).map_err(bad)?,
                })
            },
        )?;
        Ok(found.unwrap_or_default())
    }
}
