//! Committing what a task left in its worktree (R14).

use super::{
    TreeError,
    make::{branch_of, tip},
};
use crate::changes::{
    GitError,
    capture::Capture,
    filtered::filtered,
    git::{Git, WRITES},
    path::{RepoPath, fields},
    repository::{Repository, id},
    scratch::Objects,
};
use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs,
    path::Path,
};

/// How much the answer to a small question may be.
const ANSWER: u64 = 64 * 1024;
/// How much a list of files may be.
const LIST: u64 = 32 * 1024 * 1024;

/// What was committed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Committed {
    /// The commit, which is the one checked out when nothing was left to commit.
    pub commit: String,
    /// Files that stay uncommitted: they go through a filter, and what lies in the folder is not what git stores.
    pub left: Vec<RepoPath>,
}

/// Commits what is in the worktree and lets its branch point to it. `keep` is a ref for what the branch pointed to, should
/// that be left behind.
///
/// # Errors
/// [`TreeError`]; nothing is lost then.
pub(crate) async fn commit(
    tree: &Repository,
    branch: &str,
    message: &str,
    keep: &str,
    passing: &Path,
) -> Result<Committed, TreeError> {
    for write in 0..WRITES {
        let at = passing.join(write.to_string());
        match try_commit(tree, branch, message, keep, (&at, write)).await {
            Ok(Some(done)) => return Ok(done),
            Ok(None) => {}
            Err(error) if error.is_failure_of_git() && write + 1 < WRITES => {}
            Err(error) => return Err(error),
        }
    }
    Err(GitError::Collected.into())
}

/// One try; none when a collection of garbage took what was written.
async fn try_commit(
    tree: &Repository,
    branch: &str,
    message: &str,
    keep: &str,
    (at, write): (&Path, u32),
) -> Result<Option<Committed>, TreeError> {
    let mut state = Capture::take_again(tree, at, Objects::Kept, write).await?;
    let head = tree.head.as_deref();
    let left = leave_filtered(tree, &mut state, head).await?;
    let done = |commit| Ok(Some(Committed { commit, left }));
    let merged = merged(tree).await?;
    let new = match head {
        Some(head) if merged.is_empty() && committed_tree(&state, head).await? == state.tree => {
            head.to_owned()
        }
        _ => {
            let merged = merged.iter().map(String::as_str);
            let parents: Vec<&str> = head.into_iter().chain(merged).collect();
            self::write(tree, &state, &parents, message).await?
        }
    };
    if head == Some(new.as_str()) {
        point(tree, branch, &new, keep).await?;
        follow(&state, tree)?;
        return done(new);
    }
    // The branch never points at what may go: it is under a ref of ours before.
    let name = format!("{keep}-{new:.12}");
    if !tree.point(&name, &new, head).await? {
        return Ok(None);
    }
    point(tree, branch, &new, keep).await?;
    follow(&state, tree)?;
    if !merged.is_empty() {
        end_merge(tree);
    }
    if tree.lasts(&new, head).await? {
        let args = ["update-ref", "-d", &name, &new];
        tree.git().read(&tree.folder, &args, b"", ANSWER).await?;
    }
    done(new)
}

/// Puts files that go through a filter back to what is staged, in the state and not in the folder; the files. What somebody
/// staged went through the filter, or is as it was committed.
async fn leave_filtered(
    tree: &Repository,
    state: &mut Capture,
    head: Option<&str>,
) -> Result<Vec<RepoPath>, TreeError> {
    let Some(head) = head else {
        return Ok(Vec::new());
    };
    let scratch = &state.scratch;
    let mut files = filtered(tree, scratch, head, &state.tree).await?;
    if files.is_empty() {
        return Ok(files);
    }
    let staged = entries(&scratch.git_with_index(&tree.index), &scratch.top).await?;
    let read = entries(scratch.git(), &scratch.top).await?;
    files.retain(|file| staged.get(file) != read.get(file));
    let none = format!("0 {}", "0".repeat(head.len())).into_bytes();
    let mut input = Vec::new();
    for file in &files {
        let entry = staged.get(file).unwrap_or(&none);
        input.extend([entry, &b"\t"[..], &file.0, b"\0"].concat());
    }
    let update = ["update-index", "-z", "--index-info"];
    scratch.read(&update, &input).await?;
    state.tree = id(&scratch.read(&["write-tree", "--missing-ok"], b"").await?);
    Ok(files)
}

/// What an index holds of each file: its mode and object.
async fn entries(git: &Git, top: &Path) -> Result<BTreeMap<RepoPath, Vec<u8>>, GitError> {
    let printed = git
        .read(top, &["ls-files", "-z", "--stage"], b"", LIST)
        .await?;
    let all = fields(&printed).filter_map(|line| {
        let at = line.iter().position(|byte| *byte == b'\t')?;
        let entry = line.get(..at)?;
        // In a conflict it is ours that counts, which is what is committed.
        let entry = entry.strip_suffix(b" 0").or(entry.strip_suffix(b" 2"))?;
        Some((RepoPath(line.get(at + 1..)?.to_vec()), entry.to_vec()))
    });
    Ok(all.collect())
}

/// The index of the checkout follows; it is that of the capture, dates of files included.
fn follow(state: &Capture, tree: &Repository) -> Result<(), TreeError> {
    let (from, to) = (state.scratch.index(), tree.index.clone());
    let beside = to.with_extension("new");
    fs::copy(&from, &beside)
        .and_then(|_| fs::rename(&beside, &to))
        .map_err(TreeError::io(&to))
}

/// What a merge under way joins in, when everything in it is resolved: whoever worked here left the commit to us.
async fn merged(tree: &Repository) -> Result<Vec<String>, TreeError> {
    let file = own(tree).join("MERGE_HEAD");
    let heads = match fs::read_to_string(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(TreeError::io(&file))?,
    };
    let args = ["ls-files", "--unmerged"];
    let open = tree.git().print(&tree.top, &args, b"", 1).await?;
    if !open.bytes.is_empty() {
        return Ok(Vec::new());
    }
    Ok(heads.lines().map(str::to_owned).collect())
}

/// The merge is committed: git takes it for over.
fn end_merge(tree: &Repository) {
    for name in ["MERGE_HEAD", "MERGE_MSG", "MERGE_MODE", "AUTO_MERGE"] {
        drop(fs::remove_file(own(tree).join(name)));
    }
}

/// git's own folder for the checkout.
fn own(tree: &Repository) -> &Path {
    tree.index.parent().unwrap_or(&tree.index)
}

async fn committed_tree(state: &Capture, head: &str) -> Result<String, GitError> {
    let name = format!("{head}^{{tree}}");
    Ok(id(&state.scratch.read(&["rev-parse", &name], b"").await?))
}

async fn write(
    tree: &Repository,
    state: &Capture,
    parents: &[&str],
    message: &str,
) -> Result<String, TreeError> {
    let mut git = state.scratch.git().clone();
    if let Some((name, address)) = person(tree).await? {
        git = git.with(&[
            ("GIT_AUTHOR_NAME", name.as_os_str()),
            ("GIT_AUTHOR_EMAIL", address.as_os_str()),
            ("GIT_COMMITTER_NAME", name.as_os_str()),
            ("GIT_COMMITTER_EMAIL", address.as_os_str()),
        ]);
    }
    let mut args = vec!["commit-tree", &state.tree, "-m", message];
    for parent in parents {
        args.extend(["-p", parent]);
    }
    Ok(id(&git.read(&tree.top, &args, b"", ANSWER).await?))
}

/// Who the person is to git; nothing where they never said.
///
/// # Errors
/// [`GitError`].
pub(crate) async fn person(tree: &Repository) -> Result<Option<(OsString, OsString)>, GitError> {
    let args = ["var", "GIT_AUTHOR_IDENT"];
    let printed = tree.git().print(&tree.folder, &args, b"", ANSWER).await?;
    if printed.code != Some(0) {
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&printed.bytes).into_owned();
    let found = said
        .rsplit_once('>')
        .and_then(|(who, _)| who.split_once(" <"));
    Ok(found.map(|(name, address)| (OsStr::new(name).to_owned(), OsStr::new(address).to_owned())))
}

/// Lets the branch, checked out in the worktree, point to the commit.
async fn point(tree: &Repository, branch: &str, new: &str, keep: &str) -> Result<(), TreeError> {
    let git = tree.git();
    let full = format!("refs/heads/{branch}");
    if let Some(before) = tip(tree, branch).await?
        && before != new
        && !is_ancestor(tree, &before, new).await?
    {
        git.read(&tree.folder, &["update-ref", keep, &before], b"", ANSWER)
            .await?;
    }
    git.read(
        &tree.folder,
        &["update-ref", "-m", "commit by Ripieno", &full, new],
        b"",
        ANSWER,
    )
    .await?;
    if branch_of(git, &tree.folder).await?.as_deref() != Some(branch) {
        git.read(&tree.folder, &["symbolic-ref", "HEAD", &full], b"", ANSWER)
            .await?;
    }
    Ok(())
}

/// Whether a commit is in the history of another.
///
/// # Errors
/// [`GitError`].
pub(crate) async fn is_ancestor(
    repository: &Repository,
    older: &str,
    newer: &str,
) -> Result<bool, GitError> {
    let args = ["merge-base", "--is-ancestor", older, newer];
    let printed = repository
        .git()
        .print(&repository.folder, &args, b"", ANSWER)
        .await?;
    match printed.code {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => printed.succeeded().map(|_| false),
    }
}
