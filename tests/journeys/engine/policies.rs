//! What a project decides beside trust: how many of its tasks run at a time, what is committed in the folder itself, and who
//! commits name as co-author (D1, D8, R14).

use crate::{
    Journey,
    rig::{
        Client, Home, PATIENCE,
        repository::{committed, dirty, git},
        wait_for,
    },
    worktrees::in_worktree,
};
use serde_json::{Value, json};
use std::{fs, path::Path};

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "project_with_one_slot_runs_one_task_at_a_time_and_says_so",
            slots,
        ),
        (
            "removing_a_project_lets_those_be_looked_at_that_waited_for_it",
            removed,
        ),
        (
            "work_in_the_folder_itself_is_committed_without_what_is_the_persons",
            commits,
        ),
        (
            "what_cannot_be_told_apart_from_the_persons_stays_uncommitted_with_a_warning",
            left,
        ),
    ]
}

fn set(home: &Home, folder: &Path, options: &[&str]) -> Value {
    let folder = folder.display().to_string();
    let args = [&["project", "add", &folder][..], options, &["--json"]].concat();
    home.json(&args)
}

fn held(client: &mut Client, id: &str, kind: &str) -> Value {
    let hold = wait_for(PATIENCE, || {
        let why = client.call("task.why", json!({ "id": id }));
        (why["hold"]["kind"] == kind).then(|| why["hold"].clone())
    });
    hold.unwrap_or_else(|| panic!("{:#}", client.task(id)))
}

fn slots(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    set(home, &folder, &["--slots", "1"]);
    let gate = home.folder("gate").join("open");
    let waits = format!("until [ -e {} ]; do sleep 0.05; done", gate.display());
    let first = in_worktree(&mut client, &folder, &waits, json!({}));
    client.wait_state(&first, &["running"]);
    let second = in_worktree(&mut client, &folder, &waits, json!({}));
    let third = in_worktree(&mut client, &folder, "true", json!({}));
    let hold = held(&mut client, &second, "project_full");
    assert_eq!(
        (&hold["used"], &hold["limit"]),
        (&json!(1), &json!(1)),
        "{hold}"
    );
    assert_eq!(hold["path"], folder.display().to_string());
    // Others are not held by it.
    let elsewhere = client.script("true", json!({}));
    client.wait_done(&elsewhere);
    held(&mut client, &third, "project_full");
    set(home, &folder, &["--slots", "2"]);
    client.wait_state(&second, &["running"]);
    held(&mut client, &third, "project_full");
    fs::write(&gate, "").expect("it opens");
    for id in [&first, &second, &third] {
        client.wait_done(id);
    }
}

fn removed(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    set(home, &folder, &["--slots", "1"]);
    let gate = home.folder("gate").join("open");
    let waits = format!("until [ -e {} ]; do sleep 0.05; done", gate.display());
    let first = in_worktree(&mut client, &folder, &waits, json!({}));
    client.wait_state(&first, &["running"]);
    let second = in_worktree(&mut client, &folder, "true", json!({}));
    held(&mut client, &second, "project_full");
    client.call("project.remove", json!({ "dir": folder }));
    // Its folder is nobody's now: whether it may be worked in is asked, as of every other.
    held(&mut client, &second, "untrusted");
    let asks = wait_for(PATIENCE, || {
        let asks = client.call("ask.list", json!({}));
        (!asks["asks"].as_array()?.is_empty()).then_some(asks)
    });
    assert!(asks.is_some(), "nobody is asked");
    fs::write(gate, "").expect("it opens");
    client.wait_done(&first);
}

fn commits(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = dirty(home);
    set(
        home,
        &folder,
        &["--commit", "on", "--co-author", "Robo <robo@example.org>"],
    );
    let before = git(&folder, &["status", "--porcelain"]);
    let text = "echo new > new.txt; sed -i '1s/one/ONE/' a.txt";
    let id = client.script(
        text,
        json!({ "dir": folder, "mode": "in_place", "title": "Say it louder" }),
    );
    client.wait_done(&id);
    let show = |what: &str| git(&folder, &["show", what]);
    assert_eq!(
        (show("HEAD:new.txt"), show("HEAD:a.txt")),
        ("new\n".into(), "ONE\ntwo\n".into())
    );
    assert_eq!(
        show("HEAD:b.txt"),
        "one\n",
        "what was staged is not committed"
    );
    let message = git(&folder, &["log", "-1", "--format=%B"]);
    assert!(message.starts_with("Say it louder\n"), "{message}");
    assert!(
        message.contains("Co-authored-by: Robo <robo@example.org>"),
        "{message}"
    );
    assert_eq!(git(&folder, &["status", "--porcelain"]), before);
    assert_eq!(
        fs::read_to_string(folder.join("a.txt")).expect("it is there"),
        "ONE\ntwo\nmine\n"
    );
    let worktree = in_worktree(&mut client, &folder, "echo x > x", json!({}));
    let view = client.wait_done(&worktree);
    let branch = view["branch"].as_str().expect("a branch");
    let message = git(&folder, &["log", "-1", "--format=%B", branch]);
    assert!(message.contains("Co-authored-by: Robo"), "{message}");
    let refused = home.run(&[
        "project",
        "set",
        &folder.display().to_string(),
        "--co-author",
        "nobody",
    ]);
    assert_eq!(refused.0, 2, "{}", refused.2);
}

fn left(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = dirty(home);
    set(home, &folder, &["--commit", "on"]);
    let head = git(&folder, &["rev-parse", "HEAD"]);
    for (text, told) in [
        (
            "sed -i 's/mine/theirs/' a.txt",
            "you and the task both changed a.txt",
        ),
        ("echo more >> b.txt", "b.txt"),
    ] {
        let id = client.script(text, json!({ "dir": folder, "mode": "in_place" }));
        client.wait_done(&id);
        let warnings = client.call("task.run", json!({ "id": id }))["warnings"].to_string();
        assert!(
            warnings.contains("is not committed") && warnings.contains(told),
            "{warnings}"
        );
        assert_eq!(git(&folder, &["rev-parse", "HEAD"]), head);
    }
}
