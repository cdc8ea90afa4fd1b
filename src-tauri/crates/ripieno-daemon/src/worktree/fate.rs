//! What a person does with the branch of an ended task: merge it, throw it away, take it back (D11).

use super::{
    TreeError,
    make::{is_same, tip},
    merge::{Merge, Outcome},
    of, owner, passing, refs, release, source,
};
use crate::{changes::filtered, ctx::Ctx, error::DaemonError, reason::Reason};
use ripieno_core::{id::TaskNo, spec::FolderMode, state::StateKind};
use ripieno_store::{Reader, StoreError, TaskRow, WorktreeFate, WorktreeFolder, WorktreeRow};
use serde_json::json;
use std::path::Path;
use tokio::sync::OwnedMutexGuard;

/// How much the answer to a small question may be.
const ANSWER: u64 = 64 * 1024;

/// What a merge led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merged {
    /// The branch it went to.
    pub onto: String,
    /// Where that stands now; none when it held the work already.
    pub commit: Option<String>,
}

/// What throwing away or taking back led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Discarded {
    /// The branch.
    pub branch: String,
    /// The commit it stood at, which stays under a hidden ref.
    pub commit: String,
}

/// The worktree of an ended task, with its folder given back as far as that is possible, and the turn to change it.
async fn ended(
    ctx: &Ctx,
    task: &TaskRow,
    what: &str,
) -> Result<(WorktreeRow, OwnedMutexGuard<()>), DaemonError> {
    let no = task.no;
    if task.spec.mode != FolderMode::Worktree {
        return Err(DaemonError::NotPossibleNow(format!(
            "{no} has no branch of its own: it did not work in a worktree"
        )));
    }
    if !task.task.state.is_terminal() {
        return Err(DaemonError::NotPossibleNow(format!(
            "{no} has not ended: its branch can be {what} then"
        )));
    }
    let asked = task.clone();
    let tree = ctx.store.read(move |r| of(r, &asked)).await?;
    let tree = tree.filter(|tree| tree.base.is_some()).ok_or_else(|| {
        DaemonError::NotPossibleNow(format!("{no} never ran: there is no branch"))
    })?;
    let owner = tree.task;
    release(ctx, owner).await.map_err(trouble)?;
    let turn = ctx.trees.take(owner).await;
    // Who had the turn before may have brought the folder back, to go on there.
    let read = ctx.store.read(move |r| {
        let now = r.worktree(owner)?.unwrap_or(tree);
        Ok((goes_on(r, &now)?, now))
    });
    match read.await? {
        (Some(other), _) => Err(DaemonError::NotPossibleNow(format!(
            "{other} goes on in the same worktree: the branch can be {what} when that has ended"
        ))),
        (None, now) => Ok((now, turn)),
    }
}

/// A task that has not ended and works, or is going to, in the worktree.
fn goes_on(r: &Reader<'_>, tree: &WorktreeRow) -> Result<Option<TaskNo>, StoreError> {
    let thread = r.task(tree.task)?.thread;
    for no in r.thread(thread)? {
        let row = r.task(no)?;
        if !row.task.state.is_terminal() && owner(r, &row)? == tree.task {
            return Ok(Some(no));
        }
    }
    Ok(None)
}

fn trouble(error: TreeError) -> DaemonError {
    match error {
        TreeError::Store(error) => error.into(),
        other => DaemonError::NotPossibleNow(other.to_string()),
    }
}

/// Merges the branch of an ended task where it came from.
///
/// # Errors
/// NotPossibleNow; Conflict for changes in the checkout, and for files changed on both sides, which it names.
pub(crate) async fn merge(ctx: &Ctx, task: &TaskRow) -> Result<Merged, DaemonError> {
    let (tree, _turn) = ended(ctx, task, "merged").await?;
    let no = task.no;
    if task.task.state.kind() != StateKind::Done
        && tree.fate != Some(WorktreeFate::Merged)
        && tree.head != tree.files
    {
        return Err(DaemonError::NotPossibleNow(format!(
            "{no} did not end done, and what it left is not committed: let it go on with `ripieno task retry {no}`"
        )));
    }
    let Some(onto) = tree.onto.clone() else {
        return Err(DaemonError::NotPossibleNow(format!(
            "{no} was started from no branch: {}",
            by_hand(&tree)
        )));
    };
    let (_, repository) = source(ctx, Path::new(&tree.source))
        .await
        .map_err(trouble)?;
    let whole = repository.whole();
    let Some(work) = tip(&whole, &tree.branch)
        .await
        .map_err(|e| trouble(e.into()))?
    else {
        return Err(gone(&tree));
    };
    let passing = passing(ctx);
    let message = format!("Merge {no}: {}", task.spec.title);
    let keep = format!("{}/merged", refs(no));
    let carried = ctx.store.read(|r| r.carried_in()).await?;
    let merge = Merge {
        source: &whole,
        keep: &keep,
        work: &work,
        carried: &carried.into_iter().collect(),
        onto: &onto,
        message: &message,
        passing: &passing,
    };
    let outcome = merge.carry_out().await;
    drop(std::fs::remove_dir(&passing));
    let commit = match outcome.map_err(trouble)? {
        Outcome::Merged(commit) => Some(commit),
        Outcome::Already => None,
        Outcome::NoBranch => {
            return Err(DaemonError::NotPossibleNow(format!(
                "there is no branch {onto} to merge into: {}",
                by_hand(&tree)
            )));
        }
        Outcome::Dirty(at) => {
            return Err(Reason::TargetDirty {
                folder: at,
                branch: onto,
            }
            .into());
        }
        Outcome::Filtered(at, files) => {
            return Err(DaemonError::NotPossibleNow(format!(
                "{}, and Ripieno runs none: nothing was merged. Merge it yourself in {} with `git merge --ff-only {keep}`",
                filtered::said(&files),
                at.display()
            )));
        }
        Outcome::Conflict(files) => {
            return Err(Reason::Conflict {
                task: no.to_string(),
                branch: onto,
                files,
            }
            .into());
        }
    };
    let data = json!({ "branch": tree.branch, "onto": onto, "commit": commit });
    record(
        ctx,
        task,
        tree,
        Some(WorktreeFate::Merged),
        "branch_merged",
        data,
    )
    .await?;
    Ok(Merged { onto, commit })
}

/// What a person is told to do themselves, and what comes of it.
fn by_hand(tree: &WorktreeRow) -> String {
    let carried = if tree.fork == tree.base {
        ""
    } else {
        "; that brings along what was not committed when it began"
    };
    format!(
        "merge it yourself with `git merge {}`{carried}",
        tree.branch
    )
}

fn gone(tree: &WorktreeRow) -> DaemonError {
    DaemonError::NotPossibleNow(format!(
        "the branch {} is not there any more; what it last held is commit {}",
        tree.branch,
        tree.head.as_deref().unwrap_or("unknown")
    ))
}

async fn record(
    ctx: &Ctx,
    task: &TaskRow,
    mut tree: WorktreeRow,
    fate: Option<WorktreeFate>,
    kind: &'static str,
    data: serde_json::Value,
) -> Result<(), DaemonError> {
    tree.fate = fate;
    let no = task.no;
    let write = ctx.store.write(move |tx| {
        tx.put_worktree(&tree)?;
        tx.fact(Some(no), kind, data).map(drop)
    });
    Ok(write.await?)
}

/// Throws the branch of an ended task away; what it stood at stays under a hidden ref.
///
/// # Errors
/// NotPossibleNow; Conflict for a branch that is checked out somewhere.
pub(crate) async fn discard(ctx: &Ctx, task: &TaskRow) -> Result<Discarded, DaemonError> {
    let (mut tree, _turn) = ended(ctx, task, "discarded").await?;
    let told = |error: crate::changes::GitError| trouble(error.into());
    let (_, repository) = source(ctx, Path::new(&tree.source))
        .await
        .map_err(trouble)?;
    let whole = repository.whole();
    let (branch, kept) = (tree.branch.clone(), tree.head.clone().unwrap_or_default());
    let Some(commit) = tip(&whole, &branch).await.map_err(told)? else {
        if tree.fate == Some(WorktreeFate::Discarded) {
            return Ok(Discarded {
                branch,
                commit: kept,
            });
        }
        return Err(gone(&tree));
    };
    let own = ctx.home.worktree(tree.task.to_string());
    let elsewhere = super::make::checkouts(&whole).await.map_err(told)?;
    let elsewhere = elsewhere
        .into_iter()
        .find(|(at, of)| of.as_deref() == Some(&branch) && !is_same(at, &own));
    if let Some((folder, _)) = elsewhere {
        return Err(Reason::BranchInUse { folder, branch }.into());
    }
    if tree.folder == WorktreeFolder::There {
        let args = ["update-ref", "--no-deref", "HEAD", &commit];
        whole
            .git()
            .read(&own, &args, b"", ANSWER)
            .await
            .map_err(told)?;
    }
    let keep = format!("{}/discarded", refs(tree.task));
    let full = format!("refs/heads/{branch}");
    for args in [
        vec!["update-ref", &keep, &commit],
        vec!["update-ref", "-d", &full, &commit],
    ] {
        whole
            .git()
            .read(&whole.folder, &args, b"", ANSWER)
            .await
            .map_err(told)?;
    }
    if tree.head.as_ref() != Some(&commit) {
        tree.files = Some(commit.clone());
    }
    tree.head = Some(commit.clone());
    let data = json!({ "branch": branch, "commit": commit });
    record(
        ctx,
        task,
        tree,
        Some(WorktreeFate::Discarded),
        "branch_discarded",
        data,
    )
    .await?;
    Ok(Discarded { branch, commit })
}

/// Takes a discarded branch back.
///
/// # Errors
/// NotPossibleNow for one that was not discarded; Conflict when its name is taken.
pub(crate) async fn restore(ctx: &Ctx, task: &TaskRow) -> Result<Discarded, DaemonError> {
    let (tree, _turn) = ended(ctx, task, "taken back").await?;
    let told = |error: crate::changes::GitError| trouble(error.into());
    if tree.fate != Some(WorktreeFate::Discarded) {
        return Err(DaemonError::NotPossibleNow(format!(
            "the branch {} was not discarded",
            tree.branch
        )));
    }
    let (_, repository) = source(ctx, Path::new(&tree.source))
        .await
        .map_err(trouble)?;
    let whole = repository.whole();
    let (branch, commit) = (tree.branch.clone(), tree.head.clone().unwrap_or_default());
    match tip(&whole, &branch).await.map_err(told)? {
        Some(there) if there == commit => {}
        Some(_) => {
            return Err(DaemonError::Conflict(format!(
                "another branch is called {branch} by now; what was discarded is commit {commit}"
            )));
        }
        None => {
            let args = ["branch", "--no-track", &branch, &commit];
            whole
                .git()
                .read(&whole.folder, &args, b"", ANSWER)
                .await
                .map_err(told)?;
        }
    }
    let data = json!({ "branch": branch, "commit": commit });
    record(ctx, task, tree, None, "branch_restored", data).await?;
    Ok(Discarded { branch, commit })
}
