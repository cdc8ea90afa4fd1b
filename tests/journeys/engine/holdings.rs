//! Folders of tasks at rest: kept with changes, given back without, and let go by one word of a person (D9).

use crate::{
    Journey,
    rig::{Client, Home, wait_for},
};
use serde_json::{Value, json};
use std::{path::Path, process::Command, time::Duration};

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "folder_with_changes_is_kept_until_a_person_lets_others_in",
            let_in,
        ),
        (
            "folder_without_changes_is_given_back_while_the_task_waits",
            given_back,
        ),
        (
            "paused_task_gives_back_or_keeps_as_the_setting_says",
            settings,
        ),
        (
            "piece_that_asks_before_it_has_changed_anything_gives_its_folder_back",
            asks_first,
        ),
        ("folder_let_go_stays_so_over_a_restart", restarted),
        ("folder_that_is_worked_in_is_not_let_go", at_work),
        ("ten_tasks_in_one_folder_never_meet", ten_in_turn),
        (
            "folder_of_a_killed_worker_of_another_home_is_free_within_five_seconds",
            killed_elsewhere,
        ),
    ]
}

const ASKS: &str =
    "ripieno ask create --text 'Go?' --option y --wait 0 > said || exit 4; rm -f said";

fn git(folder: &Path, args: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.org"])
        .args(args)
        .current_dir(folder)
        .status()
        .expect("git starts");
    assert!(done.success(), "git {args:?}");
}

/// A folder of which git can tell what changed.
fn repository(home: &Home, name: &str) -> std::path::PathBuf {
    let folder = home.folder(name);
    git(&folder, &["init", "--quiet"]);
    std::fs::write(folder.join("a.txt"), "one\n").expect("a file");
    std::fs::write(folder.join(".gitignore"), "said\n").expect("a file");
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "--quiet", "-m", "First"]);
    folder
}

fn in_place(folder: &Path) -> Value {
    json!({ "dir": folder, "mode": "in_place" })
}

/// Waits until the lock looks as wanted.
fn lock(client: &mut Client, wanted: impl Fn(&Value) -> bool) -> Value {
    wait_for(Duration::from_secs(30), || {
        let locks = client.call("lock.list", json!({}));
        locks["locks"]
            .as_array()?
            .iter()
            .find(|lock| lock["home"].is_null() && wanted(lock))
            .cloned()
    })
    .unwrap_or_else(|| panic!("no such lock: {}", client.call("lock.list", json!({}))))
}

fn answer(client: &mut Client, id: &str) {
    let ask = client.task(id)["asks"][0]["short_id"].clone();
    client.call("ask.answer", json!({ "id": ask, "option": "y" }));
}

fn let_in(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = repository(home, "repo");
    let first = client.script(&format!("echo two >> a.txt; {ASKS}"), in_place(&folder));
    client.wait_state(&first, &["needs_input"]);
    let second = client.script("cat a.txt", in_place(&folder));
    let kept = lock(&mut client, |lock| lock["can_release"] == true);
    assert_eq!(kept["kept_for"], "answer", "{kept}");
    assert_eq!(kept["changed"], 1, "{kept}");
    let why = client.call("task.why", json!({ "id": second }));
    assert_eq!(why["hold"]["holder"], first.as_str(), "{why}");
    let (code, out, _) = home.run(&["lock", "list"]);
    assert!(
        code == 0 && out.contains("waits for an answer, 1 file changed"),
        "{out}"
    );
    let (code, out, err) = home.run(&["lock", "release", &first]);
    assert!(
        code == 0 && out.contains("is free for others"),
        "{out}{err}"
    );
    client.wait_done(&second);
    assert_eq!(
        client.call("lock.release", json!({ "task": first }))["released"],
        Value::Null
    );
    answer(&mut client, &first);
    client.wait_done(&first);
}

fn given_back(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = repository(home, "repo");
    let first = client.script(ASKS, in_place(&folder));
    client.wait_state(&first, &["needs_input"]);
    let gate = home.folder("gate").join("open");
    let waits = format!("until [ -e {} ]; do sleep 0.02; done", gate.display());
    let second = client.script(&waits, in_place(&folder));
    client.wait_state(&second, &["running"]);
    answer(&mut client, &first);
    let held = wait_for(Duration::from_secs(30), || {
        let why = client.call("task.why", json!({ "id": first }));
        (why["hold"]["kind"] == "directory").then_some(why)
    });
    assert!(
        held.is_some(),
        "its next attempt waits for the folder like others"
    );
    std::fs::write(gate, "").expect("the gate opens");
    client.wait_done(&second);
    client.wait_done(&first);
}

/// A step that changes nothing, a question, and a step.
const ASKS_FIRST: &str = "version: 1
name: asker
summary: Asks before it works
movements:
  - name: look
    run: cat a.txt
    outcomes:
      - { when: ok, ask: 'Go on?', then: work }
  - name: work
    run: echo two >> a.txt
    outcomes:
      - { when: ok, next: COMPLETE }
";

fn asks_first(home: &Home) {
    let pieces = home.path().join("config/pieces");
    std::fs::create_dir_all(&pieces).expect("the folder of pieces");
    std::fs::write(pieces.join("asker.yaml"), ASKS_FIRST).expect("the piece");
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = repository(home, "repo");
    let asker = client.script(
        "go",
        json!({ "piece": "asker", "dir": folder, "mode": "in_place" }),
    );
    client.wait_state(&asker, &["needs_input"]);
    let other = client.script("cat a.txt", in_place(&folder));
    client.wait_done(&other);
    let ask = client.task(&asker)["asks"][0]["short_id"].clone();
    client.call("ask.answer", json!({ "id": ask, "text": "yes" }));
    client.wait_done(&asker);
}

fn settings(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    for (word, keeps) in [("never", false), ("always", true)] {
        client.call(
            "config.set",
            json!({ "key": "folders.keep", "value": word }),
        );
        let folder = repository(home, word);
        let work = if keeps { "true" } else { "echo two >> a.txt" };
        let first = client.script(&format!("{work}; {ASKS}"), in_place(&folder));
        client.wait_state(&first, &["needs_input"]);
        client.call("task.pause", json!({ "ids": [first] }));
        let second = client.script("true", in_place(&folder));
        if keeps {
            lock(&mut client, |lock| {
                lock["can_release"] == true && lock["kept_for"] == "answer"
            });
            assert_eq!(
                client.call("task.why", json!({ "id": second }))["hold"]["kind"],
                "directory"
            );
            answer(&mut client, &first);
            lock(&mut client, |lock| lock["kept_for"] == "pause");
            client.call("task.resume", json!({ "ids": [first] }));
        } else {
            client.wait_done(&second);
            answer(&mut client, &first);
            client.call("task.resume", json!({ "ids": [first] }));
        }
        client.wait_done(&first);
        client.wait_done(&second);
    }
}

fn restarted(home: &Home) {
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let folder = repository(home, "repo");
    let other = repository(home, "other");
    let first = client.script(&format!("echo two >> a.txt; {ASKS}"), in_place(&folder));
    let kept = client.script(&format!("echo two >> a.txt; {ASKS}"), in_place(&other));
    client.wait_state(&first, &["needs_input"]);
    client.wait_state(&kept, &["needs_input"]);
    lock(&mut client, |lock| {
        lock["holder"] == first.as_str() && lock["can_release"] == true
    });
    lock(&mut client, |lock| {
        lock["holder"] == kept.as_str() && lock["can_release"] == true
    });
    client.call("lock.release", json!({ "task": first }));
    daemon.kill();
    let daemon = home.daemon();
    let mut client = daemon.client();
    let second = client.script("true", in_place(&folder));
    client.wait_done(&second);
    let waits = client.script("true", in_place(&other));
    assert_eq!(
        client.call("task.why", json!({ "id": waits }))["hold"]["kind"],
        "directory"
    );
    answer(&mut client, &kept);
    client.wait_done(&waits);
}

fn at_work(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = home.folder("plain");
    let gate = home.folder("gate").join("open");
    let waits = format!("until [ -e {} ]; do sleep 0.02; done", gate.display());
    let first = client.script(&waits, in_place(&folder));
    client.wait_state(&first, &["running"]);
    let refused = client
        .request("lock.release", json!({ "task": first }))
        .expect("an answer")
        .expect_err("it works there");
    assert_eq!(refused["code"], "not_possible_now", "{refused}");
    assert!(
        refused["message"]
            .as_str()
            .expect("a sentence")
            .contains("pause it first")
    );
    std::fs::write(gate, "").expect("the gate opens");
    client.wait_done(&first);
}

fn ten_in_turn(home: &Home) {
    let other = Home::new();
    let daemons = [home.daemon(), other.daemon()];
    let folder = home.folder("repo");
    // Whoever meets another inside says so and fails.
    let script = "mkdir busy || { echo met >> met; exit 9; }; echo $RIPIENO_TASK_ID >> order; sleep 0.05; rmdir busy";
    let mut clients = daemons.each_ref().map(|daemon| daemon.client());
    let ids: Vec<(usize, String)> = (0..10)
        .map(|n| (n % 2, clients[n % 2].script(script, in_place(&folder))))
        .collect();
    for (at, id) in &ids {
        clients[*at].wait_done(id);
    }
    let order = std::fs::read_to_string(folder.join("order")).expect("they wrote");
    assert_eq!(order.lines().count(), 10);
    assert!(!folder.join("met").exists());
}

fn killed_elsewhere(home: &Home) {
    let other = Home::new();
    let folder = home.folder("repo");
    let link = home.dir.path().join("work/link");
    std::os::unix::fs::symlink(&folder, &link).expect("a link");
    std::fs::create_dir_all(folder.join("inner")).expect("a folder");
    let mut first_daemon = other.daemon();
    let mut first = first_daemon.client();
    let holder = first.script("sleep 300", in_place(&folder));
    first.wait_state(&holder, &["running"]);
    let daemon = home.daemon();
    let mut client = daemon.client();
    // By whatever path, and inside it.
    let wanted = [
        client.script("true", in_place(&link)),
        client.script("true", in_place(&folder.join("inner"))),
    ];
    for id in &wanted {
        let held = wait_for(Duration::from_secs(30), || {
            let why = client.call("task.why", json!({ "id": id }));
            (why["hold"]["kind"] == "directory").then_some(())
        });
        assert!(held.is_some(), "{}", client.task(id));
    }
    let locks = client.call("lock.list", json!({}));
    let seen = locks["locks"]
        .as_array()
        .expect("a list")
        .iter()
        .any(|lock| {
            lock["home"].as_str() == other.path().to_str() && lock["pid"] == first_daemon.child.id()
        });
    assert!(seen, "who is in the way is shown: {locks}");
    first_daemon.kill();
    let killed = std::time::Instant::now();
    for id in &wanted {
        client.wait_done(id);
    }
    let took = killed.elapsed();
    println!(
        "free and used again {:.2} s after the kill",
        took.as_secs_f64()
    );
    assert!(took < Duration::from_secs(5), "{took:?}");
}
