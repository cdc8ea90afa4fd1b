//! Runs from start to end: files, sessions, comments, stops (R3, R4, R9, T13).

use crate::{
    bench::bench,
    rig::{marked, until},
};
use ripieno_agents::{
    Control, RunSpec, Session,
    stream::{Item, Verdict},
};
use std::fs;

#[tokio::test]
async fn trusted_run_writes_a_real_file_and_reports_session_tools_and_usage() {
    let bench = bench!();
    let live = bench
        .told(bench.spec("write", "write note.txt: hello"))
        .await;
    assert_eq!(live.text(), "All done.");
    let written = fs::read_to_string(bench.work().join("note.txt")).unwrap();
    assert_eq!(written, "hello\n");
    assert!(live.session.is_some());
    let outcome = live.outcome();
    assert!(outcome.resumable && outcome.had_output && !outcome.resume_rejected);
    let [usage] = outcome.usage.as_slice() else {
        panic!("{:?}", outcome.usage)
    };
    assert_eq!(usage.model, "scripted");
    assert_eq!(
        (usage.input, usage.output, usage.cache_read),
        (220, 40, 100)
    );
    let kinds: Vec<&str> = live
        .items
        .iter()
        .filter_map(|item| match item {
            Item::ToolCall { tool, .. } => Some(tool.as_str()),
            Item::ToolResult { error: false, .. } => Some("result"),
            Item::Text { .. } => Some("text"),
            Item::Usage(_) => Some("usage"),
            _ => None,
        })
        .collect();
    assert_eq!(
        kinds,
        ["text", "shell", "result", "usage", "text", "usage"],
        "usage is told after each call"
    );
    let requests = bench.server.requests();
    let real = |agent: &str| agent.contains("ripieno") || agent.contains("codex");
    assert!(
        requests.iter().any(|request| real(&request.user_agent)),
        "{requests:?}"
    );
}

#[tokio::test]
async fn session_is_resumed_and_counts_only_what_the_new_run_used() {
    let bench = bench!();
    let live = bench.told(bench.spec("say", "first")).await;
    let id = live.session.clone().expect("a session");
    let spec = RunSpec {
        session: Session::Resume(id.clone()),
        ..bench.spec("say", "second")
    };
    let live = bench.told(spec).await;
    assert_eq!(live.text(), "You said: second");
    assert_eq!(live.session.as_deref(), Some(id.as_str()));
    assert_eq!(live.outcome().usage[0].input, 110);
}

#[tokio::test]
async fn session_is_resumed_also_after_a_stop_over_an_open_approval() {
    let bench = bench!();
    let spec = RunSpec {
        approvals: ripieno_agents::Approvals::AskAll,
        ..bench.spec("ok", "write it")
    };
    let mut live = bench.start(spec).await;
    live.next_ask().await.expect("an approval");
    live.run.control.send(Control::Stop).await.unwrap();
    assert!(live.next_ask().await.is_none());
    assert_eq!(live.outcome().verdict, Verdict::Stopped);
    assert!(live.outcome().resumable);
    assert_eq!(marked(&bench.mark), [] as [i32; 0]);
    let spec = RunSpec {
        session: Session::Resume(live.session.clone().expect("a session")),
        ..bench.spec("say", "go on")
    };
    assert_eq!(bench.told(spec).await.text(), "You said: go on");
}

#[tokio::test]
async fn stop_while_the_model_is_silent_leaves_no_process() {
    let bench = bench!();
    let mut live = bench.start(bench.spec("hang", "hi")).await;
    bench.server.requested(1).await;
    live.run.control.send(Control::Stop).await.unwrap();
    assert!(live.next_ask().await.is_none());
    assert_eq!(live.outcome().verdict, Verdict::Stopped);
    assert_eq!(marked(&bench.mark), [] as [i32; 0]);
}

#[tokio::test]
async fn stop_while_a_tool_runs_leaves_no_process_of_the_tool() {
    let bench = bench!();
    let mut live = bench.start(bench.spec("sleep", "hi")).await;
    live.until(|item| matches!(item, Item::ToolCall { .. }))
        .await;
    let tail = |pid: i32| {
        fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with(b"tail\0"))
    };
    until("the tool runs", || {
        marked(&bench.mark).into_iter().any(tail)
    })
    .await;
    live.run.control.send(Control::Stop).await.unwrap();
    assert!(live.next_ask().await.is_none());
    assert_eq!(live.outcome().verdict, Verdict::Stopped);
    assert!(live.outcome().resumable);
    assert_eq!(marked(&bench.mark), [] as [i32; 0]);
}

#[tokio::test]
async fn comment_reaches_the_agent_at_its_next_turn() {
    let bench = bench!();
    let mut live = bench.start(bench.spec("slow", "count")).await;
    bench.server.requested(1).await;
    let comment = Control::Comment {
        id: 7,
        text: "and then stop".to_owned(),
    };
    live.run.control.send(comment).await.unwrap();
    assert!(live.next_ask().await.is_none());
    assert_eq!(live.delivered, [7]);
    let requests = bench.server.requests();
    assert!(
        requests
            .iter()
            .any(|request| request.prompt.contains("and then stop")),
        "{requests:?}"
    );
}

#[tokio::test]
async fn offered_models_have_levels_and_one_of_them_is_taken() {
    let bench = bench!();
    let live = bench.told(bench.spec("say", "hi")).await;
    let offer = live
        .offer
        .clone()
        .expect("it tells what there is to choose from");
    let levels = offer.levels.clone().expect("the usual model has levels");
    assert!(!offer.models.is_empty() && !levels.is_empty(), "{offer:?}");
    let spec = RunSpec {
        effort: levels.first().cloned(),
        ..bench.spec("say", "hi")
    };
    let live = bench.told(spec).await;
    assert!(
        matches!(live.outcome().verdict, Verdict::Completed { .. }),
        "{:?}",
        live.outcome()
    );
}
