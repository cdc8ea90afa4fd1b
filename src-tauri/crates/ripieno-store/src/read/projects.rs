//! Projects, as stored.

use super::{Reader, Res};
use crate::StoreError;
use ripieno_core::{
    project::{Project, Trust},
    spec::FolderMode,
    time::Timestamp,
};
use rusqlite::Row;

const COLUMNS: &str = "SELECT path, mode, trusted_at, refused_at, policy, added_at FROM projects";

fn project(row: &Row<'_>) -> Res<Project> {
    let path: String = row.get(0)?;
    let mode = match row.get::<_, Option<String>>(1)?.as_deref() {
        None => None,
        Some("in_place") => Some(FolderMode::InPlace),
        Some("worktree") => Some(FolderMode::Worktree),
        Some(other) => {
            let text = format!("unknown mode `{other}`");
            return Err(StoreError::bad_row("projects", path, text));
        }
    };
    let moment =
        |at: usize| -> Res<Option<Timestamp>> { Ok(row.get::<_, Option<i64>>(at)?.map(Timestamp)) };
    let trust = match (moment(2)?, moment(3)?) {
        (Some(since), _) => Trust::Trusted { since },
        (None, Some(since)) => Trust::Refused { since },
        (None, None) => Trust::Unasked,
    };
    let policy: String = row.get(4)?;
    Ok(Project {
        policy: serde_json::from_str(&policy)
            .map_err(|e| StoreError::bad_row("projects", &path, e))?,
        mode,
        trust,
        added_at: Timestamp(row.get(5)?),
        path,
    })
}

impl Reader<'_> {
    /// Every project, by path.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn projects(&self) -> Res<Vec<Project>> {
        self.rows(&format!("{COLUMNS} ORDER BY path"), [], project)
    }

    /// The project of exactly that folder.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn project(&self, path: &str) -> Res<Option<Project>> {
        self.first(&format!("{COLUMNS} WHERE path = ?1"), [path], project)
    }
}
