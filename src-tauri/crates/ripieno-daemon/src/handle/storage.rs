//! What takes space in the data folder, and cleaning it up (D7).

use super::{Authority, Handle};
use crate::{
    error::DaemonError,
    storage::{self, Report},
};

impl Handle {
    /// What takes space, what may be removed now, and why the rest stays; nothing is touched.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn storage(&self) -> Result<Report, DaemonError> {
        Ok(storage::clean(&self.ctx, true).await?)
    }

    /// Removes what may be removed now.
    ///
    /// # Errors
    /// Forbidden for a task; when the store refuses.
    pub async fn clean_up(&self, by: &Authority) -> Result<Report, DaemonError> {
        by.person("clean up")?;
        Ok(storage::clean(&self.ctx, false).await?)
    }
}
