//! What a task changed in a git repository: shown apart from what was there, and nothing of the user's touched.

use crate::{
    Journey, agents,
    rig::{
        Client, Home,
        repository::{dirty, git, of_the_person},
    },
};
use serde_json::{Value, json};
use std::fs;

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "agent_in_a_dirty_repository_shows_its_own_changes_and_leaves_index_and_stash",
            agent,
        ),
        (
            "script_is_measured_from_the_last_commit_and_says_what_that_includes",
            script,
        ),
        (
            "ended_task_keeps_its_changes_when_the_folder_moves_on",
            moved_on,
        ),
        (
            "task_without_a_repository_or_with_a_broken_one_runs_and_says_why_nothing_is_shown",
            nothing_to_show,
        ),
        ("task_may_not_look_at_changes", authority),
    ]
}

/// The changes of a task, one line each.
pub fn changed(client: &mut Client, id: &str) -> Vec<String> {
    let changes = client.call("task.changes", json!({ "id": id }));
    let files = changes["files"]
        .as_array()
        .unwrap_or_else(|| panic!("{changes:#}"));
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    files
        .iter()
        .map(|file| {
            let (status, path) = (word(&file["status"]), word(&file["path"]));
            format!(
                "{status} {path} +{} -{}",
                file["insertions"], file["deletions"]
            )
        })
        .collect()
}

fn agent(home: &Home) {
    let daemon = agents::start(home);
    let mut client = daemon.client();
    let folder = dirty(home);
    let before = of_the_person(&folder);
    let asking = agents::agent(
        &mut client,
        "FAKE:ask",
        json!({ "dir": folder, "mode": "in_place" }),
    );
    let ask = client.wait_state(&asking, &["needs_input"])["asks"][0]["short_id"].clone();
    assert_eq!(
        of_the_person(&folder),
        before,
        "the start is remembered beside them"
    );
    assert_eq!(changed(&mut client, &asking), Vec::<String>::new());
    client.call("ask.answer", json!({ "id": ask, "option": "Blue" }));
    let idle = client.wait_done(&asking);
    assert_eq!(of_the_person(&folder), before);
    assert_eq!(
        idle["changes"],
        json!({ "files": 0, "insertions": 0, "deletions": 0 })
    );

    let writing = agents::agent(
        &mut client,
        "FAKE:write",
        json!({ "dir": folder, "mode": "in_place" }),
    );
    let view = client.wait_done(&writing);
    assert_eq!(
        view["changes"],
        json!({ "files": 2, "insertions": 2, "deletions": 0 })
    );
    let all = client.call("task.changes", json!({ "id": writing }));
    assert_eq!(
        json!([all["includes_earlier"], all["reason"], all["insertions"]]),
        json!([false, null, 2]),
        "{all:#}"
    );
    let whole = client.call("task.diff", json!({ "id": writing }));
    let patch = whole["patch"].as_str().expect("a patch");
    assert!(
        patch.contains("+by the agent") && !patch.contains("+mine"),
        "{patch}"
    );
    let one = client.call(
        "task.diff",
        json!({ "id": writing, "path": "made by the agent.txt" }),
    );
    assert!(
        !one["patch"].as_str().expect("a patch").contains("a.txt"),
        "{one:#}"
    );
    let (code, printed, _) = home.run(&["task", "diff", &writing]);
    assert_eq!((code, printed.as_str()), (0, patch));
    let unknown = client
        .request("task.diff", json!({ "id": writing, "path": "b.txt" }))
        .expect("an answer");
    assert_eq!(unknown.expect_err("it is not changed")["code"], "not_found");
}

fn script(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = dirty(home);
    let gate = home.folder("gate").join("open");
    let text = format!(
        "echo more >> a.txt; echo x > made; until [ -e {} ]; do sleep 0.02; done; git commit -qam x",
        gate.display()
    );
    let id = client.script(&text, json!({ "dir": folder, "mode": "in_place" }));
    client.wait_state(&id, &["running"]);
    let seen = crate::rig::wait_for(crate::rig::PATIENCE, || {
        let seen = changed(&mut client, &id);
        seen.iter()
            .any(|line| line.contains("made"))
            .then_some(seen)
    });
    let seen = seen.expect("its changes are seen while it runs");
    let expected = [
        "modified a.txt +2 -0",
        "modified b.txt +1 -1",
        "untracked made +1 -0",
        "untracked my notes +1 -0",
    ];
    assert_eq!(seen, expected);
    let all = client.call("task.changes", json!({ "id": id }));
    assert_eq!(all["includes_earlier"], true, "{all:#}");
    assert_eq!(client.task(&id)["changes"], Value::Null, "it has not ended");
    fs::write(gate, "").expect("the gate opens");
    let view = client.wait_state(&id, &["done", "failed"]);
    assert_eq!(view["changes"]["files"], 4, "committed or not: {view:#}");
}

fn moved_on(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = dirty(home);
    git(&folder, &["reset", "-q", "--hard"]);
    let write = |text: &str| format!("echo {text} > made; exit 3");
    let first = client.script(
        &write("first"),
        json!({ "dir": folder, "mode": "in_place" }),
    );
    client.wait_state(&first, &["failed"]);
    let second = client.script(
        &write("second"),
        json!({ "dir": folder, "mode": "in_place" }),
    );
    client.wait_state(&second, &["failed"]);
    let patch = |client: &mut Client, id: &str| {
        let diff = client.call("task.diff", json!({ "id": id, "path": "made" }));
        diff["patch"].as_str().expect("a patch").to_owned()
    };
    assert!(patch(&mut client, &first).contains("+first"));
    assert!(patch(&mut client, &second).contains("+second"));
    fs::remove_file(folder.join("made")).expect("it was made");
    git(&folder, &["gc", "-q", "--prune=now"]);
    assert!(patch(&mut client, &first).contains("+first"));
    fs::remove_dir_all(&folder).expect("the folder goes");
    let gone = client.call("task.changes", json!({ "id": first }));
    assert!(
        gone["reason"]
            .as_str()
            .is_some_and(|why| why.contains("does not exist")),
        "{gone:#}"
    );
    assert_eq!(
        client.task(&first)["changes"]["files"],
        2,
        "the sum is kept"
    );
}

fn nothing_to_show(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let reason = |client: &mut Client, id: &str| {
        let changes = client.call("task.changes", json!({ "id": id }));
        assert_eq!(changes["base"], Value::Null, "{changes:#}");
        let diff = client.call("task.diff", json!({ "id": id }));
        assert_eq!(
            json!([diff["patch"], diff["reason"]]),
            json!(["", changes["reason"]])
        );
        changes["reason"].as_str().expect("a reason").to_owned()
    };
    let own = client.script("git init -q; echo x > y", json!({}));
    let later = client.script("true", json!({ "not_before": "2099-01-01T00:00:00Z" }));
    client.wait_done(&own);
    assert!(reason(&mut client, &own).contains("no git repository when it started"));
    assert!(reason(&mut client, &later).contains("not started"));
    let folder = dirty(home);
    fs::write(folder.join(".git/config"), "[broken").expect("it is written");
    let broken = client.script(
        "echo still works",
        json!({ "dir": folder, "mode": "in_place" }),
    );
    let view = client.wait_done(&broken);
    assert_eq!(view["changes"], Value::Null);
    assert!(reason(&mut client, &broken).contains("bad config"));
    let events = client.call("events.since", json!({}));
    let warned = events["events"]
        .as_array()
        .expect("events")
        .iter()
        .filter(|event| {
            event["kind"] == "warning"
                && event["data"]["text"]
                    .as_str()
                    .is_some_and(|text| text.contains("bad config"))
        });
    assert_eq!(warned.count(), 1, "{events:#}");
}

fn authority(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script(
        "ripieno task diff $RIPIENO_TASK_ID || echo exit $?",
        json!({}),
    );
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "exit 8", "{view:#}");
}
