//! Skills, and with them whatever Ripieno places in a folder: there while the agent works, hidden from git, gone afterwards,
//! also when the worker was killed (A7, D4).

use crate::{
    Journey,
    agents::{agent, start, try_start},
    changes::changed,
    rig::{
        Client, Home, PATIENCE,
        repository::{committed, dirty, git, of_the_person},
        wait_for,
    },
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
            "skill_lies_where_the_agent_looks_while_it_works_and_is_in_no_commit_diff_or_checkpoint",
            placed,
        ),
        (
            "worker_killed_while_a_skill_is_placed_leaves_the_persons_folder_byte_for_byte",
            killed,
        ),
        (
            "worker_killed_at_every_step_of_placing_leaves_nothing_of_it",
            killed_at_every_step,
        ),
        ("what_an_agent_writes_into_a_skill_is_kept", kept),
        (
            "skills_are_named_by_piece_and_task_and_only_a_trusted_project_has_some",
            named,
        ),
        ("skill_is_never_placed_over_something", taken),
    ]
}

/// Writes a skill into a folder of skills.
fn skill(around: &Path, name: &str) -> PathBuf {
    let at = around.join(name);
    fs::create_dir_all(at.join("scripts")).expect("it is made");
    let head = format!("---\nname: {name}\ndescription: Greets.\n---\nSay hello.\n");
    fs::write(at.join("SKILL.md"), head).expect("it is written");
    fs::write(at.join("scripts/greet.sh"), "echo hello\n").expect("it is written");
    at
}

fn own_skills(home: &Home) -> PathBuf {
    home.path().join("config/skills")
}

/// Everything below a folder but git's own, with its content.
fn everything(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).expect("a folder").flatten() {
            let path = entry.path();
            if path.ends_with(".git") {
                continue;
            }
            let content = if path.is_dir() {
                folders.push(path.clone());
                Vec::new()
            } else {
                fs::read(&path).expect("it is read")
            };
            all.insert(path, content);
        }
    }
    all
}

fn run(client: &mut Client, script: &str, more: Value) -> String {
    agent(client, &format!("FAKE:run RUN:{script}"), more)
}

fn placed(home: &Home) {
    skill(&own_skills(home), "greet");
    let daemon = start(home);
    let mut client = daemon.client();
    let folder = dirty(home);
    let (before, files) = (of_the_person(&folder), everything(&folder));
    let script = "sh .claude/skills/greet/scripts/greet.sh; git status --porcelain | grep claude && exit 1; echo own > own.txt; git add -A; \
                  git -c user.name=a -c user.email=a@b commit -qm own; echo more > more.txt; echo end";
    let more = |mode: &str| json!({ "dir": folder, "mode": mode, "skills": ["greet"] });
    let id = run(&mut client, script, more("worktree"));
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "hello\nend", "{view:#}");
    let branch = view["branch"].as_str().expect("a branch").to_owned();
    assert_eq!(
        changed(&mut client, &id),
        ["added more.txt +1 -0", "added own.txt +1 -0"]
    );
    let points = client.call("task.checkpoints", json!({ "id": id }));
    let refs = git(
        &folder,
        &[
            "for-each-ref",
            "--format=%(objectname)",
            "refs/ripieno",
            "refs/heads",
        ],
    );
    for commit in refs.lines().chain([branch.as_str()]) {
        let tree = git(&folder, &["ls-tree", "-r", "--name-only", commit]);
        assert!(!tree.contains("claude"), "{commit}: {tree}\n{points:#}");
    }
    let facts = client.call("task.run", json!({ "id": id }));
    assert_eq!(
        facts["skills"][0]["path"], ".claude/skills/greet",
        "{facts:#}"
    );
    assert_eq!(
        facts["skills"][0]["digest"].as_str().map(str::len),
        Some(64)
    );
    assert_eq!(
        (of_the_person(&folder), everything(&folder)),
        (before.clone(), files.clone())
    );
    let kept = wait_for(PATIENCE, || {
        (client.task(&id)["worktree"]["state"] == "kept").then_some(())
    });
    assert!(
        kept.is_some(),
        "nothing of ours keeps the folder: {:#}",
        client.task(&id)
    );
    let id = run(
        &mut client,
        "sh .claude/skills/greet/scripts/greet.sh",
        more("in_place"),
    );
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "hello", "{view:#}");
    assert_eq!(
        (of_the_person(&folder), everything(&folder)),
        (before, files)
    );
    assert_eq!(changed(&mut client, &id), [""; 0]);
}

fn killed(home: &Home) {
    skill(&own_skills(home), "greet");
    let folder = dirty(home);
    // Some of the folders around it are the person's own.
    fs::create_dir(folder.join(".claude")).expect("it is made");
    let (before, files) = (of_the_person(&folder), everything(&folder));
    let mut daemon = start(home);
    let mut client = daemon.client();
    let more = json!({ "dir": folder, "mode": "in_place", "skills": ["greet"] });
    let id = agent(&mut client, "FAKE1:hang", more);
    client.wait_state(&id, &["running"]);
    let there = folder.join(".claude/skills/greet/SKILL.md");
    assert!(there.exists());
    assert_eq!(
        of_the_person(&folder).1[0].replace("! .claude/\n", ""),
        before.1[0]
    );
    daemon.kill();
    assert!(there.exists(), "nobody was there to remove it");
    let daemon = start(home);
    let mut client = daemon.client();
    let last = client.wait_done(&id);
    assert_eq!(last["attempt"], 2, "{last:#}");
    assert_eq!(
        (of_the_person(&folder), everything(&folder)),
        (before, files)
    );
}

fn killed_at_every_step(home: &Home) {
    skill(&own_skills(home), "greet");
    let folder = committed(home, "steps", &[("a.txt", "one\n")]);
    let (before, files) = (of_the_person(&folder), everything(&folder));
    for point in ["listed", "before_move", "placed", "removed"] {
        let point = format!("daemon.sidecar.{point}");
        let mut daemon = try_start(home, &[("RIPIENO_CRASH_AT", &point)]).expect("it is ready");
        let mut client = daemon.client();
        let more = json!({ "dir": folder, "mode": "in_place", "skills": ["greet"] });
        let id = agent(&mut client, "FAKE:ok", more);
        assert!(daemon.wait_ended(PATIENCE), "it dies at {point}");
        drop(daemon);
        let daemon = start(home);
        let mut client = daemon.client();
        client.wait_done(&id);
        assert_eq!(
            (of_the_person(&folder), everything(&folder)),
            (before.clone(), files.clone()),
            "{point}"
        );
    }
}

fn kept(home: &Home) {
    skill(&own_skills(home), "greet");
    let daemon = start(home);
    let mut client = daemon.client();
    let folder = committed(home, "kept", &[("a.txt", "one\n")]);
    let files = everything(&folder);
    let script = "echo changed > .claude/skills/greet/SKILL.md; mkdir .claude/skills/greet/out; echo new > .claude/skills/greet/out/x";
    let more = json!({ "dir": folder, "mode": "in_place", "skills": ["greet"] });
    let id = run(&mut client, script, more);
    let view = client.wait_done(&id);
    assert_eq!(everything(&folder), files);
    let outputs = PathBuf::from(view["outputs"].as_str().expect("a folder"));
    let own = outputs.join("written-into-skills/.claude/skills/greet");
    let read = |name: &str| fs::read_to_string(own.join(name)).unwrap_or_default();
    assert_eq!(
        (read("SKILL.md"), read("out/x")),
        ("changed\n".into(), "new\n".into())
    );
    let facts = client.call("task.run", json!({ "id": id }));
    let told = facts["warnings"].to_string();
    assert!(told.contains("is kept in"), "{told}");
}

fn named(home: &Home) {
    skill(&own_skills(home), "greet");
    let pieces = home.path().join("config/pieces");
    fs::create_dir_all(&pieces).expect("it is made");
    let piece = "version: 1\nname: polite\nskills: [greet, theirs]\nmovements:\n  - name: work\n    persona: polite and brief\n    \
                 outcomes: [{ when: done, next: COMPLETE }]\n";
    fs::write(pieces.join("polite.yaml"), piece).expect("it is written");
    let daemon = start(home);
    let mut client = daemon.client();
    let folder = committed(home, "named", &[("a.txt", "one\n")]);
    skill(&folder.join(".ripieno/skills"), "theirs");
    let list = "ls .claude/skills 2>/dev/null || true";
    let mut submit = |more: Value| {
        let mut params = json!({ "dir": folder, "mode": "in_place", "piece": "polite" });
        let all = params.as_object_mut().expect("an object");
        all.extend(more.as_object().expect("an object").clone());
        let id = run(&mut client, list, params);
        client.wait_done(&id)["result"]["summary"].clone()
    };
    assert_eq!(submit(json!({})), "greet\ntheirs");
    assert_eq!(submit(json!({ "no_skills": true })), "");
    let refused = |client: &mut Client, params: Value| {
        let refused = client.request("task.add", params).expect("an answer");
        let error = refused.expect_err("it is refused");
        assert_eq!(error["code"], "invalid", "{error}");
        error["message"].to_string()
    };
    let none = refused(
        &mut client,
        json!({ "prompt": "x", "agent": "claude", "skills": ["theirs"] }),
    );
    assert!(
        none.contains("there is no skill"),
        "not from elsewhere: {none}"
    );
    let script = refused(
        &mut client,
        json!({ "prompt": "true", "piece": "script", "skills": ["greet"] }),
    );
    assert!(
        script.contains("no agent that could be given skills"),
        "{script}"
    );
    fs::write(own_skills(home).join("greet/SKILL.md"), "no head").expect("it is written");
    let broken = refused(
        &mut client,
        json!({ "prompt": "x", "agent": "claude", "skills": ["greet"] }),
    );
    assert!(broken.contains("begins with no head"), "{broken}");
    let listed = home.json(&[
        "skill",
        "list",
        "--dir",
        &folder.display().to_string(),
        "--json",
    ]);
    let names: Vec<_> = listed["skills"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|skill| {
            (
                skill["name"].clone(),
                skill["origin"].clone(),
                skill["problem"].is_null(),
            )
        })
        .collect();
    assert_eq!(
        names,
        [
            (json!("greet"), json!("user"), false),
            (json!("theirs"), json!("project"), true)
        ]
    );
}

fn taken(home: &Home) {
    skill(&own_skills(home), "greet");
    let daemon = start(home);
    let mut client = daemon.client();
    let folder = committed(
        home,
        "taken",
        &[(".claude/skills/greet/theirs.md", "theirs\n")],
    );
    let files = everything(&folder);
    let more = json!({ "dir": folder, "mode": "in_place", "skills": ["greet"], "max_tries": 1 });
    let id = run(&mut client, "true", more.clone());
    let view = client.wait_state(&id, &["dead", "failed"]);
    assert_eq!(view["failure"]["class"], "skill_unavailable", "{view:#}");
    assert!(
        view["failure"]["text"]
            .to_string()
            .contains("somebody else's"),
        "{view:#}"
    );
    assert_eq!(everything(&folder), files);
    // What git holds is not written either, when it is missing from the folder.
    fs::remove_dir_all(folder.join(".claude")).expect("it is removed");
    let id = run(&mut client, "true", more);
    let view = client.wait_state(&id, &["dead", "failed"]);
    assert!(
        view["failure"]["text"]
            .to_string()
            .contains("part of the repository"),
        "{view:#}"
    );
    assert_eq!(
        git(&folder, &["status", "--porcelain"]),
        " D .claude/skills/greet/theirs.md\n"
    );
}
