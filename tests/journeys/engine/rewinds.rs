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
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

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
        (
            "folder_without_git_is_shown_and_taken_back_byte_for_byte",
            plain,
        ),
        (
            "folder_without_git_that_is_too_large_says_why_there_is_no_way_back",
            too_large,
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

/// Every file of a folder with its bytes.
fn bytes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(bytes(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).expect("it is read"));
        }
    }
    found
}

fn plain(home: &Home) {
    let daemon = agents::start(home);
    let mut client = daemon.client();
    let folder = home.folder("notes");
    for (name, text) in [
        (".gitattributes", "* text=auto\n"),
        ("a.txt", "one\r\ntwo\r\n"),
        ("d/x", "x\n"),
        ("d/y", "\0\r\n"),
    ] {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("it is made");
        fs::write(file, text).expect("it is written");
    }
    let before = bytes(&folder);
    let work = "FAKE:run RUN:echo three > a.txt; rm -r d; mkdir e; echo new > e/new";
    let id = agents::agent(&mut client, work, json!({ "dir": folder }));
    let view = client.wait_done(&id);
    assert_eq!(view["mode"], "in_place");
    assert_eq!(
        view["changes"],
        json!({ "files": 4, "insertions": 2, "deletions": 3 })
    );
    let seen = [
        "modified a.txt +1 -2",
        "deleted d/x +0 -1",
        "deleted d/y +0 -0",
        "added e/new +1 -0",
    ];
    assert_eq!(changed(&mut client, &id), seen);
    let (code, patch, wrong) = home.run(&["task", "diff", &id]);
    assert!(
        code == 0 && patch.contains("+three") && patch.contains("-two\r"),
        "{patch}{wrong}"
    );
    let after = bytes(&folder);
    let points = points(&mut client, &id);
    assert_eq!(points, ["1 movement work", "2 end work"]);
    let answer = client.call(
        "task.rewind",
        json!({ "id": id, "to": 1, "text": "Do it. FAKE:ok" }),
    );
    let next = answer["follow_up"]["short_id"]
        .as_str()
        .expect("a follow-up")
        .to_owned();
    client.wait_done(&next);
    assert_eq!(bytes(&folder), before, "as it was, and no .git in it");
    assert_eq!(changed(&mut client, &id), seen, "what it did is kept");
    // And there again.
    let answer = client.call(
        "task.rewind",
        json!({ "id": id, "to": 2, "text": "Do it. FAKE:ok" }),
    );
    let last = answer["follow_up"]["short_id"]
        .as_str()
        .expect("a follow-up")
        .to_owned();
    client.wait_done(&last);
    assert_eq!(bytes(&folder), after);
}

fn too_large(home: &Home) {
    let daemon = agents::start(home);
    let mut client = daemon.client();
    let folder = home.folder("films");
    for n in 0..5 {
        let file = fs::File::create(folder.join(format!("f{n}"))).expect("a file");
        file.set_len(15 << 20).expect("it is long");
    }
    let id = agents::agent(&mut client, "FAKE:ok", json!({ "dir": folder }));
    let view = client.wait_done(&id);
    assert_eq!(view["changes"], Value::Null);
    let why = "its files are more than 64 MiB together";
    let changes = client.call("task.changes", json!({ "id": id }));
    let reason = changes["reason"].as_str().expect("a reason");
    assert!(reason.contains(why), "{reason}");
    let rewind = json!({ "id": id, "to": 1 });
    let refused = client.request("task.rewind", rewind).expect("an answer");
    let refused = refused.expect_err("there is no way back");
    let said = refused["message"].as_str().expect("a sentence");
    assert!(said.contains("no way back") && said.contains(why), "{said}");
}
