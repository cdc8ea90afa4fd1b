//! Benchmark driver for effectum. The crate sets `synchronous = NORMAL` and
//! means to set WAL, but names the pragma `journal`, so it runs on a rollback
//! journal; it offers no option for either. With `--set pragmas=fixed` (default) this
//! driver registers an SQLite auto extension in its own process that puts every
//! new connection into WAL and the asked durability, and an authorizer that
//! lets effectum's own `PRAGMA synchronous` do nothing. `--set pragmas=own` leaves
//! the crate as it ships.

#[path = "../../common/bench.rs"]
mod bench;

use std::error::Error;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use bench::{Args, Measured, SINGLE_ENQUEUES};
use effectum::{Job, JobRunner, Queue, RunningJob, Worker};
use rusqlite::ffi;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

static PRAGMAS: OnceLock<std::ffi::CString> = OnceLock::new();

unsafe extern "C" fn ignore_synchronous(
    _: *mut c_void,
    action: c_int,
    name: *const c_char,
    value: *const c_char,
    _: *const c_char,
    _: *const c_char,
) -> c_int {
    if action == ffi::SQLITE_PRAGMA && !name.is_null() && !value.is_null() {
        // SAFETY: SQLite hands over NUL-terminated names that live through the call.
        let name = unsafe { CStr::from_ptr(name) };
        if name.to_bytes() == b"synchronous" {
            return ffi::SQLITE_IGNORE;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn prepare_connection(
    db: *mut ffi::sqlite3,
    _: *mut *const c_char,
    _: *const ffi::sqlite3_api_routines,
) -> c_int {
    let Some(sql) = PRAGMAS.get() else {
        return ffi::SQLITE_OK;
    };
    // SAFETY: `db` is the connection being opened, `sql` lives for the whole process.
    unsafe {
        let code = ffi::sqlite3_exec(
            db,
            sql.as_ptr(),
            None,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
        );
        if code != ffi::SQLITE_OK {
            return code;
        }
        ffi::sqlite3_set_authorizer(db, Some(ignore_synchronous), std::ptr::null_mut())
    }
}

fn fix_pragmas(sync: &str) -> Outcome<()> {
    let sql =
        format!("PRAGMA busy_timeout=60000; PRAGMA journal_mode=WAL; PRAGMA synchronous={sync};");
    PRAGMAS
        .set(std::ffi::CString::new(sql)?)
        .map_err(|_| "pragmas set twice")?;
    // SAFETY: the extension's signature is the one SQLite calls auto extensions with.
    let code = unsafe { ffi::sqlite3_auto_extension(Some(prepare_connection)) };
    if code == ffi::SQLITE_OK {
        Ok(())
    } else {
        Err("sqlite3_auto_extension failed".into())
    }
}

async fn handle(_: RunningJob, _: ()) -> Result<(), effectum::Error> {
    Ok(())
}

async fn enqueue_singly(queue: &Queue, body: &str) -> Outcome<Vec<Duration>> {
    let mut samples = Vec::with_capacity(SINGLE_ENQUEUES);
    for _ in 0..SINGLE_ENQUEUES {
        let job = Job::builder("bench").payload(body.as_bytes().to_vec());
        let start = Instant::now();
        job.add_to(queue).await?;
        samples.push(start.elapsed());
    }
    Ok(samples)
}

async fn run() -> Outcome<()> {
    let args = Args::read()?;
    let fixed = args.set("pragmas") != Some("own");
    if fixed {
        fix_pragmas(&args.sync)?;
    }
    let queue = Queue::new(Path::new(&args.db)).await?;
    let body = args.body();
    let jobs = |n| {
        (0..n).map(|_| {
            Job::builder("bench")
                .payload(body.clone().into_bytes())
                .build()
        })
    };
    if args.backlog > 0 {
        queue
            .add_jobs(jobs(args.backlog).collect::<Vec<_>>())
            .await?;
    }
    let enqueues = if args.mode == "serial" {
        enqueue_singly(&queue, &body).await?
    } else {
        Vec::new()
    };

    let (mut elapsed, mut finished) = (Duration::ZERO, 0);
    if args.tasks > 0 {
        let start = Instant::now();
        let worker = Worker::builder(&queue, ())
            .jobs([JobRunner::builder("bench", handle).build()])
            .max_concurrency(args.workers as u16)
            .build()
            .await?;
        while finished < args.tasks {
            tokio::time::sleep(Duration::from_millis(1)).await;
            elapsed = start.elapsed();
            finished = worker.counts().finished as usize;
        }
    }
    // Bytes 18 and 19 of the header are 2 for WAL and 1 for a rollback journal.
    let header = std::fs::read(&args.db)?.get(18).copied();
    let synchronous = match (fixed, args.sync.as_str()) {
        (true, "full") => 2,
        (true, "off") => 0,
        _ => 1,
    };
    Measured {
        peer: "effectum",
        version: "0.7.0",
        finished,
        elapsed,
        cycles: Vec::new(),
        enqueues,
        journal_mode: if header == Some(2) {
            "wal".into()
        } else {
            "delete".into()
        },
        synchronous,
        note: if fixed {
            "pragmas forced from outside".into()
        } else {
            "as shipped".into()
        },
    }
    .print(&args);
    // The rest of the backlog is of no interest: leave without draining it.
    std::process::exit(0);
}

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("bench-peer-effectum: {error}");
        std::process::exit(1);
    }
}
