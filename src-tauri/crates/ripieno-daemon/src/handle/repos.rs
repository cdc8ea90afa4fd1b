//! Repositories that tasks share (D6): a person says which, a task checks them out.

use super::{Authority, Handle, KnownRepository};
use crate::{
    error::DaemonError,
    repos::{self, Address, CheckedOut, RepoError},
};

impl Handle {
    /// Makes a repository known to agents, and fetches it; how it stands then.
    ///
    /// # Errors
    /// Forbidden for a task; Invalid for what is no address; NotPossibleNow when it is known, but cannot be fetched.
    pub async fn add_repository(
        &self,
        by: &Authority,
        address: &str,
    ) -> Result<Option<KnownRepository>, DaemonError> {
        by.person("add repositories")?;
        let address = Address::parse(address).map_err(RepoError::from)?;
        repos::add(&self.ctx, &address).await?;
        let mut all = self.repositories().await?;
        all.retain(|known| known.address == address.as_str());
        Ok(all.pop())
    }

    /// Every repository that is known, with what its clone takes and who borrows from it.
    ///
    /// # Errors
    /// A fault of ours.
    pub async fn repositories(&self) -> Result<Vec<KnownRepository>, DaemonError> {
        let home = self.ctx.home.clone();
        tokio::task::spawn_blocking(move || repos::known(&home))
            .await
            .map_err(|broken| DaemonError::Internal(broken.to_string()))
    }

    /// Forgets a repository with its clone.
    ///
    /// # Errors
    /// Forbidden for a task; NotFound; NotPossibleNow while checkouts borrow from it.
    pub async fn remove_repository(
        &self,
        by: &Authority,
        address: &str,
    ) -> Result<(), DaemonError> {
        by.person("remove repositories")?;
        let address = Address::parse(address).map_err(RepoError::from)?;
        Ok(repos::remove(&self.ctx, &address).await?)
    }

    /// Gives the speaking task a checkout of a repository below its workspace.
    ///
    /// # Errors
    /// Forbidden outside a task; NotFound when nobody made it known; NotPossibleNow when it cannot be fetched.
    pub async fn check_out(
        &self,
        by: &Authority,
        address: &str,
        wanted: Option<&str>,
    ) -> Result<CheckedOut, DaemonError> {
        let (_, _, row) = self.speaker(by).await?;
        let address = Address::parse(address).map_err(RepoError::from)?;
        Ok(repos::checkout(&self.ctx, &row, &address, wanted).await?)
    }
}
