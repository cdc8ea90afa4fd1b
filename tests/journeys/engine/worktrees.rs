//! Worktrees: each task on a branch and in a folder of its own, and nothing of the person's touched (D5).

use crate::{
    Journey,
    changes::changed,
    rig::{
        Client, Home, PATIENCE,
        repository::{committed, dirty, git, of_the_person, worktrees},
        wait_for,
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
            "task_in_a_worktree_carries_the_persons_state_in_and_leaves_their_checkout_alone",
            carried,
        ),
        ("ten_tasks_work_in_worktrees_of_one_repository_at_once", ten),
        (
            "failed_task_keeps_what_it_left_and_goes_on_there",
            taken_up_again,
        ),
        ("follow_up_goes_on_in_the_same_folder_and_branch", follow_up),
        (
            "folder_with_bytes_that_no_commit_holds_stays_and_says_why",
            stays,
        ),
        ("killed_worker_gives_folders_back_at_its_next_start", killed),
        ("odd_repositories_work_or_are_refused_with_a_sentence", odd),
    ]
}

pub fn in_worktree(client: &mut Client, folder: &Path, text: &str, more: Value) -> String {
    // What a repository gets by itself.
    let mut params = json!({ "dir": folder });
    params
        .as_object_mut()
        .expect("an object")
        .extend(more.as_object().expect("an object").clone());
    client.script(text, params)
}

fn folder_of(home: &Home, id: &str) -> PathBuf {
    home.path().join("data/worktrees").join(id)
}

/// Waits until the folder of an ended task was given back.
pub fn given_back(client: &mut Client, home: &Home, id: &str) {
    let kept = wait_for(PATIENCE, || {
        (client.task(id)["worktree"]["state"] == "kept").then_some(())
    });
    assert!(kept.is_some(), "{:#}", client.task(id));
    assert!(!folder_of(home, id).exists());
}

fn carried(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = dirty(home);
    let before = of_the_person(&folder);
    let script = "s=$(git status --porcelain); printf '%s' $s > clean; cat a.txt 'my notes' b.txt > seen; echo more >> a.txt; pwd";
    let id = in_worktree(&mut client, &folder, script, json!({ "title": "Say more" }));
    let view = client.wait_done(&id);
    assert_eq!(of_the_person(&folder), before);
    assert_eq!(
        json!([view["mode"], view["branch"], view["worktree"]["onto"]]),
        json!(["worktree", format!("ripieno/{id}-say-more"), "main"])
    );
    let own = folder_of(home, &id);
    assert_eq!(view["result"]["summary"], own.display().to_string());
    let branch = view["branch"].as_str().expect("a branch");
    let show = |name: &str| git(&folder, &["show", &format!("{branch}:{name}")]);
    assert_eq!(show("seen"), "one\ntwo\nmine\nmine\nstaged\n");
    assert_eq!(
        show("clean"),
        "",
        "what was carried in is not the task's to commit"
    );
    assert_eq!(show("a.txt"), "one\ntwo\nmine\nmore\n");
    let message = git(&folder, &["log", "-1", "--format=%B", branch]);
    assert!(
        message.starts_with("Say more\n") && message.contains(&format!("Task: {id}")),
        "{message}"
    );
    assert!(!message.contains("Co-authored-by"), "{message}");
    let expected = [
        "modified a.txt +1 -0",
        "added clean +0 -0",
        "added seen +5 -0",
    ];
    assert_eq!(changed(&mut client, &id), expected);
    assert_eq!(view["changes"]["files"], 3);
    given_back(&mut client, home, &id);
    assert_eq!(worktrees(&folder), 1);
    assert_eq!(of_the_person(&folder), before);
    assert_eq!(
        changed(&mut client, &id),
        expected,
        "without the folder too"
    );
    assert_eq!(client.task(&id)["workdir"], folder.display().to_string());
}

fn ten(home: &Home) {
    let config = home.path().join("config/config.toml");
    let settings = fs::read_to_string(&config).expect("there are settings");
    fs::write(&config, format!("slots = 10\n{settings}")).expect("they are written");
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = dirty(home);
    let before = of_the_person(&folder);
    let gate = home.folder("gate").join("open");
    let script = format!(
        "echo $RIPIENO_TASK_ID > own; echo $RIPIENO_TASK_ID >> a.txt; until [ -e {} ]; do sleep 0.05; done",
        gate.display()
    );
    let ids: Vec<String> = (0..10)
        .map(|_| in_worktree(&mut client, &folder, &script, json!({})))
        .collect();
    let all = wait_for(PATIENCE, || {
        (client.call("status", json!({}))["counts"]["running"] == 10).then_some(())
    });
    assert!(
        all.is_some(),
        "all run at once: {:#}",
        client.call("task.list", json!({}))
    );
    assert_eq!(of_the_person(&folder), before, "while they work");
    fs::write(gate, "").expect("the gate opens");
    for id in &ids {
        let view = client.wait_done(id);
        let branch = view["branch"].as_str().expect("a branch").to_owned();
        let own = git(&folder, &["show", &format!("{branch}:own")]);
        assert_eq!(json!(own.trim()), view["id"]);
        let a = git(&folder, &["show", &format!("{branch}:a.txt")]);
        assert_eq!(a, format!("one\ntwo\nmine\n{own}"));
    }
    for id in &ids {
        given_back(&mut client, home, id);
    }
    assert_eq!(worktrees(&folder), 1);
    assert_eq!(of_the_person(&folder), before);
}

fn taken_up_again(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let script =
        "if [ -e half ]; then cat half; else echo half done > half; git rm -q a.txt; exit 3; fi";
    let id = in_worktree(&mut client, &folder, script, json!({}));
    client.wait_state(&id, &["failed"]);
    given_back(&mut client, home, &id);
    client.call("task.retry", json!({ "ids": [id] }));
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "half done", "{view:#}");
    let branch = view["branch"].as_str().expect("a branch");
    assert_eq!(git(&folder, &["ls-tree", "--name-only", branch]), "half\n");
    assert!(folder.join("a.txt").exists());
}

fn follow_up(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    let first = in_worktree(&mut client, &folder, "pwd; echo 1 > first", json!({}));
    let before = client.wait_done(&first);
    given_back(&mut client, home, &first);
    let answer = client.call(
        "task.comment",
        json!({ "id": first, "text": "pwd; cat first; echo 2 > second" }),
    );
    let second = answer["follow_up"]["short_id"]
        .as_str()
        .expect("a follow-up")
        .to_owned();
    let view = client.wait_done(&second);
    let place = folder_of(home, &first).display().to_string();
    assert_eq!(before["result"]["summary"], place);
    assert_eq!(view["result"]["summary"], format!("{place}\n1"));
    assert_eq!(view["branch"], before["branch"]);
    assert_eq!(changed(&mut client, &second), ["added second +1 -0"]);
    let branch = view["branch"].as_str().expect("a branch");
    let commits = git(
        &folder,
        &["rev-list", "--count", &format!("main..{branch}")],
    );
    assert_eq!(commits.trim(), "2");
}

fn stays(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = committed(
        home,
        "repo",
        &[(".gitignore", "ignored/\n"), ("a.txt", "one\n")],
    );
    for (script, word) in [
        ("mkdir ignored; echo x > ignored/y", "ignored"),
        ("head -c 17000000 /dev/zero > large", "large"),
        (
            "git update-index --assume-unchanged a.txt; echo changed > a.txt",
            "a.txt",
        ),
        ("mkdir own; cd own; git init -q; echo x > y", "own"),
    ] {
        let id = in_worktree(&mut client, &folder, script, json!({}));
        client.wait_done(&id);
        let stays = wait_for(PATIENCE, || {
            let view = client.task(&id);
            view["worktree"]["stays"].as_str().map(str::to_owned)
        });
        let stays = stays.unwrap_or_else(|| panic!("{script}: {:#}", client.task(&id)));
        assert!(stays.contains(word), "{script}: {stays}");
        assert!(folder_of(home, &id).exists(), "{script}");
        assert_eq!(client.task(&id)["worktree"]["state"], "open");
    }
}

fn killed(home: &Home) {
    let folder = committed(home, "repo", &[("a.txt", "one\n")]);
    for point in [
        "daemon.worktree.before_removal",
        "daemon.worktree.after_removal",
    ] {
        let mut daemon = home
            .try_daemon(&[("RIPIENO_CRASH_AT", point)])
            .expect("it becomes ready");
        let mut client = daemon.client();
        let id = in_worktree(&mut client, &folder, "echo x > made", json!({}));
        assert!(daemon.wait_ended(PATIENCE), "{point} is passed");
        let mut daemon = home.daemon();
        let mut client = daemon.client();
        let view = client.wait_done(&id);
        given_back(&mut client, home, &id);
        assert_eq!(worktrees(&folder), 1, "{point}");
        let branch = view["branch"].as_str().expect("a branch");
        assert_eq!(git(&folder, &["show", &format!("{branch}:made")]), "x\n");
        daemon.term();
    }
}

fn odd(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    // Below the top, and with what is committed beside it.
    let below = committed(home, "below", &[("a.txt", "one\n"), ("sub/b.txt", "two\n")]);
    fs::write(below.join("a.txt"), "changed\n").expect("it is written");
    let id = in_worktree(
        &mut client,
        &below.join("sub"),
        "cat b.txt ../a.txt; pwd; echo x > c",
        json!({}),
    );
    let view = client.wait_done(&id);
    let place = folder_of(home, &id).join("sub");
    assert_eq!(
        view["result"]["summary"],
        format!("two\nchanged\n{}", place.display())
    );
    assert_eq!(changed(&mut client, &id), ["added c +1 -0"]);
    // Without a commit.
    let empty = home.folder("empty");
    git(&empty, &["init", "-q", "-b", "main"]);
    fs::write(empty.join("a.txt"), "one\n").expect("it is written");
    let id = in_worktree(&mut client, &empty, "cat a.txt; echo x > b", json!({}));
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "one");
    let branch = view["branch"].as_str().expect("a branch");
    assert_eq!(
        git(&empty, &["ls-tree", "--name-only", branch]),
        "a.txt\nb\n"
    );
    // Submodules and LFS are said.
    let module = committed(home, "module", &[("m.txt", "m\n")]);
    let outer = committed(
        home,
        "outer",
        &[
            (".gitattributes", "*.bin filter=lfs\n"),
            ("x.bin", "pointer\n"),
        ],
    );
    let add = ["-c", "protocol.file.allow=always", "submodule", "add", "-q"];
    git(
        &outer,
        &[&add[..], &[module.to_str().expect("text"), "module"]].concat(),
    );
    git(&outer, &["commit", "-q", "-m", "second"]);
    let id = in_worktree(
        &mut client,
        &outer,
        "ls module | wc -l; cat x.bin",
        json!({}),
    );
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "0\npointer");
    let log = client.call("task.logs", json!({ "id": id })).to_string();
    assert!(
        log.contains("submodule update --init") && log.contains("git lfs pull"),
        "{log}"
    );
    // A sparse checkout has the same files.
    let sparse = committed(
        home,
        "sparse",
        &[("in/a", "a\n"), ("out/b", "b\n"), ("top", "t\n")],
    );
    git(&sparse, &["sparse-checkout", "set", "in"]);
    let before = of_the_person(&sparse);
    let id = in_worktree(
        &mut client,
        &sparse,
        "find . -name .git -prune -o -type f -print | sort; echo x > in/c",
        json!({}),
    );
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "./in/a\n./top");
    assert_eq!(changed(&mut client, &id), ["added in/c +1 -0"]);
    assert_eq!(of_the_person(&sparse), before);
    // A folder that the repository around it ignores is none of its.
    let around = committed(home, "around", &[(".gitignore", "inner\n")]);
    fs::create_dir(around.join("inner")).expect("it is made");
    let id = client.script("pwd", json!({ "dir": around.join("inner") }));
    assert_eq!(client.wait_done(&id)["mode"], "in_place");
    // No repository.
    let plain = home.folder("plain");
    let params = json!({ "prompt": "true", "piece": "script", "dir": plain, "mode": "worktree" });
    let refused = client.request("task.add", params).expect("an answer");
    let refused = refused.expect_err("there is no repository");
    assert!(
        refused["message"]
            .as_str()
            .expect("a sentence")
            .contains("in_place"),
        "{refused}"
    );
}
