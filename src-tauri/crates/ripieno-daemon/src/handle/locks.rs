//! Folders in use: by whom, why, and how a person lets others in (D2, D9).

use super::{Authority, Handle};
use crate::{
    error::DaemonError,
    holdings::{self, KeptFor},
    workspace::Holder,
};
use ripieno_core::{id::TaskNo, time::Timestamp};
use ripieno_store::LockRow;
use std::{path::PathBuf, time::Duration};

/// How long an attempt may take to put itself away before its folder counts as in use.
const LEAVING: Duration = Duration::from_secs(10);

/// A folder in use.
#[derive(Clone, Debug)]
pub enum FolderLock {
    /// By a task of this worker.
    Ours {
        /// The record.
        row: LockRow,
        /// Why the task has it now.
        kept_for: KeptFor,
        /// How many files it changed there so far; `None` where nobody can tell.
        changed: Option<u64>,
        /// Whether others can be let in now.
        can_let_in: bool,
    },
    /// By a worker of another home of this account.
    Elsewhere(Holder),
}

impl Handle {
    /// The folders in use by this account, those of this worker first (D2).
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn locks(&self) -> Result<Vec<FolderLock>, DaemonError> {
        let mut locks = Vec::new();
        for row in self.ctx.store.read(|r| r.locks()).await? {
            let holder = row.holder;
            let task = self.row(holder).await?;
            locks.push(FolderLock::Ours {
                kept_for: KeptFor::of(&task),
                changed: holdings::changed(&self.ctx, holder).await?,
                can_let_in: self.ctx.floor.holds_idle_folder(holder),
                row,
            });
        }
        let floor = self.ctx.floor.clone();
        let own = self.ctx.home.name().to_owned();
        let held = tokio::task::spawn_blocking(move || floor.lock_holders())
            .await
            .map_err(|broken| DaemonError::Internal(broken.to_string()))?;
        match held {
            Ok(held) => locks.extend(
                held.into_iter()
                    .filter(|holder| holder.home != own)
                    .map(FolderLock::Elsewhere),
            ),
            Err(error) => tracing::warn!(%error, "locks of other workers cannot be listed"),
        }
        Ok(locks)
    }

    /// Lets others into the folder that a task keeps while it rests (D9); the folder, `None` when it keeps none.
    ///
    /// # Errors
    /// Forbidden for a task; NotFound; NotPossibleNow while the task works there.
    pub async fn let_others_in(
        &self,
        by: &Authority,
        reference: &str,
    ) -> Result<(TaskNo, Option<PathBuf>), DaemonError> {
        let surface = by.person("let others into folders")?.to_owned();
        let no = self.find(reference).await?;
        let root = self.row(no).await?.root;
        if self.row(root).await?.task.state.lease().is_none() {
            // It rests already; its attempt may still be putting itself away.
            let left = || async move { Ok(self.ctx.actor(root).is_none().then_some(())) };
            self.wait_until(Some(LEAVING), left).await?;
        }
        let freed = holdings::let_in(&self.ctx, root, &surface).await?;
        if freed.is_none() && self.ctx.floor.holds_folder(root) {
            return Err(DaemonError::NotPossibleNow(format!(
                "{root} is at work in its folder: pause it first (`ripieno task pause {root}`)"
            )));
        }
        Ok((root, freed))
    }
}

impl FolderLock {
    /// Since when it is held.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        match self {
            FolderLock::Ours { row, .. } => row.acquired_at,
            FolderLock::Elsewhere(holder) => {
                Timestamp(i64::try_from(holder.since_ms).unwrap_or(i64::MAX))
            }
        }
    }
}
