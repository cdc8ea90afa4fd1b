//! What a person does with the branch of an ended task (D11).

use super::{Authority, Handle};
use crate::{
    error::DaemonError,
    worktree::{self, Discarded, Merged},
};

impl Handle {
    /// Merges the branch of an ended task where it came from. A checkout with changes in it is never touched.
    ///
    /// # Errors
    /// Forbidden; NotFound; NotPossibleNow for a task without a branch or that has not ended; Conflict, naming the files.
    pub async fn merge(&self, by: &Authority, reference: &str) -> Result<Merged, DaemonError> {
        by.person("merge branches")?;
        let row = self.row(self.find(reference).await?).await?;
        worktree::merge(&self.ctx, &row).await
    }

    /// Throws the branch of an ended task away; [`Handle::restore`] takes it back.
    ///
    /// # Errors
    /// As [`Handle::merge`]; Conflict for a branch that is checked out somewhere.
    pub async fn discard(&self, by: &Authority, reference: &str) -> Result<Discarded, DaemonError> {
        by.person("discard branches")?;
        let row = self.row(self.find(reference).await?).await?;
        worktree::discard(&self.ctx, &row).await
    }

    /// Takes a discarded branch back.
    ///
    /// # Errors
    /// As [`Handle::merge`]; NotPossibleNow for a branch that was not discarded.
    pub async fn restore(&self, by: &Authority, reference: &str) -> Result<Discarded, DaemonError> {
        by.person("take branches back")?;
        let row = self.row(self.find(reference).await?).await?;
        worktree::restore(&self.ctx, &row).await
    }
}
