//! A real worker with a task that stands still: what carries its token and marker has that task's authority.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../../../../../tests/journeys/rig/mod.rs"]
mod journey;

use super::bench::Bench;
use journey::{Client, Daemon, Home, PATIENCE, ripieno, wait_for};
use ripieno_agents::{Agent, Approvals, RunSpec, process::TASK_MARKER, tools::TaskTools};
use serde_json::{Value, json};
use std::time::Duration;

/// How long the question may take to come: some agents take a while to start on a busy machine.
const PATIENT: Duration = Duration::from_secs(120);

/// A worker, and inside it a task.
pub struct Inside {
    client: Client,
    uuid: String,
    token: String,
    daemon: Daemon,
    _home: Home,
}

impl Inside {
    /// Starts both.
    pub fn start() -> Self {
        let home = Home::new();
        let daemon = home.daemon();
        let mut client = daemon.client();
        let script = "printf %s \"$RIPIENO_TASK_TOKEN\" > \"$RIPIENO_OUTPUTS/token\"; touch \"$RIPIENO_OUTPUTS/there\"; tail -f /dev/null";
        let id = client.script(script, json!({}));
        let view = client.task(&id);
        let outputs = std::path::PathBuf::from(view["outputs"].as_str().unwrap());
        let there = outputs.join("there");
        wait_for(PATIENCE, || there.exists().then_some(())).expect("the task runs");
        Inside {
            client,
            uuid: view["id"].as_str().unwrap().to_owned(),
            token: std::fs::read_to_string(outputs.join("token")).unwrap(),
            daemon,
            _home: home,
        }
    }

    /// Lets a run be one of the task: with its tools, its token and its marker.
    pub fn equip(&self, spec: &mut RunSpec) {
        let socket = self.daemon.socket.clone();
        let own = [
            ("RIPIENO_SOCKET", socket.display().to_string()),
            ("RIPIENO_TASK_TOKEN", self.token.clone()),
            (TASK_MARKER, self.uuid.clone()),
        ];
        spec.env
            .extend(own.map(|(name, value)| (name.to_owned(), value)));
        spec.tools = Some(TaskTools {
            command: ripieno(),
            socket,
            window: Duration::from_secs(600),
        });
    }

    /// Waits for the task's question and answers it; how it was asked.
    pub fn answer(&mut self, answer: &str) -> Value {
        let ask = wait_for(PATIENT, || {
            self.client.call("ask.list", json!({}))["asks"]
                .get(0)
                .cloned()
        });
        let ask = ask.expect("the question reaches the person");
        let said = json!({ "id": ask["short_id"], "option": answer });
        self.client.call("ask.answer", said);
        ask
    }
}

/// The model calls our `ask_human`: nobody is asked for leave, the question is a durable ask of the worker, and the answer reaches
/// the model.
pub async fn question_by_our_tool<A: Agent>(bench: &Bench<A>) {
    let mut inside = tokio::task::spawn_blocking(Inside::start).await.unwrap();
    let mut spec = bench.spec("mcpask", "Paint it.");
    spec.approvals = Approvals::AskAll;
    inside.equip(&mut spec);
    let mut live = bench.start(spec).await;
    let answered = tokio::task::spawn_blocking(move || (inside.answer("Blue"), inside));
    if let Some(ask) = live.next_ask().await {
        panic!("leave for a tool of ours is asked for: {ask:?}");
    }
    let outcome = live.outcome().clone();
    let (ask, _inside) = tokio::time::timeout(PATIENT, answered)
        .await
        .unwrap_or_else(|_| panic!("nothing was asked: {outcome:?} {:?}", live.items))
        .unwrap();
    assert_eq!(
        (&ask["kind"], &ask["text"]),
        (&json!("question"), &json!("Which colour?"))
    );
    assert!(
        live.text().contains("The person answers: Blue"),
        "{outcome:?} {:?}",
        live.items
    );
}
