//! The worktree of an attempt: ready before its first movement, committed when the work is done (D5, R14).

use super::{Attempt, End};
use crate::{changes::Start, worktree};
use ripieno_core::{
    failure::{Class, Failure},
    spec::FolderMode,
};

impl Attempt {
    /// Makes the worktree ready, where the task works in one; whether it was made just now.
    pub(super) async fn open_worktree(&mut self) -> Result<bool, End> {
        if self.row.spec.mode != FolderMode::Worktree {
            return Ok(false);
        }
        let (ctx, row) = (self.ctx.clone(), self.row.clone());
        // Whoever is interrupted does not wait for it, but it is finished: half a worktree is nobody's.
        let opening = ctx
            .tracker
            .clone()
            .spawn(async move { worktree::open(&ctx, &row).await });
        let opened = tokio::select! {
            opened = opening => opened,
            end = self.interrupted() => return Err(end),
        };
        let opened = opened
            .map_err(|broken| End::Failed(Failure::new(Class::Unknown, broken.to_string())))?
            .map_err(|error| End::Failed(error.into_failure()))?;
        self.dirs.work = opened.work;
        for note in opened.notes {
            self.status(note).await;
        }
        let Some(base) = opened.base else {
            return Ok(false);
        };
        self.fresh = Some(base.clone());
        let start = Start::At {
            base,
            includes_earlier: false,
            apart: Vec::new(),
            warning: None,
        };
        self.store_start(start).await;
        Ok(true)
    }

    /// Commits what a successful attempt left; without the commit it has not succeeded.
    pub(super) async fn commit_worktree(&mut self, end: End) -> End {
        let End::Completed(receipt) = &end else {
            return end;
        };
        if self.row.spec.mode != FolderMode::Worktree {
            return end;
        }
        match worktree::commit_work(&self.ctx, &self.row, &receipt.summary).await {
            Ok(()) => end,
            Err(error) => {
                let folder = self.dirs.work.display();
                let text = format!(
                    "the work is done and stays in {folder}, but it could not be committed: {error}"
                );
                End::Failed(Failure::new(Class::WorkspaceFailed, text))
            }
        }
    }
}
