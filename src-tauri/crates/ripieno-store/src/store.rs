//! The handle everybody holds.

use crate::{
    Counts, Event, OpenError, Options, Reader, StoreError, Tx, backup, migrate, open,
    tally::Tally,
    writer::{self, Message, Operation, Pen, Shared},
};
use rusqlite::Connection;
use std::{
    future::Future,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
        mpsc,
    },
    task::{Context, Poll},
    thread::JoinHandle,
    time::Duration,
};
use tokio::sync::{broadcast, oneshot, watch};

/// How many events a slow subscriber may be behind.
const FEED: usize = 1024;

/// The answer to come. The operation is queued already when this exists: dropping it undoes nothing.
pub struct Reply<R>(oneshot::Receiver<Result<R, StoreError>>);

impl<R> Future for Reply<R> {
    type Output = Result<R, StoreError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.0).poll(cx);
        answer.map(|answer| answer.unwrap_or(Err(StoreError::Closed)))
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

type ReadTask = Box<dyn FnOnce(&Connection) + Send>;

/// The database of one home. Clones share it; the last one dropped closes it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    writes: Option<mpsc::Sender<Message>>,
    /// `None` for a store in memory: its writer reads too.
    reads: Option<mpsc::Sender<ReadTask>>,
    threads: Vec<JoinHandle<()>>,
    backups: Option<PathBuf>,
    /// Dropped last, when every thread has ended: the database is closed then.
    open: watch::Sender<()>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.writes = None;
        self.reads = None;
        let own = std::thread::current().id();
        for thread in self.threads.drain(..) {
            // The last handle may have been dropped by an operation on one of these threads.
            if thread.thread().id() != own {
                let _ = thread.join();
            }
        }
    }
}

impl Store {
    /// Opens the database, or makes it where there is none; brings an older one up to date after a backup.
    ///
    /// # Errors
    /// [`OpenError`]; each names the file and the remedy. A damaged database is moved aside and never replaced by
    /// an empty one (C5).
    pub fn open(path: &Path, backups: &Path, options: Options) -> Result<Store, OpenError> {
        let writer = open::database(path, backups, &options, migrate::ALL)?;
        let readers = (0..options.readers.max(1))
            .map(|_| open::reader(path))
            .collect::<Result<Vec<_>, _>>()?;
        Store::start(writer, readers, Some(backups.to_owned()), &options, path)
    }

    /// Opens a database that lives only in memory; the same code otherwise.
    ///
    /// # Errors
    /// [`OpenError`] when SQLite refuses.
    pub fn open_in_memory(options: Options) -> Result<Store, OpenError> {
        let writer = open::in_memory(&options)?;
        Store::start(writer, Vec::new(), None, &options, Path::new(":memory:"))
    }

    fn start(
        mut writer: Connection,
        readers: Vec<Connection>,
        backups: Option<PathBuf>,
        options: &Options,
        path: &Path,
    ) -> Result<Store, OpenError> {
        let last_seq = open::last_seq(&writer, path)?;
        let steps = Arc::new(AtomicU64::new(0));
        if options.count_steps {
            open::count_steps(&mut writer, steps.clone(), path)?;
        }
        let shared = Arc::new(Shared {
            clock: options.clock.clone(),
            random: options.random.clone(),
            retry: Mutex::new((options.retry_base, options.retry_cap)),
            feed: broadcast::channel(FEED).0,
            last_seq: AtomicI64::new(last_seq),
            commits: AtomicU64::new(0),
            steps,
            suspect: backups.as_ref().map(|_| open::suspect(path)),
            tally: Tally::default(),
        });
        let mut pen = Pen::new(shared.clone(), last_seq);
        let (writes, queue) = mpsc::channel();
        let mut threads = vec![open::thread("store-writer", path, move || {
            writer::run(&writer, &mut pen, &queue);
        })?];
        let reads = if readers.is_empty() {
            None
        } else {
            let (reads, queue) = mpsc::channel::<ReadTask>();
            let queue = Arc::new(Mutex::new(queue));
            for conn in readers {
                let queue = queue.clone();
                threads.push(open::thread("store-reader", path, move || {
                    read_loop(&conn, &queue)
                })?);
            }
            Some(reads)
        };
        Ok(Store {
            inner: Arc::new(Inner {
                shared,
                writes: Some(writes),
                reads,
                threads,
                backups,
                open: watch::Sender::new(()),
            }),
        })
    }

    /// Queues a write at once and answers after its commit. Writes queued together share one commit; each
    /// stands or falls alone. The closure may combine several operations: all of them or none.
    pub fn write<R, F>(&self, op: F) -> Reply<R>
    where
        R: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Write(Box::new(Operation {
            op: Some(op),
            result: None,
            reply,
        })));
        Reply(answer)
    }

    fn send(&self, message: Message) {
        if let Some(writes) = &self.inner.writes {
            // A writer that is gone drops the message, and its caller learns that the store is closed.
            let _ = writes.send(message);
        }
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
        let (reply, answer) = oneshot::channel();
        let shared = self.inner.shared.clone();
        let task = move |conn: &Connection| {
            let result = snapshot(conn, op);
            if let Err(error) = &result {
                shared.note(error);
            }
            let _ = reply.send(result);
        };
        match &self.inner.reads {
            Some(reads) => {
                let _ = reads.send(Box::new(task));
            }
            None => self.send(Message::Alone(Box::new(task))),
        }
        Reply(answer)
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

    /// How many tasks each shown state has, as of the last commit; states without tasks are left out. Rows are counted at
    /// the first call only.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let tally = &self.inner.shared.tally;
        if let Some(counts) = tally.known() {
            return Ok(counts);
        }
        match self.read(|r| Ok((r.counts()?, r.last_event()?))).await {
            Ok((counts, seen)) => Ok(tally.counted(counts, seen)),
            Err(error) => {
                tally.gave_up();
                Err(error)
            }
        }
    }

    /// The events committed from now on, in order; a receiver that lags by more than 1024 is told so and reads
    /// on from the log.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.inner.shared.feed.subscribe()
    }

    /// Sets the pauses of retries from now on (`retry.base` and its cap, T8).
    pub fn set_retry(&self, base: Duration, cap: Duration) {
        let mut retry = self
            .inner
            .shared
            .retry
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *retry = (base, cap);
    }

    /// The `seq` of the last committed event; 0 before the first.
    #[must_use]
    pub fn last_seq(&self) -> i64 {
        self.inner.shared.last_seq.load(Ordering::Acquire)
    }

    /// How many commits were made, for tests of group commit.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.inner.shared.commits.load(Ordering::Relaxed)
    }

    /// Writes a consistent copy to a file that does not exist yet (`ripieno backup`).
    pub fn backup(&self, to: &Path) -> Reply<()> {
        let to = to.to_owned();
        self.alone(move |conn| backup::write(conn, &to))
    }

    /// Writes a copy into the folder of backups and keeps the newest five; gives its path.
    pub fn backup_in_turn(&self) -> Reply<PathBuf> {
        let (folder, now) = (self.inner.backups.clone(), self.inner.shared.clock.now());
        self.alone(move |conn| {
            let folder = folder.ok_or(StoreError::NotFound {
                what: "folder of backups: the store is in memory".to_owned(),
            })?;
            backup::write_in_turn(conn, &folder, now)
        })
    }

    /// Waits until the last handle is gone and the database is closed.
    pub fn closed(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut open = self.inner.open.subscribe();
        async move { while open.changed().await.is_ok() {} }
    }

    /// Checks the whole database; what it finds, one line each; empty when all is well. Slow on a large one.
    pub fn integrity_check(&self) -> Reply<Vec<String>> {
        self.read(|reader| open::check(reader.conn, "integrity_check").map_err(StoreError::from))
    }

    fn alone<R: Send + 'static>(
        &self,
        op: impl FnOnce(&Connection) -> Result<R, StoreError> + Send + 'static,
    ) -> Reply<R> {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Alone(Box::new(move |conn| {
            let _ = reply.send(op(conn));
        })));
        Reply(answer)
    }
}

fn read_loop(conn: &Connection, queue: &Mutex<mpsc::Receiver<ReadTask>>) {
    loop {
        let task = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(task) = task else { return };
        task(conn);
    }
}

/// Runs a read inside one transaction, so that all its statements see the same moment.
fn snapshot<R>(
    conn: &Connection,
    op: impl FnOnce(&Reader<'_>) -> Result<R, StoreError>,
) -> Result<R, StoreError> {
    let step = |sql| -> Result<(), StoreError> {
        conn.prepare_cached(sql)?.execute([])?;
        Ok(())
    };
    step("BEGIN DEFERRED")?;
    let run = std::panic::AssertUnwindSafe(|| op(&Reader { conn }));
    let result = std::panic::catch_unwind(run).unwrap_or_else(|panic| {
        Err(StoreError::Panicked {
            text: writer::panic_text(&*panic),
        })
    });
    if !conn.is_autocommit() {
        step("ROLLBACK")?;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DiskTrouble, testing};
    use std::sync::mpsc;

    /// SQLite's own limit on pages stands for the end of the disk.
    fn limit_pages(store: &Store, more: i64) {
        let set = move |conn: &Connection| -> Result<(), StoreError> {
            let used: i64 = conn.pragma_query_value(None, "page_count", |row| row.get(0))?;
            conn.pragma_update_and_check(None, "max_page_count", used + more, |_| Ok(()))?;
            Ok(())
        };
        store.alone(set).wait().unwrap();
    }

    fn fill(store: &Store) -> usize {
        let mut stored = 0;
        loop {
            match store.write_blocking(|tx| tx.submit(&testing::task())) {
                Ok(_) => stored += 1,
                Err(error) => {
                    assert!(error.is_disk_full(), "{error}");
                    return stored;
                }
            }
        }
    }

    #[test]
    fn full_disk_refuses_writes_loses_none_and_goes_on_when_there_is_room() {
        let home = tempfile::TempDir::new().unwrap();
        let path = home.path().join("ripieno.db");
        let store = Store::open(&path, home.path(), testing::options()).unwrap();
        limit_pages(&store, 12);
        let stored = fill(&store);
        assert!(stored > 0);
        // A whole batch is refused one by one, and each is told.
        let (go, wait) = mpsc::channel::<()>();
        let gate = store.write(move |_| {
            wait.recv().unwrap();
            Ok(())
        });
        let batch: Vec<_> = (0..5)
            .map(|_| store.write(|tx| tx.submit(&testing::big_task())))
            .collect();
        go.send(()).unwrap();
        // It may share the transaction that SQLite gives up.
        let _ = gate.wait();
        for reply in batch {
            let refused = reply.wait();
            assert!(
                matches!(
                    &refused,
                    Err(StoreError::Disk {
                        trouble: DiskTrouble::Full,
                        ..
                    })
                ),
                "{refused:?}"
            );
        }
        let count = |store: &Store| {
            let counts = store.read_blocking(|r| r.counts()).unwrap();
            usize::try_from(counts.values().sum::<u64>()).unwrap()
        };
        assert_eq!(count(&store), stored);
        assert_eq!(store.last_seq(), i64::try_from(stored).unwrap());
        limit_pages(&store, 1000);
        store
            .write_blocking(|tx| tx.submit(&testing::big_task()))
            .unwrap();
        assert_eq!(count(&store), stored + 1);
        assert!(store.integrity_check().wait().unwrap().is_empty());
    }
}
