//! Worktrees: a task works on a branch and in a folder of its own, beside the person's checkout (D5). The branch outlives
//! the folder; whatever is not on it is kept under hidden refs before the folder goes.
//!
//! `make`, `commit`, `prove`, `remove`, `join`, `replay` and `merge` know git and folders; `begin`, `open`, `release` and
//! `fate` know tasks as well.

mod begin;
mod commit;
mod error;
mod fate;
mod join;
mod make;
mod merge;
mod open;
mod prove;
mod release;
mod remove;
mod replay;

pub(crate) use begin::{Conflicts, Unjoined};
pub(crate) use commit::person;
pub(crate) use error::{TreeError, said};
pub use fate::{Discarded, Merged};
pub(crate) use fate::{discard, merge, restore};
pub(crate) use merge::is_under_way;
pub(crate) use open::{open, put_away};
pub(crate) use prove::what_stays;
pub(crate) use release::{commit_work, message, reconcile, release, release_later};

use crate::{
    changes::{Git, repository::Repository},
    ctx::Ctx,
    paths::Home,
};
use ripieno_core::{
    id::TaskNo,
    spec::{FolderMode, TaskSpec},
};
use ripieno_store::{Reader, StoreError, TaskRow, WorktreeFolder, WorktreeRow};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::OwnedMutexGuard;

/// One at a time changes a worktree: who makes, gives back, merges or discards it holds its turn.
#[derive(Debug, Default)]
pub struct Turns {
    of: Mutex<HashMap<TaskNo, Arc<tokio::sync::Mutex<()>>>>,
}

impl Turns {
    /// Waits for the turn.
    pub(crate) async fn take(&self, owner: TaskNo) -> OwnedMutexGuard<()> {
        let turn = {
            let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
            of.retain(|_, turn| Arc::strong_count(turn) > 1);
            Arc::clone(of.entry(owner).or_default())
        };
        turn.lock_owned().await
    }

    /// Whether somebody has the turn.
    pub(crate) fn is_taken(&self, owner: TaskNo) -> bool {
        let of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        of.get(&owner).is_some_and(|turn| turn.try_lock().is_err())
    }
}

/// The task whose worktree a task works in: the first of its thread, unless that works somewhere else (T22).
///
/// # Errors
/// When the store refuses.
pub(crate) fn owner(r: &Reader<'_>, row: &TaskRow) -> Result<TaskNo, StoreError> {
    if row.thread == row.no {
        return Ok(row.no);
    }
    let first = r.worktree(row.thread)?;
    let shared = first.is_some_and(|first| Some(&first.source) == row.spec.dir.as_ref());
    Ok(if shared { row.thread } else { row.no })
}

/// What is known of the worktree a task works in.
///
/// # Errors
/// When the store refuses.
pub(crate) fn of(r: &Reader<'_>, row: &TaskRow) -> Result<Option<WorktreeRow>, StoreError> {
    if row.spec.mode != FolderMode::Worktree {
        return Ok(None);
    }
    r.worktree(owner(r, row)?)
}

/// The folder a task works in, as far as it is known: its worktree while that is there, else the folder it was given, else
/// the workspace of its thread.
pub(crate) fn work_folder(
    home: &Home,
    spec: &TaskSpec,
    thread: &str,
    tree: Option<&WorktreeRow>,
) -> PathBuf {
    match (tree, &spec.dir) {
        (Some(tree), _) if tree.folder == WorktreeFolder::There => {
            home.worktree(tree.task.to_string()).join(&tree.prefix)
        }
        (_, Some(dir)) => PathBuf::from(dir),
        (_, None) => home.task_workspace(thread),
    }
}

/// The refs of a task, such as `refs/ripieno/T-41`.
pub(crate) fn refs(no: TaskNo) -> String {
    format!("refs/ripieno/{no}")
}

/// A folder for what passes, which does not exist yet.
fn passing(ctx: &Ctx) -> PathBuf {
    let name = ctx.random.uuid(ctx.now()).simple().to_string();
    crate::changes::passing_folder(&ctx.home).join(name)
}

/// The repository a worktree came from, whole.
///
/// # Errors
/// [`TreeError`].
async fn source(ctx: &Ctx, folder: &Path) -> Result<(Git, Repository), TreeError> {
    let git = Git::find(&ctx.resolved_environment().await.vars)?;
    let repository = Repository::find(&git, folder, false).await?;
    Ok((git, repository))
}

/// The worktree as a repository. Whoever works there may change what its file `.git` names: only the one that was made
/// counts.
///
/// # Errors
/// [`TreeError`].
async fn checkout(
    git: &Git,
    at: &Path,
    admin: &Path,
    branch: &str,
) -> Result<Repository, TreeError> {
    link_again(at, admin)?;
    let tree = Repository::find(git, at, true).await?;
    let same = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let found = tree.index.parent().map(same);
    if found.as_deref() == Some(same(admin).as_path()) {
        unlock(admin, &tree.common, branch);
        return Ok(tree);
    }
    let other = "its file .git names another repository than the one it was made from";
    Err(TreeError::io(at)(std::io::Error::other(other)))
}

/// Writes the file `.git` again that leads to git's own folder for the worktree, where whoever worked there took it away: the
/// work is there all the same.
fn link_again(at: &Path, admin: &Path) -> Result<(), TreeError> {
    let link = at.join(".git");
    if link.symlink_metadata().is_ok() || !at.exists() {
        return Ok(());
    }
    if !make::is_admin_of(admin, at) {
        let lost = "its file .git is gone, and git knows of no worktree there: move it away, then try again";
        return Err(TreeError::io(at)(std::io::Error::other(lost)));
    }
    tracing::warn!(at = %at.display(), "the file .git of a worktree was gone and is made again");
    let text = format!("gitdir: {}\n", admin.display());
    std::fs::write(&link, text).map_err(TreeError::io(&link))
}

/// Takes away what a git that was killed in the worktree left of its locks: nobody works there now, and they would keep
/// everybody out.
fn unlock(admin: &Path, common: &Path, branch: &str) {
    let branch = common.join(format!("refs/heads/{branch}.lock"));
    for lock in [admin.join("index.lock"), admin.join("HEAD.lock"), branch] {
        if std::fs::remove_file(&lock).is_ok() {
            tracing::info!(lock = %lock.display(), "a lock that a killed git left is removed");
        }
    }
}
