//! Agents: what the end of a run means for the task and for its lane. The program is a stand-in that speaks the
//! protocol; the real one is driven in `tests/agents`.

use crate::{
    Journey,
    rig::{Client, Home, PATIENCE, ripieno, wait_for},
};
use serde_json::json;

pub fn journeys() -> Vec<Journey> {
    vec![
        ("agent_that_ends_with_a_verdict_is_done_with_usage", verdict),
        (
            "agent_that_crashes_is_tried_again_and_dead_after_its_tries",
            crashes,
        ),
        ("agent_that_asks_goes_on_with_the_answer", asks),
        (
            "question_that_is_asked_again_is_another_question",
            asks_twice,
        ),
        (
            "comment_made_during_the_last_check_is_heard_before_the_task_is_done",
            comment_at_the_end,
        ),
        (
            "comment_made_during_a_script_after_the_agent_runs_nothing_twice",
            comment_during_a_script,
        ),
        (
            "question_left_open_by_a_worker_that_died_is_no_second_one_when_it_is_asked_again",
            question_of_the_dead,
        ),
        (
            "comment_handed_to_a_run_that_dies_with_the_worker_is_told_to_the_next",
            comment_of_the_dead,
        ),
        (
            "what_a_run_used_is_on_record_when_it_dies_with_the_worker",
            usage_of_the_dead,
        ),
        (
            "rate_limit_holds_the_lane_and_other_lanes_go_on",
            rate_limit,
        ),
        (
            "rejected_login_opens_one_ask_for_all_and_the_answer_reopens",
            signed_out,
        ),
        ("two_failures_of_the_lane_drain_it_with_one_ask", drained),
        (
            "conversation_too_long_starts_fresh_once_without_a_try",
            overflow,
        ),
        ("unknown_agent_is_refused_at_submit", unknown),
    ]
}

/// Puts the stand-in where `claude` is looked for.
pub fn install(home: &Home) -> std::path::PathBuf {
    let folder = home.folder("bin");
    let fake = ripieno().with_file_name("ripieno-fake-agent");
    assert!(
        fake.exists(),
        "{} is missing: run `cargo build -p ripieno-testkit` first",
        fake.display()
    );
    let to = folder.join("claude");
    // One that is there may be at work.
    if !to.exists() {
        std::fs::copy(fake, to).expect("the stand-in is installed");
    }
    folder
}

pub fn start(home: &Home) -> crate::rig::Daemon {
    try_start(home, &[]).expect("it becomes ready")
}

/// As [`start`], with more environment; `None` when it ended before it was ready.
pub fn try_start(home: &Home, more: &[(&str, &str)]) -> Option<crate::rig::Daemon> {
    let folder = install(home);
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", folder.display());
    let empty = home.folder("user").display().to_string();
    let own = [
        ("PATH", path.as_str()),
        ("HOME", &empty),
        ("ANTHROPIC_API_KEY", "dummy"),
    ];
    home.try_daemon(&[&own, more].concat())
}

pub fn agent(client: &mut Client, words: &str, more: serde_json::Value) -> String {
    let mut params =
        json!({ "prompt": format!("Do it. {words}"), "agent": "claude", "approvals": "trusted" });
    params
        .as_object_mut()
        .expect("an object")
        .extend(more.as_object().expect("an object").clone());
    client.call("task.add", params)["short_id"]
        .as_str()
        .expect("a short id")
        .to_owned()
}

fn verdict(home: &Home) {
    let daemon = start(home);
    let mut client = daemon.client();
    let id = agent(&mut client, "FAKE:ok", json!({}));
    let view = client.wait_done(&id);
    assert_eq!(view["lane"], "claude:default");
    assert_eq!(view["result"]["summary"], "All done.", "{view:#}");
    assert_eq!(view["usage"][0]["output"], 5, "{view:#}");
    let silent = agent(&mut client, "FAKE:invalid", json!({}));
    assert_eq!(
        client.wait_state(&silent, &["failed"])["failure"]["class"],
        "invalid_request"
    );
}

fn crashes(home: &Home) {
    let daemon = start(home);
    let mut client = daemon.client();
    let once = agent(&mut client, "FAKE1:crash-late", json!({}));
    let view = client.wait_done(&once);
    assert_eq!(
        (view["attempt"].clone(), view["tries_used"].clone()),
        (json!(2), json!(1)),
        "{view:#}"
    );
    let always = agent(&mut client, "FAKE:crash-late", json!({ "max_tries": 2 }));
    let view = client.wait_state(&always, &["dead"]);
    assert_eq!(
        (view["attempt"].clone(), view["tries_used"].clone()),
        (json!(2), json!(2)),
        "{view:#}"
    );
    let hanging = agent(&mut client, "FAKE:hang", json!({}));
    client.wait_state(&hanging, &["running"]);
    client.call("task.cancel", json!({ "ids": [hanging] }));
    client.call("task.retry", json!({ "ids": [always.clone()] }));
    client.wait_state(&always, &["dead"]);
}

fn asks(home: &Home) {
    let daemon = start(home);
    let mut client = daemon.client();
    let id = agent(&mut client, "FAKE:ask", json!({}));
    let view = client.wait_state(&id, &["needs_input"]);
    let ask = view["asks"][0].clone();
    assert_eq!(ask["kind"], "question", "{view:#}");
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": "Blue" }),
    );
    let view = client.wait_done(&id);
    assert_eq!(
        view["result"]["summary"], "The answer was \"Blue\".",
        "{view:#}"
    );
    assert_eq!(view["attempt"], 1);
}

fn asks_twice(home: &Home) {
    let daemon = start(home);
    let mut client = daemon.client();
    let id = agent(&mut client, "FAKE:ask-twice", json!({}));
    for answer in ["Blue", "Red"] {
        let open = wait_for(PATIENCE, || {
            client.call("ask.list", json!({}))["asks"].get(0).cloned()
        });
        let open = open.unwrap_or_else(|| panic!("{:#}", client.task(&id)));
        let params = json!({ "id": open["short_id"], "option": answer });
        client.call("ask.answer", params);
    }
    let view = client.wait_done(&id);
    let said = "The answers were \"Blue\", \"Red\".";
    assert_eq!(view["result"]["summary"], said, "{view:#}");
}

fn comment_at_the_end(home: &Home) {
    let daemon = start(home);
    let mut client = daemon.client();
    let folder = home.folder("work");
    let check = "touch checking; until [ -e go ]; do sleep 0.02; done";
    let id = agent(
        &mut client,
        "FAKE:ok",
        json!({ "piece": "fix-until-green", "checks": [check], "dir": folder }),
    );
    let begun = wait_for(PATIENCE, || folder.join("checking").exists().then_some(()));
    assert!(begun.is_some(), "{:#}", client.task(&id));
    let text = "FAKE:say SAY:heard";
    client.call("task.comment", json!({ "id": id, "text": text }));
    std::fs::write(folder.join("go"), "").expect("the gate opens");
    let view = client.wait_done(&id);
    let said = view["result"]["summary"].as_str().unwrap_or_default();
    assert!(said.starts_with("heard"), "{view:#}");
}

fn comment_during_a_script(home: &Home) {
    let pieces = home.path().join("config/pieces");
    std::fs::create_dir_all(&pieces).expect("a folder");
    let piece = "version: 1\nname: deploy\nmovements:\n  - { name: work, instruction: task, outcomes: [{ when: done, next: ship }] }\n  \
                 - { name: ship, run: 'echo once >> shipped; until [ -e go ]; do sleep 0.02; done', \
                 outcomes: [{ when: ok, next: COMPLETE }, { when: failed, next: ABORT }] }\n";
    std::fs::write(pieces.join("deploy.yaml"), piece).expect("a piece");
    let daemon = start(home);
    let mut client = daemon.client();
    let folder = home.folder("work");
    let id = agent(
        &mut client,
        "FAKE:ok",
        json!({ "piece": "deploy", "dir": folder }),
    );
    let shipped = folder.join("shipped");
    let begun = wait_for(PATIENCE, || shipped.exists().then_some(()));
    assert!(begun.is_some(), "{:#}", client.task(&id));
    client.call(
        "task.comment",
        json!({ "id": id, "text": "One more thing." }),
    );
    std::fs::write(folder.join("go"), "").expect("the gate opens");
    client.wait_done(&id);
    let said = std::fs::read_to_string(shipped).expect("it was shipped");
    assert_eq!(said, "once\n");
}

fn question_of_the_dead(home: &Home) {
    let mut daemon = start(home);
    let mut client = daemon.client();
    let id = agent(&mut client, "FAKE:ask", json!({}));
    client.wait_state(&id, &["needs_input"]);
    daemon.kill();
    let daemon = start(home);
    let mut client = daemon.client();
    let view = client.wait_state(&id, &["needs_input"]);
    let params = json!({ "id": view["asks"][0]["short_id"], "option": "Red" });
    client.call("ask.answer", params);
    let view = client.wait_done(&id);
    assert_eq!(
        view["result"]["summary"], "The answer was \"Red\".",
        "{view:#}"
    );
    let all = client.call("ask.list", json!({ "all": true }))["asks"].clone();
    assert_eq!(all.as_array().map(Vec::len), Some(1), "{all:#}");
}

fn comment_of_the_dead(home: &Home) {
    let mut daemon = start(home);
    let mut client = daemon.client();
    let id = agent(&mut client, "FAKE1:hang", json!({}));
    client.wait_state(&id, &["running"]);
    let text = "FAKE:run RUN:echo told";
    client.call("task.comment", json!({ "id": id, "text": text }));
    let taken = wait_for(PATIENCE, || {
        let events = client
            .call("events.since", json!({ "since": 0 }))
            .to_string();
        events.contains("comments_delivered").then_some(())
    });
    assert!(taken.is_some(), "{:#}", client.task(&id));
    daemon.kill();
    let daemon = start(home);
    let mut client = daemon.client();
    let view = client.wait_done(&id);
    let said = view["result"]["summary"].as_str().unwrap_or_default();
    assert_eq!(said.trim(), "told", "{view:#}");
}

fn usage_of_the_dead(home: &Home) {
    let mut daemon = start(home);
    let mut client = daemon.client();
    let id = agent(&mut client, "FAKE1:used", json!({}));
    let told = wait_for(PATIENCE, || {
        let log = client.call("task.logs", json!({ "id": id })).to_string();
        log.contains("\"kind\":\"usage\"").then_some(())
    });
    assert!(told.is_some(), "{:#}", client.task(&id));
    daemon.kill();
    let daemon = start(home);
    let mut client = daemon.client();
    let view = client.wait_done(&id);
    assert_eq!(view["usage"][0]["output"], 10, "{view:#}");
}

fn rate_limit(home: &Home) {
    let daemon = start(home);
    let mut client = daemon.client();
    let id = agent(&mut client, "FAKE1:limit", json!({}));
    let view = crate::rig::wait_for(crate::rig::PATIENCE, || {
        let view = client.task(&id);
        (view["hold"]["kind"] == "lane_hold").then_some(view)
    })
    .expect("the lane is held");
    assert_eq!(
        (view["state"].clone(), view["tries_used"].clone()),
        (json!("queued"), json!(0))
    );
    let script = client.script("echo other lane", json!({}));
    client.wait_done(&script);
    client.call("lane.release", json!({ "lane": "claude:default" }));
    client.wait_done(&id);
}

fn signed_out(home: &Home) {
    let daemon = start(home);
    let mut client = daemon.client();
    let ids: Vec<String> = (0..3)
        .map(|_| agent(&mut client, "FAKE1:signed-out", json!({})))
        .collect();
    crate::rig::wait_for(crate::rig::PATIENCE, || {
        ids.iter()
            .all(|id| client.task(id)["hold"]["kind"] == "lane_signed_out")
            .then_some(())
    })
    .expect("all wait for the login");
    let asks = client.call("ask.list", json!({}));
    assert_eq!(asks["asks"].as_array().map(Vec::len), Some(1), "{asks:#}");
    let ask = asks["asks"][0].clone();
    assert_eq!(
        (ask["kind"].clone(), ask["subject"].clone()),
        (json!("sign_in"), json!("lane"))
    );
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": "1" }),
    );
    let done = crate::rig::wait_for(crate::rig::PATIENCE, || {
        // A task that had not yet begun meets the stand-in's first-attempt word only now.
        for ask in client.call("ask.list", json!({}))["asks"]
            .as_array()
            .cloned()
            .unwrap_or_default()
        {
            drop(client.request(
                "ask.answer",
                json!({ "id": ask["short_id"], "option": "1" }),
            ));
        }
        ids.iter()
            .all(|id| client.state(id) == "done")
            .then_some(())
    });
    assert!(done.is_some());
}

fn drained(home: &Home) {
    let daemon = start(home);
    let mut client = daemon.client();
    let id = agent(&mut client, "FAKE:crash", json!({}));
    let view = crate::rig::wait_for(crate::rig::PATIENCE, || {
        let view = client.task(&id);
        (view["hold"]["kind"] == "lane_drained"
            || view["hold"]["kind"] == "not_before" && view["tries_used"] == 2)
            .then_some(view)
    })
    .expect("the lane is drained");
    let asks = client.call("ask.list", json!({}));
    assert_eq!(asks["asks"][0]["kind"], "drain", "{view:#} {asks:#}");
    client.call("lane.release", json!({ "lane": "claude:default" }));
    client.wait_state(&id, &["dead"]);
}

fn overflow(home: &Home) {
    let daemon = start(home);
    let mut client = daemon.client();
    let once = agent(&mut client, "FAKE1:overflow", json!({}));
    let view = client.wait_done(&once);
    assert_eq!(
        (view["attempt"].clone(), view["tries_used"].clone()),
        (json!(2), json!(0)),
        "{view:#}"
    );
    let always = agent(&mut client, "FAKE:overflow", json!({}));
    let view = client.wait_state(&always, &["failed"]);
    assert_eq!(
        (view["attempt"].clone(), view["failure"]["class"].clone()),
        (json!(2), json!("context_overflow"))
    );
}

fn unknown(home: &Home) {
    let daemon = start(home);
    let mut client = daemon.client();
    let params = json!({ "prompt": "x", "agent": "clod" });
    let error = client
        .request("task.add", params)
        .expect("an answer")
        .expect_err("nobody has it");
    assert_eq!(error["code"], "invalid");
    assert!(
        error["message"]
            .as_str()
            .expect("a sentence")
            .contains("clod"),
        "{error}"
    );
}
