//! Proof that a worktree's folder may go: every byte in it is reachable from a ref (D5, D7).

use super::{TreeError, merge::is_under_way};
use crate::changes::{
    GitError,
    capture::{Capture, commit},
    filtered::filtered,
    git::WRITES,
    path::{RepoPath, fields},
    repository::Repository,
    scratch::{Index, Objects, Scratch},
    snapshots::NOT_KEPT,
};
use std::{collections::BTreeSet, path::Path};

/// How much a list of files may be.
const LIST: u64 = 64 * 1024 * 1024;
/// How many commits a worktree may have stood at and have them all looked for.
const MOST_COMMITS: usize = 10_000;
/// How many files a reason names.
const NAMED: usize = 3;

/// What a look at the folder showed. `head` and `files` are kept by refs either way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Proof {
    /// The commit that is checked out.
    pub head: String,
    /// A commit with the files of the folder.
    pub files: String,
    /// Why the folder must stay; none when every byte of it is reachable.
    pub stays: Option<String>,
}

/// Looks at the worktree, keeps what it holds under refs below `refs`, and says whether anything is not reachable by them.
///
/// # Errors
/// [`TreeError`]; the folder must stay then.
pub(crate) async fn prove(
    tree: &Repository,
    admin: &Path,
    refs: &str,
    passing: &Path,
) -> Result<Proof, TreeError> {
    for write in 0..WRITES {
        let at = passing.join(write.to_string());
        match look(tree, admin, refs, (&at, write)).await {
            Ok(Some(proof)) => return Ok(proof),
            Ok(None) => {}
            Err(error) if error.is_failure_of_git() && write + 1 < WRITES => {}
            Err(error) => return Err(error),
        }
    }
    Err(GitError::Collected.into())
}

/// One look; none when a collection of garbage took what was written.
async fn look(
    tree: &Repository,
    admin: &Path,
    refs: &str,
    (at, write): (&Path, u32),
) -> Result<Option<Proof>, TreeError> {
    let rest = rest(tree, admin, &at.join("rest")).await?;
    let state = Capture::take_again(tree, &at.join("state"), Objects::Kept, write).await?;
    let head = tree.head.clone();
    let files = match &head {
        Some(head) if !state.dirty => head.clone(),
        _ => {
            state
                .commit(head.as_deref(), "What was in the folder")
                .await?
        }
    };
    for (name, commit) in [("files", Some(&files)), ("rest", rest.as_ref())] {
        let Some(commit) = commit else { continue };
        let name = format!("{refs}/{name}-{commit:.12}");
        if !tree.point(&name, commit, head.as_deref()).await? {
            return Ok(None);
        }
    }
    let head = head.unwrap_or_else(|| files.clone());
    let mut stays = match is_under_way(tree) {
        // What it goes by is git's own and in no ref.
        true => Some("a merge, rebase or the like is under way in it".to_owned()),
        false => what_stays(tree, &state, admin).await?,
    };
    if stays.is_none() && state.dirty {
        stays = not_committed(tree, &state, &head).await?;
    }
    Ok(Some(Proof { head, files, stays }))
}

/// What a commit of the state does not hold, in words.
///
/// # Errors
/// [`TreeError`].
pub(crate) async fn what_stays(
    tree: &Repository,
    state: &Capture,
    admin: &Path,
) -> Result<Option<String>, TreeError> {
    let nested: Vec<String> = state
        .untracked
        .iter()
        .filter(|path| path.0.ends_with(b"/"))
        .map(RepoPath::shown)
        .collect();
    let is_nested = |path: &str| {
        nested
            .iter()
            .any(|nested| nested.trim_end_matches('/') == path)
    };
    let apart = state.apart.iter().map(|apart| apart.path.clone());
    let apart: Vec<String> = apart.filter(|path| !is_nested(path)).collect();
    if !apart.is_empty() {
        return Ok(Some(format!(
            "too large to be kept in git: {}",
            some(&apart)
        )));
    }
    if !nested.is_empty() || admin.join("modules").exists() {
        return Ok(Some(format!(
            "repositories of their own: {}",
            some(&nested)
        )));
    }
    let hidden = hidden(tree, state).await?;
    if !hidden.is_empty() {
        return Ok(Some(format!("hidden from git: {}", some(&hidden))));
    }
    let args = [
        "ls-files",
        "-z",
        "--others",
        "--ignored",
        "--exclude-standard",
        "--directory",
    ];
    let printed = state
        .scratch
        .git()
        .print(&tree.top, &args, b"", LIST)
        .await?;
    if printed.complaint().contains("could not open") {
        return Ok(Some("a folder in it cannot be opened".to_owned()));
    }
    let bytes = printed.succeeded()?;
    let ignored: Vec<String> = fields(&bytes)
        .map(|path| RepoPath(path.to_vec()))
        // An ignored folder without files is nothing.
        .filter(|path| has_files(&path.below(&tree.top)) && !(tree.ours && is_made_again(path)))
        .map(|path| path.shown())
        .collect();
    Ok((!ignored.is_empty()).then(|| format!("ignored by git: {}", some(&ignored))))
}

/// Files that only the person can commit, in words: they go through a filter.
async fn not_committed(
    tree: &Repository,
    state: &Capture,
    head: &str,
) -> Result<Option<String>, TreeError> {
    let files = filtered(tree, &state.scratch, head, &state.tree).await?;
    let names: Vec<String> = files.iter().map(RepoPath::shown).collect();
    Ok((!names.is_empty()).then(|| {
        format!(
            "not committed, as a filter of git is used: {}",
            some(&names)
        )
    }))
}

/// Whether it is a folder that a build makes again.
fn is_made_again(path: &RepoPath) -> bool {
    let shown = path.shown();
    let name = shown.trim_end_matches('/').rsplit('/').next();
    shown.ends_with('/') && name.is_some_and(|name| NOT_KEPT.contains(&name))
}

fn some(names: &[String]) -> String {
    let shown = names
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn has_files(path: &Path) -> bool {
    let Ok(meta) = path.symlink_metadata() else {
        return false;
    };
    if !meta.is_dir() {
        return true;
    }
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().any(|entry| has_files(&entry.path())),
        Err(_) => true,
    }
}

/// Files that git was told not to look at, and what lies in folders of submodules.
async fn hidden(tree: &Repository, state: &Capture) -> Result<Vec<String>, TreeError> {
    let printed = state
        .scratch
        .git()
        .read(&tree.top, &["ls-files", "-z", "-v", "--stage"], b"", LIST)
        .await?;
    let found = fields(&printed).filter_map(|line| {
        let at = line.iter().position(|byte| *byte == b'\t')?;
        let path = RepoPath(line.get(at + 1..)?.to_vec());
        let file = path.below(&tree.top);
        let told = line
            .first()
            .is_some_and(|tag| tag.is_ascii_lowercase() || *tag == b'S');
        let submodule = line.get(2..8) == Some(b"160000");
        let matters = (told || submodule) && has_files(&file);
        matters.then(|| path.shown())
    });
    Ok(found.collect())
}

/// One commit that holds on to what only this worktree reaches: commits its HEAD stood at, and what was staged.
async fn rest(
    tree: &Repository,
    admin: &Path,
    passing: &Path,
) -> Result<Option<String>, TreeError> {
    let stood = stood_at(admin)?;
    let ids = stood.iter().map(String::as_str).chain(tree.head.as_deref());
    let ids: BTreeSet<&str> = ids.collect();
    let mut parents = unreachable(tree, &ids).await?;
    let scratch = Scratch::make(tree, passing.to_owned(), Objects::Kept, Index::Copied).await?;
    // An index with conflicts makes no tree; its parts are in the commits that were merged.
    let staged = scratch
        .read(&["write-tree", "--missing-ok"], b"")
        .await
        .ok();
    if let Some(staged) = staged {
        let staged = String::from_utf8_lossy(&staged).trim().to_owned();
        let empty = scratch.empty_tree().await?;
        let own = match &tree.head {
            Some(head) => {
                let name = format!("{head}^{{tree}}");
                let printed = scratch.read(&["rev-parse", &name], b"").await?;
                String::from_utf8_lossy(&printed).trim().to_owned()
            }
            None => empty.clone(),
        };
        if staged != own && staged != empty {
            parents.push(commit(&scratch, &staged, tree.head.as_deref(), "What was staged").await?);
        }
    }
    if parents.is_empty() {
        return Ok(None);
    }
    let empty = scratch.empty_tree().await?;
    let mut args = vec!["commit-tree", &empty, "-m", "What else was in the worktree"];
    for parent in &parents {
        args.extend(["-p", parent]);
    }
    let printed = scratch.read(&args, b"").await?;
    Ok(Some(String::from_utf8_lossy(&printed).trim().to_owned()))
}

/// The commits that HEAD of the worktree stood at. Names and messages beside them may be of any encoding.
fn stood_at(admin: &Path) -> Result<Vec<String>, TreeError> {
    let log = admin.join("logs/HEAD");
    let logged = match std::fs::read(&log) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        other => other.map_err(TreeError::io(&log))?,
    };
    let id = |line: &[u8]| {
        let id = std::str::from_utf8(line.split(|byte| *byte == b' ').nth(1)?).ok()?;
        let is_one = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_one.then(|| id.to_owned())
    };
    Ok(logged.split(|byte| *byte == b'\n').filter_map(id).collect())
}

/// Those of the commits that no ref reaches.
async fn unreachable(tree: &Repository, ids: &BTreeSet<&str>) -> Result<Vec<String>, TreeError> {
    let ids: Vec<&str> = ids.iter().rev().take(MOST_COMMITS).copied().collect();
    let mut args = vec!["rev-list", "--ignore-missing"];
    args.extend(&ids);
    args.extend([
        "--not",
        "--branches",
        "--tags",
        "--remotes",
        "--glob=refs/ripieno",
    ]);
    let printed = tree.git().read(&tree.folder, &args, b"", LIST).await?;
    let printed = String::from_utf8_lossy(&printed).into_owned();
    let all: BTreeSet<&str> = printed.lines().collect();
    Ok(ids
        .iter()
        .filter(|id| all.contains(**id))
        .map(|id| (*id).to_owned())
        .collect())
}
