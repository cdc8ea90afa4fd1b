//! Folders: two tasks never share one, and who waits says for whom.

use crate::{
    Journey,
    rig::{Home, wait_for},
};
use serde_json::json;
use std::time::{Duration, Instant};

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "tasks_in_one_folder_run_one_after_another",
            one_after_another,
        ),
        ("folder_inside_or_around_a_held_one_waits_too", nested),
        (
            "task_that_waits_for_a_person_keeps_its_folder",
            kept_while_asking,
        ),
        ("folder_held_by_another_worker_is_waited_for", other_home),
        (
            "folder_of_a_killed_worker_is_free_within_five_seconds",
            killed_holder,
        ),
        ("follow_up_waits_for_the_live_task_of_its_thread", thread),
        ("refused_folders_are_refused_with_the_reason", refused),
        ("many_tasks_held_on_one_folder_all_run", many),
    ]
}

fn held(gate: &std::path::Path) -> String {
    format!("until [ -e {} ]; do sleep 0.02; done", gate.display())
}

fn one_after_another(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = home.folder("repo");
    let gate = home.folder("gate").join("open");
    let first = client.script(&held(&gate), json!({ "dir": folder }));
    client.wait_state(&first, &["running"]);
    let second = client.script("echo second", json!({ "dir": folder }));
    let elsewhere = client.script("echo elsewhere", json!({ "dir": home.folder("other") }));
    client.wait_done(&elsewhere);
    let why = client.call("task.why", json!({ "id": second }));
    assert_eq!(why["hold"]["kind"], "directory", "{why}");
    assert_eq!(client.state(&second), "queued");
    assert_eq!(
        client.call("status", json!({}))["slots"]["used"],
        1,
        "it holds no slot while it waits"
    );
    std::fs::write(gate, "").expect("the gate opens");
    client.wait_done(&first);
    client.wait_done(&second);
}

fn nested(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let outer = home.folder("outer");
    let inner = home.folder("outer/inner");
    let link = home.dir.path().join("work/link");
    std::os::unix::fs::symlink(&inner, &link).expect("a link");
    let gate = home.folder("gate").join("open");
    let first = client.script(&held(&gate), json!({ "dir": inner }));
    client.wait_state(&first, &["running"]);
    let around = client.script("echo around", json!({ "dir": outer }));
    let same = client.script("echo same", json!({ "dir": link }));
    for id in [&around, &same] {
        assert_eq!(
            client.call("task.why", json!({ "id": id }))["hold"]["kind"],
            "directory"
        );
    }
    std::fs::write(gate, "").expect("the gate opens");
    for id in [&first, &around, &same] {
        client.wait_done(id);
    }
}

fn kept_while_asking(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = home.folder("repo");
    let script =
        "answer=$(ripieno ask create --text 'Go?' --option y --wait 0) || exit 4; echo $answer";
    let first = client.script(script, json!({ "dir": folder }));
    client.wait_state(&first, &["needs_input"]);
    let second = client.script("echo second", json!({ "dir": folder }));
    wait_for(Duration::from_secs(10), || {
        (client.call("status", json!({}))["slots"]["used"] == 0).then_some(())
    })
    .expect("it rests");
    assert_eq!(
        client.call("task.why", json!({ "id": second }))["hold"]["kind"],
        "directory"
    );
    let ask = client.task(&first)["asks"][0]["short_id"].clone();
    client.call("ask.answer", json!({ "id": ask, "option": "y" }));
    client.wait_done(&first);
    client.wait_done(&second);
}

fn other_home(home: &Home) {
    let other = Home::new();
    let folder = home.folder("shared");
    let gate = home.folder("gate").join("open");
    let first_daemon = other.daemon();
    let mut first = first_daemon.client();
    let holder = first.script(&held(&gate), json!({ "dir": folder }));
    first.wait_state(&holder, &["running"]);
    let daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script("echo mine", json!({ "dir": folder }));
    let why = wait_for(Duration::from_secs(5), || {
        let why = client.call("task.why", json!({ "id": id }));
        (why["hold"]["kind"] == "directory").then_some(why)
    });
    assert!(why.is_some());
    std::fs::write(gate, "").expect("the gate opens");
    first.wait_done(&holder);
    client.wait_done(&id);
}

fn killed_holder(home: &Home) {
    let other = Home::new();
    let folder = home.folder("shared");
    let mut first_daemon = other.daemon();
    let mut first = first_daemon.client();
    // It says when somebody else comes while it is there.
    let script = "touch busy; until [ -e never ]; do sleep 0.02; [ ! -e mine ] || touch both; done";
    let holder = first.script(script, json!({ "dir": folder }));
    wait_for(Duration::from_secs(10), || {
        folder.join("busy").exists().then_some(())
    })
    .expect("it works there");
    let daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script("touch mine; sleep 0.2", json!({ "dir": folder }));
    let held = wait_for(Duration::from_secs(10), || {
        let why = client.call("task.why", json!({ "id": id }));
        (why["hold"]["kind"] == "directory").then_some(())
    });
    assert!(held.is_some(), "{holder}: {}", client.task(&id));
    first_daemon.kill();
    let killed = Instant::now();
    wait_for(Duration::from_secs(30), || {
        folder.join("mine").exists().then_some(())
    })
    .expect("it goes to the next");
    let took = killed.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    client.wait_done(&id);
    assert!(!folder.join("both").exists(), "two worked there at once");
}

fn thread(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let gate = home.folder("gate").join("open");
    let first = client.script(&held(&gate), json!({}));
    client.wait_state(&first, &["running"]);
    let second = client.script("echo next", json!({ "continue": first }));
    let why = client.call("task.why", json!({ "id": second }));
    assert_eq!(why["hold"]["kind"], "thread", "{why}");
    std::fs::write(gate, "").expect("the gate opens");
    client.wait_done(&first);
    client.wait_done(&second);
}

fn refused(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let data = home.path().join("data");
    let missing = home.dir.path().join("missing");
    for dir in [
        "/",
        "/etc",
        "/tmp",
        "/proc",
        data.to_str().expect("text"),
        missing.to_str().expect("text"),
    ] {
        let answer = client
            .request(
                "task.add",
                json!({ "prompt": "true", "piece": "script", "dir": dir }),
            )
            .expect("an answer");
        let error = answer.expect_err(dir);
        assert_eq!(error["code"], "invalid", "{dir}: {error}");
        assert!(
            error["message"].as_str().expect("a sentence").contains(dir),
            "{error}"
        );
    }
    // Nothing half-done is left of them.
    assert_eq!(client.call("task.list", json!({}))["tasks"], json!([]));
    // A folder that goes away after the submission fails the task, not the worker.
    let folder = home.folder("gone");
    client.call("worker.pause", json!({}));
    let id = client.script("true", json!({ "dir": folder }));
    std::fs::remove_dir(&folder).expect("the folder goes away");
    client.call("worker.resume", json!({}));
    let view = client.wait_state(&id, &["failed"]);
    assert_eq!(view["failure"]["class"], "directory_refused", "{view:#}");
}

fn many(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = home.folder("repo");
    let gate = home.folder("gate").join("open");
    let first = client.script(&held(&gate), json!({ "dir": folder }));
    client.wait_state(&first, &["running"]);
    let ids: Vec<String> = (0..25)
        .map(|n| client.script(&format!("echo {n} >> order"), json!({ "dir": folder })))
        .collect();
    // The first ones are cancelled while they wait: whoever stands behind them must not be forgotten.
    client.call("task.cancel", json!({ "ids": [ids[3]], "wait": false }));
    client.call("task.pause", json!({ "ids": [ids[4]] }));
    std::fs::write(gate, "").expect("the gate opens");
    for id in ids.iter().skip(5) {
        client.wait_done(id);
    }
    client.call("task.resume", json!({ "ids": [ids[4]] }));
    client.wait_state(&ids[4], &["done"]);
    let order = std::fs::read_to_string(folder.join("order")).expect("they wrote");
    assert_eq!(order.lines().count(), 24, "{order}");
}
