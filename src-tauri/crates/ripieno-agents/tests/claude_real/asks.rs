//! What the person is asked, and what the answer does (A5, H3).

use crate::rig::inside::question_by_our_tool;
use crate::{
    bench::{bench, option},
    rig::marked,
};
use ripieno_agents::{
    Access, Approvals, Control, RunSpec,
    stream::{Item, Verdict},
};
use ripieno_core::ask::{Answer, AskKind, AskScope};
use std::fs;

#[tokio::test]
async fn our_own_question_needs_no_leave_and_its_answer_is_seen() {
    let bench = bench!();
    question_by_our_tool(bench.engine).await;
}

#[tokio::test]
async fn edit_inside_passes_and_outside_asks_under_the_default_level() {
    let bench = bench!();
    let spec = |scenario| RunSpec {
        approvals: Approvals::AskRisky,
        ..bench.spec(scenario, "write a.txt: x")
    };
    bench.told(spec("write")).await;
    assert!(bench.work().join("a.txt").exists());
    let mut live = bench.start(spec("outside")).await;
    let ask = live.next_ask().await.expect("an approval");
    assert_eq!(ask.spec.kind, AskKind::Approval);
    assert!(
        ask.spec.text.contains("outside-a.txt") && ask.spec.text.contains("\nx\n"),
        "{}",
        ask.spec.text
    );
    assert!(!bench.root.path().join("outside-a.txt").exists());
    live.answer(&ask, option("allow")).await;
    assert!(live.next_ask().await.is_none());
    assert!(bench.root.path().join("outside-a.txt").exists());
}

#[tokio::test]
async fn command_asks_runs_what_was_shown_and_a_denial_reaches_the_agent() {
    let bench = bench!();
    let spec = || RunSpec {
        approvals: Approvals::AskRisky,
        ..bench.spec("run", "$ ls > seen.txt")
    };
    let mut live = bench.start(spec()).await;
    let ask = live.next_ask().await.expect("an approval");
    assert!(
        ask.spec.text.contains("run this command:\nls > seen.txt"),
        "{}",
        ask.spec.text
    );
    live.answer(&ask, Answer::Text("not today".to_owned()))
        .await;
    assert!(live.next_ask().await.is_none());
    assert!(!bench.work().join("seen.txt").exists());
    assert_eq!((live.text(), live.outcome().denials), ("All done.", 1));
    let told = |item: &Item| matches!(item, Item::ToolResult { output, error: true, .. } if output.contains("not today"));
    assert!(live.items.iter().any(told), "{:?}", live.items);

    let mut live = bench.start(spec()).await;
    let ask = live.next_ask().await.expect("an approval");
    live.answer(&ask, option("allow")).await;
    assert!(live.next_ask().await.is_none());
    assert!(bench.work().join("seen.txt").exists());
}

#[tokio::test]
async fn even_a_harmless_command_asks_when_the_persons_own_settings_allow_it() {
    let bench = bench!();
    let settings = bench.root.path().join("home/.claude");
    fs::create_dir(&settings).unwrap();
    let lax = r#"{"permissions":{"allow":["Bash","Write","Read"],"defaultMode":"acceptEdits"}}"#;
    fs::write(settings.join("settings.json"), lax).unwrap();
    for (scenario, prompt) in [
        ("run", "$ ls"),
        ("write", "write b.txt: x"),
        ("read", "read"),
    ] {
        let spec = RunSpec {
            approvals: Approvals::AskAll,
            ..bench.spec(scenario, prompt)
        };
        let mut live = bench.start(spec).await;
        let ask = live.next_ask().await.expect("an approval");
        live.answer(&ask, option("deny")).await;
        assert!(live.next_ask().await.is_none(), "{scenario}");
        assert_eq!(live.outcome().denials, 1, "{scenario}");
    }
    assert!(!bench.work().join("b.txt").exists());
}

#[tokio::test]
async fn leave_for_the_task_is_asked_once_in_a_loop() {
    let bench = bench!();
    let spec = RunSpec {
        approvals: Approvals::AskRisky,
        ..bench.spec("loop", "go on")
    };
    let mut live = bench.start(spec).await;
    let ask = live.next_ask().await.expect("an approval");
    let answer = Answer::Option {
        id: "allow".to_owned(),
        scope: Some(AskScope::Task),
    };
    live.answer(&ask, answer).await;
    bench.server.requested(6).await;
    live.run.control.send(Control::Stop).await.unwrap();
    assert!(live.next_ask().await.is_none(), "the same call passes now");
    assert_eq!(live.outcome().verdict, Verdict::Stopped);
    assert_eq!(marked(&bench.mark), [] as [i32; 0]);
}

#[tokio::test]
async fn read_access_lets_no_edit_and_no_command_through() {
    let bench = bench!();
    for (scenario, prompt) in [("write", "write a.txt: x"), ("run", "$ touch a.txt")] {
        let spec = RunSpec {
            access: Access::Read,
            ..bench.spec(scenario, prompt)
        };
        let live = bench.told(spec).await;
        assert_eq!((live.text(), live.outcome().denials), ("All done.", 1));
    }
    assert!(!bench.work().join("a.txt").exists());
}

#[tokio::test]
async fn question_is_asked_with_its_options_and_the_answer_is_seen() {
    let bench = bench!();
    let mut live = bench.start(bench.spec("ask2", "ask me")).await;
    let colour = live.next_ask().await.expect("a question");
    let sizes = live.next_ask().await.expect("another");
    assert_eq!(
        (colour.spec.kind, colour.spec.text.as_str()),
        (AskKind::Question, "Which colour?")
    );
    let labels: Vec<&str> = colour
        .spec
        .options
        .iter()
        .map(|option| option.label.as_str())
        .collect();
    assert_eq!(labels, ["Red", "Blue"]);
    live.answer(&colour, option("2")).await;
    live.answer(&sizes, Answer::Text("1,2".to_owned())).await;
    assert!(live.next_ask().await.is_none());
    let text = live.text();
    assert!(text.contains("\"Which colour?\"=\"Blue\""), "{text}");
    assert!(text.contains("\"Which sizes?\"=\"Small, Large\""), "{text}");
}

#[tokio::test]
async fn tool_of_a_server_is_approved_and_its_form_is_filled_in_by_the_person() {
    let bench = bench!();
    let home = bench.root.path().join("home");
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/claude/mcp-form.js"
    );
    let servers = format!(
        r#"{{"mcpServers":{{"human":{{"type":"stdio","command":"node","args":["{script}"]}}}}}}"#
    );
    fs::write(home.join(".claude.json"), servers).unwrap();
    fs::create_dir(home.join(".claude")).unwrap();
    let lax = r#"{"permissions":{"allow":["mcp__human__ask_human"]}}"#;
    fs::write(home.join(".claude/settings.json"), lax).unwrap();
    let mut spec = RunSpec {
        approvals: Approvals::AskRisky,
        ..bench.spec("mcpask", "ask")
    };
    spec.env
        .insert("PATH".to_owned(), std::env::var("PATH").unwrap());
    // Tools of servers are offered at once, not after a search.
    spec.env
        .insert("ENABLE_TOOL_SEARCH".to_owned(), "false".to_owned());
    let mut live = bench.start(spec).await;
    let leave = live.next_ask().await.expect("an approval");
    assert_eq!(leave.spec.kind, AskKind::Approval);
    assert!(
        leave.spec.text.contains("mcp__human__ask_human"),
        "{}",
        leave.spec.text
    );
    live.answer(&leave, option("allow")).await;
    let form = live.next_ask().await.expect("a form");
    assert_eq!(
        (form.spec.kind, form.spec.text.as_str()),
        (AskKind::Question, "human asks: Which colour?")
    );
    live.answer(&form, Answer::Text("Blue".to_owned())).await;
    assert!(live.next_ask().await.is_none());
    assert!(
        live.text().contains(r#"{"colour":"Blue"}"#),
        "{}",
        live.text()
    );
    assert_eq!(marked(&bench.mark), [] as [i32; 0]);
}
