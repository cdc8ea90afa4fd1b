//! What the doors of the worker need beside requests: to be put away in order, and to know where the log stands.

use super::Handle;
use crate::error::DaemonError;
use ripieno_core::time::Timestamp;
use std::{future::Future, path::PathBuf};

impl Handle {
    /// Runs a door (a socket or web server) until it ends; an orderly stop waits for it while the worker's lock is still held,
    /// so that nothing it removes belongs to the next worker.
    pub fn host(&self, door: impl Future<Output = ()> + Send + 'static) {
        self.ctx.tracker.spawn(door);
    }

    /// The number of the last committed event; 0 before the first.
    #[must_use]
    pub fn last_seq(&self) -> i64 {
        self.ctx.store.last_seq()
    }

    /// Whether the worker has stopped serving.
    #[must_use]
    pub fn has_stopped(&self) -> bool {
        self.ctx.stop.is_cancelled()
    }

    /// Writes a consistent copy of the database: to a file that does not exist yet, or into the folder of backups, where the
    /// newest five are kept (C5).
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn backup(&self, to: Option<PathBuf>) -> Result<PathBuf, DaemonError> {
        let refused = |error: ripieno_store::StoreError| {
            DaemonError::Invalid(format!("no backup was made: {error}"))
        };
        match to {
            Some(path) => {
                self.ctx.store.backup(&path).await.map_err(refused)?;
                Ok(path)
            }
            None => self.ctx.store.backup_in_turn().await.map_err(refused),
        }
    }

    /// Checks the whole database; what it finds, one line each, empty when all is well (O2).
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn integrity(&self) -> Result<Vec<String>, DaemonError> {
        Ok(self.ctx.store.integrity_check().await?)
    }

    /// The moment of a text such as `18:30`, `tomorrow 08:00` or RFC 3339, read in the worker's zone.
    ///
    /// # Errors
    /// Invalid, with an example.
    pub fn moment(&self, text: &str) -> Result<Timestamp, DaemonError> {
        let now = jiff::Timestamp::from_millisecond(self.now().0)
            .unwrap_or_default()
            .to_zoned(jiff::tz::TimeZone::system());
        let at = crate::quantity::parse_time(text, &now)
            .map_err(|bad| DaemonError::Invalid(bad.to_string()))?;
        Ok(Timestamp(at.as_millisecond()))
    }
}
