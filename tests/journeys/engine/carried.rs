//! What a person had not committed when a task began stays theirs: a merge puts neither its files nor its commits into the
//! history of their branch (0133).

use crate::{
    Journey,
    rig::{
        Client, Home,
        repository::{committed, git},
    },
    worktrees::{given_back, in_worktree},
};
use serde_json::{Value, json};
use std::{fs, path::Path};

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "history_after_a_merge_holds_nothing_that_was_carried_in",
            history,
        ),
        (
            "work_after_a_merge_is_merged_alone_and_brings_nothing_back",
            follow_up,
        ),
        (
            "dependant_of_a_merged_task_begins_at_the_checkout_with_what_came_later",
            dependant,
        ),
        (
            "branch_that_an_agent_merges_by_hand_brings_nothing_carried_in",
            by_hand,
        ),
        (
            "work_on_what_was_carried_in_is_merged_without_its_history",
            inseparable,
        ),
        (
            "work_in_a_repository_without_a_commit_is_merged_without_its_history",
            from_nothing,
        ),
        (
            "work_in_a_clone_that_is_not_whole_is_merged_without_what_was_carried_in",
            shallow,
        ),
    ]
}

/// How a script commits.
const COMMIT: &str = "git -c user.name=Bot -c user.email=bot@b commit -q -a -m";

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("it is written");
}

/// Runs a script to its end, with what is not committed in the checkout.
fn run(client: &mut Client, home: &Home, folder: &Path, text: &str, depends: &[&str]) -> String {
    let id = in_worktree(client, folder, text, json!({ "depends_on": depends }));
    client.wait_done(&id);
    given_back(client, home, &id);
    id
}

fn merge(client: &mut Client, id: &str) -> Value {
    client.call("task.merge", json!({ "id": id }))
}

/// Nothing that any commit of the branch ever held, said or did.
fn nothing_secret(folder: &Path) {
    let all = git(folder, &["log", "-p", "-m", "--format=%an %B", "main"]);
    for word in ["SECRET", "not committed"] {
        assert!(!all.contains(word), "{all}");
    }
}

/// A repository with something secret that is not committed: a change, and a file.
fn with_secrets(home: &Home) -> std::path::PathBuf {
    let folder = committed(home, "repo", &[("a.txt", "one\n"), ("b.txt", "one\n")]);
    write(&folder, "a.txt", "SECRET change\n");
    write(&folder, "mine", "SECRET file\n");
    folder
}

fn history(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = with_secrets(home);
    let script = format!(
        "cat a.txt mine | wc -c; echo two >> b.txt; {COMMIT} 'Own step'; echo three >> b.txt"
    );
    let id = run(&mut client, home, &folder, &script, &[]);
    let view = client.task(&id);
    assert_eq!(view["result"]["summary"], "26");
    git(&folder, &["stash", "-q"]);
    write(&folder, "later", "later\n");
    git(&folder, &["add", "later"]);
    git(&folder, &["commit", "-q", "-m", "later"]);
    merge(&mut client, &id);
    nothing_secret(&folder);
    assert_eq!(git(&folder, &["show", "main:b.txt"]), "one\ntwo\nthree\n");
    // Each commit of the work is there, by whom and when it was made.
    let branch = view["branch"].as_str().expect("a branch");
    let own = ["log", "-1", "--format=%an %ad %cn %cd %s"];
    let before = git(&folder, &[&own[..], &[&format!("{branch}~1")]].concat());
    assert!(before.starts_with("Bot ") && before.ends_with(" Own step\n"));
    let after = git(&folder, &[&own[..], &["main^2~1"]].concat());
    assert_eq!(after, before);
    assert_eq!(
        git(&folder, &["rev-parse", "main^2~2"]),
        git(&folder, &["rev-parse", "main~2"])
    );
    // Merged already, also where the checkout has changes.
    git(&folder, &["stash", "pop", "-q"]);
    let at = git(&folder, &["rev-parse", "main"]);
    assert_eq!(merge(&mut client, &id)["commit"], Value::Null);
    assert_eq!(git(&folder, &["rev-parse", "main"]), at);
    assert_eq!(client.task(&id)["worktree"]["state"], "merged");
    let kept = format!("refs/ripieno/{id}/merged");
    assert_eq!(git(&folder, &["for-each-ref", &kept]), "");
}

fn follow_up(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = with_secrets(home);
    let id = run(
        &mut client,
        home,
        &folder,
        "echo two >> b.txt; echo x > made",
        &[],
    );
    git(&folder, &["stash", "-q", "-u"]);
    merge(&mut client, &id);
    // The person takes a part of it back, and changes another.
    git(&folder, &["rm", "-q", "made"]);
    write(&folder, "b.txt", "one\nTWO\n");
    git(&folder, &["commit", "-q", "-a", "-m", "mine"]);
    let params = json!({ "id": id, "text": "echo more > more" });
    let answer = client.call("task.comment", params);
    let second = &answer["follow_up"]["short_id"];
    let second = second.as_str().expect("a follow-up").to_owned();
    client.wait_done(&second);
    merge(&mut client, &second);
    assert_eq!(
        git(&folder, &["ls-tree", "--name-only", "main"]),
        "a.txt\nb.txt\nmore\n"
    );
    assert_eq!(git(&folder, &["show", "main:b.txt"]), "one\nTWO\n");
    nothing_secret(&folder);
}

fn dependant(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = with_secrets(home);
    let first = run(&mut client, home, &folder, "echo 1 > first", &[]);
    let second = run(&mut client, home, &folder, "echo 2 > second", &[&first]);
    git(&folder, &["stash", "-q", "-u"]);
    merge(&mut client, &second);
    nothing_secret(&folder);
    write(&folder, "later", "later\n");
    write(&folder, "first", "changed\n");
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "later"]);
    // Merged themselves, or with one that stood on them.
    for depends in [&second, &first] {
        let next = run(
            &mut client,
            home,
            &folder,
            "cat first second later",
            &[depends],
        );
        let view = client.task(&next);
        assert_eq!(view["result"]["summary"], "changed\n2\nlater", "{view:#}");
    }
    assert_eq!(merge(&mut client, &first)["commit"], Value::Null);
}

fn by_hand(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = with_secrets(home);
    let first = run(&mut client, home, &folder, "echo 1 > first", &[]);
    let branch = client.task(&first)["branch"].clone();
    let branch = branch.as_str().expect("a branch");
    write(&folder, "other", "SECRET too\n");
    let script = format!(
        "git -c user.name=a -c user.email=a@b merge -q -m joined {branch}; echo 2 > second"
    );
    let second = run(&mut client, home, &folder, &script, &[]);
    git(&folder, &["stash", "-q", "-u"]);
    merge(&mut client, &second);
    assert_eq!(
        git(&folder, &["ls-tree", "--name-only", "main"]),
        "a.txt\nb.txt\nfirst\nsecond\n"
    );
    nothing_secret(&folder);
    assert_eq!(merge(&mut client, &first)["commit"], Value::Null);
}

fn inseparable(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    write(&folder, "a.txt", "draft\n");
    let id = run(&mut client, home, &folder, "echo end >> a.txt", &[]);
    // Committed by now, in words of their own.
    git(&folder, &["commit", "-q", "-a", "-m", "mine"]);
    merge(&mut client, &id);
    assert_eq!(git(&folder, &["show", "main:a.txt"]), "draft\nend\n");
    let parents = git(&folder, &["log", "-1", "--format=%p", "main"]);
    assert_eq!(parents.trim().split(' ').count(), 1, "{parents}");
    nothing_secret(&folder);
    assert_eq!(merge(&mut client, &id)["commit"], Value::Null);
    write(&folder, "later", "later\n");
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "later"]);
    let next = run(&mut client, home, &folder, "cat a.txt later", &[&id]);
    let view = client.task(&next);
    assert_eq!(view["result"]["summary"], "draft\nend\nlater", "{view:#}");
}

fn from_nothing(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = home.folder("empty");
    git(&folder, &["init", "-q", "-b", "main"]);
    write(&folder, "mine", "SECRET\n");
    let id = run(&mut client, home, &folder, "echo x > made", &[]);
    git(&folder, &["commit", "-q", "--allow-empty", "-m", "first"]);
    merge(&mut client, &id);
    let names = git(&folder, &["ls-tree", "--name-only", "main"]);
    assert_eq!(names, "made\n");
    nothing_secret(&folder);
    assert_eq!(merge(&mut client, &id)["commit"], Value::Null);
}

fn shallow(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let whole = committed(home, "whole", &[("a.txt", "one\n"), ("b.txt", "one\n")]);
    for more in ["two\n", "three\n"] {
        write(&whole, "b.txt", more);
        git(&whole, &["commit", "-q", "-a", "-m", "more"]);
    }
    let from = format!("file://{}", whole.display());
    let folder = home.folder("clone");
    let clone = ["clone", "-q", "--depth", "1", &from, "."];
    git(&folder, &clone);
    write(&folder, "a.txt", "SECRET\n");
    let id = run(&mut client, home, &folder, "echo four >> b.txt", &[]);
    git(&folder, &["stash", "-q"]);
    merge(&mut client, &id);
    assert_eq!(git(&folder, &["show", "main:b.txt"]), "three\nfour\n");
    nothing_secret(&folder);
    assert_eq!(merge(&mut client, &id)["commit"], Value::Null);
}
