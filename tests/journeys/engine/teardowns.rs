//! The teardown of a project runs once for each setup, however the task ends (D1).

use crate::{
    Journey,
    agents::{self, agent},
    rig::{Client, Home, repository::committed, wait_for},
    worktrees,
};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "task_that_ends_while_nobody_works_on_it_is_torn_down_once",
            at_rest,
        ),
        (
            "teardown_is_due_over_a_crash_and_never_begun_twice",
            after_a_crash,
        ),
        ("teardown_comes_before_the_worktree_goes", in_a_worktree),
        (
            "task_that_waits_for_a_teardown_starts_when_it_is_over",
            waited_for,
        ),
        (
            "folder_of_a_dead_task_is_held_until_its_teardown_is_over",
            held_for_the_dead,
        ),
        (
            "success_stands_when_a_pause_or_a_quit_comes_during_the_teardown",
            success_stands,
        ),
        ("teardown_speaks_for_no_person", speaks_for_nobody),
    ]
}

/// A folder whose project writes down what it runs.
fn ordered(home: &Home, client: &mut Client) -> PathBuf {
    let folder = home.folder("repo");
    client.call(
        "project.add",
        json!({ "dir": folder, "setup": "echo setup >> order", "teardown": "echo teardown >> order" }),
    );
    folder
}

/// What was run there, once it is so many lines.
fn order(folder: &Path, lines: usize) -> Vec<String> {
    let read = || fs::read_to_string(folder.join("order")).unwrap_or_default();
    let all = wait_for(Duration::from_secs(30), || {
        let read = read();
        (read.lines().count() >= lines).then_some(read)
    });
    let all = all.unwrap_or_else(|| panic!("fewer than {lines} lines: {}", read()));
    all.lines().map(str::to_owned).collect()
}

/// Waits until the task keeps its folder with nobody at work there.
fn at_rest_there(client: &mut Client, id: &str) {
    let rests = wait_for(Duration::from_secs(30), || {
        let locks = client.call("lock.list", json!({}));
        let all = locks["locks"].as_array().expect("a list");
        all.iter()
            .any(|lock| lock["holder"] == id && lock["can_release"] == true)
            .then_some(())
    });
    assert!(rests.is_some(), "{id} does not rest");
}

fn is_held(client: &mut Client, folder: &Path) -> bool {
    let locks = client.call("lock.list", json!({}));
    let all = locks["locks"].as_array().expect("a list");
    all.iter().any(|lock| lock["path"] == json!(folder))
}

/// Waits until no task has the folder: whatever had it is over with it.
fn given_back(client: &mut Client, folder: &Path) {
    let free = wait_for(Duration::from_secs(30), || {
        (!is_held(client, folder)).then_some(())
    });
    assert!(free.is_some(), "{} is not free", folder.display());
}

/// Asks and goes; then it waits for its answer.
const ASKS: &str =
    "echo part >> order; ripieno ask create --text 'Go?' --option y --wait 0 || exit 4";

fn at_rest(home: &Home) {
    let daemon = agents::start(home);
    let mut client = daemon.client();
    let folder = ordered(home, &mut client);
    // Waiting for an answer.
    let id = client.script(ASKS, json!({ "dir": folder }));
    client.wait_state(&id, &["needs_input"]);
    client.call("task.cancel", json!({ "ids": [id] }));
    assert_eq!(order(&folder, 3), ["setup", "part", "teardown"]);
    given_back(&mut client, &folder);
    // Paused, with others let in: it waits until they are gone.
    let id = client.script("echo begun >> order; sleep 60", json!({ "dir": folder }));
    assert_eq!(order(&folder, 5)[3..], ["setup", "begun"]);
    client.call("task.pause", json!({ "ids": [id] }));
    client.wait_state(&id, &["paused"]);
    client.call("lock.release", json!({ "task": id }));
    let gate = home.folder("gate").join("open");
    let other = format!(
        "echo other >> order; until [ -e '{}' ]; do sleep 0.02; done; echo left >> order",
        gate.display()
    );
    let other = client.script(&other, json!({ "dir": folder }));
    assert_eq!(order(&folder, 7)[5..], ["setup", "other"]);
    client.call("task.cancel", json!({ "ids": [id] }));
    assert_eq!(client.state(&id), "cancelled", "nobody waits for that");
    fs::write(gate, "").expect("the gate opens");
    client.wait_done(&other);
    assert_eq!(order(&folder, 10)[7..], ["left", "teardown", "teardown"]);
    given_back(&mut client, &folder);
    // Dead after its last try.
    let tried = json!({ "dir": folder, "max_tries": 1 });
    let id = agent(&mut client, "FAKE:crash", tried);
    client.wait_state(&id, &["dead"]);
    assert_eq!(order(&folder, 12)[10..], ["setup", "teardown"]);
    given_back(&mut client, &folder);
    // What was torn down is set up again before it goes on.
    let id = client.script("echo broke >> order; exit 3", json!({ "dir": folder }));
    client.wait_state(&id, &["failed"]);
    assert_eq!(order(&folder, 15)[12..], ["setup", "broke", "teardown"]);
    client.call("task.retry", json!({ "ids": [id] }));
    assert_eq!(order(&folder, 18)[15..], ["setup", "broke", "teardown"]);
}

fn after_a_crash(home: &Home) {
    let start = |point: &str| {
        home.try_daemon(&[("RIPIENO_CRASH_AT", point)])
            .expect("it becomes ready")
    };
    let folder = {
        let daemon = home.daemon();
        ordered(home, &mut daemon.client())
    };
    // Killed with the cancel on record: the next start tears down.
    let mut daemon = start("store.cancel_requested.after_commit");
    let mut client = daemon.client();
    let id = client.script(ASKS, json!({ "dir": folder }));
    client.wait_state(&id, &["needs_input"]);
    client.request("task.cancel", json!({ "ids": [id] }));
    assert!(daemon.wait_ended(Duration::from_secs(30)), "it is killed");
    assert_eq!(order(&folder, 2), ["setup", "part"]);
    let daemon = home.daemon();
    let mut client = daemon.client();
    assert_eq!(client.state(&id), "cancelled");
    assert_eq!(order(&folder, 3)[2..], ["teardown"]);
    given_back(&mut client, &folder);
    drop(daemon);
    // Killed in the moment it begins: nobody knows how far it got, so it is not begun again.
    let mut daemon = start("daemon.teardown.begun");
    let mut client = daemon.client();
    let id = client.script(ASKS, json!({ "dir": folder }));
    client.wait_state(&id, &["needs_input"]);
    client.request("task.cancel", json!({ "ids": [id] }));
    assert!(daemon.wait_ended(Duration::from_secs(30)), "it is killed");
    let daemon = home.daemon();
    let mut client = daemon.client();
    let next = client.script("echo next >> order", json!({ "dir": folder }));
    client.wait_done(&next);
    assert_eq!(
        order(&folder, 8)[3..],
        ["setup", "part", "setup", "next", "teardown"]
    );
}

fn in_a_worktree(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let repository = committed(home, "tree", &[("a.txt", "one\n")]);
    let marks = home.folder("marks");
    let mark = |name: &str| format!("pwd >> '{}'", marks.join(name).display());
    client.call(
        "project.add",
        json!({ "dir": repository, "setup": mark("up"), "teardown": mark("down") }),
    );
    let asks = "ripieno ask create --text 'Go?' --option y --wait 0 || exit 4";
    let id = client.script(asks, json!({ "dir": repository }));
    client.wait_state(&id, &["needs_input"]);
    client.call("task.cancel", json!({ "ids": [id] }));
    worktrees::given_back(&mut client, home, &id);
    let said = |name: &str| fs::read_to_string(marks.join(name)).expect("it wrote");
    assert_eq!(said("down"), said("up"), "once, in the same folder");
}

/// A folder whose teardown waits for the gate.
fn gated(home: &Home, client: &mut Client) -> (PathBuf, PathBuf) {
    let folder = home.folder("repo");
    let gate = home.folder("gate").join("open");
    let teardown = format!(
        "echo down >> order; until [ -e '{}' ]; do sleep 0.02; done; echo over >> order",
        gate.display()
    );
    client.call(
        "project.add",
        json!({ "dir": folder, "setup": "echo up >> order", "teardown": teardown }),
    );
    (folder, gate)
}

/// One more task of the folder waits for that one until the gate opens, and starts then.
fn starts_after(client: &mut Client, (folder, gate): &(PathBuf, PathBuf), holder: &str) {
    assert!(is_held(client, folder), "the teardown has the folder");
    let waits = client.script("echo next >> order", json!({ "dir": folder }));
    // Once one that came later is through, the first has been looked at, and sleeps until somebody wakes it.
    let other = client.script("true", json!({}));
    client.wait_done(&other);
    let why = client.call("task.why", json!({ "id": waits }));
    assert_eq!(why["hold"]["kind"], "directory", "{why}");
    assert_eq!(why["hold"]["holder"], holder, "{why}");
    fs::write(gate, "").expect("the gate opens");
    client.wait_done(&waits);
}

fn waited_for(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let place = gated(home, &mut client);
    let asks = client.script(ASKS, json!({ "dir": place.0 }));
    client.wait_state(&asks, &["needs_input"]);
    // Once its attempt has left, nobody but the worker tears down.
    at_rest_there(&mut client, &asks);
    client.call("task.cancel", json!({ "ids": [asks] }));
    assert_eq!(order(&place.0, 3), ["up", "part", "down"]);
    starts_after(&mut client, &place, &asks);
}

fn held_for_the_dead(home: &Home) {
    let daemon = agents::start(home);
    let mut client = daemon.client();
    let place = gated(home, &mut client);
    let tried = json!({ "dir": place.0, "max_tries": 1 });
    let id = agent(&mut client, "FAKE:crash", tried);
    client.wait_state(&id, &["dead"]);
    assert_eq!(order(&place.0, 2), ["up", "down"]);
    starts_after(&mut client, &place, &id);
}

fn success_stands(home: &Home) {
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let (folder, gate) = gated(home, &mut client);
    let work = json!({ "dir": folder });
    let paused = client.script("echo work >> order", work.clone());
    assert_eq!(order(&folder, 3), ["up", "work", "down"]);
    client.call("task.pause", json!({ "ids": [paused] }));
    fs::write(&gate, "").expect("the gate opens");
    client.wait_done(&paused);
    assert_eq!(order(&folder, 4)[3], "over");
    fs::remove_file(gate).expect("the gate closes");
    let quit = client.script("echo work >> order", work);
    assert_eq!(order(&folder, 7)[4..], ["up", "work", "down"]);
    assert_eq!(daemon.term(), Some(0));
    let daemon = home.daemon();
    daemon.client().wait_done(&quit);
    assert_eq!(order(&folder, 7).len(), 7, "nothing of it runs again");
}

/// It runs when its task is over, and what it runs may be an agent's work.
fn speaks_for_nobody(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = home.folder("repo");
    let socket = daemon.socket.display();
    let left = format!(
        "env -i PATH=\"$PATH\" RIPIENO_SOCKET='{socket}' setsid sh -c 'ripieno pause; echo tried $? >> order'"
    );
    let teardown = format!("({left} &); until [ -e order ]; do sleep 0.02; done");
    client.call(
        "project.add",
        json!({ "dir": folder, "teardown": teardown }),
    );
    let id = client.script(ASKS, json!({ "dir": folder }));
    client.wait_state(&id, &["needs_input"]);
    fs::remove_file(folder.join("order")).expect("what the part wrote");
    client.call("task.cancel", json!({ "ids": [id] }));
    assert_eq!(order(&folder, 1), ["tried 8"]);
    given_back(&mut client, &folder);
}
