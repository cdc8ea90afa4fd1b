//! What was placed in the folders of tasks (D4).

use super::{Reader, Res};
use crate::StoreError;
use ripieno_core::id::TaskNo;
use rusqlite::Row;
use std::collections::BTreeMap;

/// A folder of ours in the folder of a task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SidecarKind {
    /// Everything in it is ours, but what was changed since; the SHA-256 of each file, by its path below it.
    Own {
        /// The files.
        files: BTreeMap<String, String>,
    },
    /// It was made to hold others, and goes when it is empty.
    Around,
}

/// A sidecar, on record before it is placed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SidecarRow {
    /// The task it was placed for.
    pub task: TaskNo,
    /// The folder the task works in.
    pub folder: String,
    /// Where it lies below that folder.
    pub path: String,
    /// What it is.
    pub kind: SidecarKind,
    /// What nobody else writes into a folder.
    pub mark: String,
    /// Whether it was placed as a whole.
    pub placed: bool,
}

impl SidecarKind {
    /// As it stands in rows.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            SidecarKind::Own { .. } => "own",
            SidecarKind::Around => "around",
        }
    }
}

fn sidecar(row: &Row<'_>) -> Res<SidecarRow> {
    let task = TaskNo(row.get(0)?);
    let kind: String = row.get(3)?;
    let files: String = row.get(5)?;
    let kind = match kind.as_str() {
        "own" => SidecarKind::Own {
            files: serde_json::from_str(&files)
                .map_err(|e| StoreError::bad_row("sidecars", task, e))?,
        },
        _ => SidecarKind::Around,
    };
    Ok(SidecarRow {
        task,
        folder: row.get(1)?,
        path: row.get(2)?,
        kind,
        mark: row.get(4)?,
        placed: row.get(6)?,
    })
}

const COLUMNS: &str = "SELECT task_no, folder, path, kind, mark, files, placed FROM sidecars";

impl Reader<'_> {
    /// What was placed for a task, in the order it was to be made.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn sidecars(&self, task: TaskNo) -> Res<Vec<SidecarRow>> {
        let sql = format!("{COLUMNS} WHERE task_no = ?1 ORDER BY no");
        self.rows(&sql, [task.0], sidecar)
    }

    /// The tasks for which anything is placed.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn tasks_with_sidecars(&self) -> Res<Vec<TaskNo>> {
        let sql = "SELECT DISTINCT task_no FROM sidecars ORDER BY task_no";
        self.rows(sql, [], |row| Ok(TaskNo(row.get(0)?)))
    }
}
