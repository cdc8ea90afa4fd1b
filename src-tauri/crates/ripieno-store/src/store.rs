//! The handle everybody holds.

use crate::{Event, OpenError, Options, Reader, StoreError, Tx};
use std::{
    future::Future,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::sync::{broadcast, oneshot};

/// The answer to come. The operation is queued already when this exists: dropping it undoes nothing.
pub struct Reply<R>(pub(crate) oneshot::Receiver<Result<R, StoreError>>);

impl<R> Future for Reply<R> {
    type Output = Result<R, StoreError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(|answer| answer.unwrap_or(Err(StoreError::Closed)))
    }
}

impl<R> Reply<R> {
    /// Waits on this thread, which must not be one of an async runtime.
    ///
    /// # Errors
    /// What the operation says, or [`StoreError::Closed`].
    pub fn wait(self) -> Result<R, StoreError> {
        self.0.blocking_recv().unwrap_or(Err(StoreError::Closed))
    }
}

/// The database of one home. Clones share it; the last one dropped closes it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<()>,
}

impl Store {
    /// Opens the database, or makes it where there is none; brings an older one up to date after a backup.
    ///
    /// # Errors
    /// [`OpenError`]; each names the file and the remedy. A damaged database is moved aside and never replaced by
    /// an empty one (C5).
    pub fn open(path: &Path, backups: &Path, options: Options) -> Result<Store, OpenError> {
        let _ = (path, backups, options);
        todo!()
    }

    /// Opens a database that lives only in memory; the same code otherwise.
    ///
    /// # Errors
    /// [`OpenError`] when SQLite refuses.
    pub fn open_in_memory(options: Options) -> Result<Store, OpenError> {
        let _ = options;
        todo!()
    }

    /// Queues a write at once and answers after its commit. Writes queued together share one commit; each
    /// stands or falls alone. The closure may combine several operations: all of them or none.
    pub fn write<R, F>(&self, op: F) -> Reply<R>
    where
        R: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    {
        let _ = (op, &self.inner);
        todo!()
    }

    /// [`Store::write`] for threads outside an async runtime.
    ///
    /// # Errors
    /// What the operation says; [`StoreError::Disk`] when the commit failed and nothing was kept.
    pub fn write_blocking<R, F>(&self, op: F) -> Result<R, StoreError>
    where
        R: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    {
        self.write(op).wait()
    }

    /// Reads one consistent snapshot on a read-only connection.
    pub fn read<R, F>(&self, op: F) -> Reply<R>
    where
        R: Send + 'static,
        F: FnOnce(&Reader<'_>) -> Result<R, StoreError> + Send + 'static,
    {
        let _ = op;
        todo!()
    }

    /// [`Store::read`] for threads outside an async runtime.
    ///
    /// # Errors
    /// What the operation says.
    pub fn read_blocking<R, F>(&self, op: F) -> Result<R, StoreError>
    where
        R: Send + 'static,
        F: FnOnce(&Reader<'_>) -> Result<R, StoreError> + Send + 'static,
    {
        self.read(op).wait()
    }

    /// The events committed from now on, in order; a receiver that lags by more than 1024 is told so and reads
    /// on from the log.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        todo!()
    }

    /// Sets the pauses of retries from now on (`retry.base` and its cap, T8).
    pub fn set_retry(&self, base: Duration, cap: Duration) {
        let _ = (base, cap);
        todo!()
    }

    /// The `seq` of the last committed event; 0 before the first.
    #[must_use]
    pub fn last_seq(&self) -> i64 {
        todo!()
    }

    /// How many commits were made, for tests of group commit.
    #[must_use]
    pub fn commits(&self) -> u64 {
        todo!()
    }

    /// Writes a consistent copy to a file that does not exist yet (`ripieno backup`).
    pub fn backup(&self, to: &Path) -> Reply<()> {
        let _ = to;
        todo!()
    }

    /// Writes a copy into the folder of backups and keeps the newest five; gives its path.
    pub fn backup_in_turn(&self) -> Reply<std::path::PathBuf> {
        todo!()
    }

    /// Checks the whole database; what it finds, one line each; empty when all is well. Slow on a large one.
    pub fn integrity_check(&self) -> Reply<Vec<String>> {
        todo!()
    }
}
