//! What a task changed in its folder, as surfaces show it.

use super::{Authority, Handle};
use crate::{
    changes::{Apart, ChangesError, FileChange, Place, Span, is_in_repository},
    error::DaemonError,
    worktree,
};
use ripieno_store::TaskRow;
use std::time::Duration;

/// How long a look at a folder may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many files a list names.
const MOST_FILES: usize = 5_000;
/// How long a patch may be, in bytes.
const MOST_PATCH: u64 = 2 * 1024 * 1024;

/// What a task changed.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The commit it is measured from.
    pub base: Option<String>,
    /// Why there is none, or nothing can be shown.
    pub reason: Option<String>,
    /// Whether changes from before the task are among them.
    pub includes_earlier: bool,
    /// The changed files, in the order of their paths.
    pub files: Vec<FileChange>,
    /// Lines more, in all.
    pub insertions: u64,
    /// Lines less, in all.
    pub deletions: u64,
    /// Whether there are more files than are named.
    pub truncated: bool,
}

/// A patch.
#[derive(Clone, Debug, Default)]
pub struct Diff {
    /// A unified diff.
    pub patch: String,
    /// Whether there is more than fits.
    pub truncated: bool,
    /// Why there is none.
    pub reason: Option<String>,
}

/// What can be compared.
struct Measured {
    place: Place,
    span: Span,
    includes_earlier: bool,
}

impl Handle {
    /// What a task changed since it started: until now, or until it ended.
    ///
    /// # Errors
    /// Forbidden; NotFound; Timeout.
    pub async fn changes(&self, by: &Authority, reference: &str) -> Result<Changes, DaemonError> {
        by.person("see changes")?;
        let measured = match self.measured(reference).await? {
            Ok(measured) => measured,
            Err(reason) => return Ok(Changes::unknown(reason)),
        };
        let _turn = self.ctx.looks.acquire().await;
        match measured.place.changes(&measured.span, PATIENCE).await {
            Ok(files) => Ok(Changes::of(measured, files)),
            Err(error) => Ok(Changes::unknown(sentence(error)?)),
        }
    }

    /// The patch of what a task changed, or of one file of it; `whitespace` says whether changes of white space count.
    ///
    /// # Errors
    /// Forbidden; NotFound for a task or file that is not there; Timeout.
    pub async fn diff(
        &self,
        by: &Authority,
        reference: &str,
        path: Option<&str>,
        whitespace: bool,
    ) -> Result<Diff, DaemonError> {
        by.person("see changes")?;
        let unknown = |reason| Diff {
            reason: Some(reason),
            ..Diff::default()
        };
        let measured = match self.measured(reference).await? {
            Ok(measured) => measured,
            Err(reason) => return Ok(unknown(reason)),
        };
        let _turn = self.ctx.looks.acquire().await;
        let Measured { place, span, .. } = measured;
        match place
            .patch(&span, path, whitespace, MOST_PATCH, PATIENCE)
            .await
        {
            Ok((patch, truncated)) => Ok(Diff {
                patch,
                truncated,
                reason: None,
            }),
            Err(error) => Ok(unknown(sentence(error)?)),
        }
    }

    /// What lies between the start of a task and its end or the present; else the sentence that says why nothing does.
    async fn measured(&self, reference: &str) -> Result<Result<Measured, String>, DaemonError> {
        let no = self.find(reference).await?;
        let read = self.ctx.store.read(move |r| {
            let row = r.task(no)?;
            let thread = r.task(row.thread)?.id;
            let tree = worktree::of(r, &row)?;
            Ok((r.changes(no)?, row, thread, tree))
        });
        let (kept, row, thread, tree) = read.await?;
        let folder = worktree::work_folder(
            &self.ctx.home,
            &row.spec,
            &thread.to_string(),
            tree.as_ref(),
        );
        let Some(kept) = kept else {
            return Ok(Err(no_record(&row, &folder)));
        };
        let base = match kept.base {
            Ok(base) => base,
            Err(reason) => return Ok(Err(reason)),
        };
        if !folder.is_dir() {
            let folder = folder.display();
            return Ok(Err(format!("its folder {folder} does not exist any more")));
        }
        let place = match Place::of(&self.ctx, &row, folder).await {
            Ok(place) => place,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let list = |value| -> Vec<Apart> { serde_json::from_value(value).unwrap_or_default() };
        let ended = row.task.state.is_terminal();
        Ok(Ok(Measured {
            place,
            span: Span {
                base,
                before: list(kept.start_apart),
                after: kept
                    .head
                    .filter(|_| ended)
                    .map(|head| (head, list(kept.end_apart))),
            },
            includes_earlier: kept.includes_earlier,
        }))
    }
}

impl Changes {
    fn unknown(reason: String) -> Self {
        Changes {
            reason: Some(reason),
            ..Changes::default()
        }
    }

    fn of(measured: Measured, mut files: Vec<FileChange>) -> Self {
        let sum = |lines: fn(&FileChange) -> u64| files.iter().map(lines).sum();
        let (insertions, deletions) = (sum(|file| file.insertions), sum(|file| file.deletions));
        let truncated = files.len() > MOST_FILES;
        files.truncate(MOST_FILES);
        Changes {
            base: Some(measured.span.base),
            reason: None,
            includes_earlier: measured.includes_earlier,
            files,
            insertions,
            deletions,
            truncated,
        }
    }
}

fn no_record(row: &TaskRow, folder: &std::path::Path) -> String {
    if row.started_at.is_none() {
        "it has not started yet".to_owned()
    } else if is_in_repository(folder, row.spec.dir.is_none()) {
        "its folder was in no git repository when it started".to_owned()
    } else {
        "its folder is not in a git repository".to_owned()
    }
}

/// What is shown in place of changes; other errors are the asker's or the clock's.
fn sentence(error: ChangesError) -> Result<String, DaemonError> {
    match error {
        ChangesError::NoSuchFile(_) => Err(DaemonError::NotFound(error.to_string())),
        ChangesError::Slow(_) => Err(DaemonError::Timeout(error.to_string())),
        ChangesError::Repository(_) | ChangesError::Capture(_) | ChangesError::Git(_) => {
            Ok(error.to_string())
        }
    }
}
