//! Going back to a checkpoint: files and conversation as they were, what is left behind kept (R13).

use crate::{
    Journey, agents,
    changes::changed,
    rig::{
        Client, Home,
        repository::{committed, dirty, git, of_the_person},
    },
    worktrees::{given_back, in_worktree},
};
use serde_json::{Value, json};
use std::fs;

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "failed_task_goes_back_to_before_a_movement_and_keeps_the_line_it_leaves",
            failed,
        ),
        (
            "rewind_is_refused_when_the_task_has_moved_on_since_its_points_were_read",
            moved_on,
        ),
        ("task_in_any_resting_state_is_taken_back", resting),
        ("live_task_is_stopped_before_it_goes_back", live),
        ("done_task_gets_a_follow_up_from_the_checkpoint", done),
        (
            "in_place_only_files_go_back_and_what_was_carried_is_the_persons",
            in_place,
        ),
    ]
}

/// The points of a task: what each is, in a word or two.
fn points(client: &mut Client, id: &str) -> Vec<String> {
    let found = client.call("task.checkpoints", json!({ "id": id }));
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    found["points"]
        .as_array()
        .expect("points")
        .iter()
        .map(|point| {
            format!(
                "{} {} {}",
                point["n"],
                word(&point["reason"]),
                word(&point["movement"])
            )
            .trim_end()
            .to_owned()
        })
        .collect()
}

/// Two movements, of which the second fails until the file `fixed` is there.
const TWO: &str = "version: 1
name: two
summary: Two steps
movements:
  - name: first
    run: echo first >> log; mkdir -p d; echo x > d/x
    outcomes:
      - { when: ok, next: second }
      - { when: failed, next: ABORT }
  - name: second
    run: echo second >> log; rm -r d; echo second > new; cat log; test -e ../fixed
    outcomes:
      - { when: ok, next: COMPLETE }
      - { when: failed, next: ABORT }
";

fn two(home: &Home) {
    let pieces = home.path().join("config/pieces");
    fs::create_dir_all(&pieces).expect("the folder of pieces");
    fs::write(pieces.join("two.yaml"), TWO).expect("the piece");
}

fn failed(home: &Home) {
    two(home);
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = dirty(home);
    let before = of_the_person(&folder);
    let added = client.call(
        "task.add",
        json!({ "prompt": "go", "piece": "two", "dir": folder, "max_tries": 1 }),
    );
    let id = added["short_id"].as_str().expect("a short id").to_owned();
    client.wait_state(&id, &["failed"]);
    given_back(&mut client, home, &id);
    let all = ["1 movement first", "2 movement second", "3 end second"];
    assert_eq!(points(&mut client, &id), all);
    let (code, listed, _) = home.run(&["task", "rewind", &id]);
    assert!(
        code == 0 && listed.contains("before second") && listed.contains("as of"),
        "{listed}"
    );
    fs::write(home.path().join("data/worktrees/fixed"), "").expect("it is written");
    let (code, said, wrong) = home.run(&["task", "rewind", &id, "--to", "2"]);
    assert_eq!(code, 0, "{wrong}");
    assert!(said.contains("goes on from checkpoint 2"), "{said}");
    let view = client.wait_done(&id);
    assert_eq!(
        view["result"]["summary"], "first\nsecond",
        "once each: {view:#}"
    );
    assert_eq!(
        changed(&mut client, &id),
        ["added log +2 -0", "added new +1 -0"]
    );
    assert_eq!(of_the_person(&folder), before);
    let found = client.call("task.checkpoints", json!({ "id": id }));
    let abandoned = found["points"]
        .as_array()
        .expect("points")
        .iter()
        .find(|p| p["reason"] == "abandoned");
    let commit = abandoned.expect("the line that was left")["commit"]
        .as_str()
        .expect("a commit")
        .to_owned();
    assert_eq!(
        git(&folder, &["show", &format!("{commit}:log")]),
        "first\nsecond\n"
    );
    git(&folder, &["gc", "-q", "--prune=now"]);
    assert_eq!(
        git(&folder, &["show", &format!("{commit}:new")]),
        "second\n"
    );
}

fn moved_on(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let id = in_worktree(&mut client, &folder, "echo x >> a.txt; exit 3", json!({}));
    client.wait_state(&id, &["failed"]);
    given_back(&mut client, home, &id);
    let seq = client.call("task.checkpoints", json!({ "id": id }))["seq"]
        .as_i64()
        .expect("a number");
    client.call(
        "task.comment",
        json!({ "id": id, "text": "wait", "quiet": true }),
    );
    let refused = client
        .request("task.rewind", json!({ "id": id, "to": 1, "as_of": seq }))
        .expect("an answer");
    let refused = refused.expect_err("it has moved on");
    assert_eq!(refused["code"], "conflict", "{refused}");
    assert_eq!(client.state(&id), "failed");
    let unknown = json!({ "id": id, "to": 99 });
    let refused = client.request("task.rewind", unknown).expect("an answer");
    assert_eq!(refused.expect_err("refused")["code"], "not_found");
    let seq = client.call("task.checkpoints", json!({ "id": id }))["seq"].clone();
    client.call("task.rewind", json!({ "id": id, "to": 1, "as_of": seq }));
    client.wait_state(&id, &["failed"]);
}

/// Each of the states a task can rest in, and from each it goes back to its beginning and ends done.
fn resting(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let ready = home.folder("ready").join("now");
    let script = |first: &str| {
        format!(
            "cat a.txt; echo more >> a.txt; if [ ! -e {} ]; then {first}; fi",
            ready.display()
        )
    };
    let asking = "ripieno ask create --wait 0 --text Which --option a || exit 4";
    let asks = in_worktree(&mut client, &folder, &script(asking), json!({}));
    let fails = in_worktree(&mut client, &folder, &script("exit 3"), json!({}));
    let cancelled = in_worktree(&mut client, &folder, &script("sleep 60"), json!({}));
    let paused = in_worktree(&mut client, &folder, &script("sleep 60"), json!({}));
    client.wait_state(&asks, &["needs_input"]);
    let view = client.wait_state(&fails, &["failed"]);
    assert_eq!(view["failure"]["class"], "reported_failed", "{view:#}");
    client.wait_state(&cancelled, &["running"]);
    client.call("task.cancel", json!({ "ids": [cancelled] }));
    client.wait_state(&paused, &["running"]);
    client.call("task.pause", json!({ "ids": [paused] }));
    client.wait_state(&paused, &["paused"]);
    fs::write(&ready, "").expect("it is written");
    for id in [&asks, &fails, &cancelled, &paused] {
        client.call("task.rewind", json!({ "id": id, "to": 1 }));
    }
    assert_eq!(client.state(&paused), "paused", "the mark is the person's");
    client.call("task.resume", json!({ "ids": [paused] }));
    for id in [&asks, &fails, &cancelled, &paused] {
        let view = client.wait_done(id);
        assert_eq!(view["result"]["summary"], "one", "{view:#}");
        assert_eq!(view["asks"], json!([]));
    }
}

fn live(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let script = "cat a.txt; echo more >> a.txt; git commit -qam more; if [ $RIPIENO_ATTEMPT = 1 ]; then touch begun; sleep 60; fi";
    fs::write(
        folder.join(".git/config"),
        fs::read_to_string(folder.join(".git/config")).expect("settings")
            + "[user]\n\tname = a\n\temail = a@b\n",
    )
    .expect("it is written");
    let id = in_worktree(&mut client, &folder, script, json!({}));
    let begun = home.path().join("data/worktrees").join(&id).join("begun");
    crate::rig::wait_for(crate::rig::PATIENCE, || begun.exists().then_some(()))
        .expect("it has begun");
    client.call(
        "task.rewind",
        json!({ "id": id, "to": 1, "text": "Start again" }),
    );
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "one", "{view:#}");
    assert_eq!(view["attempt"], 2);
    let branch = view["branch"].as_str().expect("a branch");
    assert_eq!(
        git(
            &folder,
            &["rev-list", "--count", &format!("main..{branch}")]
        ),
        "1\n"
    );
    assert_eq!(
        git(&folder, &["show", &format!("{branch}:a.txt")]),
        "one\nmore\n"
    );
    let timeline = client.call("task.timeline", json!({ "id": id }));
    assert_eq!(
        timeline["comments"][0]["text"], "Start again",
        "{timeline:#}"
    );
}

fn done(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let id = in_worktree(
        &mut client,
        &folder,
        "cat a.txt; echo more >> a.txt; echo x > y",
        json!({}),
    );
    client.wait_done(&id);
    given_back(&mut client, home, &id);
    let answer = client.call(
        "task.rewind",
        json!({ "id": id, "to": 1, "text": "cat a.txt; ls; echo other >> a.txt" }),
    );
    let next = answer["follow_up"]["short_id"]
        .as_str()
        .expect("a follow-up")
        .to_owned();
    let view = client.wait_done(&next);
    assert_eq!(view["result"]["summary"], "one\na.txt", "{view:#}");
    assert_eq!(client.state(&id), "done");
    let branch = view["branch"].as_str().expect("a branch");
    assert_eq!(
        git(&folder, &["show", &format!("{branch}:a.txt")]),
        "one\nother\n"
    );
    let kept = git(
        &folder,
        &["for-each-ref", "--format=%(objectname)", "refs/ripieno"],
    );
    let holds = |commit: &str| git(&folder, &["ls-tree", "--name-only", commit]).contains("y\n");
    assert!(kept.lines().any(holds), "what was left is kept");
}

fn in_place(home: &Home) {
    let daemon = agents::start(home);
    let mut client = daemon.client();
    let folder = dirty(home);
    let before = of_the_person(&folder);
    let id = agents::agent(
        &mut client,
        "FAKE:write",
        json!({ "dir": folder, "mode": "in_place" }),
    );
    client.wait_done(&id);
    assert_ne!(of_the_person(&folder), before);
    assert_eq!(points(&mut client, &id)[0], "1 movement work");
    let tried = json!({ "dir": folder, "mode": "in_place", "max_tries": 1 });
    let dead = agents::agent(&mut client, "FAKE1:crash", tried);
    client.wait_state(&dead, &["dead"]);
    client.call("task.rewind", json!({ "id": dead, "to": 1 }));
    client.wait_done(&dead);
    let answer = client.call(
        "task.rewind",
        json!({ "id": id, "to": 1, "text": "Do it. FAKE:ok" }),
    );
    let next = answer["follow_up"]["short_id"]
        .as_str()
        .expect("a follow-up")
        .to_owned();
    client.wait_done(&next);
    assert_eq!(of_the_person(&folder), before);
}
