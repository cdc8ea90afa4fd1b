//! Agents that are installed, replaced or taken away while the worker runs: seen without a restart, and without being asked
//! to look (A1).

use super::rig::{Client, Home};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

/// Puts a program in its place as a package manager does: whole, by another name first.
fn install(folder: &Path, name: &str, version: &str) {
    let new = folder.join(".new");
    fs::write(&new, format!("#!/bin/sh\necho {version}\n")).expect("the program is written");
    fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).expect("it may be run");
    fs::rename(&new, folder.join(name)).expect("it takes its place");
}

fn runtime(client: &mut Client, kind: &str) -> Value {
    let listed = client.call("runtime.list", json!({}))["runtimes"].clone();
    let all = listed.as_array().expect("runtimes");
    all.iter()
        .find(|row| row["kind"] == kind)
        .cloned()
        .unwrap_or_default()
}

#[test]
fn program_replaced_installed_or_taken_away_is_seen_without_a_restart_or_a_refresh() {
    let home = Home::with_config("");
    let bin = home.folder("bin");
    install(&bin, "goose", "1.0.0");
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let daemon = home
        .try_daemon(&[("PATH", &path)])
        .expect("the daemon becomes ready");
    let mut client = daemon.client();
    assert_eq!(runtime(&mut client, "goose")["version"], "1.0.0");
    assert_eq!(runtime(&mut client, "kimi")["usable"], false);
    install(&bin, "goose", "2.0.0");
    assert_eq!(runtime(&mut client, "goose")["version"], "2.0.0");
    install(&bin, "kimi", "0.9.1");
    let kimi = runtime(&mut client, "kimi");
    assert_eq!(
        (&kimi["usable"], &kimi["version"]),
        (&json!(true), &json!("0.9.1")),
        "{kimi:#}"
    );
    fs::remove_file(bin.join("goose")).expect("it goes");
    let goose = runtime(&mut client, "goose");
    assert_eq!(
        (&goose["usable"], &goose["path"]),
        (&json!(false), &Value::Null),
        "{goose:#}"
    );
}

#[test]
fn task_is_begun_with_the_program_that_is_there_now() {
    let entry = "[[agents]]\nname = \"mine\"\nprotocol = \"lines\"\ncommand = \"my-agent\"\n";
    let home = Home::with_config(entry);
    let (first, second) = (home.folder("first"), home.folder("second"));
    install(&second, "my-agent", "old place");
    let path = format!("{}:{}:/usr/bin:/bin", first.display(), second.display());
    let daemon = home
        .try_daemon(&[("PATH", &path)])
        .expect("the daemon becomes ready");
    let mut client = daemon.client();
    assert_eq!(
        runtime(&mut client, "mine")["path"],
        second.join("my-agent").display().to_string()
    );
    // Earlier on the search path: from now on this one is meant.
    install(&first, "my-agent", "new place");
    let params = json!({ "prompt": "Go.", "agent": "mine", "dir": home.folder("here"), "mode": "in_place", "approvals": "trusted" });
    let id = client.call("task.add", params)["short_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "new place", "{view:#}");
}
