//! A disk that is full or cannot be written to (rel-4, C6).

use crate::{
    namespace::{self, mount},
    refused,
    rig::{Client, Daemon, Home, PATIENCE, wait_for},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, io::Write};

/// A home on a file system of its own.
fn mounted(options: &str, config: &str) -> Home {
    let home = Home::new();
    mount(options, &home.path());
    fs::create_dir_all(home.path().join("config")).expect("a folder of settings");
    fs::write(home.path().join("config/config.toml"), config).expect("the settings are written");
    home
}

#[test]
fn full_disk_loses_no_task_and_the_same_worker_goes_on_when_there_is_room() {
    namespace::within(
        "room::full_disk_loses_no_task_and_the_same_worker_goes_on_when_there_is_room",
        on_a_full_disk,
    );
}

fn on_a_full_disk() {
    let home = mounted(
        "size=8m",
        "[disk]\nreserve = \"1 MiB\"\nmin_free = \"2 MiB\"\n",
    );
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let acked = fill_with_tasks(&mut client);
    assert!(acked.len() > 5, "only {acked:?} fitted");
    fill_with_bytes(&home);
    refused(
        &home,
        &["task", "add", "--piece", "script", "echo more"],
        8,
        "not_possible_now",
    )
    .names(&["disk", "free some space"]);
    let status = client.call("status", json!({}));
    assert!(status["low_disk"].is_u64(), "{status}");
    assert!(
        lost(&mut client, &acked).is_empty(),
        "lost while full: {:?}",
        lost(&mut client, &acked)
    );
    assert!(
        !home.path().join("data/reserve").exists(),
        "the reserve is for this moment"
    );

    fs::remove_file(home.path().join("ballast")).expect("the ballast goes");
    mount("remount,size=64m", &home.path());
    for id in &acked {
        client.wait_done(id);
    }
    let after = submit_when_there_is_room(&mut client);
    client.wait_done(&after);
    assert!(
        daemon.child.try_wait().expect("it can be asked").is_none(),
        "the worker ended"
    );
    let back = wait_for(PATIENCE, || {
        home.path().join("data/reserve").exists().then_some(())
    });
    assert!(back.is_some(), "the reserve is kept again");
    check_after(&home, &mut daemon, client, &acked);
}

/// Submits until three in a row are refused; those that were acknowledged.
fn fill_with_tasks(client: &mut Client) -> BTreeSet<String> {
    let filler = "x".repeat(20_000);
    let mut acked = BTreeSet::new();
    let mut refusals = 0;
    for n in 0..2_000 {
        let params = json!({ "piece": "script", "prompt": format!("echo {n}; : {filler}") });
        match client
            .request("task.add", params)
            .expect("the worker lives")
        {
            Ok(task) => {
                acked.insert(task["short_id"].as_str().expect("an id").to_owned());
                refusals = 0;
            }
            Err(error) => {
                assert_eq!(error["code"], "not_possible_now", "{error}");
                assert!(
                    error["message"]
                        .as_str()
                        .is_some_and(|m| m.contains("disk")),
                    "{error}"
                );
                refusals += 1;
            }
        }
        if refusals == 3 {
            return acked;
        }
    }
    panic!("2000 tasks of 20 KB fit on 8 MiB");
}

fn fill_with_bytes(home: &Home) {
    let mut ballast = fs::File::create(home.path().join("ballast")).expect("a file");
    let block = [7_u8; 4096];
    // Until the disk says no.
    while ballast.write_all(&block).is_ok() {}
}

/// The acknowledged tasks that are not there.
fn lost(client: &mut Client, acked: &BTreeSet<String>) -> Vec<String> {
    let list = client.call("task.list", json!({ "limit": 500 }));
    let there: BTreeSet<&str> = list["tasks"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|t| t["short_id"].as_str())
        .collect();
    acked
        .iter()
        .filter(|id| !there.contains(id.as_str()))
        .cloned()
        .collect()
}

fn submit_when_there_is_room(client: &mut Client) -> String {
    let params = json!({ "piece": "script", "prompt": "echo room" });
    let added = wait_for(PATIENCE, || {
        client
            .request("task.add", params.clone())
            .expect("the worker lives")
            .ok()
    });
    let added: Value = added.expect("there is room again, and it is taken");
    added["short_id"].as_str().expect("an id").to_owned()
}

fn check_after(home: &Home, daemon: &mut Daemon, client: Client, acked: &BTreeSet<String>) {
    drop(client);
    assert_eq!(daemon.term(), Some(0));
    let db = rusqlite::Connection::open(home.database()).expect("the database opens");
    let verdict: String = db
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("a verdict");
    assert_eq!(verdict, "ok");
    let rows: i64 = db
        .query_row("SELECT count(*) FROM tasks", [], |row| row.get(0))
        .expect("a count");
    let folders = fs::read_dir(home.path().join("data/tasks"))
        .expect("the folders of tasks")
        .count();
    assert_eq!(
        usize::try_from(rows).ok(),
        Some(folders),
        "refused submissions left folders"
    );
    assert_eq!(folders, acked.len() + 1);
}

#[test]
fn read_only_home_is_refused_in_one_sentence_and_unchanged() {
    namespace::within(
        "room::read_only_home_is_refused_in_one_sentence_and_unchanged",
        on_a_read_only_disk,
    );
}

fn on_a_read_only_disk() {
    let home = mounted(
        "size=64m",
        "[disk]\nreserve = \"64 KiB\"\nmin_free = \"1 MiB\"\n",
    );
    let id = {
        let mut daemon = home.daemon();
        let mut client = daemon.client();
        let id = client.script("echo kept", json!({}));
        client.wait_done(&id);
        drop(client);
        assert_eq!(daemon.term(), Some(0));
        id
    };
    let before = fs::read(home.database()).expect("the database");
    mount("remount,ro", &home.path());
    let path = home.path().display().to_string();
    refused(&home, &["daemon", "run"], 2, "invalid").names(&[&path, "read-only", "RIPIENO_HOME"]);
    refused(&home, &["config", "set", "slots", "2"], 2, "invalid").names(&[&path, "read-only"]);
    mount("remount,rw", &home.path());
    assert!(
        fs::read(home.database()).expect("the database") == before,
        "it was changed"
    );
    let daemon = home.daemon();
    assert_eq!(daemon.client().state(&id), "done");
}
