//! The state of a folder as a tree of git: what is committed, changed and untracked, ignored files apart.

use super::{
    git::GitError,
    path::{RepoPath, fields},
    repository::{Repository, id},
    scratch::{Index, Objects, Scratch},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs::{Metadata, OpenOptions},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// How large a file may be to be read.
const LARGEST: u64 = 16 * 1024 * 1024;
/// How much all files together may be.
const MOST: u64 = 128 * 1024 * 1024;
/// How many changed and untracked files are looked at.
const MOST_FILES: usize = 20_000;
/// How much the files of a folder in no repository may be together (R13).
const MOST_OF_OURS: u64 = 64 * 1024 * 1024;
/// How many files a folder in no repository may have.
const MOST_FILES_OF_OURS: usize = 5_000;

/// A file that is too large, no plain file, or cannot be read: known by its size and time only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Apart {
    /// Below the folder, as shown.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Nanoseconds since 1970.
    pub changed: i128,
    /// Whether git knew of it.
    pub tracked: bool,
}

/// Why the state of a folder is not known.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CaptureError {
    /// git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// There is too much.
    #[error("more than {MOST_FILES} files are changed or untracked: commit or ignore some")]
    TooMany,
    /// There are too many files for a repository of ours.
    #[error(
        "it is in no git repository and has more than {MOST_FILES_OF_OURS} files: `git init` there makes a way back"
    )]
    TooManyOfOurs,
    /// A file would be written over that is too large to be kept.
    #[error("{path} is in the way and larger than {} MiB: move it away", LARGEST >> 20)]
    InTheWay {
        /// Which.
        path: String,
    },
    /// They are too large for a repository of ours.
    #[error(
        "it is in no git repository and its files are more than {} MiB together: `git init` there makes a way back",
        MOST_OF_OURS >> 20
    )]
    TooLargeOfOurs,
}

/// The state of a folder.
#[derive(Debug)]
pub struct Capture {
    /// Where the objects are until this is dropped.
    pub scratch: Scratch,
    /// The tree, whole.
    pub tree: String,
    /// Whether the folder differs from what is committed.
    pub dirty: bool,
    /// Untracked files below the folder.
    pub untracked: BTreeSet<RepoPath>,
    /// Files that are not in the tree.
    pub apart: Vec<Apart>,
}

/// What may have changed.
struct Candidates {
    tracked: BTreeSet<RepoPath>,
    untracked: BTreeSet<RepoPath>,
}

/// What is to be read of them.
#[derive(Default)]
struct Sorted {
    files: Vec<u8>,
    repositories: Vec<RepoPath>,
    apart: Vec<Apart>,
}

impl Capture {
    /// Reads the state of the folder; `at` is a new folder for what passes.
    ///
    /// # Errors
    /// [`CaptureError`].
    pub async fn take(
        repository: &Repository,
        at: &Path,
        objects: Objects,
    ) -> Result<Self, CaptureError> {
        let copied = Self::with_index(repository, at.join("copied"), objects, Index::Copied).await;
        match copied {
            Err(CaptureError::Git(GitError::Failed { verb, text })) => {
                // An index with conflicts makes no tree; one of an unknown kind is not read.
                tracing::debug!(verb, text, "the index is made anew");
                Self::with_index(repository, at.join("anew"), objects, Index::FromHead).await
            }
            other => other,
        }
    }

    /// The same at the `write`th try. From the second on, what was staged is read anew: a collection of garbage may have
    /// taken what `git add` wrote, in the moment before the index named it.
    ///
    /// # Errors
    /// [`CaptureError`].
    pub async fn take_again(
        repository: &Repository,
        at: &Path,
        objects: Objects,
        write: u32,
    ) -> Result<Self, CaptureError> {
        if write == 0 {
            return Self::take(repository, at, objects).await;
        }
        Self::with_index(repository, at.join("afresh"), objects, Index::Unstaged).await
    }

    async fn with_index(
        repository: &Repository,
        at: PathBuf,
        objects: Objects,
        index: Index,
    ) -> Result<Self, CaptureError> {
        let scratch = Scratch::make(repository, at, objects, index).await?;
        let mut candidates = candidates(repository, &scratch).await?;
        if index == Index::Unstaged {
            candidates
                .tracked
                .extend(unstage(repository, &scratch).await?);
        }
        if repository.ours {
            fits_in_ours(&scratch, &candidates).await?;
        }
        let untracked = candidates.untracked.clone();
        let (top, prefix) = (repository.top.clone(), repository.prefix.clone());
        let sorted = tokio::task::spawn_blocking(move || sort(&candidates, &top, &prefix))
            .await
            .map_err(|broken| GitError::Io(broken.to_string()))?;
        let mut apart = sorted.apart;
        let add = [
            "update-index",
            "-z",
            "--add",
            "--remove",
            "--replace",
            "--stdin",
        ];
        scratch.read(&add, &sorted.files).await?;
        for nested in sorted.repositories {
            let input = [nested.0.as_slice(), b"\0"].concat();
            // One without a commit has nothing that could be named; beside one of ours nobody keeps what it would name.
            if repository.ours || scratch.read(&add, &input).await.is_err() {
                apart.extend(nested.within(&repository.prefix).map(|path| Apart {
                    path: path.shown(),
                    size: 0,
                    changed: 0,
                    tracked: false,
                }));
            }
        }
        let tree = id(&scratch.read(&["write-tree", "--missing-ok"], b"").await?);
        if repository.ours && objects == Objects::Kept {
            scratch.leave_index(repository).await?;
        }
        let dirty = !apart.is_empty() || is_dirty(repository, &scratch).await?;
        Ok(Capture {
            tree,
            dirty,
            untracked: untracked
                .iter()
                .filter_map(|path| path.within(&repository.prefix))
                .collect(),
            apart,
            scratch,
        })
    }

    /// Adds files that are not part of it otherwise, such as those that git ignores.
    ///
    /// # Errors
    /// [`CaptureError`]; one that is too large is named.
    pub async fn add(&mut self, paths: &BTreeSet<RepoPath>) -> Result<(), CaptureError> {
        let mut input = Vec::new();
        for path in paths {
            let size = path.below(&self.scratch.top).symlink_metadata();
            if size.is_ok_and(|meta| meta.is_file() && meta.len() > LARGEST) {
                return Err(CaptureError::InTheWay { path: path.shown() });
            }
            input.extend_from_slice(&path.0);
            input.push(0);
        }
        let add = ["update-index", "-z", "--add", "--replace", "--stdin"];
        self.scratch.read(&add, &input).await?;
        self.tree = id(&self
            .scratch
            .read(&["write-tree", "--missing-ok"], b"")
            .await?);
        self.dirty = true;
        Ok(())
    }

    /// Makes a commit of the state, after `parent`.
    ///
    /// # Errors
    /// [`GitError`].
    pub async fn commit(&self, parent: Option<&str>, message: &str) -> Result<String, GitError> {
        commit(&self.scratch, &self.tree, parent, message).await
    }
}

/// Makes a commit of a tree.
///
/// # Errors
/// [`GitError`].
pub async fn commit(
    scratch: &Scratch,
    tree: &str,
    parent: Option<&str>,
    message: &str,
) -> Result<String, GitError> {
    let mut args = vec!["commit-tree", tree, "-m", message];
    if let Some(parent) = parent {
        args.extend(["-p", parent]);
    }
    Ok(id(&scratch.read(&args, b"").await?))
}

/// A command about the folder alone.
fn below<'a, const N: usize>(repository: &'a Repository, args: [&'a str; N]) -> Vec<&'a OsStr> {
    let mut all: Vec<&OsStr> = args.into_iter().map(OsStr::new).collect();
    all.push(OsStr::new("--"));
    all.extend(repository.pathspec());
    all
}

async fn candidates(
    repository: &Repository,
    scratch: &Scratch,
) -> Result<Candidates, CaptureError> {
    // A submodule is looked at for its commit only: asking it for more would read its settings.
    let changed = below(
        repository,
        [
            "diff-files",
            "-z",
            "--name-only",
            "--no-renames",
            "--ignore-submodules=dirty",
        ],
    );
    let tracked = scratch.read(&changed, b"").await?;
    let others = below(
        repository,
        ["ls-files", "-z", "--others", "--exclude-standard"],
    );
    let untracked = scratch.read(&others, b"").await?;
    let set = |bytes: &[u8]| -> BTreeSet<RepoPath> {
        fields(bytes).map(|path| RepoPath(path.to_vec())).collect()
    };
    let found = Candidates {
        tracked: set(&tracked),
        untracked: set(&untracked),
    };
    if found.tracked.len() + found.untracked.len() > MOST_FILES {
        return Err(CaptureError::TooMany);
    }
    Ok(found)
}

/// Whether a folder in no repository is small enough to be kept in one of ours; files that stay apart do not count.
async fn fits_in_ours(scratch: &Scratch, candidates: &Candidates) -> Result<(), CaptureError> {
    let known = scratch.read(&["ls-files", "-z"], b"").await?;
    let mut all = candidates.untracked.clone();
    all.extend(fields(&known).map(|path| RepoPath(path.to_vec())));
    if all.len() > MOST_FILES_OF_OURS {
        return Err(CaptureError::TooManyOfOurs);
    }
    let top = scratch.top.clone();
    let together = tokio::task::spawn_blocking(move || {
        all.iter()
            .filter_map(|path| path.below(&top).symlink_metadata().ok())
            .filter(|meta| meta.is_file() && meta.len() <= LARGEST)
            .map(|meta| meta.len())
            .sum::<u64>()
    });
    let together = together
        .await
        .map_err(|broken| GitError::Io(broken.to_string()))?;
    if together > MOST_OF_OURS {
        return Err(CaptureError::TooLargeOfOurs);
    }
    Ok(())
}

/// Says which files are read and which stay apart; in the order of their paths, so that the same are chosen each time.
fn sort(candidates: &Candidates, top: &Path, prefix: &[u8]) -> Sorted {
    let mut sorted = Sorted::default();
    let mut room = MOST;
    let all = candidates.tracked.iter().map(|path| (path, true));
    for (path, tracked) in all.chain(candidates.untracked.iter().map(|path| (path, false))) {
        if let Some(folder) = path.0.strip_suffix(b"/") {
            sorted.repositories.push(RepoPath(folder.to_vec()));
            continue;
        }
        let file = path.below(top);
        if let Ok(meta) = file.symlink_metadata()
            && !meta.is_dir()
            && !meta.is_symlink()
        {
            let fits = meta.is_file() && meta.len() <= LARGEST.min(room) && is_readable(&file);
            if !fits {
                let kept = path.within(prefix);
                sorted
                    .apart
                    .extend(kept.map(|path| apart(&path, &meta, tracked)));
                continue;
            }
            room -= meta.len();
        }
        sorted.files.extend_from_slice(&path.0);
        sorted.files.push(0);
    }
    sorted
}

fn apart(path: &RepoPath, meta: &Metadata, tracked: bool) -> Apart {
    Apart {
        path: path.shown(),
        size: meta.len(),
        changed: i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec()),
        tracked,
    }
}

/// Whether it can be opened; something else may stand there by now, and must not be waited for.
fn is_readable(file: &Path) -> bool {
    let flags = i32::from_ne_bytes(rustix::fs::OFlags::NONBLOCK.bits().to_ne_bytes());
    OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(file)
        .is_ok()
}

/// Takes out of the index of ours what differs from the commit; the names.
async fn unstage(
    repository: &Repository,
    scratch: &Scratch,
) -> Result<Vec<RepoPath>, CaptureError> {
    let empty;
    let base = match &repository.head {
        Some(head) => head,
        None => {
            empty = scratch.empty_tree().await?;
            &empty
        }
    };
    let args = [
        "diff-index",
        "--cached",
        "-z",
        "--name-only",
        "--no-renames",
        base,
    ];
    let staged = scratch.read(&below(repository, args), b"").await?;
    let out = ["update-index", "-z", "--force-remove", "--stdin"];
    scratch.read(&out, &staged).await?;
    Ok(fields(&staged)
        .map(|path| RepoPath(path.to_vec()))
        .collect())
}

async fn is_dirty(repository: &Repository, scratch: &Scratch) -> Result<bool, GitError> {
    let empty;
    let base = match &repository.head {
        Some(head) => head,
        None => {
            empty = scratch.empty_tree().await?;
            &empty
        }
    };
    let args = below(repository, ["diff-index", "--cached", "--quiet", base]);
    let printed = scratch.git().print(&scratch.top, &args, b"", 1024).await?;
    if printed.code == Some(1) {
        return Ok(true);
    }
    printed.succeeded().map(|_| false)
}
