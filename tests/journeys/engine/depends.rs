//! Tasks that depend on others begin on their branches (T5).

use crate::{
    Journey,
    agents::{agent, start},
    changes::changed,
    rig::{
        Client, Home,
        repository::{committed, git, of_the_person},
    },
    worktrees::{given_back, in_worktree},
};
use serde_json::{Value, json};
use std::{fs, path::Path};

pub fn journeys() -> Vec<Journey> {
    vec![
        ("task_begins_on_the_branch_of_the_one_it_depends_on", one),
        (
            "task_begins_on_all_branches_it_depends_on_together",
            several,
        ),
        ("branches_that_conflict_ask_how_to_begin", conflict),
    ]
}

fn after(client: &mut Client, folder: &Path, depends: &[&str], text: &str) -> String {
    in_worktree(client, folder, text, json!({ "depends_on": depends }))
}

fn one(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    // Carried in, and the person's own all the way.
    fs::write(folder.join("mine.txt"), "mine\n").expect("it is written");
    let before = of_the_person(&folder);
    let first = after(
        &mut client,
        &folder,
        &[],
        "echo two >> a.txt; echo x > made",
    );
    let second = after(
        &mut client,
        &folder,
        &[&first],
        "cat a.txt made mine.txt; echo three >> a.txt",
    );
    let third = after(
        &mut client,
        &folder,
        &[&second, &first],
        "cat a.txt; echo four >> a.txt",
    );
    let view = client.wait_done(&second);
    assert_eq!(view["result"]["summary"], "one\ntwo\nx\nmine", "{view:#}");
    assert_eq!(changed(&mut client, &second), ["modified a.txt +1 -0"]);
    let view = client.wait_done(&third);
    assert_eq!(view["result"]["summary"], "one\ntwo\nthree", "{view:#}");
    assert_eq!(view["worktree"]["onto"], "main");
    assert_eq!(of_the_person(&folder), before);
    for id in [&first, &second, &third] {
        given_back(&mut client, home, id);
    }
    // What the person had not committed is not merged along, also when the first branch never is.
    client.call("task.merge", json!({ "id": third }));
    assert_eq!(
        git(&folder, &["show", "main:a.txt"]),
        "one\ntwo\nthree\nfour\n"
    );
    assert_eq!(
        git(&folder, &["ls-tree", "--name-only", "main"]),
        "a.txt\nmade\n"
    );
    assert_eq!(git(&folder, &["status", "--porcelain"]), "?? mine.txt\n");
    no_commit_of_it(&folder, "mine");
    // Merged by now: the next one begins at the checkout again, with what is not committed there.
    let next = after(&mut client, &folder, &[&third], "cat a.txt mine.txt");
    let view = client.wait_done(&next);
    assert_eq!(view["result"]["summary"], "one\ntwo\nthree\nfour\nmine");
}

fn several(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n"), ("b.txt", "one\n")]);
    fs::write(folder.join("mine.txt"), "mine\n").expect("it is written");
    let left = after(&mut client, &folder, &[], "echo two >> a.txt");
    let right = after(
        &mut client,
        &folder,
        &[],
        "echo two >> b.txt; echo r > right",
    );
    let both = after(
        &mut client,
        &folder,
        &[&left, &right],
        "cat a.txt b.txt right; echo both > both",
    );
    let view = client.wait_done(&both);
    assert_eq!(
        view["result"]["summary"], "one\ntwo\none\ntwo\nr",
        "{view:#}"
    );
    assert_eq!(changed(&mut client, &both), ["added both +1 -0"]);
    for id in [&left, &right, &both] {
        given_back(&mut client, home, id);
    }
    client.call("task.merge", json!({ "id": both }));
    let names = git(&folder, &["ls-tree", "--name-only", "main"]);
    assert_eq!(names, "a.txt\nb.txt\nboth\nright\n");
    for (file, id) in [("a.txt", &left), ("b.txt", &right)] {
        assert_eq!(
            git(&folder, &["show", &format!("main:{file}")]),
            "one\ntwo\n"
        );
        let again = client.call("task.merge", json!({ "id": id }));
        assert_eq!(again["commit"], Value::Null, "{file} is held already");
    }
    assert_eq!(git(&folder, &["status", "--porcelain"]), "?? mine.txt\n");
    no_commit_of_it(&folder, "mine");
}

/// No commit of the branch ever held it.
fn no_commit_of_it(folder: &Path, text: &str) {
    let all = git(folder, &["log", "-p", "-m", "--format=%h", "main"]);
    assert!(!all.contains(text), "{all}");
}

fn conflict(home: &Home) {
    let daemon = start(home);
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let left = after(&mut client, &folder, &[], "echo left > a.txt");
    let right = after(
        &mut client,
        &folder,
        &[],
        "echo right > a.txt; echo r > right",
    );
    for id in [&left, &right] {
        client.wait_done(id);
    }
    let more = json!({ "dir": folder, "depends_on": [&left, &right] });
    let branch = format!("ripieno/{right}");
    let script = format!(
        "cat a.txt; b=$(git branch --list '{branch}*' --format='%(refname:short)'); git -c user.name=a -c user.email=a@b merge -q $b >/dev/null || true; \
         echo both > a.txt; git add a.txt; git -c user.name=a -c user.email=a@b commit -qm joined; cat right"
    );
    let id = agent(&mut client, &format!("FAKE:run RUN:{script}"), more.clone());
    let view = client.wait_state(&id, &["needs_input"]);
    let ask = view["asks"][0].clone();
    let text = ask["text"].as_str().expect("a text");
    assert!(
        text.contains("a.txt") && text.contains(&left) && text.contains(&right),
        "{text}"
    );
    assert_eq!(view["worktree"], Value::Null, "nothing was made: {view:#}");
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": "begin" }),
    );
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "left\nr", "{view:#}");
    let merged = view["branch"].as_str().expect("a branch").to_owned();
    assert_eq!(
        git(&folder, &["show", &format!("{merged}:a.txt")]),
        "both\n"
    );
    given_back(&mut client, home, &id);
    let stopped = agent(&mut client, "FAKE:ok", more);
    let view = client.wait_state(&stopped, &["needs_input"]);
    client.call(
        "ask.answer",
        json!({ "id": view["asks"][0]["short_id"], "option": "stop" }),
    );
    let view = client.wait_state(&stopped, &["failed"]);
    assert_eq!(view["failure"]["class"], "piece_aborted", "{view:#}");
}
