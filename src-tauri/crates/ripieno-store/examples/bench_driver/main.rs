//! Benchmark driver of our own store, with the command line and the output line of the peer drivers.
//!
//! A cycle is what the daemon does with a task that needs nothing: claim (head of the lane, version check, new
//! attempt, event), start, complete. The end of one attempt and the claim of the next share a closure, as in the
//! daemon; the start is not awaited. `--probe claim` counts what one claim costs as the table grows.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod probe;

use ripieno_core::{
    event::TaskEvent,
    hold::LaneChoice,
    id::TaskNo,
    lane::LaneId,
    spec::{PieceRef, TaskSpec},
    state::LeaseToken,
    time::{Clock, Random, Timestamp},
};
use ripieno_store::{Claimed, Durability, Extra, NewTask, Options, Owner, Store, StoreError, Tx};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use uuid::Uuid;

/// How many tasks a serial run enqueues one by one to time a single enqueue.
const SINGLE_ENQUEUES: usize = 300;
const COMPLETED: TaskEvent = TaskEvent::Completed {
    to_verify: false,
    open_children: 0,
};

struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

struct SystemRandom;

impl Random for SystemRandom {
    fn uuid(&self, _: Timestamp) -> Uuid {
        Uuid::now_v7()
    }
    fn permille(&self) -> u16 {
        500
    }
}

struct Args {
    db: PathBuf,
    tasks: usize,
    backlog: usize,
    workers: usize,
    payload: usize,
    mode: String,
    sync: String,
    probe: Option<String>,
}

fn args() -> Result<Args, String> {
    let mut args = Args {
        db: PathBuf::new(),
        tasks: 2000,
        backlog: 5000,
        workers: 8,
        payload: 512,
        mode: "workers".into(),
        sync: "full".into(),
        probe: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(name) = words.next() {
        let value = words
            .next()
            .ok_or_else(|| format!("{name} needs a value"))?;
        let number = || {
            value
                .parse::<usize>()
                .map_err(|e| format!("{name} {value}: {e}"))
        };
        match name.as_str() {
            "--db" => args.db = value.into(),
            "--tasks" => args.tasks = number()?,
            "--backlog" => args.backlog = number()?,
            "--workers" => args.workers = number()?,
            "--payload" => args.payload = number()?,
            "--mode" => args.mode = value,
            "--sync" => args.sync = value,
            "--probe" => args.probe = Some(value),
            _ => return Err(format!("unknown option {name}")),
        }
    }
    if args.db.as_os_str().is_empty() {
        return Err("--db is missing".into());
    }
    if args.tasks > args.backlog {
        return Err("--tasks must not exceed --backlog".into());
    }
    if args.mode == "serial" {
        args.workers = 1;
    }
    Ok(args)
}

fn open(db: &Path, sync: &str) -> Store {
    open_with(db, sync, false)
}

fn open_with(db: &Path, sync: &str, count_steps: bool) -> Store {
    let mut options = Options::new(Arc::new(WallClock), Arc::new(SystemRandom));
    options.durability = if sync == "off" {
        Durability::Off
    } else {
        Durability::Full
    };
    options.count_steps = count_steps;
    let backups = db.with_extension("backups");
    Store::open(db, &backups, options).expect("the store opens")
}

fn new_task(payload: &str, folder: Option<&str>) -> NewTask {
    let spec = TaskSpec {
        title: "bench".into(),
        prompt: payload.to_owned(),
        labels: vec![],
        piece: PieceRef {
            name: "script".into(),
            digest: "0".repeat(64),
        },
        agent: None,
        model: None,
        effort: None,
        dir: folder.map(str::to_owned),
        mode: Default::default(),
        approvals: "ask_risky".into(),
        checks: vec![],
        priority: Default::default(),
        depends_on: vec![],
        continues: None,
        inputs: vec![],
        not_before: None,
        max_tries: 3,
        timeout_ms: None,
        budget_tokens: None,
        budget_micros: None,
        env_names: vec![],
        skills: vec![],
    };
    NewTask::new(spec, LaneChoice::Fixed(LaneId::shell()))
}

fn enqueue(store: &Store, count: usize, payload: &str, folder: Option<&str>) {
    let mut left = count;
    while left > 0 {
        let batch = left.min(2000);
        let task = new_task(payload, folder);
        store
            .write_blocking(move |tx| (0..batch).try_for_each(|_| tx.submit(&task).map(|_| ())))
            .expect("the backlog is stored");
        left -= batch;
    }
}

#[derive(Clone)]
struct Worker {
    owner: Owner,
    lanes: [LaneId; 1],
}

impl Worker {
    fn new() -> Self {
        Worker {
            owner: Owner {
                pid: std::process::id(),
                pid_started: 1,
                boot_id: "9f1c2a52-7c15-4f3e-9d0e-0123456789ab".into(),
            },
            lanes: [LaneId::shell()],
        }
    }

    /// The real claim: the heads of the open lanes, then the transition.
    fn claim(&self, tx: &mut Tx<'_>) -> Result<Option<(TaskNo, Claimed)>, StoreError> {
        let Some(head) = tx.heads(&self.lanes)?.into_iter().next() else {
            return Ok(None);
        };
        let claimed = tx.claim(head.candidate.no, &self.lanes[0], &self.owner)?;
        Ok(Some((head.candidate.no, claimed)))
    }
}

fn event(
    tx: &mut Tx<'_>,
    no: TaskNo,
    event: &TaskEvent,
    token: LeaseToken,
) -> Result<(), StoreError> {
    tx.transition(no, event, Some(token), Extra::default())
        .map(|_| ())
}

async fn work(store: Store, left: Arc<AtomicI64>) -> Vec<Duration> {
    let worker = Worker::new();
    let mut samples = Vec::new();
    let mut held: Option<(TaskNo, LeaseToken, Instant)> = None;
    loop {
        let more = left.fetch_sub(1, Ordering::Relaxed) > 0;
        let ending = held.take();
        if !more && ending.is_none() {
            return samples;
        }
        let (asked, worker) = (Instant::now(), worker.clone());
        let before = ending.map(|(no, token, _)| (no, token));
        let next = store
            .write(move |tx| {
                if let Some((no, token)) = before {
                    event(tx, no, &COMPLETED, token)?;
                }
                if more { worker.claim(tx) } else { Ok(None) }
            })
            .await
            .expect("the cycle is stored");
        if let Some((_, _, since)) = ending {
            samples.push(since.elapsed());
        }
        if let Some((no, claimed)) = next {
            let token = claimed.lease.token;
            // Not awaited: what follows is queued behind it.
            drop(store.write(move |tx| event(tx, no, &TaskEvent::Started, token)));
            held = Some((no, token, asked));
        }
    }
}

fn serial(store: &Store, tasks: usize) -> Vec<Duration> {
    let worker = Worker::new();
    (0..tasks)
        .map(|_| {
            let start = Instant::now();
            let claimer = worker.clone();
            let (no, claimed) = store
                .write_blocking(move |tx| claimer.claim(tx))
                .unwrap()
                .expect("a task is queued");
            let token = claimed.lease.token;
            store
                .write_blocking(move |tx| {
                    event(tx, no, &TaskEvent::Started, token)?;
                    event(tx, no, &COMPLETED, token)
                })
                .unwrap();
            start.elapsed()
        })
        .collect()
}

fn enqueue_singly(store: &Store, payload: &str) -> Vec<Duration> {
    let task = new_task(payload, None);
    (0..SINGLE_ENQUEUES)
        .map(|_| {
            let (start, task) = (Instant::now(), task.clone());
            store.write_blocking(move |tx| tx.submit(&task)).unwrap();
            start.elapsed()
        })
        .collect()
}

fn percentile(samples: &mut [Duration], percent: f64) -> serde_json::Value {
    if samples.is_empty() {
        return serde_json::Value::Null;
    }
    samples.sort_unstable();
    let index = ((samples.len() as f64 - 1.0) * percent / 100.0).round() as usize;
    serde_json::json!((samples[index].as_nanos() as f64 / 100.0).round() / 10.0)
}

fn measure(args: &Args) {
    let payload = "x".repeat(args.payload);
    let store = open(&args.db, &args.sync);
    enqueue(&store, args.backlog, &payload, None);
    let mut enqueues = if args.mode == "serial" {
        enqueue_singly(&store, &payload)
    } else {
        Vec::new()
    };
    let commits = store.commits();
    let start = Instant::now();
    let mut cycles = if args.mode == "serial" {
        serial(&store, args.tasks)
    } else {
        let left = Arc::new(AtomicI64::new(i64::try_from(args.tasks).unwrap()));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let workers: Vec<_> = (0..args.workers)
                .map(|_| tokio::spawn(work(store.clone(), left.clone())))
                .collect();
            let mut all = Vec::new();
            for worker in workers {
                all.extend(worker.await.unwrap());
            }
            all
        })
    };
    let seconds = start.elapsed().as_secs_f64();
    let commits = store.commits() - commits;
    let (finished, synchronous) = (cycles.len(), if args.sync == "off" { 0 } else { 2 });
    println!(
        "{}",
        serde_json::json!({
            "peer": "ripieno",
            "version": env!("CARGO_PKG_VERSION"),
            "mode": args.mode,
            "workers": args.workers,
            "n": args.tasks,
            "backlog": args.backlog,
            "sync": args.sync,
            "finished": finished,
            "elapsed_s": seconds,
            "cycles_per_s": finished as f64 / seconds,
            "p50_us": percentile(&mut cycles, 50.0),
            "p99_us": percentile(&mut cycles, 99.0),
            "enqueue_n": enqueues.len(),
            "enqueue_p50_us": percentile(&mut enqueues, 50.0),
            "enqueue_p99_us": percentile(&mut enqueues, 99.0),
            "commits": commits,
            "journal_mode": "wal",
            "synchronous": synchronous,
            "note": "full machine: version check, attempt row, three events, constraints",
        })
    );
}

fn main() {
    let args = match args() {
        Ok(args) => args,
        Err(text) => {
            eprintln!("bench_driver: {text}");
            std::process::exit(2);
        }
    };
    match args.probe.as_deref() {
        None => measure(&args),
        Some("claim") => probe::claim(&args.db, args.payload),
        Some(other) => {
            eprintln!("bench_driver: unknown probe {other}; there is `claim`");
            std::process::exit(2);
        }
    }
}
