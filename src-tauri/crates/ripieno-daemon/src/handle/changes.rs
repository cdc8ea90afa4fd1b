//! What a task changed in its folder, as surfaces show it.

use super::{Authority, Handle};
use crate::{
    changes::{Apart, ChangesError, Export, FileChange, Place, Span, is_in_repository},
    error::DaemonError,
    worktree,
};
use ripieno_core::{id::TaskNo, spec::FolderMode};
use ripieno_store::TaskRow;
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::sync::OwnedMutexGuard;

/// How long a look at a folder may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many files a list names.
const MOST_FILES: usize = 5_000;
/// How long a whole patch may take.
const EXPORT: Duration = Duration::from_secs(600);
/// How long a patch that is shown may be, in bytes.
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

/// A patch in a file.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The file.
    pub path: PathBuf,
    /// What it holds.
    pub export: Export,
}

/// What can be compared.
struct Measured {
    place: Place,
    span: Span,
    includes_earlier: bool,
    /// The folder is not given back as long as it is looked at.
    still: Option<OwnedMutexGuard<()>>,
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
        let Measured {
            place,
            span,
            still: _still,
            ..
        } = measured;
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

    /// Writes the whole patch of what a task changed to a new file among its outputs.
    ///
    /// # Errors
    /// Forbidden; NotFound for a task that is not there; Invalid for outputs that cannot be written; NotPossibleNow with the
    /// reason where nothing can be compared; Timeout.
    pub async fn export_patch(
        &self,
        by: &Authority,
        reference: &str,
    ) -> Result<Patch, DaemonError> {
        by.person("see changes")?;
        let no = self.find(reference).await?;
        let Measured {
            place,
            span,
            still: _still,
            ..
        } = match self.measured(reference).await? {
            Ok(measured) => measured,
            Err(reason) => return Err(DaemonError::NotPossibleNow(reason)),
        };
        let row = self.ctx.store.read(move |r| r.task(no)).await?;
        let outputs = self.ctx.home.task_outputs(row.id.to_string());
        let made = tokio::task::spawn_blocking(move || new_file(&outputs, &no.to_string()));
        let (file, path) = made
            .await
            .map_err(|broken| DaemonError::Internal(broken.to_string()))??;
        let _turn = self.ctx.looks.acquire().await;
        match place.export(&span, file, EXPORT).await {
            Ok(export) => Ok(Patch { path, export }),
            Err(error) => {
                drop(tokio::fs::remove_file(&path).await);
                Err(DaemonError::NotPossibleNow(sentence(error)?))
            }
        }
    }

    /// What lies between the start of a task and its end or the present; else the sentence that says why nothing does.
    async fn measured(&self, reference: &str) -> Result<Result<Measured, String>, DaemonError> {
        let no = self.find(reference).await?;
        let still = self.still(no).await?;
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
        let ended = row.task.state.is_terminal();
        let place = match Place::of(&self.ctx, &row, folder).await {
            Ok(place) => place,
            Err(error) => return Ok(Err(error.to_string())),
        };
        // What an ended task left may be among our own snapshots, whatever became of its folder.
        let is_kept = ended && place.has_snapshots();
        if !is_kept && !place.folder.is_dir() {
            let folder = place.folder.display();
            return Ok(Err(format!("its folder {folder} does not exist any more")));
        }
        let list = |value| -> Vec<Apart> { serde_json::from_value(value).unwrap_or_default() };
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
            still,
        }))
    }

    /// The turn of the worktree of a task that has ended, which is given back about now.
    async fn still(&self, no: TaskNo) -> Result<Option<OwnedMutexGuard<()>>, DaemonError> {
        let read = self.ctx.store.read(move |r| {
            let row = r.task(no)?;
            let is_over = row.task.state.is_terminal() && row.spec.mode == FolderMode::Worktree;
            is_over.then(|| worktree::owner(r, &row)).transpose()
        });
        Ok(match read.await? {
            Some(owner) => Some(self.ctx.trees.take(owner).await),
            None => None,
        })
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

/// The file for a patch, and its path.
fn new_file(outputs: &Path, task: &str) -> Result<(File, PathBuf), DaemonError> {
    std::fs::create_dir_all(outputs).map_err(|error| not_written(outputs, &error))?;
    // Earlier ones stay: a task that goes on has several.
    for n in 1_u32.. {
        let name = match n {
            1 => format!("{task}.patch"),
            n => format!("{task}-{n}.patch"),
        };
        let path = outputs.join(name);
        match File::create_new(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(not_written(&path, &error)),
        }
    }
    Err(not_written(outputs, &io::ErrorKind::AlreadyExists.into()))
}

fn not_written(path: &Path, error: &io::Error) -> DaemonError {
    let path = path.display();
    DaemonError::Invalid(format!(
        "{path} cannot be written: {error}; check its permissions"
    ))
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
