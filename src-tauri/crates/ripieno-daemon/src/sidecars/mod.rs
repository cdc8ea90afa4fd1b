//! Sidecars: folders of ours in the folder a task works in, there while an attempt works and gone afterwards (D4).
//!
//! What is placed is on record before it is, never stands in the place of anything, and hides itself from git: its own
//! `.gitignore` says so, no file of the repository does. An attempt that ends takes it away; so does the next start after a
//! crash. What somebody else wrote into it is kept among the outputs of the task.

mod folder;
#[cfg(test)]
mod tests;

pub(crate) use folder::write;

use crate::{
    changes::{Git, GitError, is_in_repository},
    ctx::Ctx,
};
use cap_std::{ambient_authority, fs::Dir};
use ripieno_core::id::TaskNo;
use ripieno_store::{SidecarRow, StoreError, TaskRow};
use std::{
    io,
    path::{Path, PathBuf},
};

/// The folder among a task's outputs for what was written into its sidecars.
const KEPT: &str = "written-into-skills";

/// How much a list of files may be.
const LIST: u64 = 1024 * 1024;

/// A folder that is to stand in the folder of a task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sidecar {
    /// Where, below the folder; plain parts only.
    pub at: PathBuf,
    /// What it holds.
    pub files: Vec<SidecarFile>,
}

/// One file of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SidecarFile {
    /// Below it; plain parts only.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Whether it can be run.
    pub runs: bool,
}

/// Why something was not placed, or not taken away.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SidecarError {
    /// Something stands there, and nothing is ever placed over another.
    #[error("{} in its folder is somebody else's: move it away, or give it the same content", .0.display())]
    Taken(PathBuf),
    /// git holds files there, although they are not in the folder now.
    #[error("{} is part of the repository, and its files are missing from the folder: restore or remove them in git", .0.display())]
    Tracked(PathBuf),
    /// git cannot say whether it holds files there.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file or folder cannot be made or removed.
    #[error("{}: {source}; check the permissions of that folder", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl SidecarError {
    fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| SidecarError::Io { path, source }
    }
}

/// Places what is wanted in the folder of a task whose attempt begins; what an earlier one left goes first.
///
/// # Errors
/// [`SidecarError`]; nothing of it is there then.
pub(crate) async fn place(
    ctx: &Ctx,
    task: &TaskRow,
    folder: &Path,
    wanted: Vec<Sidecar>,
) -> Result<(), SidecarError> {
    remove(ctx, task).await?;
    if wanted.is_empty() {
        return Ok(());
    }
    if is_in_repository(folder, task.spec.dir.is_none()) {
        let git = Git::find(&ctx.resolved_environment().await.vars)?;
        for sidecar in &wanted {
            is_not_tracked(&git, folder, &sidecar.at).await?;
        }
    }
    let mark = ctx.random.uuid(ctx.now()).simple().to_string();
    let placed = make_all(ctx, task.no, folder, wanted, mark).await;
    if placed.is_err() {
        remove(ctx, task).await?;
    }
    placed
}

async fn is_not_tracked(git: &Git, folder: &Path, at: &Path) -> Result<(), SidecarError> {
    if folder.join(at).exists() {
        return Ok(());
    }
    let args = ["ls-files", "-z", "--"].map(std::ffi::OsStr::new);
    let args = [&args[..], &[at.as_os_str()]].concat();
    let held = git.print(folder, &args, b"", LIST).await?;
    if held.cut || !held.succeeded()?.is_empty() {
        return Err(SidecarError::Tracked(at.to_owned()));
    }
    Ok(())
}

async fn make_all(
    ctx: &Ctx,
    task: TaskNo,
    folder: &Path,
    wanted: Vec<Sidecar>,
    mark: String,
) -> Result<(), SidecarError> {
    let (at, shown) = (folder.to_owned(), folder.display().to_string());
    let planned = blocking(move || {
        let dir = open(&at)?;
        let label = folder::Label {
            task,
            folder: &shown,
            mark: &mark,
        };
        let plan = folder::plan(&dir, &wanted, &label)?;
        let plan: Vec<_> = plan
            .into_iter()
            .map(|(row, sidecar)| (row, sidecar.cloned()))
            .collect();
        Ok((dir, plan))
    });
    let (dir, plan) = planned.await?;
    if plan.is_empty() {
        return Ok(());
    }
    let rows: Vec<SidecarRow> = plan.iter().map(|(row, _)| row.clone()).collect();
    ctx.store.write(move |tx| tx.list_sidecars(&rows)).await?;
    ripieno_store::crash::point("daemon.sidecar.listed");
    blocking(move || {
        for (row, sidecar) in &plan {
            folder::make(&dir, row, sidecar.as_ref()).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => SidecarError::Taken(PathBuf::from(&row.path)),
                _ => SidecarError::io(&row.path)(error),
            })?;
        }
        Ok(())
    })
    .await?;
    ctx.store.write(move |tx| tx.sidecars_placed(task)).await?;
    ripieno_store::crash::point("daemon.sidecar.placed");
    Ok(())
}

/// Where what somebody else wrote into sidecars is now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Kept {
    /// The folder among the task's outputs, when there is anything in it.
    outputs: Option<PathBuf>,
    /// What was too much for that, in the folder the task worked in.
    left: Vec<PathBuf>,
}

impl Kept {
    /// What a person is told; `None` when nobody wrote anything.
    fn words(&self) -> Option<String> {
        let kept = self.outputs.iter().map(|at| {
            let at = at.display();
            format!("what was written into the skills placed for this task is kept in {at}")
        });
        let left = self.left.iter().map(|at| {
            let at = at.display();
            format!("what is too much to keep among the outputs stays in {at}, where git does not see it: remove it when nobody needs it")
        });
        let all: Vec<String> = kept.chain(left).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

/// Takes away what is placed for a task; nothing of the task may run. Gives where what was written into it is kept.
///
/// # Errors
/// [`SidecarError`]; it stays on record and is taken away later.
pub(crate) async fn remove(ctx: &Ctx, task: &TaskRow) -> Result<Kept, SidecarError> {
    let no = task.no;
    let rows = ctx.store.read(move |r| r.sidecars(no)).await?;
    let Some(first) = rows.first() else {
        return Ok(Kept::default());
    };
    let (folder, outputs) = (
        PathBuf::from(&first.folder),
        ctx.home.task_outputs(task.id.to_string()),
    );
    let kept = blocking(move || {
        let dir = match open(&folder) {
            // The folder is gone, and everything with it.
            Err(SidecarError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(Kept::default());
            }
            opened => opened?,
        };
        std::fs::create_dir_all(&outputs).map_err(SidecarError::io(&outputs))?;
        let keep = open(&outputs)?;
        keep.create_dir_all(KEPT).map_err(SidecarError::io(KEPT))?;
        let inside = keep.open_dir(KEPT).map_err(SidecarError::io(KEPT))?;
        let found = folder::take_away(&dir, &rows, &inside).map_err(SidecarError::io(&folder))?;
        // Only an empty one goes.
        drop(keep.remove_dir(KEPT));
        Ok(Kept {
            outputs: (!found.kept.is_empty()).then(|| outputs.join(KEPT)),
            left: found.left.iter().map(|at| folder.join(at)).collect(),
        })
    });
    let kept = kept.await?;
    ripieno_store::crash::point("daemon.sidecar.removed");
    ctx.store.write(move |tx| tx.drop_sidecars(no)).await?;
    Ok(kept)
}

/// Start-up, after what is left of processes was ended: what a killed worker left in folders goes.
///
/// # Errors
/// When the store refuses.
pub(crate) async fn reconcile(ctx: &Ctx) -> Result<(), StoreError> {
    for no in ctx.store.read(|r| r.tasks_with_sidecars()).await? {
        let row = ctx.store.read(move |r| r.task(no)).await?;
        settle(ctx, &row).await;
    }
    Ok(())
}

/// As [`remove`], where nobody can be told but by a warning in the run.
pub(crate) async fn settle(ctx: &Ctx, task: &TaskRow) {
    let no = task.no;
    let said = match remove(ctx, task).await {
        Ok(kept) => match kept.words() {
            Some(words) => words,
            None => return,
        },
        Err(error) => {
            tracing::warn!(%no, %error, "a sidecar stays for now");
            format!(
                "a skill placed for this task is still in its folder, and is removed later: {error}"
            )
        }
    };
    let warned = ctx.store.write(move |tx| tx.warn(no, &said)).await;
    if let Err(error) = warned {
        tracing::warn!(%no, %error, "a warning about sidecars is not on record");
    }
}

fn open(folder: &Path) -> Result<Dir, SidecarError> {
    Dir::open_ambient_dir(folder, ambient_authority()).map_err(SidecarError::io(folder))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SidecarError> + Send + 'static,
) -> Result<T, SidecarError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|broken| Err(SidecarError::io("a sidecar")(io::Error::other(broken))))
}
