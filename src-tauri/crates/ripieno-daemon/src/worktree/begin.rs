//! Where a worktree begins: at the person's checkout, or, for a task that depends on others, on the branches of those (T5).

use super::{
    TreeError,
    commit::{is_ancestor, person},
    join::{Unrelated, merged},
    make::tip,
    of,
    replay::replay,
    source,
};
use crate::{
    changes::{
        repository::{Repository, id},
        scratch::{Index, Objects, Scratch},
    },
    ctx::Ctx,
};
use ripieno_core::{id::TaskNo, spec::FolderMode};
use ripieno_store::{Reader, StoreError, TaskRow, WorktreeFate, WorktreeRow};
use std::{collections::BTreeSet, path::Path};

/// How much the answer to a small question may be.
const ANSWER: u64 = 64 * 1024;

/// What to do where branches conflict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Conflicts {
    /// Nothing is made: the person is asked.
    Refuse,
    /// The work begins without the branches that conflict: whoever works there merges them.
    Leave,
}

/// A branch that could not be joined with those before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unjoined {
    /// The task it is of.
    pub task: TaskNo,
    /// Its name.
    pub branch: String,
    /// The files that both sides changed.
    pub files: Vec<String>,
}

/// A beginning on the branches of other tasks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Beginning {
    /// The commit that holds what they left.
    pub commit: String,
    /// The commit that was checked out when they began.
    pub fork: Option<String>,
    /// What they began with, the person's own included: it is not merged with the work.
    pub base: String,
    /// The branch they are to be merged into.
    pub onto: Option<String>,
    /// The tasks, in the order they were joined.
    pub of: Vec<TaskNo>,
    /// Those that were left out.
    pub unjoined: Vec<Unjoined>,
}

/// The work of one task, where it stands.
#[derive(Clone, Debug)]
struct Work {
    task: TaskNo,
    row: WorktreeRow,
    tip: String,
}

/// The beginning of a task in `whole`; none where the person's checkout holds all it depends on.
///
/// # Errors
/// [`TreeError::Unjoined`] with `Conflicts::Refuse`; other [`TreeError`]s.
pub(super) async fn beginning(
    ctx: &Ctx,
    whole: &Repository,
    task: &TaskRow,
    conflicts: Conflicts,
    passing: &Path,
) -> Result<Option<Beginning>, TreeError> {
    let works = works(ctx, whole, task, passing).await?;
    let Some((first, rest)) = works.split_first() else {
        return Ok(None);
    };
    let mut all = Joining {
        whole,
        passing,
        commit: first.tip.clone(),
        carried: carried(whole, first).await?,
        fork: first.row.fork.clone(),
        of: vec![first.task],
        unjoined: Vec::new(),
    };
    for work in rest {
        all.join(work).await?;
    }
    if conflicts == Conflicts::Refuse && !all.unjoined.is_empty() {
        return Err(TreeError::Unjoined {
            with: all.of,
            unjoined: all.unjoined,
        });
    }
    Ok(Some(Beginning {
        base: all.carried.clone().unwrap_or_else(|| all.commit.clone()),
        // Nothing of the person's is in it: then it is merged as any branch is.
        fork: match &all.carried {
            Some(_) => all.fork,
            None => Some(all.commit.clone()),
        },
        commit: all.commit,
        onto: first.row.onto.clone(),
        of: all.of,
        unjoined: all.unjoined,
    }))
}

/// What was not committed when a task began, where that is not in the person's history by now.
async fn carried(whole: &Repository, work: &Work) -> Result<Option<String>, TreeError> {
    let Some(base) = &work.row.base else {
        return Ok(None);
    };
    if work.row.fork.as_ref() == Some(base) {
        return Ok(None);
    }
    let known = match &whole.head {
        Some(head) => is_ancestor(whole, base, head).await?,
        None => false,
    };
    Ok((!known).then(|| base.clone()))
}

/// The branches that the task depends on in this repository, as far as the checkout does not hold them.
async fn works(
    ctx: &Ctx,
    whole: &Repository,
    task: &TaskRow,
    passing: &Path,
) -> Result<Vec<Work>, TreeError> {
    let depends = task.spec.depends_on.clone();
    let read = move |r: &Reader<'_>| Ok((rows(r, &depends)?, r.carried_in()?));
    let (rows, carried) = ctx.store.read(read).await?;
    let checkout = Checkout {
        whole,
        passing,
        carried: carried.into_iter().collect(),
    };
    let mut works: Vec<Work> = Vec::new();
    for (no, row) in rows {
        if works.iter().any(|work| work.row.task == row.task) {
            continue;
        }
        let here = match source(ctx, Path::new(&row.source)).await {
            Ok((_, repository)) => repository.common == whole.common,
            // Its folder is gone, and with it whatever it was a part of.
            Err(TreeError::Repository(_)) => false,
            Err(error) => return Err(error),
        };
        if !here {
            continue;
        }
        let Some(tip) = tip(whole, &row.branch).await? else {
            continue;
        };
        let work = Work { task: no, row, tip };
        if !checkout.holds(&work).await? {
            works.push(work);
        }
    }
    topmost(whole, works).await
}

/// What is checked out, to be asked what it holds.
struct Checkout<'a> {
    whole: &'a Repository,
    passing: &'a Path,
    carried: BTreeSet<String>,
}

impl Checkout<'_> {
    /// Whether it holds the work of a task, as it is or without what was carried in.
    async fn holds(&self, work: &Work) -> Result<bool, TreeError> {
        let Some(head) = &self.whole.head else {
            return Ok(false);
        };
        if is_ancestor(self.whole, &work.tip, head).await? {
            return Ok(true);
        }
        let at = self.passing.join(format!("held-{}", work.task));
        let scratch = Scratch::make(self.whole, at, Objects::Kept, Index::Empty).await?;
        let Some(again) = replay(&scratch, &self.carried, &work.tip, head).await? else {
            return Ok(false);
        };
        // Work that cannot be told apart leaves nothing in the history: its files say whether it is there.
        let merged = work.row.fate == Some(WorktreeFate::Merged);
        Ok(again.held || merged && again.adds_nothing(&scratch, &work.tip).await?)
    }
}

/// Those that no other holds already.
async fn topmost(whole: &Repository, works: Vec<Work>) -> Result<Vec<Work>, TreeError> {
    let mut top = Vec::new();
    for (at, work) in works.iter().enumerate() {
        let mut held = false;
        for (other_at, other) in works.iter().enumerate() {
            let later = work.tip != other.tip || other_at < at;
            held |= at != other_at && later && is_ancestor(whole, &work.tip, &other.tip).await?;
        }
        if !held {
            top.push(work.clone());
        }
    }
    Ok(top)
}

fn rows(r: &Reader<'_>, depends: &[TaskNo]) -> Result<Vec<(TaskNo, WorktreeRow)>, StoreError> {
    let mut rows = Vec::new();
    for no in depends {
        let task = r.task(*no)?;
        if task.spec.mode == FolderMode::Worktree
            && let Some(row) = of(r, &task)?
            && row.base.is_some()
            && row.fate != Some(WorktreeFate::Discarded)
        {
            rows.push((*no, row));
        }
    }
    Ok(rows)
}

/// Branches joined so far.
struct Joining<'a> {
    whole: &'a Repository,
    passing: &'a Path,
    commit: String,
    carried: Option<String>,
    fork: Option<String>,
    of: Vec<TaskNo>,
    unjoined: Vec<Unjoined>,
}

impl Joining<'_> {
    /// Joins one more, or remembers that it cannot be.
    async fn join(&mut self, work: &Work) -> Result<(), TreeError> {
        let at = self.passing.join(format!("join-{}", work.task));
        let scratch = Scratch::make(self.whole, at, Objects::Kept, Index::Empty).await?;
        let tree = match merged(&scratch, Unrelated::Joined, &self.commit, &work.tip).await? {
            Ok(tree) => tree,
            Err(files) => {
                self.unjoined.push(Unjoined {
                    task: work.task,
                    branch: work.row.branch.clone(),
                    files,
                });
                return Ok(());
            }
        };
        let mut parents = vec![self.commit.clone(), work.tip.clone()];
        let both = match (self.carried.take(), carried(self.whole, work).await?) {
            (Some(ours), Some(theirs)) if ours != theirs => {
                let both = self.both(&scratch, &ours, &theirs).await?;
                // The work holds what it is measured from.
                parents.push(both.clone());
                Some(both)
            }
            (ours, theirs) => {
                if ours.is_none() && theirs.is_some() {
                    self.fork = work.row.fork.clone();
                }
                ours.or(theirs)
            }
        };
        self.carried = both;
        let message = format!("{} and {} together", names(&self.of), work.task);
        self.commit = self.write(&scratch, &tree, &parents, &message).await?;
        self.of.push(work.task);
        Ok(())
    }

    /// What both began with; where that cannot be joined, the work counts from the first.
    async fn both(&self, scratch: &Scratch, a: &str, b: &str) -> Result<String, TreeError> {
        let parents = [a.to_owned(), b.to_owned()];
        let tree = match merged(scratch, Unrelated::Joined, a, b).await? {
            Ok(tree) => tree,
            Err(_) => {
                let name = format!("{a}^{{tree}}");
                id(&scratch.read(&["rev-parse", &name], b"").await?)
            }
        };
        let message = "What was not committed when they started";
        self.write(scratch, &tree, &parents, message).await
    }

    async fn write(
        &self,
        scratch: &Scratch,
        tree: &str,
        parents: &[String],
        message: &str,
    ) -> Result<String, TreeError> {
        let mut git = scratch.git().clone();
        if let Some((name, address)) = person(self.whole).await? {
            git = git.with(&[
                ("GIT_AUTHOR_NAME", name.as_os_str()),
                ("GIT_AUTHOR_EMAIL", address.as_os_str()),
                ("GIT_COMMITTER_NAME", name.as_os_str()),
                ("GIT_COMMITTER_EMAIL", address.as_os_str()),
            ]);
        }
        let mut args = vec!["commit-tree", tree, "-m", message];
        for parent in parents {
            args.extend(["-p", parent]);
        }
        Ok(id(&git.read(&scratch.top, &args, b"", ANSWER).await?))
    }
}

/// Tasks as they are read: `T-1, T-2`.
pub(crate) fn names(tasks: &[TaskNo]) -> String {
    let names: Vec<String> = tasks.iter().map(ToString::to_string).collect();
    names.join(", ")
}
