//! A program in an agent's place that prints what no agent should, before and between what one does: whatever the protocol,
//! memory stays bounded and the one true end is found (R7, R12, rel-9).

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod rig;

use ripieno_agents::{
    Access, Agent, Approvals, Control, Limits, RunSpec, Session, Work,
    acp::{Acp, Profile},
    codex::Codex,
    process::Launcher,
    stream::{Item, Outcome, RunEvent, Verdict},
};
use ripieno_core::ask::Answer;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// The program that prints; built beside this test by the same cargo call.
fn replayer() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test
        .parent()
        .and_then(Path::parent)
        .unwrap()
        .join("ripieno-replay");
    assert!(
        program.exists(),
        "{} is missing: run `cargo build -p ripieno-testkit` first",
        program.display()
    );
    program
}

/// What a real agent printed in a run that was completed.
fn recording(name: &str) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name);
    let text = fs::read_to_string(file).unwrap();
    text.lines()
        .filter_map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            (value["_dir"] == "out").then(|| value["msg"].to_string())
        })
        .collect()
}

/// Runs an agent whose program prints `told` up to so many bytes, and then `end`.
async fn run(agent: impl Agent, told: &[u8], bytes: usize, end: &[u8]) -> (Vec<Item>, Outcome) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let env = BTreeMap::from([
        ("RIPIENO_REPLAY".to_owned(), file("told", told)),
        ("RIPIENO_REPLAY_BYTES".to_owned(), bytes.to_string()),
        ("RIPIENO_REPLAY_END".to_owned(), file("end", end)),
    ]);
    let spec = RunSpec {
        work: Work::Prompt("hi".to_owned()),
        folder: folder.path().to_owned(),
        env,
        session: Session::New(uuid::Uuid::nil()),
        model: None,
        effort: None,
        approvals: Approvals::Trusted,
        access: Access::default(),
        limits: Limits {
            idle: None,
            tool: None,
            working: None,
            grace: Duration::from_secs(1),
        },
        raw_log: folder.path().join("raw.log"),
        spill: folder.path().to_owned(),
        title: String::new(),
        most_micros: None,
        tools: None,
    };
    let mut run = agent.start(spec).await.unwrap();
    let mut items = Vec::new();
    loop {
        match run
            .events
            .recv()
            .await
            .expect("the end comes before the channel's")
        {
            // Kept only as far as a test looks: what is told here is a flood.
            RunEvent::Item(item) if items.len() < 1000 => items.push(item),
            RunEvent::Asked(raised) => {
                let answer = Answer::Option {
                    id: raised.spec.options[0].id.clone(),
                    scope: None,
                };
                let key = raised.key;
                run.control.send(Control::Answer { key, answer }).await.ok();
            }
            RunEvent::Ended(outcome) => return (items, outcome),
            _ => {}
        }
    }
}

fn codex() -> Codex {
    Codex::new(replayer(), Launcher::new(rig::supervisor()))
}

fn opencode() -> Acp {
    let profile = Profile::known("opencode").unwrap();
    Acp::new(profile, replayer(), Launcher::new(rig::supervisor()))
}

/// Each line with the half of it before, and noise that is no text after it.
fn with_noise(lines: &[String]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in lines {
        bytes.extend_from_slice(&line.as_bytes()[..line.len() / 2]);
        bytes.extend_from_slice(b"\n\xff\xfe\0\0\n[1,2]\nnull\n\n");
        bytes.extend_from_slice(line.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

fn assert_found(items: &[Item], outcome: &Outcome) {
    assert!(
        matches!(outcome.verdict, Verdict::Completed { .. }),
        "{outcome:?} {items:?}"
    );
    let noted = items
        .iter()
        .filter(|item| matches!(item, Item::Error { text } if text.starts_with("unreadable line")))
        .count();
    assert!(
        (1..=20).contains(&noted),
        "a flood of noise is a few notes: {noted}"
    );
}

#[tokio::test]
async fn half_lines_and_bytes_that_are_no_text_hide_no_end_whatever_the_protocol() {
    let lines = with_noise(&recording("codex/as-sandbox.jsonl"));
    let (items, outcome) = run(codex(), b"", 0, &lines).await;
    assert_found(&items, &outcome);
    let lines = with_noise(&recording("acp/opencode-allow.jsonl"));
    let (items, outcome) = run(opencode(), b"", 0, &lines).await;
    assert_found(&items, &outcome);
}

#[tokio::test]
async fn flood_of_garbage_and_a_line_of_200_mb_cost_no_memory_and_hide_no_end() {
    let garbage: Vec<u8> = (0..40_000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let before = peak();
    let end = recording("codex/as-sandbox.jsonl").join("\n") + "\n";
    let (items, outcome) = run(codex(), &garbage, 20_000_000, end.as_bytes()).await;
    assert_found(&items, &outcome);
    let end = format!("\n{}\n", recording("acp/opencode-allow.jsonl").join("\n"));
    let (items, outcome) = run(opencode(), &[b'x'; 65_536], 200_000_000, end.as_bytes()).await;
    assert_found(&items, &outcome);
    let rise = peak() - before;
    assert!(rise < 64 * 1024, "memory rose by {rise} KiB");
}

#[tokio::test]
async fn recording_that_breaks_off_in_the_middle_of_a_line_is_a_failure() {
    let text = recording("codex/as-sandbox.jsonl").join("\n");
    let half = &text.as_bytes()[..text.len() / 2];
    let (_, outcome) = run(codex(), b"", 0, half).await;
    assert!(matches!(outcome.verdict, Verdict::Failed(_)), "{outcome:?}");
}

/// The highest this process's memory has been, in KiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_ascii_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap()
}
