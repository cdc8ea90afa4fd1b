//! Runs from start to end: files, sessions, comments, stops (R3, R4, R9, T13).

use crate::{bench::bench, rig::marked};
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
    // Of a turn opencode tells the last call alone, and the money of all.
    let [usage] = outcome.usage.as_slice() else {
        panic!("{:?}", outcome.usage)
    };
    assert_eq!(usage.model, "scripted/scripted");
    assert_eq!((usage.input, usage.output, usage.cache_read), (110, 20, 50));
    assert!(usage.cost_micros.is_some_and(|cost| cost > 0));
    let requests = bench.server.requests();
    let real = |agent: &str| agent.contains("opencode");
    assert!(
        requests.iter().any(|request| real(&request.user_agent)),
        "{requests:?}"
    );
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
async fn offered_model_is_the_scripted_one_and_a_level_it_has_not_is_left_out() {
    let bench = bench!();
    let spec = RunSpec {
        model: Some("scripted/scripted".to_owned()),
        effort: Some("never-heard-of".to_owned()),
        ..bench.spec("say", "hi")
    };
    let live = bench.told(spec).await;
    assert!(
        matches!(live.outcome().verdict, Verdict::Completed { .. }),
        "{:?}",
        live.outcome()
    );
    let offer = live
        .offer
        .clone()
        .expect("it tells what there is to choose from");
    assert!(
        offer
            .models
            .iter()
            .any(|model| model.id == "scripted/scripted"),
        "{offer:?}"
    );
    let left_out = |item: &Item| matches!(item, Item::Status { text } if text.contains("never-heard-of is left out"));
    assert!(live.items.iter().any(left_out), "{:?}", live.items);
}
