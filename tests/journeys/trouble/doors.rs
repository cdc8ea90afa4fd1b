//! Nobody there, somebody there already, or somebody who speaks otherwise.

use crate::{refused, rig::Home};
use serde_json::json;

#[test]
fn second_worker_ends_with_7_and_names_the_first() {
    let home = Home::new();
    let daemon = home.daemon();
    let said = refused(&home, &["daemon", "run"], 7, "conflict");
    let owner = format!("process {}", daemon.pid());
    said.names(&[&owner, daemon.socket.to_str().expect("a path"), "stop it"]);
    daemon.client().call("status", json!({}));
}

#[test]
fn without_a_worker_every_request_ends_with_3_and_says_how_to_start_one() {
    let home = Home::new();
    let requests: [&[&str]; 9] = [
        &["status"],
        &["task", "add", "--piece", "script", "echo hi"],
        &["task", "list"],
        &["task", "show", "1"],
        &["task", "cancel", "1"],
        &["ask", "list"],
        &["pause"],
        &["events"],
        &["lock", "list"],
    ];
    for request in requests {
        refused(&home, request, 3, "offline").names(&["no worker", "ripieno daemon run"]);
    }
    let left: Vec<_> = std::fs::read_dir(home.path())
        .expect("the home")
        .flatten()
        .map(|e| e.file_name())
        .collect();
    assert_eq!(left, ["config"], "a request without a worker makes nothing");
}

#[test]
fn what_this_version_cannot_do_ends_with_4() {
    let home = Home::new();
    let daemon = home.daemon();
    let mut client = daemon.client();
    let error = client
        .request("task.teleport", json!({}))
        .expect("an answer")
        .expect_err("nobody knows it");
    assert_eq!(error["code"], "incompatible", "{error}");
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|m| m.contains("task.teleport")),
        "{error}"
    );
    client.call("status", json!({}));
    let id = client.script("true", json!({}));
    client.wait_done(&id);
    refused(&home, &["task", "accept", &id], 4, "incompatible").names(&["version"]);
}

#[test]
fn nonsense_on_the_command_line_ends_with_2_and_the_nearest_word() {
    let home = Home::new();
    refused(&home, &["tsak", "list"], 2, "usage").names(&["tsak", "task"]);
    refused(
        &home,
        &["task", "add", "--pieces", "script", "hi"],
        2,
        "usage",
    )
    .names(&["--pieces", "--piece"]);
    refused(&home, &["task", "add"], 2, "usage").names(&["--file"]);
}

#[test]
fn what_does_not_exist_ends_with_1_and_what_makes_no_sense_with_8() {
    let home = Home::new();
    let daemon = home.daemon();
    for verb in ["show", "why", "logs", "cancel", "pause", "resume", "retry"] {
        refused(&home, &["task", verb, "99"], 1, "not_found").names(&["99", "ripieno task list"]);
    }
    refused(&home, &["ask", "answer", "A-9", "yes"], 1, "not_found")
        .names(&["A-9", "ripieno ask list"]);
    let mut client = daemon.client();
    let id = client.script("true", json!({}));
    client.wait_done(&id);
    for verb in ["cancel", "pause", "resume", "retry"] {
        refused(&home, &["task", verb, &id], 8, "not_possible_now").names(&["done"]);
    }
}
