//! Repositories whose files go through a filter, such as Git LFS or git-crypt: no filter is run by us, and no file that
//! needs one is committed or written (0133).

use crate::{
    Journey,
    rig::{
        Home, PATIENCE,
        repository::{committed, git, of_the_person},
        wait_for,
    },
    worktrees::{given_back, in_worktree},
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "merge_that_would_write_a_filtered_file_names_it_and_the_way_to_do_it",
            merged,
        ),
        (
            "changed_file_that_goes_through_a_filter_is_not_committed_for_a_task_and_its_folder_stays",
            committed_without,
        ),
        (
            "merge_left_to_be_committed_keeps_what_it_brought_of_filtered_files",
            left_open,
        ),
    ]
}

/// How a script commits a file by itself; one of the same second as the index would be read again.
fn commit(file: &str) -> String {
    format!(
        "touch -d '1 minute ago' {file}; git add {file}; git -c user.name=a -c user.email=a@b commit -q -m own"
    )
}

/// A repository with `a.secret`, which is `hello` in the checkout and stored as `uryyb`.
fn with_filter(home: &Home) -> PathBuf {
    let folder = committed(home, "repo", &[("b.txt", "one\n")]);
    for side in ["clean", "smudge"] {
        let name = format!("filter.crypt.{side}");
        git(&folder, &["config", &name, "tr a-z n-za-m"]);
    }
    fs::write(folder.join(".gitattributes"), "*.secret filter=crypt\n").expect("it is written");
    let secret = folder.join("a.secret");
    fs::write(&secret, "hello\n").expect("it is written");
    earlier(&secret);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "second"]);
    assert_eq!(git(&folder, &["show", "main:a.secret"]), "uryyb\n");
    folder
}

/// Lets a file be older than the index, as it is a second later: one of the same second is compared by its content.
fn earlier(file: &Path) {
    let earlier = SystemTime::now() - Duration::from_secs(60);
    let file = fs::File::options().write(true).open(file);
    let file = file.expect("it is opened");
    file.set_modified(earlier).expect("it was written earlier");
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("it is there")
}

fn merged(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = with_filter(home);
    let own = commit("a.secret");
    let script = format!("cat a.secret; echo changed > a.secret; {own}");
    let id = in_worktree(&mut client, &folder, &script, json!({}));
    let other = in_worktree(&mut client, &folder, "echo two > b.txt", json!({}));
    assert_eq!(client.wait_done(&id)["result"]["summary"], "uryyb");
    client.wait_done(&other);
    for id in [&id, &other] {
        given_back(&mut client, home, id);
    }
    let before = of_the_person(&folder);
    let merge = json!({ "id": id });
    let refused = client.request("task.merge", merge.clone());
    let refused = refused.expect("an answer").expect_err("it is refused");
    assert_eq!(refused["code"], "not_possible_now");
    let said = refused["message"].as_str().expect("a sentence");
    let by_hand = format!("git merge --ff-only refs/ripieno/{id}/merged");
    assert!(
        said.contains("a.secret goes through a filter") && said.contains(&by_hand),
        "{said}"
    );
    assert_eq!(of_the_person(&folder), before);
    assert_eq!(read(&folder, "a.secret"), "hello\n");
    // What is said does it, by the person's own git.
    let words: Vec<&str> = by_hand.split(' ').skip(1).collect();
    git(&folder, &words);
    assert_eq!(read(&folder, "a.secret"), "changed\n");
    let again = client.call("task.merge", merge);
    assert_eq!(again["commit"], Value::Null, "it is held already");
    assert_eq!(again["task"]["worktree"]["state"], "merged");
    let kept = format!("refs/ripieno/{id}/merged");
    assert_eq!(git(&folder, &["for-each-ref", &kept]), "");
    // Files without a filter are merged as ever.
    earlier(&folder.join("a.secret"));
    git(&folder, &["status"]);
    client.call("task.merge", json!({ "id": other }));
    assert_eq!(read(&folder, "b.txt"), "two\n");
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
    // Where the branch is checked out nowhere, no file is written.
    let script = format!("echo more > new.secret; {}", commit("new.secret"));
    let third = in_worktree(&mut client, &folder, &script, json!({}));
    client.wait_done(&third);
    git(&folder, &["switch", "-q", "-c", "elsewhere"]);
    client.call("task.merge", json!({ "id": third }));
    assert_eq!(git(&folder, &["show", "main:new.secret"]), "zber\n");
}

fn committed_without(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = with_filter(home);
    let script = "echo plain > a.secret; echo plain > new.secret; echo x > other; rm b.txt; \
        echo staged > staged.secret; touch -d '1 minute ago' staged.secret; git add staged.secret";
    let id = in_worktree(&mut client, &folder, script, json!({}));
    let view = client.wait_done(&id);
    let branch = view["branch"].as_str().expect("a branch");
    assert_eq!(
        git(&folder, &["ls-tree", "--name-only", branch]),
        ".gitattributes\na.secret\nother\nstaged.secret\n"
    );
    let stored = git(&folder, &["show", &format!("{branch}:a.secret")]);
    assert_eq!(stored, "uryyb\n");
    let staged = git(&folder, &["show", &format!("{branch}:staged.secret")]);
    assert_eq!(
        staged, "fgntrq\n",
        "what went through the filter is committed"
    );
    let warnings = client.call("task.run", json!({ "id": id }))["warnings"].to_string();
    assert!(
        warnings.contains("a.secret, new.secret go through a filter"),
        "{warnings}"
    );
    let stays = wait_for(PATIENCE, || {
        let view = client.task(&id);
        view["worktree"]["stays"].as_str().map(str::to_owned)
    });
    let stays = stays.unwrap_or_else(|| panic!("{:#}", client.task(&id)));
    assert!(stays.contains("a.secret, new.secret"), "{stays}");
    let own = home.path().join("data/worktrees").join(&id);
    assert_eq!(read(&own, "a.secret"), "plain\n");
    assert_eq!(read(&own, "new.secret"), "plain\n");
    // Committed with the filter, here by a follow-up, it goes as any folder does.
    let text = commit("a.secret new.secret");
    let answer = client.call("task.comment", json!({ "id": id, "text": text }));
    let second = answer["follow_up"]["short_id"]
        .as_str()
        .expect("a follow-up")
        .to_owned();
    client.wait_done(&second);
    given_back(&mut client, home, &id);
    let stored = git(&folder, &["show", &format!("{branch}:new.secret")]);
    assert_eq!(stored, "cynva\n");
    git(&folder, &["switch", "-q", "-c", "elsewhere"]);
    client.call("task.merge", json!({ "id": id }));
    assert_eq!(git(&folder, &["show", "main:a.secret"]), "cynva\n");
}

fn left_open(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = with_filter(home);
    let script = format!("echo changed > a.secret; {}", commit("a.secret"));
    let first = in_worktree(&mut client, &folder, &script, json!({}));
    let view = client.wait_done(&first);
    let theirs = view["branch"].as_str().expect("a branch").to_owned();
    // Through the filter first: a worktree has what git stores.
    let script = format!(
        "rm a.secret; git checkout -q -- a.secret; \
         git -c user.name=a -c user.email=a@b merge -q --no-ff --no-commit {theirs}; cat a.secret"
    );
    let id = in_worktree(&mut client, &folder, &script, json!({}));
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "changed", "{view:#}");
    let branch = view["branch"].as_str().expect("a branch");
    let at = |name: &str| git(&folder, &["rev-parse", name]);
    assert_eq!(at(&format!("{branch}^2")), at(&theirs));
    assert_eq!(
        at(&format!("{branch}:a.secret")),
        at(&format!("{theirs}:a.secret"))
    );
}
