//! How a task works in the folder it was given (D1).

use super::Handle;
use crate::{
    changes::{Git, is_in_repository},
    error::DaemonError,
};
use ripieno_core::spec::FolderMode;
use std::path::Path;

impl Handle {
    /// How a task works in its folder: as asked for, else in a worktree where there is a repository (D1).
    pub(super) async fn mode(
        &self,
        asked: Option<FolderMode>,
        dir: Option<&Path>,
    ) -> Result<FolderMode, DaemonError> {
        let Some(dir) = dir else {
            return Ok(FolderMode::InPlace);
        };
        match asked {
            Some(FolderMode::Worktree) if !is_in_repository(dir, false) => {
                Err(DaemonError::Invalid(format!(
                    "a worktree needs a git repository, and {} is in none: leave --mode out, or say --mode in_place",
                    dir.display()
                )))
            }
            Some(mode) => Ok(mode),
            None if self.has_worktrees(dir).await => Ok(FolderMode::Worktree),
            None => Ok(FolderMode::InPlace),
        }
    }

    /// Whether worktrees are possible: git is there, and its repository does not ignore the folder.
    async fn has_worktrees(&self, dir: &Path) -> bool {
        if !is_in_repository(dir, false) {
            return false;
        }
        let Ok(git) = Git::find(&self.ctx.resolved_environment().await.vars) else {
            return false;
        };
        // This one command takes paths only, and has no way to say so.
        let git = git.with(&[("GIT_LITERAL_PATHSPECS", "0".as_ref())]);
        let ignored = git
            .print(dir, &["check-ignore", "--quiet", "."], b"", 1024)
            .await;
        ignored.is_ok_and(|said| said.code != Some(0))
    }
}
