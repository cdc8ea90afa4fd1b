//! A task of the real worker whose agent is a real one: what carries its tools has that task's authority.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../../../../../tests/journeys/rig/mod.rs"]
mod journey;

use journey::{stage::Stage, wait_for};
use ripieno_testkit::agents::Engine;
use serde_json::json;
use std::time::Duration;

/// How long the question may take to come: some agents take a while to start on a busy machine.
const PATIENT: Duration = Duration::from_secs(120);

/// The model calls our `ask_human`: nobody is asked for leave, also where everything asks, the question is a durable ask of the
/// worker, and the answer reaches the model.
pub async fn question_by_our_tool(engine: Engine) {
    let asked = tokio::task::spawn_blocking(move || asked_and_answered(engine));
    if let Err(broken) = asked.await {
        std::panic::resume_unwind(broken.into_panic());
    }
}

fn asked_and_answered(engine: Engine) {
    let stage = Stage::set(engine).expect("its program");
    let folder = stage.repository();
    let daemon = stage.daemon("mcpask");
    let mut client = daemon.client();
    let id = stage.add(&mut client, "Paint it.", &folder, "ask_all");
    let mut log = String::new();
    let ask = wait_for(PATIENT, || {
        let asks = client.call("ask.list", json!({}))["asks"].clone();
        log = client.task(&id)["state"].to_string();
        let over = ["done", "failed", "dead"]
            .iter()
            .any(|end| log.contains(end));
        (over || asks[0].is_object()).then(|| asks[0].clone())
    });
    let mut logs = || {
        client
            .call("task.logs", json!({ "id": id, "attempt": 1 }))
            .to_string()
    };
    let ask = ask.unwrap_or_else(|| panic!("nothing was asked in time: {}", logs()));
    assert!(ask.is_object(), "nothing was asked: {log} {}", logs());
    assert_eq!(ask["kind"], "question", "{ask:#} {}", logs());
    assert_eq!(ask["text"], "Which colour?", "{ask:#}");
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": "Blue" }),
    );
    let view = client.wait_done(&id);
    let attempt = view["attempt"].as_u64().unwrap().try_into().unwrap();
    let said = client.said(&id, attempt);
    assert!(said.contains("The person answers: Blue"), "{said} {view:#}");
}
