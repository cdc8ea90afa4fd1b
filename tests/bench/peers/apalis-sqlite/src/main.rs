//! Benchmark driver for apalis-sqlite. Its `setup` sets `synchronous = OFF`, so
//! this driver sets WAL and the asked durability through sqlx's connection
//! options and runs the crate's migrations alone. An acknowledgement travels
//! over a channel and is stored later, in batches: a run ends when the asked
//! number of tasks stands as done in the database.
//! `--set batch=N` is the crate's fetch size, `--set lock=1` its extra write of
//! "running" before each task, `--set workers=many` one apalis worker per slot
//! instead of one worker with that concurrency, `--set pool=N` connections.

#[path = "../../common/bench.rs"]
mod bench;

use std::error::Error;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use apalis::prelude::*;
use apalis_sqlite::{Config, SqliteStorage};
use bench::{Args, Measured, SINGLE_ENQUEUES};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

async fn open(args: &Args, connections: u32) -> Outcome<SqlitePool> {
    let level = match args.sync.as_str() {
        "full" => SqliteSynchronous::Full,
        "normal" => SqliteSynchronous::Normal,
        _ => SqliteSynchronous::Off,
    };
    let options = SqliteConnectOptions::from_str(&format!("sqlite://{}", args.db))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(level)
        .busy_timeout(Duration::from_secs(60))
        // The rest of what the crate's own setup asks for.
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", "64000")
        .pragma("journal_size_limit", "67108864");
    Ok(SqlitePoolOptions::new()
        .max_connections(connections)
        .connect_with(options)
        .await?)
}

async fn handle(_: String, started: Data<Arc<AtomicUsize>>) -> Result<(), BoxDynError> {
    started.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

async fn enqueue_singly(store: &mut SqliteStorage<String>, body: &str) -> Outcome<Vec<Duration>> {
    let mut samples = Vec::with_capacity(SINGLE_ENQUEUES);
    for _ in 0..SINGLE_ENQUEUES {
        let start = Instant::now();
        store.push(body.to_owned()).await?;
        samples.push(start.elapsed());
    }
    Ok(samples)
}

async fn done(pool: &SqlitePool) -> Outcome<usize> {
    let (count,): (i64,) = sqlx::query_as("SELECT count(*) FROM Jobs WHERE status = 'Done'")
        .fetch_one(pool)
        .await?;
    Ok(count as usize)
}

async fn drain(
    args: &Args,
    pool: &SqlitePool,
    store: &SqliteStorage<String>,
) -> Outcome<(Duration, usize)> {
    let many = args.set("workers") == Some("many");
    let (workers, concurrency) = if many {
        (args.workers, 1)
    } else {
        (1, args.workers)
    };
    let started = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    for i in 0..workers {
        let worker = WorkerBuilder::new(format!("bench-{i}"))
            .backend(store.clone())
            .concurrency(concurrency)
            .data(started.clone())
            .build(handle);
        tokio::spawn(worker.run());
    }
    while started.load(Ordering::Relaxed) < args.tasks {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    loop {
        let elapsed = start.elapsed();
        let finished = done(pool).await?;
        if finished >= args.tasks {
            return Ok((elapsed, finished));
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn run() -> Outcome<()> {
    let args = Args::read()?;
    let number = |name: &str, default: usize| -> Outcome<usize> {
        Ok(args
            .set(name)
            .map(str::parse)
            .transpose()?
            .unwrap_or(default))
    };
    let pool = open(&args, number("pool", 4)? as u32).await?;
    SqliteStorage::migrations().run(&pool).await?;
    let batch = number("batch", 10)?;
    let config = Config::default()
        .queue("bench")
        .batch_size(batch)
        .lock_tasks(args.set("lock").is_some());
    let mut store: SqliteStorage<String> = SqliteStorage::new(&pool).with_config(config);
    let body = args.body();
    let mut tx = pool.begin().await?;
    let backlog: Vec<_> = (0..args.backlog)
        .map(|_| serde_json::to_vec(&body).map(|bytes| TaskBuilder::new(bytes).build()))
        .collect::<Result<_, _>>()?;
    apalis_sqlite::queries::push_tasks(&mut *tx, "bench", &backlog).await?;
    tx.commit().await?;
    let enqueues = if args.mode == "serial" {
        enqueue_singly(&mut store, &body).await?
    } else {
        Vec::new()
    };
    let (elapsed, finished) = if args.tasks > 0 {
        drain(&args, &pool, &store).await?
    } else {
        (Duration::ZERO, 0)
    };
    let (journal_mode,): (String,) = sqlx::query_as("PRAGMA journal_mode")
        .fetch_one(&pool)
        .await?;
    let (synchronous,): (i64,) = sqlx::query_as("PRAGMA synchronous")
        .fetch_one(&pool)
        .await?;
    Measured {
        peer: "apalis-sqlite",
        version: "1.0.0",
        finished,
        elapsed,
        cycles: Vec::new(),
        enqueues,
        journal_mode,
        synchronous,
        note: format!("fetches {batch} at once, stores results in batches"),
    }
    .print(&args);
    // The rest of the backlog is of no interest: leave without draining it.
    std::process::exit(0);
}

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("bench-peer-apalis-sqlite: {error}");
        std::process::exit(1);
    }
}
