//! Benchmark driver for honker. A connection opens with synchronous = NORMAL;
//! the crate lends it out, so the asked durability is set on it afterwards.
//! `--set batch=1` claims and acknowledges as many tasks at once as `--workers`
//! says: fewer commits, but no task of a batch is done before all of them are.

#[path = "../../common/bench.rs"]
mod bench;

use std::error::Error;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bench::{Args, Measured, SINGLE_ENQUEUES};
use honker::{Database, EnqueueOpts, QueueOpts};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn open(args: &Args) -> Outcome<Database> {
    let db = Database::open(&args.db)?;
    let level = match args.sync.as_str() {
        "full" => "FULL",
        "normal" => "NORMAL",
        _ => "OFF",
    };
    db.with_conn(|c| {
        c.execute_batch(&format!(
            "PRAGMA synchronous = {level}; PRAGMA busy_timeout = 60000;"
        ))
    })?;
    Ok(db)
}

fn enqueue_backlog(db: &Database, args: &Args) -> Outcome<()> {
    let queue = db.queue("bench", QueueOpts::default());
    let body = args.body();
    let tx = db.transaction()?;
    for _ in 0..args.backlog {
        queue.enqueue_tx(&tx, &body, EnqueueOpts::default())?;
    }
    tx.commit()?;
    Ok(())
}

fn enqueue_singly(db: &Database, args: &Args) -> Outcome<Vec<Duration>> {
    let queue = db.queue("bench", QueueOpts::default());
    let body = args.body();
    (0..SINGLE_ENQUEUES)
        .map(|_| {
            let start = Instant::now();
            queue.enqueue(&body, EnqueueOpts::default())?;
            Ok(start.elapsed())
        })
        .collect()
}

/// One task after the other until the shared count is used up.
fn work(db: &Database, name: &str, taken: &AtomicUsize, tasks: usize) -> Outcome<Vec<Duration>> {
    let queue = db.queue("bench", QueueOpts::default());
    let mut samples = Vec::new();
    while taken.fetch_add(1, Ordering::Relaxed) < tasks {
        let start = Instant::now();
        let job = queue.claim_one(name)?.ok_or("the queue ran dry")?;
        if !job.ack()? {
            return Err("an acknowledgement was refused".into());
        }
        samples.push(start.elapsed());
    }
    Ok(samples)
}

fn work_in_batches(db: &Database, args: &Args) -> Outcome<Vec<Duration>> {
    let queue = db.queue("bench", QueueOpts::default());
    let mut samples = Vec::new();
    let mut done = 0;
    while done < args.tasks {
        let want = args.workers.min(args.tasks - done);
        let start = Instant::now();
        let jobs = queue.claim_batch("batch", want as i64)?;
        let ids: Vec<i64> = jobs.iter().map(|j| j.id).collect();
        if ids.is_empty() || queue.ack_batch(&ids, "batch")? != ids.len() as i64 {
            return Err("a batch was not claimed or acknowledged whole".into());
        }
        let took = start.elapsed();
        samples.extend(ids.iter().map(|_| took));
        done += ids.len();
    }
    Ok(samples)
}

fn work_in_threads(args: &Args, shared: &Database) -> Outcome<(Duration, Vec<Duration>)> {
    let own = args.set("connections") == Some("own");
    let taken = AtomicUsize::new(0);
    let barrier = Barrier::new(args.workers + 1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..args.workers)
            .map(|i| {
                let (taken, barrier) = (&taken, &barrier);
                let opened = if own { open(args) } else { Ok(shared.clone()) };
                scope.spawn(move || -> Outcome<Vec<Duration>> {
                    barrier.wait();
                    work(&opened?, &format!("w{i}"), taken, args.tasks)
                })
            })
            .collect();
        barrier.wait();
        let start = Instant::now();
        let mut samples = Vec::new();
        for thread in threads {
            samples.extend(thread.join().map_err(|_| "a worker panicked")??);
        }
        Ok((start.elapsed(), samples))
    })
}

fn run() -> Outcome<()> {
    let args = Args::read()?;
    let db = open(&args)?;
    enqueue_backlog(&db, &args)?;
    let batch = args.set("batch").is_some();
    let enqueues = if args.mode == "serial" {
        enqueue_singly(&db, &args)?
    } else {
        Vec::new()
    };
    let (elapsed, cycles) = if batch || args.mode == "serial" {
        let start = Instant::now();
        let cycles = if batch {
            work_in_batches(&db, &args)?
        } else {
            work(&db, "serial", &AtomicUsize::new(0), args.tasks)?
        };
        (start.elapsed(), cycles)
    } else {
        work_in_threads(&args, &db)?
    };
    let journal_mode = db.with_conn(|c| c.query_row("PRAGMA journal_mode", [], |r| r.get(0)))?;
    let synchronous = db.with_conn(|c| c.query_row("PRAGMA synchronous", [], |r| r.get(0)))?;
    Measured {
        peer: "honker",
        version: "0.5.0",
        finished: args.tasks,
        elapsed,
        cycles,
        enqueues,
        journal_mode,
        synchronous,
        note: if batch {
            "claim_batch and ack_batch".into()
        } else {
            String::new()
        },
    }
    .print(&args);
    Ok(())
}

fn main() {
    if let Err(error) = run() {
        eprintln!("bench-peer-honker: {error}");
        std::process::exit(1);
    }
}
