//! What the person is asked, and what the answer does (A5, H3).

use crate::bench::{bench, option};
use crate::rig::inside::question_by_our_tool;
use ripieno_agents::{Access, Approvals, RunSpec, stream::Item};
use ripieno_core::ask::{Answer, AskKind, AskScope};

#[tokio::test]
async fn our_own_question_needs_no_leave_and_its_answer_is_seen() {
    let bench = bench!();
    question_by_our_tool(bench.engine).await;
}

#[tokio::test]
async fn command_asks_runs_what_was_shown_and_a_denial_reaches_the_agent() {
    let bench = bench!();
    let spec = || RunSpec {
        approvals: Approvals::AskRisky,
        ..bench.spec("run", "$ touch seen.txt")
    };
    let mut live = bench.start(spec()).await;
    let ask = live.next_ask().await.expect("an approval");
    assert_eq!(ask.spec.kind, AskKind::Approval);
    assert!(
        ask.spec.text.contains("touch seen.txt"),
        "{}",
        ask.spec.text
    );
    live.answer(&ask, Answer::Text("not today".to_owned()))
        .await;
    // Told so, the model tries something else, which is refused without words.
    while let Some(ask) = live.next_ask().await {
        live.answer(&ask, option("deny")).await;
    }
    assert!(!bench.work().join("seen.txt").exists());
    assert!(live.outcome().denials >= 1);
    let told = |request: &ripieno_testkit::Logged| request.prompt.contains("not today");
    assert!(bench.server.requests().iter().any(told));

    let mut live = bench.start(spec()).await;
    let ask = live.next_ask().await.expect("an approval");
    live.answer(&ask, option("allow")).await;
    assert!(live.next_ask().await.is_none());
    assert!(bench.work().join("seen.txt").exists());
    assert_eq!((live.text(), live.outcome().denials), ("All done.", 0));
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
