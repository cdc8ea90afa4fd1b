//! A task's worktree after it worked there: committed, looked at, given back.

use super::{
    TreeError, checkout,
    commit::commit,
    of,
    open::{clear, put, take_away_and_delete},
    owner, passing,
    prove::{Proof, prove},
    refs, source,
};
use crate::{
    changes::{Git, path::RepoPath},
    ctx::Ctx,
};
use ripieno_core::{id::TaskNo, spec::FolderMode};
use ripieno_store::{
    CheckpointReason, KeptFiles, NewCheckpoint, Reader, StoreError, TaskRow, WorktreeFate,
    WorktreeFolder, WorktreeRow,
};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How long to wait after each try to give a folder back that fails.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(3),
    Duration::from_secs(10),
    Duration::from_secs(60),
    Duration::from_secs(600),
];
/// The longest subject of a commit, in characters.
const SUBJECT: usize = 72;

/// Commits what a task that succeeded left in its worktree (R14); the files that stay uncommitted.
///
/// # Errors
/// [`TreeError`]; the folder stays as it is.
pub(crate) async fn commit_work(
    ctx: &Ctx,
    task: &TaskRow,
    summary: &str,
    co_author: Option<&str>,
) -> Result<Vec<RepoPath>, TreeError> {
    let row = task.clone();
    let Some(tree) = ctx.store.read(move |r| of(r, &row)).await? else {
        return Ok(Vec::new());
    };
    let owner = tree.task;
    let _turn = ctx.trees.take(owner).await;
    let now = ctx.store.read(move |r| r.worktree(owner)).await?;
    let mut tree = now.unwrap_or(tree);
    let git = Git::find(&ctx.resolved_environment().await.vars)?;
    let at = ctx.home.worktree(tree.task.to_string());
    let repository = checkout(&git, &at, &admin(&tree), &tree.branch).await?;
    let passing = passing(ctx);
    let keep = format!("{}/left-behind-{}", refs(tree.task), task.task.attempt);
    let message = message(task, summary, co_author);
    let done = commit(
        &repository,
        &tree.branch,
        &message,
        &keep,
        &passing.join("commit"),
    )
    .await;
    drop(std::fs::remove_dir(&passing));
    let done = done?;
    tree.files = Some(done.commit.clone());
    tree.head = Some(done.commit);
    put(ctx, &tree).await?;
    Ok(done.left)
}

fn admin(tree: &WorktreeRow) -> PathBuf {
    PathBuf::from(tree.admin.as_deref().unwrap_or_default())
}

/// What the commit says: what was done, for which task, and who else had a part in it, where the project names somebody (D8).
pub(crate) fn message(task: &TaskRow, summary: &str, co_author: Option<&str>) -> String {
    let subject: String = task.spec.title.chars().take(SUBJECT).collect();
    let summary = summary.trim();
    let mut trailer = format!("Task: {} ({})", task.no, task.id);
    if let Some(co_author) = co_author {
        trailer.push_str(&format!("\nCo-authored-by: {co_author}"));
    }
    if summary.is_empty() || summary == subject {
        format!("{subject}\n\n{trailer}")
    } else {
        format!("{subject}\n\n{summary}\n\n{trailer}")
    }
}

/// Gives the folder of an ended task back, soon and in the background.
pub(crate) fn release_later(ctx: &Ctx, task: &TaskRow) {
    if task.spec.mode != FolderMode::Worktree {
        return;
    }
    let (later, row) = (ctx.clone(), task.clone());
    ctx.tracker.spawn(async move {
        let no = row.no;
        match later.store.read(move |r| owner(r, &row)).await {
            Ok(owner) => release_in_time(&later, owner).await,
            Err(error) => tracing::warn!(task = %no, %error, "its worktree stays"),
        }
    });
}

/// Gives the folder back, also when the person's git, or the disk, is in the way for a while.
async fn release_in_time(ctx: &Ctx, owner: TaskNo) {
    for pause in PAUSES {
        let Some(errand) = ctx.errand().await else {
            return;
        };
        let released = release(ctx, owner).await;
        drop(errand);
        let Err(error) = released else {
            return;
        };
        tracing::warn!(task = %owner, %error, "its worktree stays for now");
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
    tracing::warn!(task = %owner, "its worktree stays until the next start");
}

/// Whether somebody works in the worktree or is going to: a task of its thread that has not ended, whose processes may
/// still live, or that is to be torn down.
fn is_in_use(ctx: &Ctx, r: &Reader<'_>, tree: &WorktreeRow) -> Result<bool, StoreError> {
    let thread = r.task(tree.task)?.thread;
    for no in r.thread(thread)? {
        let row = r.task(no)?;
        if owner(r, &row)? == tree.task
            && (!row.task.state.is_terminal()
                || ctx.actor(no).is_some()
                || ctx.teardowns.is_taken(no)
                || r.teardown(no)?.is_some_and(|set_up| set_up.due))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Keeps what is in the folder of a worktree that nobody uses, and gives it back if every byte of it is reachable from a
/// ref; why it stays otherwise, or none when there is nothing to give back.
///
/// # Errors
/// [`TreeError`]; the folder stays.
pub(crate) async fn release(ctx: &Ctx, owner: TaskNo) -> Result<Option<Proof>, TreeError> {
    let _turn = ctx.trees.take(owner).await;
    let begun = Instant::now();
    let Some((mut tree, proof)) = look(ctx, owner).await? else {
        return Ok(None);
    };
    let at = ctx.home.worktree(owner.to_string());
    if let Some(proof) = &proof {
        // A discarded branch is taken back to where it stood.
        if tree.fate != Some(WorktreeFate::Discarded) {
            tree.head = Some(proof.head.clone());
        }
        tree.files = Some(proof.files.clone());
        tree.reason.clone_from(&proof.stays);
        // First what brings it back is on record, then it goes.
        put(ctx, &tree).await?;
        keep_point(ctx, owner, Path::new(&tree.source), proof).await?;
        ripieno_store::crash::point("daemon.worktree.before_removal");
        if proof.stays.is_some() {
            return Ok(Some(proof.clone()));
        }
    }
    let proved = Instant::now();
    take_away_and_delete(ctx, &at, tree.admin.as_deref().map(Path::new))?;
    ripieno_store::crash::point("daemon.worktree.after_removal");
    tree.folder = WorktreeFolder::Gone;
    tree.admin = None;
    put(ctx, &tree).await?;
    let (proved_us, released_us) = ((proved - begun).as_micros(), proved.elapsed().as_micros());
    tracing::info!(task = %owner, proved_us, released_us, "the worktree is given back");
    Ok(proof)
}

/// A folder that changed since its task ended is a point to go back to as well (R13).
async fn keep_point(
    ctx: &Ctx,
    owner: TaskNo,
    source: &Path,
    proof: &Proof,
) -> Result<(), TreeError> {
    let read = ctx.store.read(move |r| {
        let thread = r.task(owner)?.thread;
        let last = r.thread(thread)?.pop().unwrap_or(owner);
        Ok(r.checkpoints(last)?.pop())
    });
    if let Some(Ok(newest)) = read.await?.map(|point| point.new.files)
        && newest.head.as_ref() == Some(&proof.head)
    {
        let git = Git::find(&ctx.resolved_environment().await.vars)?;
        let trees = [&newest.files, &proof.files].map(|commit| format!("{commit}^{{tree}}"));
        let args = ["rev-parse", trees[0].as_str(), trees[1].as_str()];
        let printed = git.read(source, &args, b"", 1024).await?;
        let printed = String::from_utf8_lossy(&printed).into_owned();
        if printed
            .lines()
            .collect::<std::collections::BTreeSet<_>>()
            .len()
            == 1
        {
            return Ok(());
        }
    }
    let kept = KeptFiles {
        head: Some(proof.head.clone()),
        files: proof.files.clone(),
    };
    let write = ctx.store.write(move |tx| {
        let thread = tx.task(owner)?.thread;
        let last = tx.thread(thread)?.pop().unwrap_or(owner);
        let new = NewCheckpoint {
            reason: CheckpointReason::Cleanup,
            movement: String::new(),
            files: Ok(kept),
            position: tx.task(last)?.resume.position,
        };
        tx.put_checkpoint(last, &new).map(drop)
    });
    Ok(write.await?)
}

/// Looks at a folder that nobody uses; without a proof it is gone already.
async fn look(ctx: &Ctx, owner: TaskNo) -> Result<Option<(WorktreeRow, Option<Proof>)>, TreeError> {
    let asked = ctx.clone();
    let read = ctx.store.read(move |r| {
        let Some(tree) = r.worktree(owner)? else {
            return Ok(None);
        };
        Ok((!is_in_use(&asked, r, &tree)?).then_some(tree))
    });
    let Some(tree) = read
        .await?
        .filter(|tree| tree.folder != WorktreeFolder::Gone)
    else {
        return Ok(None);
    };
    let at = ctx.home.worktree(owner.to_string());
    if tree.folder == WorktreeFolder::Making {
        // Nobody has worked in it: it is made anew, should the task ever run.
        let (_, repository) = source(ctx, Path::new(&tree.source)).await?;
        clear(ctx, &repository.whole(), owner, &at, Some(&tree)).await?;
        ctx.store.write(move |tx| tx.drop_worktree(owner)).await?;
        return Ok(None);
    }
    if !at.exists() {
        return Ok(Some((tree, None)));
    }
    let git = Git::find(&ctx.resolved_environment().await.vars)?;
    let admin = admin(&tree);
    let repository = checkout(&git, &at, &admin, &tree.branch).await?;
    let passing = passing(ctx);
    let proof = prove(&repository, &admin, &refs(owner), &passing).await;
    drop(std::fs::remove_dir(&passing));
    Ok(Some((tree, Some(proof?))))
}

/// Start-up: folders of tasks that ended are given back, and what was being deleted is deleted.
///
/// # Errors
/// When the store refuses.
pub(crate) async fn reconcile(ctx: &Ctx) -> Result<(), StoreError> {
    let removed = ctx.home.worktree(super::remove::REMOVED);
    ctx.tracker.spawn_blocking(move || {
        for left in std::fs::read_dir(removed).into_iter().flatten().flatten() {
            super::remove::delete(&left.path());
        }
    });
    let folders = ctx.store.read(|r| r.worktree_folders()).await?;
    let later = ctx.clone();
    ctx.tracker.spawn(async move {
        for tree in folders {
            let Some(errand) = later.errand().await else {
                return;
            };
            let released = release(&later, tree.task).await;
            drop(errand);
            if released.is_err() {
                // One that has to wait keeps no other waiting.
                let again = later.clone();
                later
                    .tracker
                    .spawn(async move { release_in_time(&again, tree.task).await });
            }
        }
    });
    Ok(())
}
