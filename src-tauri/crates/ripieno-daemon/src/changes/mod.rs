//! What a task changed in its folder: the state it started from, the state it left, and what lies between.
//!
//! Where the folder is in a git repository, both states are commits under refs of ours, made beside the user's index,
//! stash and checkout; for any other folder they are in a repository of ours. Everything here may fail without the task: then it is said why there is nothing to show.

pub(crate) mod capture;
pub(crate) mod compare;
mod ends;
mod export;
pub(crate) mod filtered;
pub(crate) mod git;
mod in_place;
mod lasting;
pub(crate) mod path;
pub(crate) mod repository;
mod restore;
pub(crate) mod scratch;
pub(crate) mod snapshots;
#[cfg(test)]
mod tests;

pub use capture::{Apart, CaptureError};
pub use compare::{FileChange, FileStatus};
pub use export::Export;
pub use git::{Git, GitError};
pub(crate) use in_place::InPlace;
pub use repository::{NoRepository, is_in_repository};

use crate::{ctx::Ctx, paths::Home};
use capture::Capture;
use compare::{Between, Entry};
use path::RepoPath;
use repository::Repository;
use ripieno_store::TaskRow;
use scratch::{Index, Objects, Scratch};
use std::{collections::BTreeSet, path::PathBuf, time::Duration};

/// Where a task works, and where what passes may be put.
#[derive(Clone, Debug)]
pub struct Place {
    /// The git of this machine.
    pub git: Git,
    /// The folder of the task.
    pub folder: PathBuf,
    /// Whether a repository above the folder does not count: the folder is one of ours.
    pub alone: bool,
    /// Where the repository of ours is, or would be, for a folder that is in none.
    pub snapshots: PathBuf,
    /// A folder that does not exist yet.
    pub passing: PathBuf,
    /// The folder of the refs, such as `refs/ripieno/T-41`.
    pub refs: String,
    /// What sets refs apart from those of another home.
    pub mark: String,
}

/// The state a task starts from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Start {
    /// There is no repository.
    Nowhere,
    /// A commit holds it.
    At {
        /// The commit.
        base: String,
        /// Whether changes that were there before will be shown as the task's.
        includes_earlier: bool,
        /// Files that are not in the commit.
        apart: Vec<Apart>,
        /// What went wrong on the way.
        warning: Option<String>,
    },
    /// It cannot be known.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// The state a task left, and how much it changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finish {
    /// The commit that holds it.
    pub head: String,
    /// The commit that is checked out.
    pub checked_out: Option<String>,
    /// Files that are not in the commit.
    pub apart: Vec<Apart>,
    /// Files changed.
    pub files: u64,
    /// Lines more.
    pub insertions: u64,
    /// Lines less.
    pub deletions: u64,
}

/// Why nothing can be compared.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChangesError {
    /// There is no repository, or none that can be used.
    #[error(transparent)]
    Repository(#[from] NoRepository),
    /// The state of the folder cannot be read.
    #[error("the state of its folder cannot be read: {0}")]
    Capture(#[from] CaptureError),
    /// git failed.
    #[error("its changes cannot be compared: {0}")]
    Git(#[from] GitError),
    /// It took too long.
    #[error("looking at its folder took longer than {} s", .0.as_secs())]
    Slow(Duration),
    /// No file of that name is among the changes.
    #[error("{0} is not among the changes of this task")]
    NoSuchFile(String),
}

/// Two states to compare: from one that was kept to another, or to the folder as it is.
#[derive(Clone, Debug)]
pub struct Span {
    /// The commit the task started from.
    pub base: String,
    /// Files that were not in it.
    pub before: Vec<Apart>,
    /// The commit it ended with and the files that were not in it; without one, the folder as it is.
    pub after: Option<(String, Vec<Apart>)>,
}

impl ChangesError {
    /// Whether git failed, which it does too when what it was to use was just collected.
    pub(crate) fn is_failure_of_git(&self) -> bool {
        matches!(
            self,
            ChangesError::Git(GitError::Failed { .. })
                | ChangesError::Capture(CaptureError::Git(GitError::Failed { .. }))
        )
    }
}

impl Place {
    /// Where a task works.
    ///
    /// # Errors
    /// [`GitError::Missing`].
    pub(crate) async fn of(ctx: &Ctx, row: &TaskRow, folder: PathBuf) -> Result<Self, GitError> {
        let id = row.id.0.simple().to_string();
        let passing = ctx.random.uuid(ctx.now()).simple().to_string();
        Ok(Place {
            git: Git::find(&ctx.resolved_environment().await.vars)?,
            alone: row.spec.dir.is_none(),
            snapshots: snapshots::place(&ctx.home, &folder),
            folder,
            passing: passing_folder(&ctx.home).join(passing),
            refs: crate::worktree::refs(row.no),
            mark: id
                .get(id.len().saturating_sub(8)..)
                .unwrap_or_default()
                .to_owned(),
        })
    }

    /// The files that differ, in the order of their paths.
    ///
    /// # Errors
    /// [`ChangesError`].
    pub async fn changes(
        &self,
        span: &Span,
        limit: Duration,
    ) -> Result<Vec<FileChange>, ChangesError> {
        within(limit, async {
            let look = self.look(span).await?;
            Ok(look.entries.into_iter().map(|entry| entry.shown).collect())
        })
        .await
    }

    /// The patch of one file, by its shown path, or of all; whether it was cut at `most` bytes.
    ///
    /// # Errors
    /// [`ChangesError`].
    pub async fn patch(
        &self,
        span: &Span,
        path: Option<&str>,
        whitespace: bool,
        most: u64,
        limit: Duration,
    ) -> Result<(String, bool), ChangesError> {
        within(limit, async {
            let look = self.look(span).await?;
            let only = path.map(|path| look.paths(path)).transpose()?;
            let between = Between {
                base: &span.base,
                head: &look.head,
            };
            let (repository, scratch) = (&look.repository, &look.scratch);
            let only = only.as_deref();
            Ok(compare::patch(repository, scratch, between, only, whitespace, most).await?)
        })
        .await
    }

    async fn look(&self, span: &Span) -> Result<Look, ChangesError> {
        let repository = self.repository(&span.base).await?;
        let (scratch, head, apart, untracked) = match &span.after {
            Some((head, apart)) => {
                let (at, passing) = (self.passing.join("kept"), Objects::Passing);
                let scratch = Scratch::make(&repository, at, passing, Index::Copied).await?;
                (scratch, head.clone(), apart.clone(), BTreeSet::new())
            }
            None => {
                let now = Capture::take(&repository, &self.passing, Objects::Passing).await?;
                (now.scratch, now.tree, now.apart, now.untracked)
            }
        };
        let between = Between {
            base: &span.base,
            head: &head,
        };
        let compared = compare::list(&repository, &scratch, between, &untracked).await?;
        Ok(Look {
            entries: compare::with_apart(compared, &span.before, &apart),
            repository,
            scratch,
            head,
        })
    }

    /// A place for what passes in one of several tries, beside that of the others.
    fn passing_in(&self, what: &str, write: u32) -> PathBuf {
        self.passing.with_extension(format!("{what}-{write}"))
    }
}

/// Where objects that nobody keeps are put; emptied at each start of the worker.
pub(crate) fn passing_folder(home: &Home) -> PathBuf {
    home.cache_dir().join("changes")
}

/// Two states side by side.
struct Look {
    repository: Repository,
    scratch: Scratch,
    head: String,
    entries: Vec<Entry>,
}

impl Look {
    fn paths(&self, shown: &str) -> Result<Vec<RepoPath>, ChangesError> {
        let entry = self.entries.iter().find(|entry| entry.shown.path == shown);
        entry
            .map(|entry| entry.paths.clone())
            .ok_or_else(|| ChangesError::NoSuchFile(shown.to_owned()))
    }
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, ChangesError>>,
) -> Result<T, ChangesError> {
    let done = tokio::time::timeout(limit, work).await;
    done.unwrap_or(Err(ChangesError::Slow(limit)))
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
