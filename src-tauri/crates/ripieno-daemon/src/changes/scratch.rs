//! A git folder of ours beside the user's: its own settings, a copy of the index, the same objects. Whatever the
//! repository's settings say, nothing of them is read here, so that nothing of them is run; index, stash and checkout of
//! the user stay as they are.

use super::{
    git::{Git, GitError},
    path::{RepoPath, fields},
    repository::{Repository, id},
};
use std::{
    collections::BTreeSet,
    ffi::{OsStr, OsString},
    io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

/// Attributes that come before those of any file: content is not converted.
const AS_IT_IS: &str = "* -text -ident !eol !filter !working-tree-encoding\n";

/// Where new objects go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Objects {
    /// Into the repository, for a commit that is to stay.
    Kept,
    /// Into the folder of ours, and away with it.
    Passing,
}

/// Which index the copy begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Index {
    /// The user's: what has not changed since is not read again.
    Copied,
    /// The same without what is staged in it.
    Unstaged,
    /// That of the commit: for an index that has conflicts, or cannot be read.
    FromHead,
    /// None.
    Empty,
}

/// The git folder; removed when dropped.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    git: Git,
    /// The top of the checkout.
    pub top: PathBuf,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let folder = std::mem::take(&mut self.folder);
        let remove = move || {
            if let Err(error) = std::fs::remove_dir_all(&folder) {
                tracing::warn!(%error, folder = %folder.display(), "a folder of passing objects is left");
            }
            // Its parent goes with the last in it.
            folder.parent().map(std::fs::remove_dir);
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}

impl Scratch {
    /// Makes the folder; `at` must not exist yet.
    ///
    /// # Errors
    /// [`GitError`].
    pub async fn make(
        repository: &Repository,
        at: PathBuf,
        objects: Objects,
        index: Index,
    ) -> Result<Self, GitError> {
        let lay = (repository.clone(), at.clone(), index);
        let laid = tokio::task::spawn_blocking(move || lay_out(&lay.0, &lay.1, lay.2)).await;
        // From here on the folder goes with the value, also when the rest fails.
        let scratch = Scratch {
            git: git(repository, &at, objects),
            folder: at,
            top: repository.top.clone(),
        };
        laid.map_err(io::Error::other)
            .and_then(|laid| laid)
            .map_err(|error| GitError::Io(error.to_string()))?;
        if let (Index::FromHead, Some(head)) = (index, &repository.head) {
            scratch.read(&["read-tree", head], b"").await?;
        }
        Ok(scratch)
    }

    /// Runs git here; it must succeed and say little.
    ///
    /// # Errors
    /// [`GitError`].
    pub async fn read<S: AsRef<OsStr>>(
        &self,
        args: &[S],
        input: &[u8],
    ) -> Result<Vec<u8>, GitError> {
        const LIMIT: u64 = 32 * 1024 * 1024;
        self.git.read(&self.top, args, input, LIMIT).await
    }

    /// The files that differ between two trees or commits in the ways that `filter`, as `git diff-tree --diff-filter`, names.
    ///
    /// # Errors
    /// [`GitError`].
    pub async fn differing(
        &self,
        filter: &str,
        from: &str,
        to: &str,
    ) -> Result<BTreeSet<RepoPath>, GitError> {
        let filter = format!("--diff-filter={filter}");
        let args = [
            "diff-tree",
            "-r",
            "-z",
            "--name-only",
            "--no-renames",
            &filter,
            from,
            to,
        ];
        let printed = self.read(&args, b"").await?;
        Ok(fields(&printed)
            .map(|path| RepoPath(path.to_vec()))
            .collect())
    }

    /// The index of ours.
    #[must_use]
    pub fn index(&self) -> PathBuf {
        self.folder.join("index")
    }

    /// The git that works here, with the index of the checkout itself in place of ours.
    #[must_use]
    pub fn git_with_index(&self, index: &Path) -> Git {
        self.git
            .clone()
            .with(&[("GIT_INDEX_FILE", index.as_os_str())])
    }

    /// Leaves the index of ours as that of the repository, itself one of ours: what it holds is not read again, and stays
    /// known when a `.gitignore` names it later.
    ///
    /// # Errors
    /// [`GitError::Io`].
    pub async fn leave_index(&self, repository: &Repository) -> Result<(), GitError> {
        let (from, to) = (self.index(), repository.index.clone());
        let left = tokio::task::spawn_blocking(move || {
            let new = to.with_extension("new");
            copy_if_there(&from, &new)?;
            std::fs::rename(new, to)
        });
        let left = left.await.map_err(io::Error::other).and_then(|left| left);
        left.map_err(|error| GitError::Io(error.to_string()))
    }

    /// Runs git here.
    #[must_use]
    pub fn git(&self) -> &Git {
        &self.git
    }

    /// The tree without files.
    ///
    /// # Errors
    /// [`GitError`].
    pub async fn empty_tree(&self) -> Result<String, GitError> {
        Ok(id(&self.read(&["mktree"], b"").await?))
    }
}

fn git(repository: &Repository, at: &Path, objects: Objects) -> Git {
    let none = OsStr::new("/dev/null");
    let (index, passing) = (at.join("index"), at.join("objects"));
    let objects = match objects {
        Objects::Kept => &repository.objects,
        Objects::Passing => &passing,
    };
    let person = OsStr::new("Ripieno");
    let address = OsStr::new("ripieno@localhost");
    // Files are written by as many processes as there are processors (perf-10).
    let fast = [("core.looseCompression", "1"), ("checkout.workers", "0")]
        .map(|(key, value)| (key.to_owned(), OsString::from(value)));
    let settings: Vec<_> = repository.settings.iter().cloned().chain(fast).collect();
    repository.git().clone().with_settings(&settings).with(&[
        ("GIT_CONFIG_GLOBAL", none),
        ("GIT_CONFIG_SYSTEM", none),
        ("GIT_DIR", at.as_os_str()),
        ("GIT_WORK_TREE", repository.top.as_os_str()),
        ("GIT_INDEX_FILE", index.as_os_str()),
        ("GIT_OBJECT_DIRECTORY", objects.as_os_str()),
        ("GIT_AUTHOR_NAME", person),
        ("GIT_AUTHOR_EMAIL", address),
        ("GIT_COMMITTER_NAME", person),
        ("GIT_COMMITTER_EMAIL", address),
    ])
}

fn lay_out(repository: &Repository, at: &Path, index: Index) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(at)?;
    for folder in ["objects/info", "refs", "info"] {
        std::fs::create_dir_all(at.join(folder))?;
    }
    std::fs::write(at.join("HEAD"), "ref: refs/heads/none\n")?;
    let format = &repository.format;
    let version = if format == "sha1" {
        "[core]\n\trepositoryformatversion = 0\n".to_owned()
    } else {
        format!("[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = {format}\n")
    };
    std::fs::write(at.join("config"), version)?;
    let mut alternates = repository.objects.as_os_str().as_bytes().to_vec();
    alternates.push(b'\n');
    std::fs::write(at.join("objects/info/alternates"), alternates)?;
    if repository.ours {
        std::fs::write(at.join("info/attributes"), AS_IT_IS)?;
    }
    // Where the history of a clone ends that is not whole.
    copy_if_there(&repository.common.join("shallow"), &at.join("shallow"))?;
    copy_if_there(&repository.exclude, &at.join("info/exclude"))?;
    copy_if_there(&repository.sparse, &at.join("info/sparse-checkout"))?;
    if matches!(index, Index::Copied | Index::Unstaged) {
        copy_if_there(&repository.index, &at.join("index"))?;
        copy_shared_indexes(repository.index.parent().unwrap_or(at), at)?;
    }
    Ok(())
}

/// The copy keeps the date: git compares the content of files that are not older than their index, and with a younger
/// index would take a file that changed in the same moment for unchanged.
fn copy_if_there(from: &Path, to: &Path) -> io::Result<()> {
    let written = match std::fs::metadata(from) {
        Ok(found) => found.modified()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    match std::fs::copy(from, to) {
        // Its owner may change the date of a file that nobody may write.
        Ok(_) => std::fs::File::open(to)?.set_modified(written),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// A split index has its larger part in a file beside it.
fn copy_shared_indexes(from: &Path, to: &Path) -> io::Result<()> {
    let Ok(entries) = std::fs::read_dir(from) else {
        return Ok(());
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.as_bytes().starts_with(b"sharedindex.") {
            copy_if_there(&entry.path(), &to.join(name))?;
        }
    }
    Ok(())
}
