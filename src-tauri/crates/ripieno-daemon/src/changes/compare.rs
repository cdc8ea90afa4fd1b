//! What differs between two states of a folder.

use super::{
    capture::Apart, git::GitError, path::RepoPath, repository::Repository, scratch::Scratch,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStrExt,
};

/// How much a list of changes may be.
const LIST_LIMIT: u64 = 32 * 1024 * 1024;
/// How many files are compared with all others to find renamed ones.
const RENAMES: &str = "-l500";

/// What became of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileStatus {
    /// It is new.
    Added,
    /// Its content differs.
    Modified,
    /// It is gone.
    Deleted,
    /// It has another name.
    Renamed,
    /// Only its mode differs.
    Mode,
    /// A repository within, at another commit.
    Submodule,
    /// It is new, and git does not know of it.
    Untracked,
}

/// One changed file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileChange {
    /// Below the folder, as shown.
    pub path: String,
    /// Its name before.
    pub from: Option<String>,
    /// What became of it.
    pub status: FileStatus,
    /// Whether its content is no text.
    pub binary: bool,
    /// Whether it is too large, or cannot be read, and so was not compared.
    pub unread: bool,
    /// Lines more.
    pub insertions: u64,
    /// Lines less.
    pub deletions: u64,
}

/// One changed file with its paths as bytes.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its paths: before, when it was renamed, and after.
    pub paths: Vec<RepoPath>,
    /// What is shown of it.
    pub shown: FileChange,
}

/// The two states: trees or commits.
#[derive(Clone, Copy, Debug)]
pub struct Between<'a> {
    /// Before.
    pub base: &'a str,
    /// After.
    pub head: &'a str,
}

/// Lists what differs below the folder.
///
/// # Errors
/// [`GitError`].
pub async fn list(
    repository: &Repository,
    scratch: &Scratch,
    between: Between<'_>,
    untracked: &BTreeSet<RepoPath>,
) -> Result<Vec<Entry>, GitError> {
    let mut args = arguments(repository, between, &["-z", "--raw", "--numstat"]);
    args.push("--".into());
    args.extend(repository.pathspec().map(OsStr::to_owned));
    let printed = scratch
        .git()
        .read(&scratch.top, &args, b"", LIST_LIMIT)
        .await?;
    // In a folder without git nothing is tracked, so that this says nothing of a file.
    let none = BTreeSet::new();
    let untracked = if repository.ours { &none } else { untracked };
    parse(&printed, untracked).ok_or_else(|| GitError::Failed {
        verb: "diff-tree".to_owned(),
        text: "its list cannot be read".to_owned(),
    })
}

/// The patch of some files, or of all; whether it was cut at `limit` bytes.
///
/// # Errors
/// [`GitError`].
pub async fn patch(
    repository: &Repository,
    scratch: &Scratch,
    between: Between<'_>,
    only: Option<&[RepoPath]>,
    whitespace: bool,
    limit: u64,
) -> Result<(String, bool), GitError> {
    let mut more = vec![
        "-p",
        "--src-prefix=a/",
        "--dst-prefix=b/",
        "--submodule=short",
    ];
    if !whitespace {
        more.push("-w");
    }
    let mut args = arguments(repository, between, &more);
    args.push("--".into());
    match only {
        Some(paths) => args.extend(paths.iter().map(|path| {
            let whole = [repository.prefix.as_slice(), &path.0].concat();
            OsStr::from_bytes(&whole).to_owned()
        })),
        None => args.extend(repository.pathspec().map(OsStr::to_owned)),
    }
    let printed = scratch.git().print(&scratch.top, &args, b"", limit).await?;
    let cut = printed.cut;
    let mut bytes = printed.succeeded()?;
    if cut {
        let line = bytes.iter().rposition(|byte| *byte == b'\n');
        bytes.truncate(line.map_or(0, |at| at + 1));
    }
    Ok((String::from_utf8_lossy(&bytes).into_owned(), cut))
}

/// The command that prints everything below the folder, for `git apply`: it takes paths from the top of the checkout.
pub fn whole_patch(repository: &Repository, between: Between<'_>) -> Vec<OsString> {
    let more = [
        "-p",
        "--binary",
        "--src-prefix=a/",
        "--dst-prefix=b/",
        "--submodule=short",
    ];
    let mut args = arguments(&repository.whole(), between, &more);
    args.push("--".into());
    args.extend(repository.pathspec().map(OsStr::to_owned));
    args
}

fn arguments(repository: &Repository, between: Between<'_>, more: &[&str]) -> Vec<OsString> {
    let mut args: Vec<OsString> = ["diff-tree", "-r", "--find-renames", RENAMES]
        .iter()
        .chain(&[
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--full-index",
        ])
        .chain(more)
        .map(Into::into)
        .collect();
    let mut relative = OsString::from("--relative=");
    relative.push(OsStr::from_bytes(&repository.prefix));
    if !repository.prefix.is_empty() {
        args.push(relative);
    }
    args.extend([between.base.into(), between.head.into()]);
    args
}

/// What `--raw` says of a file, before its lines are counted.
struct Raw {
    status: FileStatus,
    paths: Vec<RepoPath>,
}

fn parse(printed: &[u8], untracked: &BTreeSet<RepoPath>) -> Option<Vec<Entry>> {
    let mut fields = printed.split(|byte| *byte == 0).peekable();
    let mut raws = Vec::new();
    while let Some(head) = fields.next_if(|field| field.first() == Some(&b':')) {
        raws.push(raw(head, &mut fields)?);
    }
    let mut counts: BTreeMap<RepoPath, Option<(u64, u64)>> = BTreeMap::new();
    while let Some(line) = fields.next() {
        if line.is_empty() {
            continue;
        }
        let mut parts = line.splitn(3, |byte| *byte == b'\t');
        let (more, less, path) = (parts.next()?, parts.next()?, parts.next()?);
        let path = if path.is_empty() {
            fields.next()?;
            fields.next()?
        } else {
            path
        };
        counts.insert(RepoPath(path.to_vec()), number(more).zip(number(less)));
    }
    Some(
        raws.into_iter()
            .map(|raw| entry(raw, &counts, untracked))
            .collect(),
    )
}

fn raw<'f>(head: &[u8], fields: &mut impl Iterator<Item = &'f [u8]>) -> Option<Raw> {
    let text = std::str::from_utf8(head.strip_prefix(b":")?).ok()?;
    let mut parts = text.split(' ');
    let (before, after) = (parts.next()?, parts.next()?);
    let same = parts.next()? == parts.next()?;
    let letter = parts.next()?.chars().next()?;
    let mut paths = vec![RepoPath(fields.next()?.to_vec())];
    if letter == 'R' || letter == 'C' {
        paths.push(RepoPath(fields.next()?.to_vec()));
    }
    const SUBMODULE: &str = "160000";
    let status = match letter {
        _ if before == SUBMODULE || after == SUBMODULE => FileStatus::Submodule,
        'A' | 'C' => FileStatus::Added,
        'D' => FileStatus::Deleted,
        'R' => FileStatus::Renamed,
        'M' if same => FileStatus::Mode,
        _ => FileStatus::Modified,
    };
    Some(Raw { status, paths })
}

fn entry(
    raw: Raw,
    counts: &BTreeMap<RepoPath, Option<(u64, u64)>>,
    untracked: &BTreeSet<RepoPath>,
) -> Entry {
    let path = raw.paths.last().cloned().unwrap_or(RepoPath(Vec::new()));
    let lines = counts.get(&path).copied();
    let (insertions, deletions) = lines.flatten().unwrap_or_default();
    let status = match raw.status {
        FileStatus::Added if untracked.contains(&path) => FileStatus::Untracked,
        other => other,
    };
    Entry {
        shown: FileChange {
            path: path.shown(),
            from: (raw.paths.len() > 1).then(|| raw.paths[0].shown()),
            status,
            binary: lines == Some(None),
            unread: false,
            insertions,
            deletions,
        },
        paths: raw.paths,
    }
}

fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Joins the files that stayed apart with what was compared, in the order of paths.
#[must_use]
pub fn with_apart(compared: Vec<Entry>, before: &[Apart], after: &[Apart]) -> Vec<Entry> {
    let mut all = Vec::new();
    let mut known: BTreeSet<String> = before.iter().map(|file| file.path.clone()).collect();
    for entry in compared {
        // It is there, too large to be read now.
        if after.iter().any(|file| file.path == entry.shown.path) {
            known.insert(entry.shown.path);
        } else {
            all.push(entry);
        }
    }
    for file in after.iter().filter(|file| !before.contains(file)) {
        let status = if file.tracked || known.contains(&file.path) {
            FileStatus::Modified
        } else {
            FileStatus::Untracked
        };
        all.push(unread(file, status));
    }
    for file in before.iter().filter(|file| !file.tracked) {
        let there = |path: &str| path == file.path;
        if !after.iter().any(|other| there(&other.path))
            && !all.iter().any(|entry| there(&entry.shown.path))
        {
            all.push(unread(file, FileStatus::Deleted));
        }
    }
    all.sort_by(|a, b| a.shown.path.cmp(&b.shown.path));
    all
}

fn unread(file: &Apart, status: FileStatus) -> Entry {
    Entry {
        paths: vec![RepoPath(file.path.clone().into_bytes())],
        shown: FileChange {
            path: file.path.clone(),
            from: None,
            status,
            binary: true,
            unread: true,
            insertions: 0,
            deletions: 0,
        },
    }
}
