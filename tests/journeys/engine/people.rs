//! What a person does with tasks: pauses, resumes, comments, retries.

use crate::{Journey, rig::Home};
use serde_json::json;

/// Runs long the first time, and ends quickly when it is taken up again.
const SECOND_TIME: &str =
    "if [ \"$RIPIENO_ATTEMPT\" = 1 ]; then sleep 60; fi; echo attempt $RIPIENO_ATTEMPT";

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "paused_task_is_interrupted_keeps_its_tries_and_goes_on_when_resumed",
            pause_running,
        ),
        ("paused_queued_task_is_not_claimed", pause_queued),
        (
            "pausing_twice_is_no_error_and_pausing_an_ended_task_is",
            pause_twice,
        ),
        (
            "paused_worker_finishes_what_runs_and_takes_nothing_new",
            worker_paused,
        ),
        (
            "suspended_worker_gives_back_what_runs_and_one_resume_starts_all",
            worker_suspended,
        ),
        (
            "pause_with_an_end_resumes_by_itself_and_survives_a_restart",
            pause_until,
        ),
        (
            "comment_on_an_ended_task_starts_a_follow_up_in_its_thread",
            follow_up,
        ),
        ("failed_task_is_retried_with_its_history", retry),
        ("settings_take_effect_without_a_restart", settings),
    ]
}

fn pause_running(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script(SECOND_TIME, json!({}));
    client.wait_state(&id, &["running"]);
    client.call("task.pause", json!({ "ids": [id] }));
    let view = client.wait_state(&id, &["paused"]);
    assert_eq!(
        (view["paused"].clone(), view["tries_used"].clone()),
        (json!(true), json!(0))
    );
    assert!(crate::rig::marked("RIPIENO_TASK_ID", view["id"].as_str().expect("an id")).is_empty());
    client.call("task.resume", json!({ "ids": [id] }));
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "attempt 2");
}

fn pause_queued(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    client.call("worker.pause", json!({}));
    let id = client.script("echo free", json!({}));
    client.call("task.pause", json!({ "ids": [id] }));
    client.call("worker.resume", json!({}));
    let other = client.script("echo other", json!({}));
    client.wait_done(&other);
    assert_eq!(client.state(&id), "paused");
    client.call("task.resume", json!({ "ids": [id] }));
    client.wait_done(&id);
}

fn pause_twice(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script("echo x", json!({ "not_before": "2099-01-01T00:00:00Z" }));
    for _ in 0..2 {
        client.call("task.pause", json!({ "ids": [id] }));
    }
    client.call("task.cancel", json!({ "ids": [id] }));
    client.call("task.cancel", json!({ "ids": [id] }));
    let refused = client
        .request("task.pause", json!({ "ids": [id] }))
        .expect("an answer");
    assert_eq!(
        refused.expect_err("it has ended")["code"],
        "not_possible_now"
    );
}

fn worker_paused(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let gate = home.folder("gate").join("open");
    let running = client.script(
        &format!("until [ -e {} ]; do sleep 0.02; done", gate.display()),
        json!({}),
    );
    client.wait_state(&running, &["running"]);
    client.call("worker.pause", json!({}));
    assert_eq!(client.call("status", json!({}))["state"], "paused");
    let waiting = client.script("echo waiting", json!({}));
    assert_eq!(
        client.call("task.why", json!({ "id": waiting }))["hold"]["kind"],
        "paused"
    );
    std::fs::write(gate, "").expect("the gate opens");
    client.wait_done(&running);
    assert_eq!(client.state(&waiting), "queued");
    client.call("worker.resume", json!({}));
    client.wait_done(&waiting);
}

fn worker_suspended(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let ids: Vec<String> = (0..3)
        .map(|_| client.script(SECOND_TIME, json!({})))
        .collect();
    for id in &ids {
        client.wait_state(id, &["running"]);
    }
    client.call("worker.pause", json!({ "suspend": true }));
    for id in &ids {
        let view = client.wait_state(id, &["queued"]);
        assert_eq!(view["paused"], false);
    }
    client.call("worker.resume", json!({}));
    for id in &ids {
        client.wait_done(id);
    }
}

fn pause_until(home: &Home) {
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    client.call("worker.pause", json!({ "for": "2s" }));
    let id = client.script("echo back", json!({}));
    assert_eq!(daemon.term(), Some(0));
    let daemon = home.daemon();
    let mut client = daemon.client();
    client.wait_done(&id);
}

fn follow_up(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let first = client.script("echo first", json!({}));
    client.wait_done(&first);
    let answer = client.call(
        "task.comment",
        json!({ "id": first, "text": "echo followed" }),
    );
    let second = answer["follow_up"]["short_id"]
        .as_str()
        .expect("the follow-up's id")
        .to_owned();
    let view = client.wait_done(&second);
    assert_eq!(view["result"]["summary"], "followed");
    assert_eq!(view["thread"], client.task(&first)["id"]);
}

fn retry(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script("test \"$RIPIENO_ATTEMPT\" != 1", json!({}));
    client.wait_state(&id, &["failed"]);
    client.call("task.retry", json!({ "ids": [id], "text": "try again" }));
    let view = client.wait_done(&id);
    assert_eq!(
        (view["attempt"].clone(), view["tries_used"].clone()),
        (json!(2), json!(0))
    );
    let refused = client
        .request("task.retry", json!({ "ids": [id] }))
        .expect("an answer");
    assert_eq!(refused.expect_err("it is done")["code"], "not_possible_now");
}

fn settings(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    client.call("config.set", json!({ "key": "slots", "value": "1" }));
    let first = client.script("sleep 60", json!({}));
    client.wait_state(&first, &["running"]);
    let second = client.script("echo second", json!({}));
    let why = client.call("task.why", json!({ "id": second }));
    assert_eq!(why["hold"]["kind"], "slots", "{why}");
    client.call("config.set", json!({ "key": "slots", "value": "2" }));
    client.wait_done(&second);
    client.call("task.cancel", json!({ "ids": [first] }));
    client.wait_state(&first, &["cancelled"]);
}
