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
    let spec = bench.spec("write", "write note.txt: hello");
    let Session::New(id) = spec.session else {
        panic!()
    };
    let live = bench.told(spec).await;
    assert_eq!(live.text(), "All done.");
    assert_eq!(
        fs::read_to_string(bench.work().join("note.txt")).unwrap(),
        "hello\n"
    );
    assert_eq!(live.session, Some(id.to_string()));
    let outcome = live.outcome();
    assert!(outcome.resumable && outcome.had_output && !outcome.resume_rejected);
    let [usage] = outcome.usage.as_slice() else {
        panic!("{:?}", outcome.usage)
    };
    assert_eq!(
        (
            usage.input,
            usage.output,
            usage.cache_read,
            usage.cache_write
        ),
        (200, 40, 100, 20)
    );
    assert!(usage.cost_micros.is_some_and(|cost| cost > 0));
    let kinds: Vec<&str> = live
        .items
        .iter()
        .map(|item| match item {
            Item::ToolCall { tool, .. } => tool.as_str(),
            Item::ToolResult { error: false, .. } => "result",
            Item::Text { .. } => "text",
            Item::Usage(_) => "usage",
            Item::Status { .. } => "status",
            _ => "other",
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "status", "text", "Write", "result", "usage", "text", "usage"
        ],
        "usage is told after each call"
    );
    let requests = bench.server.requests();
    assert!(
        requests
            .iter()
            .any(|request| request.user_agent.contains("claude-cli")),
        "{requests:?}"
    );
    assert!(
        requests
            .iter()
            .all(|request| request.prompt.is_empty() || request.prompt.contains("hello"))
    );
}

#[tokio::test]
async fn session_is_resumed_also_after_a_stop_over_an_open_question() {
    let bench = bench!();
    let mut live = bench.start(bench.spec("ask", "ask me")).await;
    live.next_ask().await.expect("a question");
    live.run.control.send(Control::Stop).await.unwrap();
    assert!(live.next_ask().await.is_none());
    assert_eq!(live.outcome().verdict, Verdict::Stopped);
    assert!(live.outcome().resumable);
    assert_eq!(marked(&bench.mark), [] as [i32; 0]);
    let id = live.session.clone().expect("a session");
    let spec = RunSpec {
        session: Session::Resume(id.clone()),
        ..bench.spec("say", "Blue it is")
    };
    let live = bench.told(spec).await;
    assert_eq!(
        (live.text(), live.session.as_deref()),
        ("You said: Blue it is", Some(id.as_str()))
    );
}

#[tokio::test]
async fn stop_while_the_model_is_silent_leaves_no_process() {
    let bench = bench!();
    let mut live = bench.start(bench.spec("hang", "hi")).await;
    bench.server.requested(1).await;
    live.run.control.send(Control::Stop).await.unwrap();
    assert!(live.next_ask().await.is_none());
    assert_eq!(live.outcome().verdict, Verdict::Stopped);
    assert!(!live.outcome().had_output);
    assert_eq!(marked(&bench.mark), [] as [i32; 0]);
}

#[tokio::test]
async fn stop_while_a_tool_runs_leaves_no_process_of_the_tool() {
    let bench = bench!();
    let mut live = bench.start(bench.spec("sleep", "hi")).await;
    live.until(|item| matches!(item, Item::ToolCall { .. }))
        .await;
    let working = || marked(&bench.mark).iter().any(|pid| is_tail(*pid));
    until("the tool runs", working).await;
    live.run.control.send(Control::Stop).await.unwrap();
    assert!(live.next_ask().await.is_none());
    assert_eq!(live.outcome().verdict, Verdict::Stopped);
    assert!(live.outcome().resumable);
    assert_eq!(
        live.outcome()
            .usage
            .iter()
            .map(|usage| usage.input)
            .sum::<u64>(),
        100
    );
    assert_eq!(marked(&bench.mark), [] as [i32; 0]);
}

fn is_tail(pid: i32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with(b"tail\0"))
}

#[tokio::test]
async fn run_that_nobody_holds_any_more_is_killed() {
    let bench = bench!();
    let mut live = bench.start(bench.spec("sleep", "hi")).await;
    live.until(|item| matches!(item, Item::ToolCall { .. }))
        .await;
    drop(live);
    until("everything is gone", || marked(&bench.mark).is_empty()).await;
}

#[tokio::test]
async fn comment_is_delivered_at_the_turn_boundary_and_the_run_goes_on() {
    let bench = bench!();
    let mut live = bench.start(bench.spec("slow", "hi")).await;
    bench.server.requested(1).await;
    let comment = Control::Comment {
        id: 7,
        text: "and be brief".to_owned(),
    };
    live.run.control.send(comment).await.unwrap();
    assert!(live.next_ask().await.is_none());
    assert_eq!(live.delivered, [7]);
    assert_eq!(
        live.outcome()
            .usage
            .iter()
            .map(|usage| usage.input)
            .sum::<u64>(),
        200
    );
    let prompts: Vec<String> = bench
        .server
        .requests()
        .into_iter()
        .map(|request| request.prompt)
        .collect();
    assert!(
        prompts
            .last()
            .is_some_and(|prompt| prompt.contains("and be brief")),
        "{prompts:?}"
    );
}

#[tokio::test]
async fn sub_agent_works_to_its_end_before_the_run_is_over() {
    let bench = bench!();
    let live = bench.told(bench.spec("agent", "delegate")).await;
    assert_eq!(live.text(), "All done.");
    let by_agent = |item: &Item| match item {
        Item::Text {
            stream: Some(stream),
            ..
        } => stream.starts_with("agent:"),
        Item::ToolCall { parent, .. } => parent.is_some(),
        _ => false,
    };
    assert!(live.items.iter().any(by_agent), "{:?}", live.items);
}

#[tokio::test]
async fn output_of_three_megabytes_and_a_prompt_of_one_are_taken() {
    let bench = bench!();
    let prompt = "x ".repeat(500_000);
    let live = bench.told(bench.spec("big", &prompt)).await;
    assert_eq!(live.text().len(), 300_000);
    assert!(
        bench
            .server
            .requests()
            .iter()
            .any(|request| request.bytes > 1_000_000)
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
    let levels = |model| offer.levels_of(model).unwrap_or_default().to_vec();
    let able = offer
        .models
        .iter()
        .find(|model| !levels(Some(&model.id)).is_empty());
    let able = able.expect("a model with levels").id.clone();
    let spec = RunSpec {
        effort: levels(Some(&able)).pop(),
        model: Some(able),
        ..bench.spec("say", "hi")
    };
    assert!(spec.effort.is_some());
    let live = bench.told(spec).await;
    assert!(
        matches!(live.outcome().verdict, Verdict::Completed { .. }),
        "{:?}",
        live.outcome()
    );
}
