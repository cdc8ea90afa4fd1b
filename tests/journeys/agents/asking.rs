//! Our own tools in every agent (A6): a question reaches the person, its answer the model, whatever happens in between; what an
//! agent writes down is seen.

use super::{PATIENCE, Stage, marked, open_ask, wait_for};
use ripieno_testkit::agents::Engine;
use serde_json::{Value, json};
use std::time::Duration;

/// Answers the question as the person does.
fn answer(client: &mut super::Client, ask: &Value) {
    assert_eq!(ask["kind"], "question", "{ask:#}");
    assert_eq!(ask["text"], "Which colour?");
    assert_eq!(ask["options"][1]["label"], "Blue", "{ask:#}");
    let said = json!({ "id": ask["short_id"], "option": "Blue" });
    client.call("ask.answer", said);
}

fn logs(client: &mut super::Client, id: &str, attempt: u32) -> String {
    let asked = json!({ "id": id, "attempt": attempt });
    client.call("task.logs", asked).to_string()
}

/// The sessions of the attempts, oldest first.
fn sessions(client: &mut super::Client, id: &str) -> Vec<String> {
    let timeline = client.call("task.timeline", json!({ "id": id }));
    let attempts = timeline["attempts"].as_array().expect("attempts").clone();
    let session = |attempt: &Value| attempt["session"].as_str().map(str::to_owned);
    attempts.iter().filter_map(session).collect()
}

#[test]
fn question_by_our_tool_is_answered_in_place() {
    for stage in Stage::each() {
        let folder = stage.repository();
        let daemon = stage.daemon("mcpask");
        let mut client = daemon.client();
        // Even where everything asks, nobody is asked for leave to ask.
        let id = stage.add(&mut client, "Paint it.", &folder, "ask_all");
        let ask = open_ask(&mut client);
        assert_eq!(client.state(&id), "needs_input");
        answer(&mut client, &ask);
        let view = client.wait_done(&id);
        assert_eq!(view["attempt"], 1, "{view:#}");
        let log = client.said(&id, 1);
        let seen = log.split_once("Answer seen: ").map(|(_, rest)| rest);
        assert!(
            seen.is_some_and(|rest| rest.contains("The person answers: Blue")),
            "{log}"
        );
    }
}

#[test]
fn late_answer_to_our_tool_resumes_the_session_and_holds_no_slot_meanwhile() {
    for stage in Stage::each_with("\n[ask]\nwindow = \"2s\"\n") {
        let folder = stage.repository();
        let daemon = stage.daemon("mcpask");
        let mut client = daemon.client();
        let id = stage.add(&mut client, "Paint it.", &folder, "ask_all");
        let ask = open_ask(&mut client);
        let free = wait_for(PATIENCE, || {
            let status = client.call("status", json!({}));
            (status["slots"]["used"] == 0).then_some(())
        });
        assert!(free.is_some(), "the slot is given back while it waits");
        let view = client.task(&id);
        assert_eq!(view["state"], "needs_input", "{view:#}");
        let uuid = view["id"].as_str().expect("an id").to_owned();
        assert_eq!(marked("RIPIENO_TASK_ID", &uuid), Vec::<i32>::new());
        answer(&mut client, &ask);
        let view = client.wait_done(&id);
        assert_eq!(
            (&view["attempt"], &view["tries_used"]),
            (&json!(2), &json!(0)),
            "{view:#}"
        );
        let sessions = sessions(&mut client, &id);
        assert!(
            sessions.len() == 2 && sessions[0] == sessions[1],
            "{sessions:?}"
        );
        let log = client.said(&id, 2);
        assert!(log.contains("Answer told: Blue"), "{log}");
    }
}

#[test]
fn question_by_our_tool_outlives_a_killed_worker() {
    // Claude Code's own question is killed elsewhere.
    let Some(stage) = Stage::set(Engine::Codex) else {
        return;
    };
    let folder = stage.repository();
    let mut daemon = stage.daemon("mcpask");
    let mut client = daemon.client();
    let id = stage.add(&mut client, "Paint it.", &folder, "ask_all");
    let ask = open_ask(&mut client);
    let uuid = client.task(&id)["id"].as_str().expect("an id").to_owned();
    daemon.kill();
    let gone = wait_for(Duration::from_secs(7), || {
        marked("RIPIENO_TASK_ID", &uuid).is_empty().then_some(())
    });
    assert!(
        gone.is_some(),
        "left: {:?}",
        marked("RIPIENO_TASK_ID", &uuid)
    );
    let daemon = stage.daemon("mcpask");
    let mut client = daemon.client();
    assert_eq!(client.state(&id), "needs_input");
    answer(&mut client, &ask);
    let view = client.wait_done(&id);
    assert_eq!(
        (&view["attempt"], &view["tries_used"]),
        (&json!(2), &json!(0)),
        "{view:#}"
    );
    // In its session where the program had stored it, else in a fresh one that is told everything (R4).
    let told = client.said(&id, 2).contains("Answer told: Blue");
    let log = logs(&mut client, &id, 2);
    assert!(told || log.contains("The person answers: Blue"), "{log}");
}

#[test]
fn what_an_agent_writes_down_is_seen_and_outlives_its_turn() {
    let Some(stage) = Stage::set(Engine::Claude) else {
        return;
    };
    let folder = stage.repository();
    let daemon = stage.daemon("use");
    let mut client = daemon.client();
    let mut done = |words: &str| {
        let id = stage.add(&mut client, words, &folder, "ask_all");
        let view = client.wait_done(&id);
        (view, logs(&mut client, &id, 1))
    };
    let (_, log) = done("use report_progress {\"text\": \"halfway there\"}");
    assert!(log.contains("\"text\":\"halfway there\""), "{log}");
    let steps = "use update_checklist {\"steps\": [{\"text\": \"look\", \"state\": \"done\"}, \
                     {\"text\": \"mend\", \"state\": \"doing\"}]}";
    let (view, log) = done(steps);
    let kept = json!([{"text": "look", "state": "done"}, {"text": "mend", "state": "doing"}]);
    assert_eq!(view["checklist"], kept);
    assert!(log.contains("\"kind\":\"plan\""), "{log}");
    let (view, _) = done("use update_brief {\"text\": \"Find the leak.\"}");
    assert_eq!(view["brief"], "Find the leak.");
    let report = "use submit_result {\"status\": \"completed\", \"summary\": \"It is mended.\"}";
    let (view, _) = done(report);
    assert_eq!(view["result"]["summary"], "It is mended.", "{view:#}");
    let report = "use submit_result {\"status\": \"blocked\", \"summary\": \"No key.\"}";
    let id = stage.add(&mut client, report, &folder, "ask_all");
    let view = client.wait_state(&id, &["needs_input", "done"]);
    let told = view["asks"][0]["text"].to_string();
    assert!(told.contains("No key."), "{view:#}");
    let (code, shown, _) = stage.home.run(&["task", "show", "2"]);
    assert_eq!(code, 0);
    assert!(
        shown.contains("[x] look") && shown.contains("[>] mend"),
        "{shown}"
    );
}
