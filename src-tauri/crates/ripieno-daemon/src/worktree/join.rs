//! Commits made of others, in git's objects alone: no file of anybody's is looked at.

use super::TreeError;
use crate::changes::{
    path::{RepoPath, fields},
    repository::id,
    scratch::Scratch,
};

/// How much the answer to a small question may be.
const ANSWER: u64 = 64 * 1024;
/// How much a list of files may be.
const LIST: u64 = 32 * 1024 * 1024;

/// Whether commits that have no history in common are joined too.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unrelated {
    /// They are.
    Joined,
    /// That is an error.
    Refused,
}

/// The tree of two commits together, or the files that conflict.
///
/// # Errors
/// [`TreeError`].
pub(super) async fn merged(
    scratch: &Scratch,
    unrelated: Unrelated,
    ours: &str,
    theirs: &str,
) -> Result<Result<String, Vec<String>>, TreeError> {
    let mut args = vec![
        "merge-tree",
        "--write-tree",
        "-z",
        "--name-only",
        "--no-messages",
    ];
    if unrelated == Unrelated::Joined {
        args.push("--allow-unrelated-histories");
    }
    args.extend([ours, theirs]);
    let printed = scratch.git().print(&scratch.top, &args, b"", LIST).await?;
    if printed.code == Some(1) {
        let files = fields(&printed.bytes).skip(1);
        let mut files: Vec<String> = files.map(|path| RepoPath(path.to_vec()).shown()).collect();
        files.dedup();
        return Ok(Err(files));
    }
    let printed = printed.succeeded()?;
    Ok(Ok(fields(&printed).next().map(id).unwrap_or_default()))
}

/// A commit of a tree with these parents. It is ours, and no ref reaches it: something to measure from.
///
/// # Errors
/// [`TreeError`].
pub(super) async fn stand_in(
    scratch: &Scratch,
    tree: &str,
    parents: &[String],
) -> Result<String, TreeError> {
    let mut args = vec!["commit-tree", tree, "-m", "To measure from"];
    for parent in parents {
        args.extend(["-p", parent]);
    }
    let git = scratch.git();
    Ok(id(&git.read(&scratch.top, &args, b"", ANSWER).await?))
}

/// The tree of a commit.
///
/// # Errors
/// [`TreeError`].
pub(super) async fn tree_of(scratch: &Scratch, commit: &str) -> Result<String, TreeError> {
    let name = format!("{commit}^{{tree}}");
    Ok(id(&scratch.read(&["rev-parse", &name], b"").await?))
}
