//! What surfaces are told of a task's past, and of what was put off or told already.

use crate::{
    Journey,
    rig::{Home, PATIENCE, wait_for},
};
use serde_json::{Value, json};

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "timeline_tells_attempts_movements_asks_and_comments_as_they_happen",
            timeline,
        ),
        (
            "snoozed_ask_and_claimed_notice_are_the_same_after_a_restart",
            put_off,
        ),
        (
            "run_tells_what_was_started_and_names_variables_without_values",
            run,
        ),
    ]
}

/// Asks in its first attempt, fails in its second.
const TWICE: &str = "[ \"$RIPIENO_ATTEMPT\" = 1 ] || { echo no luck; exit 3; }; \
     ripieno ask create --text 'Go on?' --option yes --option no; sleep 60";

fn timeline(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script(TWICE, json!({}));
    client.wait_state(&id, &["needs_input"]);
    let shown = |client: &mut crate::rig::Client| -> Value {
        client.call("task.timeline", json!({ "id": id }))
    };
    let asking = shown(&mut client);
    assert_eq!(asking["attempts"][0]["state"], "working", "{asking:#}");
    assert_eq!(asking["attempts"][0]["lane"], "shell");
    assert_eq!(asking["movements"][0]["status"], "waiting", "{asking:#}");
    let ask = asking["asks"][0]["short_id"].clone();
    client.call("ask.answer", json!({ "id": ask, "option": "yes" }));
    client.call("task.comment", json!({ "id": id, "text": "mind the gap" }));
    wait_for(PATIENCE, || {
        (shown(&mut client)["movements"][0]["status"] == "running").then_some(())
    })
    .expect("the movement goes on");
    client.call("task.pause", json!({ "ids": [id] }));
    client.wait_state(&id, &["paused"]);
    client.call("task.resume", json!({ "ids": [id] }));
    client.wait_state(&id, &["failed"]);

    let all = shown(&mut client);
    let ends: Vec<&Value> = ["end", "state", "class"]
        .iter()
        .flat_map(|key| [&all["attempts"][0][key], &all["attempts"][1][key]])
        .collect();
    assert_eq!(
        json!(ends),
        json!([
            "stopped",
            "failed",
            "ended",
            "ended",
            null,
            "reported_failed"
        ]),
        "{all:#}"
    );
    assert!(
        all["attempts"][1]["text"]
            .as_str()
            .is_some_and(|text| text.contains("no luck"))
    );
    let walked: Vec<Value> = all["movements"]
        .as_array()
        .expect("movements")
        .iter()
        .map(|m| json!([m["attempt"], m["n"], m["status"], m["outcome"]]))
        .collect();
    assert_eq!(
        json!(walked),
        json!([[1, 1, "interrupted", null], [2, 1, "ended", "failed"]]),
        "{all:#}"
    );
    assert_eq!(all["asks"][0]["answered"]["value"], "yes");
    assert_eq!(
        json!([
            all["comments"][0]["text"],
            all["comments"][0]["delivered_at"]
        ]),
        json!(["mind the gap", null]),
        "a script has no turn boundary: {all:#}"
    );
}

fn put_off(home: &Home) {
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script("ripieno ask create --text 'Now?' --wait 0", json!({}));
    let ask = client.wait_state(&id, &["needs_input"])["asks"][0]["short_id"].clone();
    let until = "2099-01-01T00:00:00Z";
    let snoozed = client.call("ask.snooze", json!({ "id": ask, "until": until }));
    assert_eq!(snoozed["snoozed_until"], until);
    let claim = json!({ "key": format!("ask:{ask}") });
    assert_eq!(client.call("notice.claim", claim.clone())["first"], true);
    assert_eq!(daemon.term(), Some(0));

    let daemon = home.daemon();
    let mut client = daemon.client();
    assert_eq!(client.task(&id)["asks"][0]["snoozed_until"], until);
    assert_eq!(client.call("notice.claim", claim)["first"], false);
    let cleared = client.call("ask.snooze", json!({ "id": ask, "for": null }));
    assert_eq!(cleared["snoozed_until"], Value::Null);
    let past = client
        .request(
            "ask.snooze",
            json!({ "id": ask, "until": "2001-01-01T00:00:00Z" }),
        )
        .expect("an answer");
    assert_eq!(past.expect_err("it has passed")["code"], "invalid");
    client.call("ask.answer", json!({ "id": ask, "text": "yes" }));
    let late = client
        .request("ask.snooze", json!({ "id": ask, "for": "1h" }))
        .expect("an answer");
    assert_eq!(
        late.expect_err("it is answered")["code"],
        "already_answered"
    );
}

fn run(home: &Home) {
    let mut env = home.env.clone();
    env.push(("SECRET_OF_MINE".to_owned(), "hunter2".to_owned()));
    let env: Vec<(&str, &str)> = env.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let daemon = home.try_daemon(&env).expect("it becomes ready");
    let mut client = daemon.client();
    let folder = home.folder("place");
    let id = client.script("echo one; sleep 60", json!({ "dir": folder }));
    let live = wait_for(PATIENCE, || {
        let run = client.call("task.run", json!({ "id": id }));
        (!run["program"].is_null() && run["transcript"]["entries"].as_u64() > Some(0))
            .then_some(run)
    })
    .expect("it is started");
    assert_eq!(
        json!([
            live["attempt"],
            live["program"],
            live["cwd"],
            live["slot"],
            live["session"]
        ]),
        json!([1, "/bin/sh", folder, 0, null]),
        "{live:#}"
    );
    assert_eq!(live["lease"]["owner_pid"], daemon.pid());
    assert_eq!(live["arguments"][0], "-eu");
    assert!(live["pid"].as_u64() > Some(1));
    let names = |key: &str| live["env"][key].as_array().expect("names").clone();
    assert!(names("passed").contains(&json!("RIPIENO_TASK_TOKEN")));
    assert!(
        names("withheld").contains(&json!("SECRET_OF_MINE")),
        "{live:#}"
    );
    assert!(!live.to_string().contains("hunter2"));
    client.call("task.cancel", json!({ "ids": [id] }));
    let ended = client.call("task.run", json!({ "id": id }));
    assert_eq!(
        json!([ended["lease"], ended["program"]]),
        json!([null, "/bin/sh"])
    );
    let path = ended["transcript"]["path"].as_str().expect("a path");
    let bytes = std::fs::metadata(path).expect("the log is there").len();
    assert_eq!(ended["transcript"]["bytes"], bytes);
    let later = client.script("true", json!({ "not_before": "2099-01-01T00:00:00Z" }));
    assert_eq!(
        client.call("task.run", json!({ "id": later }))["attempt"],
        Value::Null
    );
}
