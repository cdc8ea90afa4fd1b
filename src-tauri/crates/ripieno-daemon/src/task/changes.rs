//! The folder before the first turn and after the last: what the task changed lies between. A failure here is a warning
//! in the run and stops nothing (R16).

use super::{Attempt, End};
use crate::changes::{Apart, Finish, Place, Start, is_in_repository};
use ripieno_core::{event::YieldReason, spec::FolderMode};
use ripieno_pieces::{Piece, schema::Work};
use ripieno_store::{ChangesSum, KeptFiles, NewEnd, NewStart};
use std::time::Duration;

/// How long a task waits for its start to be remembered.
const START: Duration = Duration::from_secs(15);
/// How long the end of its work may be looked at.
const WORKED: Duration = Duration::from_secs(10);
/// How many files a line of the log names.
const NAMED: usize = 5;
/// How long that may take when somebody waits for it to stop, or to give its slot back.
const STOPPED: Duration = Duration::from_secs(4);

impl Attempt {
    /// Remembers the state the task starts from, once. What an agent may overwrite is kept; of a script's folder the last
    /// commit has to do.
    pub(super) async fn remember_start(&mut self, piece: &Piece) -> Result<(), End> {
        let in_repository = is_in_repository(&self.dirs.work, self.row.spec.dir.is_none());
        let snapshot = self.row.spec.mode == FolderMode::Worktree
            || (in_repository && self.policy().commit)
            || piece
                .movements()
                .iter()
                .any(|movement| !matches!(movement.work(), Work::Shell { .. }));
        if self.row.started_at.is_some() || !(snapshot || in_repository) {
            return Ok(());
        }
        let place = Place::of(&self.ctx, &self.row, self.dirs.work.clone()).await;
        let start = match place {
            Ok(place) => {
                let look = place.start(snapshot, START);
                tokio::pin!(look);
                tokio::select! {
                    start = &mut look => start,
                    end = self.interrupted() => return Err(end),
                }
            }
            // The checkpoints say why there are none.
            Err(_) if !in_repository => Start::Nowhere,
            Err(error) => Start::Unknown {
                reason: error.to_string(),
            },
        };
        if !in_repository && let Start::At { apart, .. } = &start {
            self.tell_apart(apart).await;
        }
        self.store_start(start).await;
        Ok(())
    }

    /// Says what a way back leaves as it is.
    async fn tell_apart(&mut self, apart: &[Apart]) {
        let named: Vec<&str> = apart.iter().map(|file| file.path.as_str()).collect();
        let Some(shown) = named
            .get(..named.len().min(NAMED))
            .filter(|n| !n.is_empty())
        else {
            return;
        };
        let more = match named.len() - shown.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let text = format!(
            "too large, not readable, or repositories of their own, so they are not kept and no way back changes them: {}{more}",
            shown.join(", ")
        );
        self.status(text).await;
    }

    /// Ends when a person or the worker wants the attempt to stop before it has begun.
    pub(super) async fn interrupted(&mut self) -> End {
        let suspend = self.handle.suspend.clone();
        loop {
            tokio::select! {
                () = suspend.cancelled() => return End::Yielded(YieldReason::Interrupted),
                signal = self.signals.recv() => {
                    if signal.is_none() {
                        return End::Yielded(YieldReason::Interrupted);
                    }
                }
            }
            if let Err(end) = self.check_wishes().await {
                return end;
            }
        }
    }

    pub(super) async fn store_start(&mut self, start: Start) {
        let (start, warning) = match start {
            Start::Nowhere => return,
            Start::At {
                base,
                includes_earlier,
                apart,
                warning,
            } => {
                let warning = warning.map(|text| {
                    format!("changes that were there before are shown as the task's: {text}")
                });
                (new_start(Ok(base), includes_earlier, &apart), warning)
            }
            Start::Unknown { reason } => {
                let warning = format!("what this task changes cannot be shown: {reason}");
                (new_start(Err(reason), false, &[]), Some(warning))
            }
        };
        let (no, fence, said) = (self.no, self.fence, warning.clone());
        let write = self.ctx.store.write(move |tx| {
            tx.put_start(no, fence, &start)?;
            said.map_or(Ok(()), |text| tx.warn(no, &text))
        });
        self.noted("the state it starts from", write.await);
        if let Some(text) = warning {
            self.status(text).await;
        }
    }

    /// Keeps the state the attempt leaves, for as long as its folder is its own.
    pub(super) async fn remember_end(&mut self, end: &End) {
        let limit = match end {
            End::Completed(_) | End::Failed(_) => WORKED,
            End::Stopped | End::Waiting => STOPPED,
            End::Yielded(_) | End::Stale => return,
        };
        let no = self.no;
        let Ok(Some(kept)) = self.ctx.store.read(move |r| r.changes(no)).await else {
            return;
        };
        let Ok(base) = kept.base else { return };
        let Ok(place) = Place::of(&self.ctx, &self.row, self.dirs.work.clone()).await else {
            return;
        };
        let before: Vec<Apart> = serde_json::from_value(kept.start_apart).unwrap_or_default();
        let look = place.finish(&base, &before, kept.head.as_deref(), limit);
        let suspend = self.handle.suspend.clone();
        let left = tokio::select! {
            left = look => left,
            () = suspend.cancelled() => return,
        };
        match left {
            Ok(left) => {
                let kept = KeptFiles {
                    head: left.checked_out.clone(),
                    files: left.head.clone(),
                };
                self.store_end(left).await;
                if self.keeps_checkpoints {
                    self.checkpoint_at_end(kept).await;
                }
            }
            Err(error) => {
                self.warn(format!("the state it left is not kept: {error}"))
                    .await
            }
        }
    }

    async fn store_end(&mut self, left: Finish) {
        let end = NewEnd {
            head: left.head,
            apart: serde_json::to_value(&left.apart).unwrap_or_default(),
            sum: ChangesSum {
                files: left.files,
                insertions: left.insertions,
                deletions: left.deletions,
            },
        };
        let (no, fence) = (self.no, self.fence);
        let write = self.ctx.store.write(move |tx| tx.put_end(no, fence, &end));
        self.noted("the state it left", write.await);
    }

    pub(super) async fn warn(&mut self, text: String) {
        let (no, said) = (self.no, text.clone());
        let write = self.ctx.store.write(move |tx| tx.warn(no, &said));
        self.noted("a warning", write.await);
        self.status(text).await;
    }
}

fn new_start(base: Result<String, String>, includes_earlier: bool, apart: &[Apart]) -> NewStart {
    NewStart {
        base,
        includes_earlier,
        apart: serde_json::to_value(apart).unwrap_or_default(),
    }
}
