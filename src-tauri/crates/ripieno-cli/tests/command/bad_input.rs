//! Bad input: one clear error that names the thing and the remedy, nothing half-done, the exit code of the contract.

use crate::rig::{Rig, Said};
use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

/// Adds a task that is refused, and checks that nothing of it is left.
fn refused(rig: &Rig, arguments: &[&str]) -> String {
    let said = rig
        .run(&[&["task", "add", "--json"], arguments].concat())
        .exits(2);
    let message = said.json()["error"]["message"].as_str().unwrap().to_owned();
    nothing_left(rig);
    message
}

fn nothing_left(rig: &Rig) {
    assert_eq!(
        rig.run(&["task", "list", "--json"]).exits(0).json()["tasks"],
        serde_json::json!([])
    );
    let folders = std::fs::read_dir(rig.home().join("data/tasks")).map_or(0, Iterator::count);
    assert_eq!(folders, 0, "a refused task left a folder");
}

#[test]
fn unknown_piece_agent_folder_and_words_are_named_with_the_remedy() {
    let rig = Rig::start();
    assert!(refused(&rig, &["--piece", "scrpt", "x"]).contains("script"));
    assert!(refused(&rig, &["--agent", "nobody", "x"]).contains("no agent `nobody`"));
    assert!(
        refused(
            &rig,
            &["--piece", "script", "--dir", "/no/such/folder", "x"]
        )
        .contains("/no/such/folder")
    );
    assert!(
        refused(&rig, &["--piece", "script", "--priority", "soon", "x"])
            .contains("choose low, normal, high or urgent")
    );
    assert!(refused(&rig, &["--piece", "script", "--mode", "worktree", "x"]).contains("--dir"));
    assert!(
        refused(&rig, &["--piece", "script", "--mode", "elsewhere", "x"])
            .contains("choose in_place or worktree")
    );
    assert!(
        refused(&rig, &["--piece", "script", "--approvals", "all", "x"]).contains("choose ask_all")
    );
    assert!(refused(&rig, &["--piece", "script", "--timeout", "soon", "x"]).contains("45s, 10m"));
    assert!(refused(&rig, &["--piece", "script", "--not-before", "later", "x"]).contains("HH:MM"));
    assert!(refused(&rig, &["--piece", "script", "--budget-usd", "lots", "x"]).contains("2.50"));
    assert!(
        refused(
            &rig,
            &["--piece", "script", "--input", "/no/such/file", "x"]
        )
        .contains("/no/such/file")
    );
    assert!(refused(&rig, &["--piece", "script", "   "]).contains("empty"));
    assert!(refused(&rig, &["--piece", "script"]).contains("say what is to be done"));
}

#[test]
fn unknown_dependency_and_cycle_are_refused() {
    let rig = Rig::start();
    assert!(refused(&rig, &["--piece", "script", "--depends-on", "T-7", "x"]).contains("T-7"));
    // A task can only depend on those that exist already, so the shortest cycle is itself by its coming number.
    assert!(refused(&rig, &["--piece", "script", "--depends-on", "T-1", "x"]).contains("T-1"));
}

#[test]
fn malformed_piece_is_refused_with_its_line() {
    let rig = Rig::start();
    let pieces = rig.home().join("config/pieces");
    std::fs::create_dir_all(&pieces).unwrap();
    std::fs::write(
        pieces.join("mine.yaml"),
        "piece: mine\nmovements:\n  - name: [\n",
    )
    .unwrap();
    let message = refused(&rig, &["--piece", "mine", "x"]);
    assert!(message.contains("mine.yaml:"), "{message}");
}

#[test]
fn invalid_utf8_is_refused_from_every_source() {
    let rig = Rig::start();
    let bytes = b"echo \xff\xfe";
    let output = rig
        .command()
        .args(["task", "add", "--piece", "script"])
        .arg(OsStr::from_bytes(bytes))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not valid UTF-8"));
    let said = rig
        .feed(&["task", "add", "--piece", "script", "-"], bytes)
        .exits(2);
    assert!(
        said.stderr.contains("not valid UTF-8 (byte 6)"),
        "{}",
        said.stderr
    );
    let file = rig.home().join("prompt");
    std::fs::write(&file, bytes).unwrap();
    let said = rig
        .run(&[
            "task",
            "add",
            "--piece",
            "script",
            "--file",
            file.to_str().unwrap(),
        ])
        .exits(2);
    assert!(said.stderr.contains("not valid UTF-8"), "{}", said.stderr);
    nothing_left(&rig);
}

#[test]
fn prompt_of_a_megabyte_is_taken_and_one_of_ten_refused() {
    let rig = Rig::start();
    let script = format!("# {}\necho long", "x".repeat(1 << 20));
    let said = rig
        .feed(
            &["task", "add", "--piece", "script", "--wait", "-"],
            script.as_bytes(),
        )
        .exits(0);
    assert!(said.stdout.ends_with("long\n"), "{}", said.stdout);
    assert_eq!(
        rig.show("1")["prompt"].as_str().unwrap().len(),
        script.len()
    );
    let listed = rig.run(&["task", "list", "--json"]).exits(0).json();
    assert!(listed["tasks"][0]["prompt"].as_str().unwrap().len() < 5_000);
    let huge = vec![b'x'; 10 << 20];
    let mut add = rig.command();
    add.args(["task", "add", "--piece", "script", "--file"]);
    let file = rig.home().join("huge");
    std::fs::write(&file, huge).unwrap();
    let output = add.arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("at most 8 MiB"),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn line_of_200_megabytes_is_answered_and_the_connection_goes_on() {
    use std::io::{BufRead, BufReader, Write};
    let rig = Rig::start();
    let socket =
        std::os::unix::net::UnixStream::connect(rig.home().join("run/ripieno.sock")).unwrap();
    let mut to = socket.try_clone().unwrap();
    let block = vec![b'x'; 1 << 20];
    for _ in 0..200 {
        to.write_all(&block).unwrap();
    }
    to.write_all(b"\n{\"id\":2,\"method\":\"health\"}\n")
        .unwrap();
    let mut lines = BufReader::new(socket).lines();
    assert!(
        lines
            .next()
            .unwrap()
            .unwrap()
            .contains("longer than 16 MiB")
    );
    assert!(
        lines
            .next()
            .unwrap()
            .unwrap()
            .contains("\"state\":\"running\"")
    );
}

#[test]
fn home_that_cannot_be_used_is_named() {
    let rig = Rig::offline();
    let file = rig.home().join("file");
    std::fs::write(&file, "").unwrap();
    let run = |home: &std::path::Path| -> Said {
        let output = rig
            .command()
            .env("RIPIENO_HOME", home)
            .args(["daemon", "run", "--json"])
            .output()
            .unwrap();
        Said {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    };
    let said = run(&file.join("home")).exits(2);
    assert!(
        said.json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("is not a folder"),
        "{}",
        said.stdout
    );
    // Nobody, root included, can make folders there.
    let said = run(std::path::Path::new("/proc/ripieno")).exits(2);
    assert!(
        said.json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("/proc/ripieno"),
        "{}",
        said.stdout
    );
}

#[test]
fn damaged_database_is_not_replaced_by_an_empty_one() {
    let rig = Rig::offline();
    std::fs::create_dir_all(rig.home().join("data")).unwrap();
    std::fs::write(rig.home().join("data/ripieno.db"), vec![b'?'; 8192]).unwrap();
    let said = rig.run(&["daemon", "run", "--json"]);
    assert_ne!(said.code, 0);
    assert!(
        said.json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("ripieno.db"),
        "{}",
        said.stdout
    );
}

#[test]
fn usage_errors_are_objects_with_json() {
    let rig = Rig::offline();
    for arguments in [
        &["task", "lst", "--json"][..],
        &["task", "list", "--bogus", "--json"],
        &["--json"],
        &["ask", "answer", "1", "--json"],
    ] {
        let error = rig.run(arguments).exits(2).json();
        assert_eq!(error["error"]["code"], "usage", "{arguments:?}");
        assert!(
            !error["error"]["message"].as_str().unwrap().is_empty(),
            "{arguments:?}"
        );
    }
}
