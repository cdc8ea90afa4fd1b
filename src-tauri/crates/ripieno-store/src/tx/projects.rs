//! Projects: what a person decides about a folder (D1).

use super::{Res, Tx, submit::to_json};
use ripieno_core::{
    project::{Project, Trust},
    spec::FolderMode,
};
use serde_json::json;

impl Tx<'_> {
    /// Stores a project; one of the same folder is replaced.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn put_project(&mut self, project: &Project) -> Res<()> {
        let (trusted, refused) = match project.trust {
            Trust::Unasked => (None, None),
            Trust::Trusted { since } => (Some(since.0), None),
            Trust::Refused { since } => (None, Some(since.0)),
        };
        let mode = project.mode.map(|mode| match mode {
            FolderMode::InPlace => "in_place",
            FolderMode::Worktree => "worktree",
        });
        let policy = to_json("projects", &project.path, &project.policy)?;
        self.exec(
            "INSERT INTO projects (path, mode, trusted_at, refused_at, policy, added_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT (path) DO UPDATE SET mode = excluded.mode, trusted_at = excluded.trusted_at, \
             refused_at = excluded.refused_at, policy = excluded.policy",
            (&project.path, mode, trusted, refused, policy, project.added_at.0),
        )?;
        let data = json!({ "path": project.path, "trusted": project.trust.is_given() });
        self.fact(None, "project_changed", data)?;
        Ok(())
    }

    /// Forgets a project; false when there was none.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn drop_project(&mut self, path: &str) -> Res<bool> {
        let dropped = self.exec("DELETE FROM projects WHERE path = ?1", [path])? > 0;
        if dropped {
            self.fact(None, "project_removed", json!({ "path": path }))?;
        }
        Ok(dropped)
    }

    /// Puts every task held by what a project decides back in the queue, to be looked at again: all of them, since a folder
    /// that is trusted is no place that one of them takes, and a limit may be any other by now.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unpark_of_projects(&mut self) -> Res<usize> {
        self.exec(
            "UPDATE tasks SET parked_on = NULL, due_at = NULL, queue = lane \
             WHERE (parked_on >= 'trust:' AND parked_on < 'trust;') OR (parked_on >= 'project:' AND parked_on < 'project;')",
            [],
        )
    }
}
