//! What becomes of a task's branch: merged where it came from, discarded, taken back (D11).

use crate::{
    Journey,
    rig::{
        Client, Home,
        repository::{committed, git, of_the_person, try_git},
    },
    worktrees::{given_back, in_worktree},
};
use serde_json::{Value, json};
use std::{fs, path::Path};

pub fn journeys() -> Vec<Journey> {
    vec![
        ("branch_is_merged_where_it_came_from", merged),
        (
            "checkout_with_changes_is_never_merged_into_and_conflicts_name_their_files",
            refused,
        ),
        (
            "what_was_carried_in_uncommitted_is_not_merged_along",
            carried_in,
        ),
        (
            "ignored_file_where_a_merge_makes_a_folder_is_never_written_over",
            in_the_way,
        ),
        ("discarded_branch_is_taken_back", discarded),
        (
            "task_without_a_finished_branch_has_nothing_to_merge",
            nothing,
        ),
    ]
}

fn done(client: &mut Client, home: &Home, folder: &Path, text: &str) -> (String, String) {
    let id = in_worktree(client, folder, text, json!({}));
    let view = client.wait_done(&id);
    given_back(client, home, &id);
    (id, view["branch"].as_str().expect("a branch").to_owned())
}

fn refused_with(client: &mut Client, method: &str, params: Value) -> Value {
    client
        .request(method, params)
        .expect("an answer")
        .expect_err("refused")
}

fn refusal(client: &mut Client, method: &str, params: Value) -> (String, String) {
    let error = refused_with(client, method, params);
    let word = |name: &str| error[name].as_str().expect("a word").to_owned();
    (word("code"), word("message"))
}

fn merged(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n"), ("b.txt", "one\n")]);
    let (first, branch) = done(
        &mut client,
        home,
        &folder,
        "echo two >> a.txt; git mv b.txt c.txt",
    );
    let (second, _) = done(&mut client, home, &folder, "mkdir d; echo new > d/e");
    // Nobody's business: an untracked file, and one that was only touched.
    fs::write(folder.join("mine"), "mine\n").expect("it is written");
    fs::write(folder.join("a.txt"), "one\n").expect("it is written");
    let answer = client.call("task.merge", json!({ "id": first }));
    assert_eq!(answer["onto"], "main");
    assert_eq!(
        git(&folder, &["rev-parse", "main"]),
        git(&folder, &["rev-parse", &branch])
    );
    assert_eq!(
        fs::read_to_string(folder.join("a.txt")).expect("it is there"),
        "one\ntwo\n"
    );
    assert_eq!(git(&folder, &["status", "--porcelain"]), "?? mine\n");
    let (code, said, _) = home.run(&["task", "merge", &second]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains(&format!("{second} is merged into main")),
        "{said}"
    );
    assert!(folder.join("d/e").exists() && folder.join("c.txt").exists());
    assert_eq!(git(&folder, &["status", "--porcelain"]), "?? mine\n");
    assert_eq!(
        git(&folder, &["rev-list", "--count", "--merges", "main"]),
        "1\n"
    );
    let again = client.call("task.merge", json!({ "id": second }));
    assert_eq!(again["commit"], Value::Null, "it is held already");
    assert_eq!(again["task"]["worktree"]["state"], "merged");
    // Where the branch is checked out nowhere, it moves alone.
    let (third, _) = done(&mut client, home, &folder, "echo third > third");
    git(&folder, &["switch", "-q", "-c", "elsewhere"]);
    client.call("task.merge", json!({ "id": third }));
    assert!(!folder.join("third").exists());
    assert_eq!(git(&folder, &["show", "main:third"]), "third\n");
}

fn refused(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n"), ("b.txt", "one\n")]);
    let (id, _) = done(
        &mut client,
        home,
        &folder,
        "echo task > a.txt; echo x > new",
    );
    let merge = json!({ "id": id });
    fs::write(folder.join("b.txt"), "changed\n").expect("it is written");
    for staged in [false, true] {
        if staged {
            git(&folder, &["add", "b.txt"]);
        }
        let before = of_the_person(&folder);
        let (code, said) = refusal(&mut client, "task.merge", merge.clone());
        assert_eq!(code, "conflict");
        assert!(said.contains("with changes in it"), "{said}");
        let detail = &refused_with(&mut client, "task.merge", merge.clone())["detail"];
        let there = json!({ "reason": "target_dirty", "folder": folder, "branch": "main" });
        assert_eq!(*detail, there);
        assert_eq!(of_the_person(&folder), before);
        assert_eq!(home.run(&["task", "merge", &id]).0, 7);
    }
    git(&folder, &["commit", "-q", "-m", "mine"]);
    fs::write(folder.join("new"), "in the way\n").expect("it is written");
    let before = of_the_person(&folder);
    let (_, said) = refusal(&mut client, "task.merge", merge.clone());
    assert!(said.contains("new"), "{said}");
    assert_eq!(of_the_person(&folder), before);
    fs::remove_file(folder.join("new")).expect("it goes");
    fs::write(folder.join("a.txt"), "person\n").expect("it is written");
    git(&folder, &["commit", "-q", "-a", "-m", "mine too"]);
    let before = of_the_person(&folder);
    let (code, said) = refusal(&mut client, "task.merge", merge.clone());
    assert_eq!(code, "conflict");
    assert!(
        said.contains("a.txt") && said.contains("task comment"),
        "{said}"
    );
    let detail = &refused_with(&mut client, "task.merge", merge.clone())["detail"];
    let both = json!({ "reason": "conflict", "task": id, "branch": "main", "files": ["a.txt"] });
    assert_eq!(*detail, both);
    assert_eq!(of_the_person(&folder), before);
    assert_eq!(
        fs::read_to_string(folder.join("a.txt")).expect("it is there"),
        "person\n"
    );
    // A follow-up resolves it.
    let resolve = "GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b git merge -q -X theirs main";
    let answer = client.call("task.comment", json!({ "id": id, "text": resolve }));
    let second = answer["follow_up"]["short_id"]
        .as_str()
        .expect("a follow-up")
        .to_owned();
    client.wait_done(&second);
    client.call("task.merge", json!({ "id": second }));
    assert!(folder.join("new").exists());
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
}

fn in_the_way(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let exclude = folder.join(".git/info/exclude");
    let (id, _) = done(
        &mut client,
        home,
        &folder,
        "mkdir place; echo x > place/new",
    );
    fs::write(exclude, "place\n").expect("it is written");
    let there = folder.join("place");
    fs::write(&there, "mine\n").expect("it is written");
    for linked in [false, true] {
        if linked {
            fs::remove_file(&there).expect("it goes");
            std::os::unix::fs::symlink(".", &there).expect("it is made");
        }
        let before = of_the_person(&folder);
        let (code, said) = refusal(&mut client, "task.merge", json!({ "id": id }));
        assert_eq!(code, "conflict");
        assert!(said.contains("changed place;"), "{said}");
        assert_eq!(of_the_person(&folder), before);
        assert!(!there.is_dir() || linked, "it is there still");
    }
    fs::remove_file(&there).expect("it goes");
    client.call("task.merge", json!({ "id": id }));
    assert!(folder.join("place/new").exists());
}

fn carried_in(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n"), ("b.txt", "one\n")]);
    fs::write(folder.join("a.txt"), "not committed\n").expect("it is written");
    fs::write(folder.join("untracked"), "mine\n").expect("it is written");
    let (id, _) = done(
        &mut client,
        home,
        &folder,
        "cat a.txt untracked; echo task >> b.txt",
    );
    git(&folder, &["stash", "-q"]);
    client.call("task.merge", json!({ "id": id }));
    assert_eq!(
        fs::read_to_string(folder.join("a.txt")).expect("it is there"),
        "one\n"
    );
    assert_eq!(
        fs::read_to_string(folder.join("b.txt")).expect("it is there"),
        "one\ntask\n"
    );
    assert_eq!(git(&folder, &["status", "--porcelain"]), "?? untracked\n");
    git(&folder, &["stash", "pop", "-q"]);
    assert_eq!(
        fs::read_to_string(folder.join("a.txt")).expect("it is there"),
        "not committed\n"
    );
}

fn discarded(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let (id, branch) = done(&mut client, home, &folder, "echo x > made");
    let at = git(&folder, &["rev-parse", &branch]);
    git(&folder, &["switch", "-q", &branch]);
    let (code, said) = refusal(&mut client, "task.discard", json!({ "id": id }));
    assert!(code == "conflict" && said.contains("checked out"), "{said}");
    git(&folder, &["switch", "-q", "main"]);
    let (code, said, _) = home.run(&["task", "discard", &id]);
    assert!(code == 0 && said.contains("--undo"), "{said}");
    assert!(!try_git(&folder, &["rev-parse", "--verify", "-q", &branch]).0);
    assert_eq!(client.task(&id)["worktree"]["state"], "discarded");
    assert_eq!(home.run(&["task", "discard", &id]).0, 0, "it is so already");
    git(&folder, &["gc", "-q", "--prune=now"]);
    let (code, _, said) = home.run(&["task", "discard", "--undo", &id]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(git(&folder, &["rev-parse", &branch]), at);
    assert_eq!(client.task(&id)["worktree"]["state"], "kept");
    let (code, said) = refusal(
        &mut client,
        "task.discard",
        json!({ "id": id, "undo": true }),
    );
    assert!(
        code == "not_possible_now" && said.contains("not discarded"),
        "{said}"
    );
}

fn nothing(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let own = client.script("true", json!({}));
    client.wait_done(&own);
    let live = in_worktree(&mut client, &folder, "sleep 60", json!({}));
    client.wait_state(&live, &["running"]);
    let failed = in_worktree(&mut client, &folder, "echo x > y; exit 3", json!({}));
    client.wait_state(&failed, &["failed"]);
    for (id, word) in [
        (&own, "no branch"),
        (&live, "has not ended"),
        (&failed, "not committed"),
    ] {
        let (code, said) = refusal(&mut client, "task.merge", json!({ "id": id }));
        assert_eq!(code, "not_possible_now");
        assert!(said.contains(word), "{said}");
    }
    client.call("task.cancel", json!({ "ids": [live] }));
}
