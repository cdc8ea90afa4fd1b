//! Making a worktree: its branch, its files in parallel, and what the person had not committed (D5). Their checkout,
//! index and stash are read, never written.

use super::TreeError;
use crate::changes::{
    GitError,
    capture::{Apart, Capture},
    git::Git,
    repository::{Repository, id},
    scratch::{Index, Objects, Scratch},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// How much the answer to a small question may be.
const ANSWER: u64 = 64 * 1024;

/// How much a list of worktrees may be.
const LIST: u64 = 4 * 1024 * 1024;

/// What is to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan<'a> {
    /// The checkout it comes from, whole.
    pub source: &'a Repository,
    /// Where it goes.
    pub at: &'a Path,
    /// Its branch.
    pub branch: &'a str,
    /// A folder that does not exist yet, for what passes.
    pub passing: &'a Path,
    /// The task, for messages of commits.
    pub label: &'a str,
}

/// A worktree that was made.
#[derive(Debug)]
pub(crate) struct Made {
    /// The commit its work begins at.
    pub base: String,
    /// git's own folder for it.
    pub admin: PathBuf,
    /// Files of the person that were not carried in.
    pub left_out: Vec<Apart>,
}

impl Plan<'_> {
    /// Makes it with the state of the person's checkout: what is committed, changed and untracked.
    ///
    /// # Errors
    /// [`TreeError`]; what was made so far is to be cleared then.
    pub async fn make(&self) -> Result<Made, TreeError> {
        let state = async {
            let at = self.passing.join("state");
            Ok(Capture::take(self.source, &at, Objects::Kept).await?)
        };
        let Some(head) = &self.source.head else {
            let state = state.await?;
            let base = self.carried(&state, None).await?;
            let admin = self.lay_out(&base).await?;
            return Ok(made(base, admin, state.apart));
        };
        let (state, admin) = tokio::try_join!(state, self.lay_out(head))?;
        let committed = id(&state
            .scratch
            .read(&["rev-parse", &format!("{head}^{{tree}}")], b"")
            .await?);
        if state.tree == committed {
            return Ok(made(head.clone(), admin, state.apart));
        }
        let base = self.carried(&state, Some(head)).await?;
        self.move_on(&admin, head, &base).await?;
        Ok(made(base, admin, state.apart))
    }

    /// Makes it at a commit, with nothing of the person's checkout.
    ///
    /// # Errors
    /// [`TreeError`]; what was made so far is to be cleared then.
    pub async fn make_at(&self, commit: &str) -> Result<Made, TreeError> {
        let admin = self.lay_out(commit).await?;
        Ok(made(commit.to_owned(), admin, Vec::new()))
    }

    /// Makes it as it was given back: at `head`, with the files of `files`.
    ///
    /// # Errors
    /// [`TreeError`].
    pub async fn make_again(&self, head: &str, files: &str) -> Result<Made, TreeError> {
        for commit in [head, files] {
            let name = format!("{commit}^{{commit}}");
            let args = ["cat-file", "-e", &name];
            let found = self
                .git()
                .print(&self.source.folder, &args, b"", ANSWER)
                .await?;
            if found.code != Some(0) {
                return Err(TreeError::Lost(commit.to_owned()));
            }
        }
        let admin = self.lay_out(head).await?;
        if files != head {
            self.unpack(&admin, &["read-tree", "-m", "-u", head, files])
                .await?;
            // What was not committed is shown as that again.
            let git = self.git();
            git.read(self.at, &["read-tree", head], b"", ANSWER).await?;
            drop(
                git.print(self.at, &["update-index", "-q", "--refresh"], b"", ANSWER)
                    .await,
            );
        }
        Ok(made(head.to_owned(), admin, Vec::new()))
    }

    fn git(&self) -> &Git {
        self.source.git()
    }

    async fn carried(&self, state: &Capture, head: Option<&str>) -> Result<String, TreeError> {
        let message = format!("What was not committed when {} started", self.label);
        Ok(state.commit(head, &message).await?)
    }

    /// The branch, git's own folder, and the files of a commit.
    async fn lay_out(&self, commit: &str) -> Result<PathBuf, TreeError> {
        let (git, folder) = (self.git(), &self.source.folder);
        match tip(self.source, self.branch).await? {
            Some(there) if there == commit => {}
            Some(there) => return Err(moved(self.branch, &there)),
            None => {
                let name = format!("refs/heads/{}", self.branch);
                let none = "0".repeat(commit.len());
                let args = ["update-ref", &name, commit, &none];
                git.read(folder, &args, b"", ANSWER).await?;
            }
        }
        let add = ["worktree", "add", "--quiet", "--no-checkout"].map(std::ffi::OsStr::new);
        let args = [&add[..], &[self.at.as_os_str(), self.branch.as_ref()]].concat();
        among_others(git, folder, &args).await?;
        let admin = admin_folder(&self.source.common, self.at).ok_or_else(|| {
            TreeError::io(self.at)(std::io::Error::other("git does not list it as a worktree"))
        })?;
        self.unpack(&admin, &["read-tree", "--reset", "-u", commit])
            .await?;
        Ok(admin)
    }

    async fn move_on(&self, admin: &Path, from: &str, to: &str) -> Result<(), TreeError> {
        self.unpack(admin, &["read-tree", "-m", "-u", from, to])
            .await?;
        let branch = format!("refs/heads/{}", self.branch);
        let args = ["update-ref", &branch, to, from];
        self.git()
            .read(&self.source.folder, &args, b"", ANSWER)
            .await?;
        Ok(())
    }

    /// Writes files with no setting of the repository in force but those that say how files are read: no filter, no hook.
    async fn unpack(&self, admin: &Path, args: &[&str]) -> Result<(), TreeError> {
        let repository = self.source.checkout(self.at, admin, "");
        let at = self.passing.join(format!("unpack-{}", args.len()));
        let scratch = Scratch::make(&repository, at, Objects::Kept, Index::Empty).await?;
        let git = scratch.git_with_index(&repository.index);
        let done = git.read(self.at, args, b"", ANSWER).await;
        done.map(drop).map_err(|error| match error {
            GitError::Failed { text, .. } if text.contains("unable to read") => TreeError::Partial,
            other => other.into(),
        })
    }
}

fn made(base: String, admin: PathBuf, left_out: Vec<Apart>) -> Made {
    Made {
        base,
        admin,
        left_out,
    }
}

fn moved(branch: &str, there: &str) -> TreeError {
    TreeError::Git(GitError::Failed {
        verb: "worktree".to_owned(),
        text: format!("the branch {branch} stands at {there} already"),
    })
}

/// Where a branch stands.
///
/// # Errors
/// [`GitError`].
pub(crate) async fn tip(repository: &Repository, branch: &str) -> Result<Option<String>, GitError> {
    resolve(repository, &format!("refs/heads/{branch}")).await
}

/// The commit that a full name stands for.
///
/// # Errors
/// [`GitError`].
pub(crate) async fn resolve(
    repository: &Repository,
    name: &str,
) -> Result<Option<String>, GitError> {
    let name = format!("{name}^{{commit}}");
    let args = ["rev-parse", "--verify", "--quiet", &name];
    let printed = repository
        .git()
        .print(&repository.folder, &args, b"", ANSWER)
        .await?;
    if printed.code == Some(1) {
        return Ok(None);
    }
    Ok(Some(id(&printed.succeeded()?)))
}

/// The branch that is checked out; none on a detached commit.
///
/// # Errors
/// [`GitError`].
pub(crate) async fn branch_of(git: &Git, folder: &Path) -> Result<Option<String>, GitError> {
    let args = ["symbolic-ref", "--quiet", "HEAD"];
    let printed = git.print(folder, &args, b"", ANSWER).await?;
    if printed.code == Some(1) {
        return Ok(None);
    }
    let name = id(&printed.succeeded()?);
    Ok(name.strip_prefix("refs/heads/").map(str::to_owned))
}

/// Runs a command of git that reads the records of all worktrees: it gives up at one that is being made or taken away in
/// that moment, and is run again then.
async fn among_others<S: AsRef<std::ffi::OsStr>>(
    git: &Git,
    folder: &Path,
    args: &[S],
) -> Result<Vec<u8>, GitError> {
    const TRIES: u32 = 20;
    const PAUSE: std::time::Duration = std::time::Duration::from_millis(25);
    let mut tries = 0;
    loop {
        tries += 1;
        match git.read(folder, args, b"", LIST).await {
            Err(GitError::Failed { text, .. }) if tries < TRIES && is_passing(&text) => {
                tokio::time::sleep(PAUSE).await;
            }
            other => return other,
        }
    }
}

fn is_passing(text: &str) -> bool {
    [
        "failed to read",
        "could not open",
        "unable to read",
        "could not read",
    ]
    .iter()
    .any(|word| text.contains(word) && text.contains("worktrees/"))
}

/// Every checkout of the repository with its branch.
///
/// # Errors
/// [`GitError`].
pub(crate) async fn checkouts(
    repository: &Repository,
) -> Result<Vec<(PathBuf, Option<String>)>, GitError> {
    let args = ["worktree", "list", "--porcelain", "-z"];
    let printed = among_others(repository.git(), &repository.folder, &args).await?;
    let mut all: Vec<(PathBuf, Option<String>)> = Vec::new();
    for line in printed.split(|byte| *byte == 0) {
        let line = String::from_utf8_lossy(line);
        if let Some(path) = line.strip_prefix("worktree ") {
            all.push((PathBuf::from(path), None));
        } else if let (Some(name), Some(last)) =
            (line.strip_prefix("branch refs/heads/"), all.last_mut())
        {
            last.1 = Some(name.to_owned());
        }
    }
    Ok(all)
}

/// git's own folder for the worktree at `at`; none when git does not know of it.
pub(crate) fn admin_folder(common: &Path, at: &Path) -> Option<PathBuf> {
    fs::read_dir(common.join("worktrees"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .find(|admin| is_admin_of(admin, at))
}

/// Whether this is git's own folder for the worktree at `at`. It may name that by another path, or below itself.
pub(super) fn is_admin_of(admin: &Path, at: &Path) -> bool {
    let named = fs::read_to_string(admin.join("gitdir")).unwrap_or_default();
    let link = admin.join(named.trim_end_matches('\n'));
    link.file_name() == Some(".git".as_ref())
        && link.parent().is_some_and(|named| is_same(named, at))
}

/// Whether both name one folder, whether or not that is there: git writes paths with every link in them resolved.
pub(super) fn is_same(a: &Path, b: &Path) -> bool {
    a == b || resolved(a) == resolved(b)
}

fn resolved(at: &Path) -> PathBuf {
    let around = at.parent().and_then(|around| around.canonicalize().ok());
    match (around, at.file_name()) {
        (Some(around), Some(name)) => around.join(name),
        _ => at.to_owned(),
    }
}
