//! Workspaces of tasks without a folder: given up some time after the end, once everything in them is kept as a snapshot,
//! and there again when their thread goes on (D7).

use crate::{
    changes::{ChangesError, GitError, Place, snapshots},
    ctx::Ctx,
    paths::Home,
    worktree::{self, TreeError},
};
use ripieno_core::id::TaskNo;
use ripieno_store::{StoreError, TaskRow};
use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// What a workspace held when it was given up.
const REF: &str = "refs/ripieno/workspace";
/// Says, beside the snapshots, why a workspace stays.
const STAYS: &str = "stays";
/// How long that counts: what kept it may be gone.
const AGAIN: Duration = Duration::from_secs(24 * 60 * 60);
/// How long keeping or writing everything may take.
const LIMIT: Duration = Duration::from_secs(5 * 60);

/// Why a workspace stays, or is not there again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkspaceError {
    /// Its content could not be kept, or written.
    #[error(transparent)]
    Changes(#[from] ChangesError),
    /// There is no git.
    #[error(transparent)]
    Git(#[from] GitError),
    /// Whether everything is kept could not be found out.
    #[error(transparent)]
    Proof(#[from] TreeError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A folder cannot be moved or made.
    #[error("{}: {source}; check the permissions of that folder", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl WorkspaceError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| WorkspaceError::Io { path, source }
    }
}

/// Whether a look at a workspace showed lately that something in it is nowhere else.
pub(crate) fn is_only_copy(home: &Home, workspace: &Path) -> bool {
    let said = snapshots::place(home, workspace).join(STAYS);
    let said = std::fs::metadata(said).and_then(|meta| meta.modified());
    said.is_ok_and(|at| {
        SystemTime::now()
            .duration_since(at)
            .is_ok_and(|age| age < AGAIN)
    })
}

/// Gives the workspace of a thread up, if nobody of the thread goes on and everything in it is kept; whether it did.
///
/// # Errors
/// [`WorkspaceError`]; it stays.
pub(crate) async fn give_up(ctx: &Ctx, thread: TaskNo) -> Result<bool, WorkspaceError> {
    // Who begins to work there waits, and finds it there again.
    let _turn = ctx.trees.take(thread).await;
    let Some(row) = ended(ctx, thread).await? else {
        return Ok(false);
    };
    let workspace = ctx.home.task_workspace(row.id.to_string());
    let place = Place::of(ctx, &row, workspace.clone()).await?;
    let stays = match place.keep_whole(REF, LIMIT).await {
        Ok(stays) => stays,
        Err(WorkspaceError::Changes(ChangesError::Capture(error))) => Some(error.to_string()),
        Err(error) => return Err(error),
    };
    if let Some(why) = stays {
        tracing::info!(task = %thread, why, "its workspace stays");
        let said = place.snapshots.join(STAYS);
        if let Some(beside) = said.parent() {
            crate::paths::make_private_folder(beside)
                .map_err(|error| WorkspaceError::io(beside)(io::Error::other(error)))?;
        }
        std::fs::write(&said, why).map_err(WorkspaceError::io(&said))?;
        return Ok(false);
    }
    ripieno_store::crash::point("daemon.workspace.before_removal");
    worktree::put_away(ctx, &workspace)?;
    Ok(true)
}

/// The first task of a thread, once all of them have ended and nothing of them runs.
async fn ended(ctx: &Ctx, thread: TaskNo) -> Result<Option<TaskRow>, StoreError> {
    let asked = ctx.clone();
    let read = ctx.store.read(move |r| {
        for no in r.thread(thread)? {
            if !r.task(no)?.task.state.is_terminal() || asked.actor(no).is_some() {
                return Ok(None);
            }
        }
        r.task(thread).map(Some)
    });
    read.await
}

/// Makes the workspace of a task's thread ready: with what it held when it was given up, or as it is.
///
/// # Errors
/// [`WorkspaceError`]; it is not there then.
pub(crate) async fn make_ready(
    ctx: &Ctx,
    task: &TaskRow,
    workspace: &Path,
) -> Result<(), WorkspaceError> {
    let _turn = ctx.trees.take(task.thread).await;
    let kept = snapshots::place(&ctx.home, workspace);
    // From now on it is another one.
    drop(std::fs::remove_file(kept.join(STAYS)));
    if workspace.exists() || !kept.exists() {
        return Ok(());
    }
    let beside = workspace.with_extension("new");
    if beside.exists() {
        std::fs::remove_dir_all(&beside).map_err(WorkspaceError::io(&beside))?;
    }
    std::fs::create_dir_all(&beside).map_err(WorkspaceError::io(&beside))?;
    let place = Place::of(ctx, task, beside.clone()).await?;
    place.write_out(REF, LIMIT).await?;
    // Whole or not at all.
    std::fs::rename(&beside, workspace).map_err(WorkspaceError::io(workspace))
}
