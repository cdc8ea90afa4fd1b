//! Floods of output and of noise, alone in their process: memory stays bounded, and nothing is lost of the end (R7, R12,
//! rel-9, perf-7).
//! `make test` takes less, `make torture` (`RIPIENO_TORTURE`) a gigabyte of each.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod rig;

use rig::{
    memory::bounded,
    replay::{Printed, assert_found, claude, codex, ended, garbage, opencode, plain, recording},
};
use ripieno_agents::{
    Agent, RunSpec, Work,
    process::Launcher,
    raw_log::RAW_LOG_CAP,
    shell::Shell,
    stream::{Item, Outcome, RunEvent, Verdict},
    transcript::{CAP, Reader, Transcript, TranscriptSpec},
};
use ripieno_core::time::Timestamp;
use std::{fs, path::Path, sync::Arc};
use tokio::sync::watch;

/// How many bytes are printed: unoptimised, a gigabyte takes long.
fn volume(short: u64) -> u64 {
    match std::env::var_os("RIPIENO_TORTURE") {
        Some(_) => 1_000_000_000,
        None => short,
    }
}

/// What a flood left behind.
struct Stored {
    /// The first of its items.
    items: Vec<Item>,
    outcome: Outcome,
    /// Bytes of text that were told.
    said: u64,
    /// The size of the raw log, in bytes.
    raw: u64,
}

/// Follows a run to its end and stores it, as the worker does.
async fn stored(agent: impl Agent, spec: impl FnOnce(&Path) -> RunSpec) -> Stored {
    let folder = tempfile::tempdir().unwrap();
    let attempt = folder.path().join("1");
    fs::create_dir(&attempt).unwrap();
    let path = attempt.join("transcript.jsonl");
    let transcript = TranscriptSpec::new(path.clone(), attempt.clone(), 1, 1);
    let transcript = Transcript::open(transcript, watch::channel(0).0);
    let transcript = transcript.await.unwrap();
    let spec = spec(&attempt);
    let raw = spec.raw_log.clone();
    let heard = async {
        let heard = listen(agent, spec, &transcript).await;
        (heard, transcript.finish().await.unwrap())
    };
    let ((items, outcome, said), last) = bounded(heard).await;
    let size = fs::metadata(path).unwrap().len();
    assert!(size <= CAP + 1000, "{size}");
    assert_eq!(Reader::new(folder.path().to_owned()).last().unwrap(), last);
    let raw = fs::metadata(raw).unwrap().len();
    Stored {
        items,
        outcome,
        said,
        raw,
    }
}

async fn listen(
    agent: impl Agent,
    spec: RunSpec,
    transcript: &Transcript,
) -> (Vec<Item>, Outcome, u64) {
    let (now, movement): (_, Arc<str>) = (Timestamp(1), "work".into());
    let mut run = agent.start(spec).await.unwrap();
    let (mut items, mut said) = (Vec::new(), 0);
    loop {
        match run.events.recv().await.expect("a run ends") {
            RunEvent::Item(item) => {
                if let Item::Text { text, .. } = &item {
                    said += text.len() as u64;
                }
                if items.len() < 1000 {
                    items.push(item.clone());
                }
                let appended = transcript.append(now, &movement, item).await;
                appended.unwrap();
            }
            RunEvent::Delta { text, thinking } => {
                let told = transcript.delta(now, &movement, text, thinking).await;
                told.unwrap();
            }
            RunEvent::Asked(ask) => panic!("nothing should be asked: {ask:?}"),
            RunEvent::Ended(outcome) => return (items, outcome, said),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_amount_of_output_is_logged_in_bounded_memory() {
    let total = volume(250_000_000);
    let text = format!("head -c {total} /dev/zero | tr '\\0' x | fold -w 999; echo; echo end");
    let spec = |attempt: &Path| {
        let file = attempt.join("run.sh");
        RunSpec {
            env: [("PATH".to_owned(), std::env::var("PATH").unwrap())].into(),
            ..rig::spec::spec(attempt, Work::Script { text, file })
        }
    };
    let stored = stored(Shell::new(Launcher::new(rig::supervisor())), spec).await;
    assert_eq!(stored.said, total + (total - 1) / 999 + 5);
    let Verdict::Completed {
        text,
        exit: Some(0),
    } = stored.outcome.verdict
    else {
        panic!("{:?}", stored.outcome)
    };
    assert!(text.ends_with("x\nend"));
}

/// An agent that prints the recording with a flood in it.
async fn flooded(agent: impl Agent, recording: &str, again: fn(&str) -> bool) {
    let total = volume(30_000_000);
    let printed = Printed::flood(recording, total, again);
    let stored = stored(agent, |attempt| printed.spec(attempt)).await;
    assert_found(&stored.items, &stored.outcome);
    assert!(stored.raw >= total.min(RAW_LOG_CAP), "{}", stored.raw);
    assert!(stored.raw <= RAW_LOG_CAP + 1000, "{}", stored.raw);
    assert!(stored.said > total / 1000, "{}", stored.said);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flood_in_the_lines_of_claude_is_stored_in_bounded_memory_and_hides_no_end() {
    let again = |line: &str| {
        let kinds = ["stream_event", "assistant", "user"];
        let begins = |kind: &&str| line.starts_with(&format!("{{\"type\":\"{kind}\""));
        kinds.iter().any(begins)
    };
    flooded(claude(), "claude/partial.jsonl", again).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flood_in_the_lines_of_codex_is_stored_in_bounded_memory_and_hides_no_end() {
    let again = |line: &str| line.contains("\"method\":\"item/");
    flooded(codex(), "codex/as-sandbox.jsonl", again).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flood_in_the_lines_of_acp_is_stored_in_bounded_memory_and_hides_no_end() {
    let again = |line: &str| {
        let kinds = ["tool_call", "tool_call_update", "agent_message_chunk"];
        let says = |kind: &&str| line.contains(&format!("\"sessionUpdate\":\"{kind}\""));
        kinds.iter().any(says)
    };
    flooded(opencode(), "acp/opencode-allow.jsonl", again).await;
}

/// Runs an agent whose program prints this.
async fn run(agent: impl Agent, printed: &Printed) -> (Vec<Item>, Outcome) {
    let folder = tempfile::tempdir().unwrap();
    let spec = printed.spec(folder.path());
    bounded(async { ended(agent.start(spec).await.unwrap()).await }).await
}

#[tokio::test]
async fn flood_of_garbage_costs_no_memory_and_hides_no_end() {
    let flood = Printed {
        begin: Vec::new(),
        told: garbage(40_000),
        bytes: 20_000_000,
        end: plain(&recording("codex/as-sandbox.jsonl")),
    };
    let (items, outcome) = run(codex(), &flood).await;
    assert_found(&items, &outcome);
}

/// A line that nobody can hold before the recording.
fn long_line(recorded: &str) -> Printed {
    Printed {
        begin: Vec::new(),
        told: vec![b'x'; 50_000],
        bytes: 200_000_000,
        end: [b"\n", &*plain(&recording(recorded))].concat(),
    }
}

#[tokio::test]
async fn line_of_200_mb_is_noted_in_bounded_memory_and_the_result_after_it_counts() {
    let noted = |item: &Item| matches!(item, Item::Error { text } if text.starts_with("unreadable line of 200000000 bytes: xxx"));
    let (items, outcome) = run(claude(), &long_line("claude/partial.jsonl")).await;
    assert!(items.iter().any(noted), "{items:?}");
    assert_found(&items, &outcome);
    let (items, outcome) = run(opencode(), &long_line("acp/opencode-allow.jsonl")).await;
    assert!(items.iter().any(noted), "{items:?}");
    assert_found(&items, &outcome);
}
