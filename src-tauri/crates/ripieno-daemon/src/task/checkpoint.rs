//! Points to go back to, taken before each movement, and going back to one (R13).

use super::{Attempt, End};
use crate::{
    changes::{ChangesError, Place},
    words, worktree,
};
use ripieno_core::{
    failure::{Class, Failure},
    spec::FolderMode,
};
use ripieno_pieces::{Piece, schema::Work};
use ripieno_store::{CheckpointReason, KeptFiles, NewCheckpoint};
use std::time::Duration;

/// How long a movement waits for its checkpoint.
const KEEP: Duration = Duration::from_secs(15);
/// How long going back may take.
const RESTORE: Duration = Duration::from_secs(120);

impl Attempt {
    /// Whether points to go back to are kept: in worktrees always, elsewhere for agents; a script asks for none.
    pub(super) fn wants_checkpoints(&self, piece: &Piece) -> bool {
        self.row.spec.mode == FolderMode::Worktree
            || piece
                .movements()
                .iter()
                .any(|movement| !matches!(movement.work(), Work::Shell { .. }))
    }

    /// Keeps the folder as it stands before a movement; the commit that holds it. A failure is a warning: then there is no
    /// way back to here.
    pub(super) async fn keep_checkpoint(&mut self, movement: &str) -> Option<String> {
        if !self.keeps_checkpoints {
            return None;
        }
        let files = match self.fresh.take() {
            Some(base) => Ok(KeptFiles {
                head: Some(base.clone()),
                files: base,
            }),
            None => self.kept_files().await,
        };
        if let Err(why) = &files {
            self.status(format!("there is no way back to before {movement}: {why}"))
                .await;
        }
        let commit = files.as_ref().ok().map(|kept| kept.files.clone());
        self.put_checkpoint(CheckpointReason::Movement, movement, files)
            .await;
        commit
    }

    /// Records the end of the attempt as a point to go back to; `head` holds what it left.
    pub(super) async fn checkpoint_at_end(&mut self, kept: KeptFiles) {
        let movement = self.movement_name.clone();
        self.put_checkpoint(CheckpointReason::End, &movement, Ok(kept))
            .await;
    }

    async fn put_checkpoint(
        &mut self,
        reason: CheckpointReason,
        movement: &str,
        files: Result<KeptFiles, String>,
    ) {
        let new = NewCheckpoint {
            reason,
            movement: movement.to_owned(),
            files,
            position: self.row.resume.position.clone(),
        };
        let no = self.no;
        let write = self
            .ctx
            .store
            .write(move |tx| tx.put_checkpoint(no, &new).map(drop));
        self.noted("the checkpoint", write.await);
    }

    async fn kept_files(&self) -> Result<KeptFiles, String> {
        let place = Place::of(&self.ctx, &self.row, self.dirs.work.clone()).await;
        let kept = place
            .map_err(|error| error.to_string())?
            .snapshot(KEEP)
            .await;
        kept.map_err(|error| error.to_string())
    }

    /// Puts the files back that a person wants to go on from, before the first movement.
    pub(super) async fn carry_out_rewind(&mut self) -> Result<(), End> {
        let no = self.no;
        let read = self.ctx.store.read(move |r| r.pending_rewind(no)).await;
        let Ok(Some(pending)) = read else {
            return Ok(());
        };
        let point = &pending.checkpoint;
        let broken = |text: String| {
            End::Failed(Failure::new(
                Class::WorkspaceFailed,
                format!("the files could not be put back: {text}"),
            ))
        };
        let kept = point.new.files.clone().map_err(broken)?;
        let place = Place::of(&self.ctx, &self.row, self.dirs.work.clone()).await;
        let place = place.map_err(|error| broken(error.to_string()))?;
        let row = self.row.clone();
        let tree = self.ctx.store.read(move |r| worktree::of(r, &row)).await;
        let branch = tree.ok().flatten().map(|tree| tree.branch);
        let told = |error: ChangesError| broken(error.to_string());
        let way = place.way_back(&kept, RESTORE).await.map_err(told)?;
        let abandoned = NewCheckpoint {
            reason: CheckpointReason::Abandoned,
            movement: point.new.movement.clone(),
            files: Ok(way.left.clone()),
            position: pending.position.clone(),
        };
        // On record before anything changes: cut off in between, another try keeps what is half undone.
        let write = self
            .ctx
            .store
            .write(move |tx| tx.put_checkpoint(no, &abandoned));
        let n = write.await.map_err(|error| broken(error.to_string()))?;
        way.take(branch.as_deref(), RESTORE).await.map_err(told)?;
        let number = pending.no;
        let write = self
            .ctx
            .store
            .write(move |tx| tx.rewind_done(no, number, n));
        // Undone once more, it would take along what is done from here on.
        write.await.map_err(|error| broken(error.to_string()))?;
        self.fresh = None;
        self.tail.clear();
        let notice = format!(
            "A person took this task back to where it stood on {}, before movement {}. The files are as they were then; \
             whatever was done after that is undone and does not count.",
            words::rfc3339(point.at),
            point.new.movement,
        );
        self.status(notice.clone()).await;
        self.notice = Some(notice);
        Ok(())
    }
}
