//! Worktrees in which something unusual was done: what was worked is there all the same (D5, R13, R14).

use crate::{
    Journey,
    rig::{
        Client, Home, PATIENCE,
        repository::{committed, git, try_git, worktrees},
        wait_for,
    },
    worktrees::{given_back, in_worktree},
};
use serde_json::json;
use std::{fs, os::unix::fs::symlink, path::Path};

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "worktree_that_lost_its_git_file_keeps_its_work_and_goes_on",
            without_link,
        ),
        (
            "commits_that_were_amended_away_stay_reachable_whatever_the_encoding_of_names",
            odd_names,
        ),
        (
            "merge_that_was_resolved_and_not_committed_is_committed_as_one",
            merge_left_open,
        ),
        (
            "worktree_in_the_middle_of_a_rebase_stays_and_says_so",
            rebase_left_open,
        ),
        (
            "branch_that_a_follow_up_works_on_is_neither_merged_nor_thrown_away",
            follow_up_at_work,
        ),
        (
            "worktrees_work_where_the_data_folder_is_reached_by_a_link",
            linked_home,
        ),
    ]
}

fn branch(client: &mut Client, id: &str) -> String {
    let view = client.task(id);
    view["branch"].as_str().expect("a branch").to_owned()
}

fn without_link(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let script = "if [ -e kept ]; then cat kept; else rm .git; echo work > kept; exit 3; fi";
    let id = in_worktree(&mut client, &folder, script, json!({}));
    client.wait_state(&id, &["failed"]);
    client.call("task.retry", json!({ "ids": [id] }));
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "work", "{view:#}");
    let done = in_worktree(
        &mut client,
        &folder,
        "rm -rf .git; echo work > made",
        json!({}),
    );
    client.wait_done(&done);
    given_back(&mut client, home, &done);
    let made = format!("{}:made", branch(&mut client, &done));
    assert_eq!(git(&folder, &["show", &made]), "work\n");
}

fn odd_names(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let script = "export GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_EMAIL=a@b
        GIT_AUTHOR_NAME=$(printf 'J\\344ger') GIT_COMMITTER_NAME=$(printf 'J\\344ger')
        export GIT_AUTHOR_NAME GIT_COMMITTER_NAME
        echo lost > lost; git add lost; git commit -qm first; git rev-parse HEAD
        git rm -q lost; echo x > x; git add x; git commit -q --amend -m second";
    let id = in_worktree(&mut client, &folder, script, json!({}));
    let view = client.wait_done(&id);
    given_back(&mut client, home, &id);
    git(&folder, &["reflog", "expire", "--expire=now", "--all"]);
    git(&folder, &["gc", "-q", "--prune=now"]);
    let lost = view["result"]["summary"].as_str().expect("the commit");
    assert_eq!(git(&folder, &["show", &format!("{lost}:lost")]), "lost\n");
}

/// A script that works beside a main branch which goes on meanwhile.
fn beside_main(folder: &Path, text: &str) -> String {
    fs::write(folder.join("a.txt"), "theirs\n").expect("it is written");
    git(folder, &["commit", "-qam", "goes on"]);
    format!(
        "export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
         git reset -q --hard main~1; echo ours > a.txt; git commit -qam ours; {text}"
    )
}

fn merge_left_open(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let script = beside_main(
        &folder,
        "git merge -q main || true; echo both > a.txt; git add a.txt",
    );
    let id = in_worktree(&mut client, &folder, &script, json!({}));
    client.wait_done(&id);
    let branch = branch(&mut client, &id);
    assert_eq!(
        git(&folder, &["show", &format!("{branch}:a.txt")]),
        "both\n"
    );
    let holds = try_git(&folder, &["merge-base", "--is-ancestor", "main", &branch]);
    assert!(holds.0, "the merge is one: {}", holds.1);
    given_back(&mut client, home, &id);
    client.call("task.merge", json!({ "id": id }));
    assert_eq!(
        fs::read_to_string(folder.join("a.txt")).expect("a file"),
        "both\n"
    );
}

fn rebase_left_open(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let script = beside_main(&folder, "git rebase -q main; exit 3");
    let id = in_worktree(&mut client, &folder, &script, json!({}));
    client.wait_state(&id, &["failed"]);
    let stays = wait_for(PATIENCE, || {
        let view = client.task(&id);
        view["worktree"]["stays"].as_str().map(str::to_owned)
    });
    let stays = stays.unwrap_or_else(|| panic!("{:#}", client.task(&id)));
    assert!(stays.contains("under way"), "{stays}");
}

fn follow_up_at_work(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let first = in_worktree(&mut client, &folder, "echo 1 > first", json!({}));
    client.wait_done(&first);
    let text = "echo 2 > second; until [ -e go ]; do sleep 0.02; done; rm go";
    let answer = client.call("task.comment", json!({ "id": first, "text": text }));
    let second = answer["follow_up"]["short_id"]
        .as_str()
        .expect("a follow-up")
        .to_owned();
    client.wait_state(&second, &["running"]);
    for (method, params) in [
        ("task.merge", json!({ "id": first })),
        ("task.discard", json!({ "id": first })),
    ] {
        let refused = client.request(method, params).expect("the daemon lives");
        let said = format!("{:?}", refused.expect_err("it is refused"));
        assert!(said.contains(&format!("{second} goes on")), "{said}");
    }
    let own = home.path().join("data/worktrees").join(&first);
    fs::write(own.join("go"), "").expect("it is written");
    client.wait_done(&second);
    client.call("task.merge", json!({ "id": first }));
    assert!(folder.join("second").exists());
}

fn linked_home(home: &Home) {
    let elsewhere = home.folder("elsewhere");
    symlink(&elsewhere, home.path().join("data")).expect("a link");
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let id = in_worktree(&mut client, &folder, "echo 1 > first", json!({}));
    client.wait_done(&id);
    given_back(&mut client, home, &id);
    assert_eq!(worktrees(&folder), 1);
    let answer = client.call(
        "task.comment",
        json!({ "id": id, "text": "cat first; echo 2 > second" }),
    );
    let second = answer["follow_up"]["short_id"]
        .as_str()
        .expect("a follow-up");
    let view = client.wait_done(second);
    assert_eq!(view["result"]["summary"], "1", "{view:#}");
}
