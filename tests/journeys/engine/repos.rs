//! Repositories that tasks share: fetched once, checked out by each task into a repository of its own (D6).

use crate::{
    Journey,
    rig::{
        Client, Home,
        repository::{committed, git},
    },
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "agent_checks_a_known_repository_out_and_an_unknown_one_is_refused",
            one,
        ),
        ("ten_tasks_check_one_repository_out_at_once", ten),
        (
            "repository_that_cannot_be_fetched_is_used_as_it_was_or_says_why",
            unreachable,
        ),
        (
            "clone_goes_when_nothing_borrows_from_it_and_is_fetched_again",
            clean_up,
        ),
    ]
}

fn address(repository: &Path) -> String {
    format!("file://{}", repository.display())
}

/// A repository of two branches and a tag, and its address.
fn theirs(home: &Home) -> (PathBuf, String) {
    let theirs = committed(home, "theirs.d/site", &[("a.txt", "one\n")]);
    git(&theirs, &["tag", "v1"]);
    git(&theirs, &["switch", "-q", "-c", "next"]);
    fs::write(theirs.join("a.txt"), "two\n").expect("it is written");
    git(&theirs, &["commit", "-q", "-a", "-m", "second"]);
    git(&theirs, &["switch", "-q", "main"]);
    let url = address(&theirs);
    (theirs, url)
}

fn summary(view: &Value) -> String {
    view["result"]["summary"]
        .as_str()
        .expect("a summary")
        .to_owned()
}

/// What the clone of a repository has of objects in packs and loose.
fn clones(home: &Home) -> Vec<PathBuf> {
    let entries = fs::read_dir(home.path().join("data/repos")).expect("the folder of clones");
    entries.flatten().map(|entry| entry.path()).collect()
}

fn one(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let (theirs, url) = theirs(home);
    let unknown = client.script(
        &format!("ripieno repo checkout {url} 2>&1 || echo $?"),
        json!({}),
    );
    let view = client.wait_done(&unknown);
    assert!(
        summary(&view).contains("is not configured") && summary(&view).ends_with('1'),
        "{view:#}"
    );
    let added = home.json(&["repo", "add", &url, "--json"]);
    assert_eq!(
        (&added["url"], &added["checkouts"]),
        (&json!(url), &json!([]))
    );
    assert!(added["fetched_at"].is_string(), "{added}");
    let script = format!(
        "set -e; export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
         d=$(ripieno repo checkout {url}); test \"$d\" = \"$PWD/site\"; cd site
         git branch --show-current; cat a.txt; git log --format=%s origin/next; git tag
         git remote get-url origin; git fetch -q origin; git push -q origin HEAD:refs/heads/theirs
         echo three > a.txt; git commit -qam third; git push -q origin HEAD:refs/heads/mine
         ripieno repo checkout {url} --json | grep -c 'existing\".*true'"
    );
    let id = client.script(&script, json!({}));
    let view = client.wait_done(&id);
    let expected = format!("ripieno/{id}\none\nsecond\nfirst\nv1\n{url}\n1");
    assert_eq!(summary(&view), expected, "{view:#}");
    assert_eq!(git(&theirs, &["show", "mine:a.txt"]), "three\n");
    for (wanted, content) in [("next", "two"), ("v1", "one"), ("nowhere", "")] {
        let script = format!("cd $(ripieno repo checkout {url} --ref {wanted}) && cat a.txt");
        let id = client.script(&script, json!({ "max_tries": 1 }));
        if content.is_empty() {
            client.wait_state(&id, &["failed"]);
            let log = client.call("task.logs", json!({ "id": id })).to_string();
            assert!(log.contains("no branch, tag or commit nowhere"), "{log}");
        } else {
            assert_eq!(summary(&client.wait_done(&id)), content, "{wanted}");
        }
    }
    // In a folder of the person's the checkout stands beside it, not in it.
    let folder = committed(home, "mine", &[("m.txt", "m\n")]);
    let script = format!("ripieno repo checkout {url}; ls");
    let id = client.script(&script, json!({ "dir": folder, "mode": "in_place" }));
    let view = client.wait_done(&id);
    let said = summary(&view);
    let place = home.path().join("data/tasks");
    assert!(said.starts_with(&*place.to_string_lossy()), "{said}");
    assert!(said.ends_with("workspace/site\nm.txt"), "{said}");
    // A person has no workspace, and a task may not say what is known.
    let (code, _, err) = home.run(&["repo", "checkout", &url]);
    assert!(code == 8 && err.contains("inside a running task"), "{err}");
    let id = client.script(&format!("ripieno repo add {url} || echo $?"), json!({}));
    assert!(summary(&client.wait_done(&id)).ends_with('8'));
    let (code, _, err) = home.run(&["repo", "add", "ext::sh -c id"]);
    assert!(code == 2 && err.contains("no address"), "{err}");
    // Checkouts need the clone.
    let (code, _, err) = home.run(&["repo", "remove", &url]);
    assert!(code == 8 && err.contains("borrow from it"), "{err}");
}

fn ten(home: &Home) {
    let config = home.path().join("config/config.toml");
    let settings = fs::read_to_string(&config).expect("there are settings");
    fs::write(&config, format!("slots = 10\n{settings}")).expect("they are written");
    let daemon = home.daemon();
    let mut client = daemon.client();
    let (_, url) = theirs(home);
    home.json(&["repo", "add", &url, "--json"]);
    let gate = home.folder("gate").join("open");
    let script = format!(
        "until [ -e {} ]; do sleep 0.02; done; cd $(ripieno repo checkout {url}) && git fsck && echo $RIPIENO_TASK_ID > own && git add own && \
         git -c user.name=a -c user.email=a@b commit -qm own && git show HEAD:own",
        gate.display()
    );
    let ids: Vec<String> = (0..10).map(|_| client.script(&script, json!({}))).collect();
    fs::write(gate, "").expect("the gate opens");
    for id in &ids {
        let view = client.wait_done(id);
        assert!(
            summary(&view).ends_with(view["id"].as_str().expect("an id")),
            "{view:#}"
        );
    }
    let known = home.json(&["repo", "list", "--json"]);
    let checkouts = known["repositories"][0]["checkouts"]
        .as_array()
        .map(Vec::len);
    assert_eq!(checkouts, Some(10), "{known:#}");
    // What is common is there once: a checkout holds its own commit only.
    let largest = known["repositories"][0]["checkouts"]
        .as_array()
        .expect("checkouts")
        .iter()
        .map(|at| loose(Path::new(at.as_str().expect("a path"))))
        .max();
    assert_eq!(largest, Some(3), "commit, tree and blob");
}

fn loose(checkout: &Path) -> usize {
    let counted = git(checkout, &["count-objects", "-v"]);
    let of = |name: &str| {
        let line = counted.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|n| n.trim().parse::<usize>().ok())
            .expect("a number")
    };
    of("count:") + of("in-pack:")
}

fn check_out(client: &mut Client, url: &str) -> Value {
    let script = format!(
        "ripieno repo checkout {url} --json > out 2> err || {{ cat out err; exit 1; }}; cat out"
    );
    let id = client.script(&script, json!({ "max_tries": 1 }));
    let view = client.wait_state(&id, &["done", "failed"]);
    if view["state"] == "failed" {
        return view["failure"].clone();
    }
    serde_json::from_str(&summary(&view)).expect("a view of the checkout")
}

fn unreachable(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let (theirs, url) = theirs(home);
    let away = theirs.with_file_name("away");
    fs::rename(&theirs, &away).expect("it goes");
    let (code, _, err) = home.run(&["repo", "add", &url]);
    assert!(
        code == 8 && err.contains("is configured, but not fetched"),
        "{err}"
    );
    let refused = check_out(&mut client, &url).to_string();
    assert!(refused.contains("configured, but not fetched"), "{refused}");
    fs::rename(&away, &theirs).expect("it comes");
    assert_eq!(check_out(&mut client, &url)["stale"], Value::Null);
    fs::rename(&theirs, &away).expect("it goes");
    let made = check_out(&mut client, &url);
    assert!(
        made["stale"]
            .as_str()
            .is_some_and(|why| why.contains("not fetched")),
        "{made}"
    );
    let at = PathBuf::from(made["path"].as_str().expect("a path"));
    assert_eq!(
        fs::read_to_string(at.join("a.txt")).expect("it is there"),
        "one\n"
    );
}

fn clean_up(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let (_, url) = theirs(home);
    home.json(&["repo", "add", &url, "--json"]);
    let made = check_out(&mut client, &url);
    let clone = clones(home).pop().expect("a clone").join("clone.git");
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(40 * 24 * 3600);
    let age = || {
        for stamp in ["used", "fetched"] {
            let file = fs::File::options().append(true).open(clone.join(stamp));
            file.and_then(|file| file.set_modified(long_ago))
                .expect("a stamp");
        }
    };
    age();
    let cleaned = home.json(&["gc", "--json"]);
    assert!(
        clone.join("HEAD").exists(),
        "a checkout borrows from it: {cleaned}"
    );
    fs::remove_dir_all(made["path"].as_str().expect("a path")).expect("it goes");
    let (_, out, _) = home.run(&["gc", "--dry-run"]);
    assert!(
        out.contains("repository") && out.contains("not used for a month"),
        "{out}"
    );
    let cleaned = home.json(&["gc", "--json"]);
    assert!(!clone.exists(), "{cleaned}");
    let made = check_out(&mut client, &url);
    assert_eq!(
        (&made["stale"], &made["existing"]),
        (&Value::Null, &json!(false)),
        "{made}"
    );
    let (code, ..) = home.run(&["repo", "remove", &url]);
    assert_eq!(code, 8);
    fs::remove_dir_all(made["path"].as_str().expect("a path")).expect("it goes");
    let (code, ..) = home.run(&["repo", "remove", &url]);
    assert_eq!(code, 0);
    assert!(clones(home).is_empty());
}
