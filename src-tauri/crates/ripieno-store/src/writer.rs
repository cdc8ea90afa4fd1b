//! The one thread that writes, and its group commit.
//!
//! All that is queued goes into one `BEGIN IMMEDIATE .. COMMIT`. Each operation stands alone: its first write opens
//! a savepoint, and a failure or a panic goes back to it. Answers are given only after the commit.

use crate::{
    DiskTrouble, Durability, Event, Reader, StoreError, Tx, crash,
    hot::Hot,
    tally::{Move, Tally},
};
use ripieno_core::{
    id::TaskNo,
    time::{Clock, Random},
};
use rusqlite::Connection;
use std::{
    any::Any,
    collections::{HashMap, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
        mpsc,
    },
    time::Duration,
};
use tokio::sync::{broadcast, oneshot};

/// How many operations share a commit at most: bounds the delay of the first of them.
const BATCH: usize = 256;

/// What the threads of one store share.
pub(crate) struct Shared {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) retry: Mutex<(Duration, Duration)>,
    pub(crate) feed: broadcast::Sender<Arc<Event>>,
    pub(crate) last_seq: AtomicI64,
    pub(crate) commits: AtomicU64,
    /// Steps of SQLite's machine, when they are counted.
    pub(crate) steps: Arc<AtomicU64>,
    /// Where the mark of a suspicion goes; `None` for a store in memory.
    pub(crate) suspect: Option<PathBuf>,
    /// How many tasks each shown state has.
    pub(crate) tally: Tally,
}

impl Shared {
    /// Leaves a mark when SQLite finds damage, so that the next opening checks the whole database.
    pub(crate) fn note(&self, error: &StoreError) {
        let damaged = matches!(
            error,
            StoreError::Disk {
                trouble: DiskTrouble::Corrupt,
                ..
            }
        );
        if let Some(mark) = self.suspect.as_ref().filter(|_| damaged) {
            tracing::error!(%error, "the database is damaged; it is checked at the next start");
            if let Err(error) = std::fs::write(mark, error.to_string()) {
                tracing::error!(%error, mark = %mark.display(), "the mark could not be written");
            }
        }
    }

    pub(crate) fn retry(&self) -> (Duration, Duration) {
        *self.retry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the writer keeps between operations.
pub(crate) struct Pen {
    pub(crate) shared: Arc<Shared>,
    /// The `seq` of the next event.
    pub(crate) next_seq: i64,
    /// Events of this batch, sent after its commit.
    pub(crate) events: Vec<Event>,
    /// Tasks that this batch moved from one shown state to another, told after its commit.
    pub(crate) moves: Vec<Move>,
    /// Crash points of this batch.
    pub(crate) passed: Vec<&'static str>,
    /// Live tasks as last written; a cache that any failure empties. The version in each UPDATE guards it.
    pub(crate) live: HashMap<TaskNo, Hot>,
    /// Whether the operation under way has written, and under which kind of mark.
    pub(crate) mark: Mark,
}

/// How an operation is undone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mark {
    /// It is alone in its transaction: the transaction itself is the mark.
    Alone,
    /// It has written nothing yet.
    Clean,
    /// A savepoint stands before its first write.
    Savepoint,
}

impl Pen {
    pub(crate) fn new(shared: Arc<Shared>, last_seq: i64) -> Self {
        Pen {
            shared,
            next_seq: last_seq + 1,
            events: Vec::new(),
            moves: Vec::new(),
            passed: Vec::new(),
            live: HashMap::new(),
            mark: Mark::Clean,
        }
    }

    fn forget_batch(&mut self, first_seq: i64) {
        self.next_seq = first_seq;
        self.events.clear();
        self.moves.clear();
        self.passed.clear();
        self.live.clear();
    }
}

/// One queued operation.
pub(crate) trait Job: Send {
    /// Carries it out; an error says that what it wrote must be undone.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError>;
    /// Answers: with its own result, or with why the commit failed.
    fn answer(self: Box<Self>, commit: Result<(), StoreError>);
}

pub(crate) struct Operation<F, R> {
    pub(crate) op: Option<F>,
    pub(crate) result: Option<Result<R, StoreError>>,
    pub(crate) reply: oneshot::Sender<Result<R, StoreError>>,
}

impl<F, R> Job for Operation<F, R>
where
    R: Send,
    F: FnOnce(&mut Tx<'_>) -> Result<R, StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let Some(op) = self.op.take() else {
            return Err(StoreError::Closed);
        };
        let result = catch_unwind(AssertUnwindSafe(|| op(tx))).unwrap_or_else(|panic| {
            Err(StoreError::Panicked {
                text: panic_text(&*panic),
            })
        });
        let outcome = result.as_ref().map(|_| ()).map_err(Clone::clone);
        self.result = Some(result);
        outcome
    }

    fn answer(self: Box<Self>, commit: Result<(), StoreError>) {
        let result = match (commit, self.result) {
            (Ok(()), Some(result)) | (Err(_), Some(result @ Err(_))) => result,
            (Err(error), _) => Err(error),
            (Ok(()), None) => Err(StoreError::Closed),
        };
        // Nobody need be waiting: the write counts all the same.
        let _ = self.reply.send(result);
    }
}

pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

/// What is sent to the writer.
pub(crate) enum Message {
    /// An operation of a batch.
    Write(Box<dyn Job>),
    /// Something that needs the connection outside a transaction: backup, check, reads of a store in memory.
    Alone(Box<dyn FnOnce(&Connection) + Send>),
}

/// Runs until every handle is gone.
pub(crate) fn run(conn: &Connection, pen: &mut Pen, queue: &mpsc::Receiver<Message>) {
    let mut jobs: VecDeque<Box<dyn Job>> = VecDeque::with_capacity(BATCH);
    while let Ok(first) = queue.recv() {
        let mut alone = None;
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Write(job) => jobs.push_back(job),
                Message::Alone(task) => {
                    alone = Some(task);
                    break;
                }
            }
            next = if jobs.len() < BATCH {
                queue.try_recv().ok()
            } else {
                None
            };
        }
        // Those behind an operation that cost the whole transaction get one of their own.
        while !jobs.is_empty() {
            commit_together(conn, pen, &mut jobs);
        }
        if let Some(task) = alone {
            // A panic in it drops its reply, which its caller sees as a closed store.
            let _ = catch_unwind(AssertUnwindSafe(|| task(conn)));
        }
    }
}

fn commit_together(conn: &Connection, pen: &mut Pen, jobs: &mut VecDeque<Box<dyn Job>>) {
    let first_seq = pen.next_seq;
    let mut done = Vec::with_capacity(jobs.len());
    let outcome = match execute(conn, "BEGIN IMMEDIATE") {
        Ok(()) => {
            let alone = jobs.len() == 1;
            let ran = run_jobs(conn, pen, jobs, &mut done, alone);
            ran.and_then(|wrote| finish(conn, pen, wrote))
        }
        Err(error) => {
            done.extend(jobs.drain(..));
            Err(error)
        }
    };
    if let Err(error) = &outcome {
        pen.shared.note(error);
        if !conn.is_autocommit() {
            // It fails only when SQLite has rolled back already.
            let _ = execute(conn, "ROLLBACK");
        }
        pen.forget_batch(first_seq);
    } else {
        pen.shared
            .last_seq
            .store(pen.next_seq - 1, Ordering::Release);
        pen.shared.tally.committed(&mut pen.moves);
        for event in pen.events.drain(..) {
            // Without subscribers there is nobody to tell.
            let _ = pen.shared.feed.send(Arc::new(event));
        }
        pen.passed.clear();
    }
    for job in done {
        job.answer(outcome.clone());
    }
}

/// Runs each job; true when one of them wrote. An error means that SQLite gave up the whole transaction.
fn run_jobs(
    conn: &Connection,
    pen: &mut Pen,
    jobs: &mut VecDeque<Box<dyn Job>>,
    done: &mut Vec<Box<dyn Job>>,
    alone: bool,
) -> Result<bool, StoreError> {
    let mut wrote = false;
    while let Some(mut job) = jobs.pop_front() {
        let (seq, events, passed) = (pen.next_seq, pen.events.len(), pen.passed.len());
        let moves = pen.moves.len();
        pen.mark = if alone { Mark::Alone } else { Mark::Clean };
        let ran = {
            let mut tx = Tx::new(Reader { conn }, pen);
            job.run(&mut tx)
        };
        done.push(job);
        if let Err(error) = &ran {
            pen.shared.note(error);
        }
        if conn.is_autocommit() {
            return Err(given_up(ran.err()));
        }
        match (ran, pen.mark) {
            (Ok(()), Mark::Savepoint) => {
                execute(conn, "RELEASE op")?;
                wrote = true;
            }
            (Ok(()), Mark::Alone) => wrote = true,
            (Ok(()) | Err(_), Mark::Clean) => {}
            (Err(_), mark) => {
                if mark == Mark::Savepoint {
                    execute(conn, "ROLLBACK TO op")?;
                    execute(conn, "RELEASE op")?;
                }
                pen.next_seq = seq;
                pen.events.truncate(events);
                pen.moves.truncate(moves);
                pen.passed.truncate(passed);
                pen.live.clear();
            }
        }
    }
    Ok(wrote)
}

/// SQLite rolled the whole transaction back by itself; of the operation under way it said why.
fn given_up(why: Option<StoreError>) -> StoreError {
    match why {
        Some(error @ StoreError::Disk { .. }) => error,
        _ => StoreError::Disk {
            trouble: DiskTrouble::Io,
            text: "SQLite gave up the transaction: the disk is full or failing".to_owned(),
        },
    }
}

fn finish(conn: &Connection, pen: &mut Pen, wrote: bool) -> Result<(), StoreError> {
    if !wrote {
        return execute(conn, "ROLLBACK");
    }
    crash::pass_all(&pen.passed, crash::before);
    execute(conn, "COMMIT")?;
    pen.shared.commits.fetch_add(1, Ordering::Relaxed);
    crash::pass_all(&pen.passed, crash::after);
    Ok(())
}

fn execute(conn: &Connection, sql: &str) -> Result<(), StoreError> {
    conn.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// The `synchronous` level that goes with a durability, as SQLite numbers it.
pub(crate) fn synchronous(durability: Durability) -> i64 {
    match durability {
        Durability::Full => 2,
        Durability::Off => 0,
    }
}
