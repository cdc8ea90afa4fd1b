//! The command line and the one line of output that every Rust peer driver shares
//! (docs/benchmarks.md, "Drivers").

use std::time::Duration;

/// How many tasks a serial run enqueues one by one to time a single enqueue.
pub const SINGLE_ENQUEUES: usize = 300;

/// What the harness asked for.
#[derive(Debug, Clone)]
pub struct Args {
    pub db: String,
    pub tasks: usize,
    pub backlog: usize,
    pub workers: usize,
    pub payload: usize,
    pub mode: String,
    pub sync: String,
    /// Peer-specific shape of the run, such as a batch size (`--set name=value`).
    pub extra: Vec<(String, String)>,
}

impl Args {
    /// Reads the process arguments; an unknown one is an error.
    pub fn read() -> Result<Self, String> {
        let mut args = Args {
            db: String::new(),
            tasks: 2000,
            backlog: 5000,
            workers: 8,
            payload: 512,
            mode: "workers".into(),
            sync: "full".into(),
            extra: Vec::new(),
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
                "--db" => args.db = value,
                "--tasks" => args.tasks = number()?,
                "--backlog" => args.backlog = number()?,
                "--workers" => args.workers = number()?,
                "--payload" => args.payload = number()?,
                "--mode" => args.mode = value,
                "--sync" => args.sync = value,
                "--set" => {
                    let (key, value) = value.split_once('=').ok_or("--set takes name=value")?;
                    args.extra.push((key.into(), value.into()));
                }
                _ => return Err(format!("unknown option {name}")),
            }
        }
        if args.db.is_empty() {
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

    /// The value of `--set name=...`.
    pub fn set(&self, name: &str) -> Option<&str> {
        self.extra
            .iter()
            .rev()
            .find(|(k, _)| k == name)
            .map(|(_, v)| v.as_str())
    }

    /// A payload of the asked size.
    pub fn body(&self) -> String {
        "x".repeat(self.payload)
    }
}

/// Percentile of the samples in microseconds; null when there are none.
pub fn percentile_us(samples: &mut [Duration], percent: f64) -> serde_json::Value {
    if samples.is_empty() {
        return serde_json::Value::Null;
    }
    samples.sort_unstable();
    let index = ((samples.len() as f64 - 1.0) * percent / 100.0).round() as usize;
    serde_json::json!((samples[index].as_nanos() as f64 / 100.0).round() / 10.0)
}

/// What a run measured.
pub struct Measured {
    pub peer: &'static str,
    pub version: &'static str,
    /// Tasks completed when the clock stopped. A worker that cannot be told to
    /// stop after a number may have done more than was asked.
    pub finished: usize,
    pub elapsed: Duration,
    /// Claim to durable completion, one sample a task; empty where the peer
    /// gives no view of a single task.
    pub cycles: Vec<Duration>,
    pub enqueues: Vec<Duration>,
    pub journal_mode: String,
    pub synchronous: i64,
    pub note: String,
}

impl Measured {
    /// Prints the one JSON line.
    pub fn print(mut self, args: &Args) {
        let seconds = self.elapsed.as_secs_f64();
        let line = serde_json::json!({
            "peer": self.peer,
            "version": self.version,
            "mode": args.mode,
            "workers": args.workers,
            "n": args.tasks,
            "backlog": args.backlog,
            "sync": args.sync,
            "finished": self.finished,
            "elapsed_s": seconds,
            "cycles_per_s": if seconds > 0.0 { self.finished as f64 / seconds } else { 0.0 },
            "p50_us": percentile_us(&mut self.cycles, 50.0),
            "p99_us": percentile_us(&mut self.cycles, 99.0),
            "enqueue_n": self.enqueues.len(),
            "enqueue_p50_us": percentile_us(&mut self.enqueues, 50.0),
            "enqueue_p99_us": percentile_us(&mut self.enqueues, 99.0),
            "journal_mode": self.journal_mode,
            "synchronous": self.synchronous,
            "note": self.note,
        });
        println!("{line}");
    }
}
