//! What the person is asked, and what the answer does (A5, H3).

use crate::bench::bench;
use crate::rig::inside::question_by_our_tool;
use ripieno_agents::{Access, Approvals, RunSpec, stream::Item};
use ripieno_core::ask::{Answer, AskScope};

#[tokio::test]
async fn our_own_question_needs_no_leave_and_its_answer_is_seen() {
    let bench = bench!();
    question_by_our_tool(bench.engine).await;
}

#[tokio::test]
async fn leave_for_the_task_is_not_asked_for_again() {
    let bench = bench!();
    let spec = RunSpec {
        approvals: Approvals::AskRisky,
        ..bench.spec("loop", "hi")
    };
    let mut live = bench.start(spec).await;
    let ask = live.next_ask().await.expect("an approval");
    let always = Answer::Option {
        id: "allow".to_owned(),
        scope: Some(AskScope::Task),
    };
    live.answer(&ask, always).await;
    // The model calls the same command again and again: the second result comes without a question between.
    let results = |items: &[Item]| {
        let result = |item: &&Item| matches!(item, Item::ToolResult { error: false, .. });
        items.iter().filter(result).count()
    };
    while results(&live.items) < 2 {
        let seen = live.items.len();
        live.until_more(seen).await;
    }
}

#[tokio::test]
async fn reading_step_gets_no_command_through() {
    let bench = bench!();
    let spec = RunSpec {
        access: Access::Read,
        ..bench.spec("run", "$ touch seen.txt")
    };
    let live = bench.told(spec).await;
    assert!(!bench.work().join("seen.txt").exists());
    assert_eq!(live.outcome().denials, 1);
}

#[tokio::test]
async fn repository_cannot_allow_itself_what_asks() {
    let bench = bench!();
    let settings = r#"{"default_agent": "x", "permission": {"bash": "allow"}, "agent": {
        "build": {"permission": {"bash": "allow"}},
        "x": {"mode": "primary", "description": "x", "prompt": "x", "permission": {"bash": "allow"}}}}"#;
    std::fs::write(bench.work().join("opencode.json"), settings).unwrap();
    let spec = RunSpec {
        approvals: Approvals::AskRisky,
        ..bench.spec("run", "$ touch seen.txt")
    };
    let mut live = bench.start(spec).await;
    live.next_ask().await.expect("an approval");
    assert!(!bench.work().join("seen.txt").exists());
}
