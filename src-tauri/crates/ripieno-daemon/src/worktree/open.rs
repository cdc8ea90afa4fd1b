//! A task's worktree before it works there: made, brought back, or still there.

use super::{
    TreeError,
    begin::{Conflicts, Unjoined, beginning, names},
    checkout,
    make::{Made, Plan, admin_folder, branch_of, checkouts, is_same, resolve, tip},
    owner, passing, refs,
    remove::{delete, take_away},
    source,
};
use crate::{
    changes::{Git, GitError, capture::Apart, git::WRITES, repository::Repository},
    ctx::Ctx,
};
use ripieno_core::id::TaskNo;
use ripieno_store::{TaskRow, WorktreeFolder, WorktreeRow};
use std::path::{Path, PathBuf};

/// How much the answer to a small question may be.
const ANSWER: u64 = 64 * 1024;
/// The longest part of a branch's name that comes from the title, in characters.
const SLUG: usize = 30;

/// A worktree that is ready.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The folder to work in.
    pub work: PathBuf,
    /// The commit the work begins at, when it was made just now.
    pub base: Option<String>,
    /// What whoever works there should know.
    pub notes: Vec<String>,
    /// Branches it depends on that are not in it, because they conflict.
    pub unjoined: Vec<Unjoined>,
}

/// Makes the worktree of a task ready; `task` is about to run.
///
/// # Errors
/// [`TreeError`]; another try begins where this one stopped.
pub(crate) async fn open(
    ctx: &Ctx,
    task: &TaskRow,
    conflicts: Conflicts,
) -> Result<Opened, TreeError> {
    let begun = std::time::Instant::now();
    let opened = open_or_make(ctx, task, conflicts).await?;
    let took_us = begun.elapsed().as_micros();
    tracing::info!(task = %task.no, took_us, "the worktree is ready");
    Ok(opened)
}

async fn open_or_make(
    ctx: &Ctx,
    task: &TaskRow,
    conflicts: Conflicts,
) -> Result<Opened, TreeError> {
    let row = task.clone();
    let owner = ctx.store.read(move |r| owner(r, &row)).await?;
    let _turn = ctx.trees.take(owner).await;
    let known = ctx.store.read(move |r| r.worktree(owner)).await?;
    let at = ctx.home.worktree(owner.to_string());
    match known {
        // As long as the folder is there, what lies in it is work, whatever became of its `.git`.
        Some(mut row) if row.folder == WorktreeFolder::There && at.exists() => {
            let git = Git::find(&ctx.resolved_environment().await.vars)?;
            let admin = PathBuf::from(row.admin.as_deref().unwrap_or_default());
            checkout(&git, &at, &admin, &row.branch).await?;
            if row.fate.take().is_some() || row.reason.take().is_some() {
                put(ctx, &row).await?;
            }
            ready(&at, &row.prefix, None, Vec::new())
        }
        Some(row) if row.folder != WorktreeFolder::Making => bring_back(ctx, row, &at).await,
        None if at.exists() => Err(TreeError::io(at)(std::io::Error::other(
            "it is there already, and no task is known to have made it: move it away",
        ))),
        earlier => make_lasting(ctx, task, owner, earlier, &at, conflicts).await,
    }
}

/// Makes it, and again when a collection of garbage took what was being written.
async fn make_lasting(
    ctx: &Ctx,
    task: &TaskRow,
    owner: TaskNo,
    mut earlier: Option<WorktreeRow>,
    at: &Path,
    conflicts: Conflicts,
) -> Result<Opened, TreeError> {
    let mut writes = 0;
    loop {
        writes += 1;
        match make(ctx, task, owner, earlier, at, conflicts).await {
            Err(TreeError::Git(error)) if writes < WRITES => {
                tracing::info!(%error, "the worktree is made again");
                earlier = ctx.store.read(move |r| r.worktree(owner)).await?;
            }
            other => return other,
        }
    }
}

fn ready(
    at: &Path,
    prefix: &str,
    base: Option<String>,
    notes: Vec<String>,
) -> Result<Opened, TreeError> {
    let work = at.join(prefix);
    // A folder without files is none to git.
    std::fs::create_dir_all(&work).map_err(TreeError::io(&work))?;
    Ok(Opened {
        work,
        base,
        notes,
        unjoined: Vec::new(),
    })
}

async fn make(
    ctx: &Ctx,
    task: &TaskRow,
    owner: TaskNo,
    earlier: Option<WorktreeRow>,
    at: &Path,
    conflicts: Conflicts,
) -> Result<Opened, TreeError> {
    let dir = task.spec.dir.clone().unwrap_or_default();
    let (git, repository) = source(ctx, Path::new(&dir)).await?;
    let whole = repository.whole();
    clear(ctx, &whole, owner, at, earlier.as_ref()).await?;
    let passing = passing(ctx);
    let begin = beginning(ctx, &whole, task, conflicts, &passing).await;
    drop(std::fs::remove_dir(&passing));
    let begin = begin?;
    let mut row = WorktreeRow {
        task: owner,
        source: dir,
        prefix: String::from_utf8_lossy(&repository.prefix).into_owned(),
        branch: free_name(&whole, task, owner).await?,
        onto: match &begin {
            Some(begin) => begin.onto.clone(),
            None => branch_of(&git, &whole.folder).await?,
        },
        fork: match &begin {
            Some(begin) => begin.fork.clone(),
            None => whole.head.clone(),
        },
        base: None,
        head: None,
        files: None,
        admin: None,
        folder: WorktreeFolder::Making,
        fate: None,
        reason: None,
    };
    put(ctx, &row).await?;
    private(at)?;
    let label = owner.to_string();
    let plan = Plan {
        source: &whole,
        at,
        branch: &row.branch,
        passing: &passing,
        label: &label,
    };
    let made = match &begin {
        Some(begin) => plan.make_at(&begin.commit).await,
        None => plan.make().await,
    };
    drop(std::fs::remove_dir(&passing));
    let made = made?;
    let mark = mark(task);
    let start = format!("{}/start", refs(owner));
    let kept = (start.as_str(), mark.as_str());
    let but = whole.head.as_deref();
    if !whole.keep(kept, &made.base, None, but).await? {
        return Err(GitError::Collected.into());
    }
    let mut notes = notes(&made, at);
    let base = Some(made.base.clone());
    settle(&mut row, made);
    let mut unjoined = Vec::new();
    if let Some(begin) = begin {
        notes.push(format!(
            "it begins with the work of {}; what is not committed in your checkout is not in it",
            names(&begin.of)
        ));
        row.base = Some(begin.base);
        unjoined = begin.unjoined;
    }
    put(ctx, &row).await?;
    Ok(Opened {
        unjoined,
        ..ready(at, &row.prefix, base, notes)?
    })
}

/// Brings a folder back that was given back: at its branch, with what was not committed.
async fn bring_back(ctx: &Ctx, mut row: WorktreeRow, at: &Path) -> Result<Opened, TreeError> {
    let (_, repository) = source(ctx, Path::new(&row.source)).await?;
    let whole = repository.whole();
    let kept = |commit: &Option<String>| {
        commit
            .clone()
            .ok_or_else(|| TreeError::Lost(row.branch.clone()))
    };
    let (kept_head, kept_files) = (kept(&row.head)?, kept(&row.files)?);
    for (path, branch) in checkouts(&whole).await? {
        if branch.as_deref() == Some(&row.branch) && !is_same(&path, at) {
            return Err(TreeError::BranchInUse {
                branch: row.branch,
                at: path,
            });
        }
    }
    let admin = admin_folder(&whole.common, at);
    take_away_and_delete(ctx, at, admin.as_deref())?;
    private(at)?;
    let head = tip(&whole, &row.branch)
        .await?
        .unwrap_or_else(|| kept_head.clone());
    let files = if head == kept_head {
        kept_files
    } else {
        head.clone()
    };
    let passing = passing(ctx);
    let label = row.task.to_string();
    let plan = Plan {
        source: &whole,
        at,
        branch: &row.branch,
        passing: &passing,
        label: &label,
    };
    let made = plan.make_again(&head, &files).await;
    drop(std::fs::remove_dir(&passing));
    let made = made?;
    let notes = notes(&made, at);
    row.head = Some(head);
    row.files = Some(files);
    row.admin = Some(made.admin.display().to_string());
    row.folder = WorktreeFolder::There;
    row.fate = None;
    row.reason = None;
    put(ctx, &row).await?;
    ready(at, &row.prefix, None, notes)
}

fn settle(row: &mut WorktreeRow, made: Made) {
    row.base = Some(made.base.clone());
    row.head = Some(made.base.clone());
    row.files = Some(made.base);
    row.admin = Some(made.admin.display().to_string());
    row.folder = WorktreeFolder::There;
}

/// Takes away what a try that was cut off left; nobody has worked in it. Its branch is kept under a hidden ref.
pub(super) async fn clear(
    ctx: &Ctx,
    whole: &Repository,
    owner: TaskNo,
    at: &Path,
    earlier: Option<&WorktreeRow>,
) -> Result<(), TreeError> {
    let admin = admin_folder(&whole.common, at);
    take_away_and_delete(ctx, at, admin.as_deref())?;
    let Some(row) = earlier.filter(|row| row.folder == WorktreeFolder::Making) else {
        return Ok(());
    };
    // Ours alone: a lock on it was left by a git that was killed with its machine.
    drop(std::fs::remove_file(
        whole.common.join(format!("refs/heads/{}.lock", row.branch)),
    ));
    let branch = format!("refs/heads/{}", row.branch);
    let left = tip(whole, &row.branch).await?;
    if let Some(left) = &left {
        let keep = format!("{}/unfinished-{left:.12}", refs(owner));
        // What was carried in is made again when it did not last.
        whole.point(&keep, left, whole.head.as_deref()).await?;
    }
    let mut away = vec!["update-ref", "-d", &branch];
    away.extend(left.as_deref());
    whole.git().read(&whole.folder, &away, b"", ANSWER).await?;
    Ok(())
}

pub(super) fn take_away_and_delete(
    ctx: &Ctx,
    at: &Path,
    admin: Option<&Path>,
) -> Result<(), TreeError> {
    let mark = ctx.random.uuid(ctx.now()).simple().to_string();
    if let Some(aside) = take_away(at, admin, &mark)? {
        ctx.tracker.spawn_blocking(move || delete(&aside));
    }
    Ok(())
}

/// Takes a folder of ours away in a moment and deletes it in the background, or with the next start.
///
/// # Errors
/// [`TreeError::Io`]; it is as it was.
pub(crate) fn put_away(ctx: &Ctx, at: &Path) -> Result<(), TreeError> {
    let mark = ctx.random.uuid(ctx.now()).simple().to_string();
    let aside = ctx.home.worktree(super::remove::REMOVED).join(mark);
    let beside = aside.parent().unwrap_or(&aside);
    std::fs::create_dir_all(beside).map_err(TreeError::io(beside))?;
    std::fs::rename(at, &aside).map_err(TreeError::io(at))?;
    ctx.tracker.spawn_blocking(move || delete(&aside));
    Ok(())
}

fn private(at: &Path) -> Result<(), TreeError> {
    let around = at.parent().unwrap_or(at);
    crate::paths::make_private_folder(around)
        .map_err(|error| TreeError::io(around)(std::io::Error::other(error)))
}

pub(super) async fn put(ctx: &Ctx, row: &WorktreeRow) -> Result<(), TreeError> {
    let row = row.clone();
    Ok(ctx.store.write(move |tx| tx.put_worktree(&row)).await?)
}

/// What sets names of this home's apart from those of another on the same repository.
fn mark(task: &TaskRow) -> String {
    let id = task.id.0.simple().to_string();
    id.get(id.len().saturating_sub(8)..)
        .unwrap_or_default()
        .to_owned()
}

/// A name for the branch that nobody uses.
async fn free_name(whole: &Repository, task: &TaskRow, owner: TaskNo) -> Result<String, TreeError> {
    let slug = slug(&task.spec.title);
    let name = if slug.is_empty() {
        format!("ripieno/{owner}")
    } else {
        format!("ripieno/{owner}-{slug}")
    };
    let full = format!("refs/heads/{name}");
    if resolve(whole, &full).await?.is_none() {
        return Ok(name);
    }
    Ok(format!("{name}-{}", mark(task)))
}

/// The title as part of a branch's name: lower-case letters and digits of ASCII, joined by single hyphens.
fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.chars() {
        if slug.len() >= SLUG {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// What is different here from the person's checkout.
fn notes(made: &Made, at: &Path) -> Vec<String> {
    let mut notes = Vec::new();
    if !made.left_out.is_empty() {
        notes.push(left_out(&made.left_out));
    }
    if at.join(".gitmodules").exists() {
        notes.push(
            "the folders of submodules are empty in this worktree; `git submodule update --init` fills them".to_owned(),
        );
    }
    let attributes = std::fs::read_to_string(at.join(".gitattributes")).unwrap_or_default();
    if attributes.contains("filter=lfs") {
        notes.push(
            "files in Git LFS are pointers in this worktree; `git lfs pull` fetches their content"
                .to_owned(),
        );
    }
    notes
}

fn left_out(apart: &[Apart]) -> String {
    const NAMED: usize = 5;
    let names: Vec<&str> = apart
        .iter()
        .take(NAMED)
        .map(|apart| apart.path.as_str())
        .collect();
    let more = apart.len().saturating_sub(NAMED);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!(
        "too large or not readable, and so not carried into the worktree as they stand: {}{more}",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn title_becomes_part_of_a_branch_name_that_git_takes() {
        for (title, expected) in [
            ("Fix the login form", "fix-the-login-form"),
            ("  ~^:?*[\\ .. @{ ", ""),
            ("設計を直す v2", "v2"),
            ("a.lock", "a-lock"),
            (
                "A very long title that goes on and on",
                "a-very-long-title-that-goes-on",
            ),
        ] {
            assert_eq!(slug(title), expected, "{title:?}");
        }
    }
}
