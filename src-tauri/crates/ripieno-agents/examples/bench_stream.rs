//! How fast and in how much memory a gigabyte of an agent's lines is read, told and stored (perf-7), against `serde_json` alone
//! on the same lines in the same run; and how long a line takes to reach those who follow the log (perf-8).
//! `make bench-stream` builds it optimised and writes what it prints to `docs/benchmarks.md`.
//!
//! `bench_stream SUPERVISOR REPLAY [BYTES]`

#[path = "../tests/rig/spec.rs"]
mod spec;

use ripieno_agents::{
    Agent, RunSpec,
    claude::Claude,
    process::Launcher,
    stream::{RunEvent, Verdict},
    transcript::{Reader, Transcript, TranscriptSpec},
};
use ripieno_core::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};
use tokio::sync::watch;

type Res<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The outside of a line, its parts as they stand: the least that reading one can cost.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    session_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    event: Option<&'a RawValue>,
}

impl Envelope<'_> {
    /// Whether a line of the corpus was read as one.
    fn is_whole(&self) -> bool {
        let part = self.message.is_some() || self.event.is_some();
        !self.kind.is_empty() && self.session_id.is_some() && part
    }
}

/// A session's lines: of each message its words as they come, then the whole, then a tool and what it gave.
fn corpus() -> String {
    let session = "11111111-2222-4333-8444-555555555555";
    let words = "The quick brown fox jumps over the lazy dog, again and again. ";
    let line = |value: Value| value.to_string() + "\n";
    let mut text = String::new();
    for at in 0..40 {
        let id = format!("msg_{at:024}");
        for _ in 0..24 {
            text += &line(
                json!({"type": "stream_event", "session_id": session, "parent_tool_use_id": null,
                "uuid": session, "event": {"type": "content_block_delta", "index": 0,
                    "delta": {"type": "text_delta", "text": words}}}),
            );
        }
        let usage =
            json!({"input_tokens": 3, "output_tokens": 400, "cache_read_input_tokens": 20000});
        text += &line(
            json!({"type": "assistant", "session_id": session, "message": {"id": id, "role": "assistant",
            "model": "m", "usage": usage, "content": [{"type": "text", "text": words.repeat(60)}]}}),
        );
        let call = format!("toolu_{at:024}");
        text += &line(
            json!({"type": "assistant", "session_id": session, "message": {"id": id, "role": "assistant",
            "model": "m", "usage": usage,
            "content": [{"type": "tool_use", "id": call, "name": "Bash", "input": {"command": "cargo test"}}]}}),
        );
        let output: String = (0..60)
            .map(|n| format!("test rule_{n} ... \"ok\"\n{words}"))
            .collect();
        text += &line(
            json!({"type": "user", "session_id": session, "message": {"role": "user", "content":
            [{"type": "tool_result", "tool_use_id": call, "is_error": false, "content": output}]}}),
        );
    }
    text
}

const END: &str = r#"{"type":"result","subtype":"success","is_error":false,"result":"done","stop_reason":"end_turn","session_id":"11111111-2222-4333-8444-555555555555","modelUsage":{"m":{"inputTokens":1,"outputTokens":1}}}
"#;

/// Megabytes a second of a reading of all lines, again and again, for a few seconds.
fn rate(corpus: &str, read: impl Fn(&str) -> bool) -> Res<f64> {
    let (begun, mut bytes) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_secs(2) {
        for line in corpus.lines() {
            if !read(line) {
                return Err(format!("a line that cannot be read: {line}").into());
            }
        }
        bytes += corpus.len();
    }
    Ok(bytes as f64 / 1e6 / begun.elapsed().as_secs_f64())
}

/// A value of this process's status, in KiB.
fn memory(name: &str) -> Res<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(name));
    let figure = line.and_then(|line| line.split_ascii_whitespace().nth(1));
    Ok(figure.ok_or("no such value")?.parse()?)
}

/// How many follow the log, and how many lines a second they are told.
const FOLLOWERS: usize = 16;
const PER_SECOND: usize = 1000;

/// How long each line took from the program to each follower, in microseconds, sorted.
async fn latencies(supervisor: PathBuf, replay: PathBuf, seconds: usize) -> Res<Vec<u64>> {
    let folder = std::env::temp_dir().join(format!("ripieno-latency-{}", std::process::id()));
    let attempt = folder.join("1");
    fs::create_dir_all(attempt.join("spill"))?;
    let (told, end) = (folder.join("told"), folder.join("end"));
    let line = json!({"type": "assistant", "session_id": "s", "message": {"id": "m", "role": "assistant", "model": "m",
        "content": [{"type": "text", "text": "@NOW@ and some words of a usual length behind it, as agents say them"}]}});
    let line = line.to_string() + "\n";
    fs::write(&told, &line)?;
    fs::write(&end, END)?;
    let (last, grown) = watch::channel(0);
    let transcript = TranscriptSpec::new(
        attempt.join("transcript.jsonl"),
        attempt.join("spill"),
        1,
        1,
    );
    let transcript = Transcript::open(transcript, last).await?;
    let follow = |_| {
        let mut follow = Reader::new(folder.clone()).follow(1, grown.clone());
        tokio::spawn(async move {
            let mut took = Vec::new();
            while let Ok(Some(page)) = follow.next().await {
                let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                let now = now.unwrap_or_default().as_nanos() as u64;
                took.extend(
                    page.entries
                        .iter()
                        .filter_map(|entry| Some(now - said(entry)?)),
                );
            }
            took
        })
    };
    let followers: Vec<_> = (0..FOLLOWERS).map(follow).collect();
    let mut spec = replayed(
        &attempt,
        &told,
        &end,
        (line.len() * PER_SECOND * seconds) as u64,
    );
    spec.env.insert(
        "RIPIENO_REPLAY_PER_SECOND".to_owned(),
        PER_SECOND.to_string(),
    );
    let agent = Claude::new(replay, Launcher::new(supervisor));
    store(&agent, spec, &transcript).await?;
    drop(transcript);
    let mut took = Vec::new();
    for follower in followers {
        took.extend(follower.await?.into_iter().map(|nanos| nanos / 1000));
    }
    took.sort_unstable();
    fs::remove_dir_all(folder)?;
    Ok(took)
}

/// When the line of an entry was printed.
fn said(entry: &RawValue) -> Option<u64> {
    let (_, rest) = entry.get().split_once("\"text\":\"")?;
    rest.split(' ').next()?.parse().ok()
}

fn replayed(folder: &Path, told: &Path, end: &Path, bytes: u64) -> RunSpec {
    let text = |path: &Path| path.display().to_string();
    RunSpec {
        env: BTreeMap::from([
            ("RIPIENO_REPLAY".to_owned(), text(told)),
            ("RIPIENO_REPLAY_END".to_owned(), text(end)),
            ("RIPIENO_REPLAY_BYTES".to_owned(), bytes.to_string()),
        ]),
        spill: folder.join("spill"),
        ..spec::prompted(folder, "hi")
    }
}

/// Megabytes a second through the pipe, the adapter, the transcript and the raw log, and the rise of memory in KiB.
async fn ours(supervisor: PathBuf, replay: PathBuf, corpus: &str, bytes: u64) -> Res<(f64, u64)> {
    let folder = std::env::temp_dir().join(format!("ripieno-bench-{}", std::process::id()));
    fs::create_dir_all(folder.join("spill"))?;
    let (told, end) = (folder.join("told"), folder.join("end"));
    fs::write(&told, corpus)?;
    fs::write(&end, END)?;
    let transcript =
        TranscriptSpec::new(folder.join("transcript.jsonl"), folder.join("spill"), 1, 1);
    let transcript = Transcript::open(transcript, watch::channel(0).0).await?;
    // Whole sessions only, so that no line is cut.
    let bytes = bytes / corpus.len() as u64 * corpus.len() as u64;
    let before = memory("VmHWM:")?;
    let begun = Instant::now();
    let agent = Claude::new(replay, Launcher::new(supervisor));
    store(&agent, replayed(&folder, &told, &end, bytes), &transcript).await?;
    transcript.finish().await?;
    let rate = bytes as f64 / 1e6 / begun.elapsed().as_secs_f64();
    let rise = memory("VmHWM:")?.saturating_sub(before);
    fs::remove_dir_all(folder)?;
    Ok((rate, rise))
}

/// Runs the agent to its end and stores what it tells, as the worker does.
async fn store(agent: &Claude, spec: RunSpec, transcript: &Transcript) -> Res<()> {
    let mut run = agent.start(spec).await.map_err(|failure| failure.text)?;
    let (now, movement): (_, Arc<str>) = (Timestamp(1), "work".into());
    loop {
        match run.events.recv().await.ok_or("no end was told")? {
            RunEvent::Item(item) => transcript.append(now, &movement, item).await?,
            RunEvent::Delta { text, thinking } => {
                transcript.delta(now, &movement, text, thinking).await?;
            }
            RunEvent::Ended(outcome) if matches!(outcome.verdict, Verdict::Completed { .. }) => {
                return Ok(());
            }
            RunEvent::Ended(outcome) => return Err(format!("{:?}", outcome.verdict).into()),
            _ => {}
        }
    }
}

fn main() -> Res<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    // A task as any other, as the worker's are: the thread that waits for it would be woken for every event.
    runtime.block_on(async { tokio::spawn(measured()).await? })
}

async fn measured() -> Res<()> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let mut arguments = given.into_iter();
    let mut path = |what: &str| {
        arguments
            .next()
            .map(PathBuf::from)
            .ok_or(format!("say the {what}"))
    };
    let (supervisor, replay) = (path("supervisor")?, path("replaying program")?);
    let bytes = arguments
        .next()
        .map_or(Ok(1_000_000_000), |bytes| bytes.parse())?;
    let corpus = corpus();
    let mut results = Vec::new();
    for _ in 0..3 {
        let envelope = rate(&corpus, |line| {
            serde_json::from_str::<Envelope<'_>>(line).is_ok_and(|line| line.is_whole())
        })?;
        let value = rate(&corpus, |line| serde_json::from_str::<Value>(line).is_ok())?;
        let (ours, rise) = ours(supervisor.clone(), replay.clone(), &corpus, bytes).await?;
        results.push(json!({"envelope_mb_s": envelope.round(), "value_mb_s": value.round(), "ours_mb_s": ours.round(),
            "of_envelope": (ours / envelope * 100.0).round() / 100.0, "of_value": (ours / value * 100.0).round() / 100.0,
            "memory_rise_kib": rise}));
    }
    let took = latencies(supervisor, replay, 10).await?;
    let at = |part: f64| {
        took.get((took.len() as f64 * part) as usize)
            .copied()
            .unwrap_or_default()
    };
    println!(
        "{}",
        json!({"bytes": bytes, "lines": corpus.lines().count(), "bytes_a_session": corpus.len(), "rounds": results,
        "followers": FOLLOWERS, "per_second": PER_SECOND, "told": took.len(), "p50_us": at(0.5), "p99_us": at(0.99), "most_us": took.last()})
    );
    Ok(())
}
