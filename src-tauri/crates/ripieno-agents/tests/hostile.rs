//! A program in an agent's place that prints what no agent should, before and between what one does: whatever the protocol,
//! the one true end is found (R7, R12, rel-9). What it may cost is counted in `volume.rs`.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod rig;

use rig::replay::{Printed, assert_found, codex, ended, opencode, plain, recording, with_noise};
use ripieno_agents::{
    Agent,
    stream::{Item, Outcome, Verdict},
};

/// Runs an agent whose program prints this.
async fn run(agent: impl Agent, printed: &Printed) -> (Vec<Item>, Outcome) {
    let folder = tempfile::tempdir().unwrap();
    let run = agent.start(printed.spec(folder.path())).await.unwrap();
    ended(run).await
}

#[tokio::test]
async fn half_lines_and_bytes_that_are_no_text_hide_no_end_whatever_the_protocol() {
    let noise = |name| Printed::once(&with_noise(&recording(name)));
    let (items, outcome) = run(codex(), &noise("codex/as-sandbox.jsonl")).await;
    assert_found(&items, &outcome);
    let (items, outcome) = run(opencode(), &noise("acp/opencode-allow.jsonl")).await;
    assert_found(&items, &outcome);
}

#[tokio::test]
async fn recording_that_breaks_off_in_the_middle_of_a_line_is_a_failure() {
    let text = plain(&recording("codex/as-sandbox.jsonl"));
    let half = Printed::once(&text[..text.len() / 2]);
    let (_, outcome) = run(codex(), &half).await;
    assert!(matches!(outcome.verdict, Verdict::Failed(_)), "{outcome:?}");
}
