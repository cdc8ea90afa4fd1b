//! Versions that do not hold (U4, rel-16): the previous one goes on, with its database and every task.

use crate::rig::Client;
use crate::stage::{Stage, check};
use serde_json::{Value, json};

/// A home with some work done and some left, and a version that will not do.
fn returns(script: &str, why: &str, wait: &str) {
    let stage = Stage::with_settings("slots = 1");
    let mut daemon = stage.run();
    let mut client = daemon.client();
    client.call(
        "config.set",
        json!({ "key": "update.health_wait", "value": wait }),
    );
    client.call(
        "config.set",
        json!({ "key": "update.when_idle", "value": "false" }),
    );
    let done = client.script("echo done", json!({}));
    client.wait_done(&done);
    client.call("worker.pause", json!({}));
    let left = client.script("echo left", json!({}));
    let before = stage.installed();
    let known = tasks(&mut client);
    stage.offer_script(
        "0.3.0",
        &script.replace("PROGRAM", &stage.program().display().to_string()),
    );
    let update = check(&mut client);
    assert_eq!(update["phase"], "ready", "{update:#}");
    client.call(
        "config.set",
        json!({ "key": "update.when_idle", "value": "true" }),
    );
    assert!(daemon.wait_ready(), "the previous version goes on");
    assert_eq!(daemon.version(), "0.1.0");
    assert!(stage.installed() == before, "the program was replaced");
    let mut client = daemon.client();
    assert_eq!(tasks(&mut client), known);
    client.call("worker.resume", json!({}));
    client.wait_done(&left);
    let update = client.call("update.status", json!({}));
    let undone = update["last"]["undone"]
        .as_str()
        .expect("a reason")
        .to_owned();
    assert!(undone.contains(why), "{undone}");
    // It is not tried again by itself; a later version is.
    assert_eq!(check(&mut client)["phase"], "idle");
    client.call(
        "config.set",
        json!({ "key": "update.health_wait", "value": "20s" }),
    );
    stage.offer("0.4.0");
    check(&mut client);
    assert!(daemon.wait_ready());
    assert_eq!(daemon.version(), "0.4.0");
    assert_eq!(tasks(&mut daemon.client()).len(), known.len());
}

fn tasks(client: &mut Client) -> Vec<Value> {
    let listed = client.call("task.list", json!({}));
    let tasks = listed["tasks"].as_array().expect("tasks");
    tasks
        .iter()
        .map(|task| json!([task["id"], task["title"]]))
        .collect()
}

#[test]
fn version_that_exits_at_its_start_is_left() {
    returns(
        "echo it was not to be >&2; exit 7",
        "it was not to be",
        "20s",
    );
}

#[test]
fn version_that_hangs_is_left() {
    returns("exec sleep 600", "said nothing for 1 s", "1s");
}

#[test]
fn version_that_fails_its_migration_is_left_and_the_database_put_back() {
    // Half of its migration is written for good: the previous version could not even open that.
    let script = r#"python3 - "$RIPIENO_HOME/data/ripieno.db" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("CREATE TABLE half (x TEXT)")
db.execute("DROP TABLE comments")
db.execute("PRAGMA user_version = 999")
END
exec PROGRAM "$@""#;
    returns(script, "999", "20s");
}

#[test]
fn version_that_says_it_is_another_is_left() {
    returns(
        r#"echo '{"event":"healthy","version":"9.9.9"}'"#,
        "says that it is 9.9.9",
        "20s",
    );
}
