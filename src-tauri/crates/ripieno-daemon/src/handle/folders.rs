//! Folders before a task names one: what one is like, how its name goes on, which were used before (D1-D3).

mod complete;
mod repository;

use super::Handle;
use crate::{
    error::DaemonError,
    floor::RowFacts,
    paths,
    workspace::{FolderRules, Refused, RefusedBecause},
};
use ripieno_core::{
    hold::{FolderHolder, World},
    id::TaskNo,
    time::Timestamp,
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

pub(super) fn is_repository(path: &Path) -> bool {
    repository::root(path).is_some()
}

/// How long a folder is looked at: one on a share that hangs must not keep the surface waiting.
const LIMIT: Duration = Duration::from_secs(3);
/// How many folders used before are shown.
const RECENT: usize = 12;

/// A folder as a task would find it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FolderFacts {
    /// The folder, links resolved; as it was named where it does not exist.
    pub path: PathBuf,
    /// Whether something is there.
    pub exists: bool,
    /// Whether it lies in a checkout of git.
    pub repository: bool,
    /// The branch that is checked out.
    pub branch: Option<String>,
    /// Whether tracked files differ from the last commit; `None` where that cannot be told.
    pub dirty: Option<bool>,
    /// Why no task may work in it (D3).
    pub refused: Option<Refused>,
    /// Who holds it, or a folder around or inside it (D2).
    pub holder: Option<FolderHolder>,
}

/// A folder that a task named before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsedFolder {
    /// The folder.
    pub path: String,
    /// Whether it lies in a checkout of git.
    pub repository: bool,
    /// When the newest of its tasks was added.
    pub last_used: Timestamp,
}

impl Handle {
    /// What a folder is like. `~` stands for the person's home.
    ///
    /// # Errors
    /// Invalid for a path that is not absolute; Timeout where the disk gives no answer.
    pub async fn folder_facts(&self, path: &str) -> Result<FolderFacts, DaemonError> {
        let named = self.whole_path(path).ok_or_else(|| {
            DaemonError::Invalid(format!("{path} is not absolute: give the whole path"))
        })?;
        let facts = async {
            let mut facts = self.look_at(named.clone()).await?;
            if facts.repository {
                let environment = self.ctx.resolved_environment().await;
                let git = repository::look(&facts.path, &environment.vars).await;
                (facts.branch, facts.dirty) = (git.branch, git.dirty);
            }
            Ok(facts)
        };
        tokio::time::timeout(LIMIT, facts).await.map_err(|_| {
            DaemonError::Timeout(format!(
                "{} gives no answer: is it on a disk or share that is gone?",
                named.display()
            ))
        })?
    }

    async fn look_at(&self, named: PathBuf) -> Result<FolderFacts, DaemonError> {
        let ctx = self.ctx.clone();
        let looked = tokio::task::spawn_blocking(move || {
            let checked = FolderRules::new(&ctx.home).check(&named);
            let missing = matches!(&checked, Err(Refused { because, .. }) if *because == RefusedBecause::Missing);
            let path = std::fs::canonicalize(&named).unwrap_or(named);
            let real = checked.as_ref().ok().and_then(|real| real.to_str());
            let holder = real.and_then(|real| {
                let world = ctx.floor.view(ctx.now(), None, RowFacts::default());
                // No task has this number: whoever holds the folder is somebody else.
                world.folder_holder(real, TaskNo(0))
            });
            FolderFacts {
                repository: checked.is_ok() && repository::root(&path).is_some(),
                exists: !missing,
                branch: None,
                dirty: None,
                refused: checked.err(),
                holder,
                path,
            }
        });
        looked
            .await
            .map_err(|broken| DaemonError::Internal(broken.to_string()))
    }

    /// Folders whose path begins like this, ignoring case, at most 20. `~` stands for the person's home.
    pub async fn folder_completions(&self, prefix: &str) -> Vec<PathBuf> {
        let prefix = if prefix.is_empty() { "~/" } else { prefix };
        let Some(whole) = self.whole_path(prefix) else {
            return Vec::new();
        };
        let open = prefix.ends_with(std::path::MAIN_SEPARATOR) || prefix.ends_with('/');
        let found = tokio::task::spawn_blocking(move || complete::folders(&whole, open));
        // A share that hangs has no folders to offer.
        match tokio::time::timeout(LIMIT, found).await {
            Ok(Ok(folders)) => folders,
            Ok(Err(_)) | Err(_) => Vec::new(),
        }
    }

    /// Folders that tasks named before and that are still there, the newest first, at most 12.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn recent_folders(&self) -> Result<Vec<UsedFolder>, DaemonError> {
        let used = self.ctx.store.read(|r| r.recent_folders()).await?;
        let there = tokio::task::spawn_blocking(move || {
            let there = used
                .into_iter()
                .filter(|(path, _)| Path::new(path).is_dir());
            let folders = there.take(RECENT).map(|(path, last_used)| UsedFolder {
                repository: repository::root(Path::new(&path)).is_some(),
                path,
                last_used,
            });
            folders.collect()
        });
        Ok(match tokio::time::timeout(LIMIT, there).await {
            Ok(Ok(folders)) => folders,
            Ok(Err(_)) | Err(_) => Vec::new(),
        })
    }

    /// An absolute path; `~` stands for the person's home. `None` for a relative one.
    #[must_use]
    pub fn whole_path(&self, path: &str) -> Option<PathBuf> {
        let home = || {
            let named = self.ctx.environment.own().get("HOME").map(PathBuf::from);
            named
                .filter(|home| home.is_absolute())
                .or_else(|| paths::account_home().ok())
        };
        let whole = match path.strip_prefix('~') {
            Some("") => home()?,
            Some(rest) => home()?.join(rest.strip_prefix('/')?),
            None => PathBuf::from(path),
        };
        whole.is_absolute().then_some(whole)
    }
}
