//! A quarter of a gigabyte of output (`RIPIENO_VOLUME` bytes, where set), alone in its process: memory stays bounded and nothing is lost of the end (R12, rel-9).

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod rig;

use ripieno_agents::{
    Access, Agent, Approvals, Limits, RunSpec, Session, Work,
    process::Launcher,
    shell::Shell,
    stream::{RunEvent, Verdict},
    transcript::{CAP, Reader, Transcript, TranscriptSpec},
};
use ripieno_core::time::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// How many bytes the script prints, but for newlines: unoptimised, a whole gigabyte takes half a minute.
fn volume() -> usize {
    std::env::var("RIPIENO_VOLUME").map_or(250_000_000, |bytes| bytes.parse().unwrap())
}

/// The highest this process's memory has been, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_amount_of_output_is_logged_in_bounded_memory() {
    let total = volume();
    let folder = tempfile::tempdir().unwrap();
    let attempt = folder.path().join("1");
    std::fs::create_dir(&attempt).unwrap();
    let text = format!("head -c {total} /dev/zero | tr '\\0' x | fold -w 999; echo; echo end");
    let spec = RunSpec {
        work: Work::Script {
            text,
            file: attempt.join("run.sh"),
        },
        folder: folder.path().to_owned(),
        env: [("PATH".to_owned(), std::env::var("PATH").unwrap())].into(),
        session: Session::New(uuid::Uuid::nil()),
        model: None,
        effort: None,
        approvals: Approvals::default(),
        access: Access::default(),
        limits: Limits {
            idle: None,
            tool: None,
            working: None,
            grace: Duration::from_secs(1),
        },
        raw_log: attempt.join("raw.log"),
        spill: attempt.clone(),
        title: "volume".to_owned(),
        most_micros: None,
        tools: None,
    };
    let reader = Reader::new(folder.path().to_owned());
    let path = attempt.join("transcript.jsonl");
    let transcript = TranscriptSpec::new(path.clone(), attempt, 1, 1);
    let transcript = Transcript::open(transcript, watch::channel(0).0)
        .await
        .unwrap();
    let movement: Arc<str> = "run".into();
    let before = peak();
    let mut run = Shell::new(Launcher::new(rig::supervisor()))
        .start(spec)
        .await
        .unwrap();
    let mut bytes = 0;
    let outcome = loop {
        match run.events.recv().await.expect("a run ends") {
            RunEvent::Item(item) => {
                if let ripieno_agents::stream::Item::Text { text, .. } = &item {
                    bytes += text.len();
                }
                transcript
                    .append(Timestamp(1), &movement, item)
                    .await
                    .unwrap();
            }
            RunEvent::Ended(outcome) => break outcome,
            _ => {}
        }
    };
    let last = transcript.finish().await.unwrap();
    assert_eq!(bytes, total + (total - 1) / 999 + 5);
    let Verdict::Completed {
        text,
        exit: Some(0),
    } = outcome.verdict
    else {
        panic!()
    };
    assert!(text.ends_with("x\nend"));
    let size = std::fs::metadata(path).unwrap().len();
    assert!(size <= CAP + 1000, "{size}");
    assert_eq!(reader.last().unwrap(), last);
    let rise = peak() - before;
    println!("memory rose by {rise} KiB");
    assert!(rise < 64 * 1024, "memory rose by {rise} KiB");
}
