//! The main job on real input: real agents, driven by the real worker, change a real file in a real git
//! repository. The model is a scripted server on loopback; everything else is what a person has.
//! Skipped for an agent, and says so, where its program is not installed.

mod asking;
mod budgets;
mod lines;
mod offers;
mod own;
mod probes;
mod renewed;
#[path = "../rig/mod.rs"]
mod rig;
mod standing;
mod stops;

use rig::{
    Client, PATIENCE, marked,
    stage::{Stage, open_ask},
    wait_for,
};
use ripieno_testkit::agents::Engine;
use serde_json::{Value, json};
use std::{process::Command, time::Duration};

#[test]
fn trusted_agent_changes_a_file_of_a_repository_by_the_command_and_is_told_of_its_skill() {
    for stage in Stage::each() {
        change_a_file(&stage);
    }
}

fn change_a_file(stage: &Stage) {
    let repository = stage.repository();
    let skill = stage.home.path().join("config/skills/greet");
    std::fs::create_dir_all(&skill).expect("a folder");
    let head = "---\nname: greet\ndescription: Greets people MARK-4711 by name.\n---\nSay hello.\n";
    std::fs::write(skill.join("SKILL.md"), head).expect("a skill");
    let _daemon = stage.daemon("write");
    let dir = repository.display().to_string();
    let mut args = vec![
        "task",
        "add",
        "--agent",
        stage.engine.kind(),
        "--approvals",
        "trusted",
        "--dir",
        &dir,
        "--mode",
        "in_place",
        "--skill",
        "greet",
        "--wait",
        "--json",
    ];
    args.push("write notes.txt: made by the agent");
    let (code, out, err) = stage.home.run(&args);
    assert_eq!(code, 0, "{out}\n{err}");
    let view: Value = serde_json::from_str(&out).expect("the view is JSON");
    assert_eq!(view["state"], "done", "{view:#}");
    let text = std::fs::read_to_string(repository.join("notes.txt")).expect("the file is there");
    assert_eq!(text.trim(), "made by the agent");
    assert!(
        view["usage"][0]["output"].as_u64().is_some_and(|n| n > 0),
        "{view:#}"
    );
    let status = Command::new("git")
        .args(["status", "--porcelain", "--ignored"])
        .current_dir(&repository)
        .output()
        .expect("git runs");
    assert_eq!(
        String::from_utf8_lossy(&status.stdout).trim(),
        "?? notes.txt",
        "the skill is gone, and was never git's"
    );
    let requests = stage.server.requests();
    assert!(
        requests
            .iter()
            .any(|request| request.marks.iter().any(|mark| mark == "MARK-4711")),
        "the real engine called the model and told it of the skill: {requests:?}"
    );
    let (code, log, _) = stage.home.run(&["task", "logs", "1", "--jsonl"]);
    assert_eq!(code, 0);
    for kind in ["tool_call", "tool_result", "text"] {
        assert!(
            log.contains(&format!("\"kind\":\"{kind}\"")),
            "no {kind} in\n{log}"
        );
    }
}

#[test]
fn command_of_a_careful_agent_runs_only_after_it_was_allowed() {
    for stage in Stage::each() {
        ask_before_a_command(&stage);
    }
}

fn ask_before_a_command(stage: &Stage) {
    let repository = stage.repository();
    let daemon = stage.daemon("run");
    let mut client = daemon.client();
    let id = stage.add(&mut client, "$ touch allowed.txt", &repository, "ask_risky");
    let ask = open_ask(&mut client);
    assert_eq!(ask["kind"], "approval");
    assert!(
        ask["text"]
            .as_str()
            .expect("a text")
            .contains("touch allowed.txt"),
        "{ask:#}"
    );
    assert!(!repository.join("allowed.txt").exists());
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": "allow" }),
    );
    client.wait_done(&id);
    assert!(repository.join("allowed.txt").exists());
    let denied = stage.add(&mut client, "$ touch denied.txt", &repository, "ask_risky");
    let ask = open_ask(&mut client);
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": "deny" }),
    );
    client.wait_state(&denied, &["done", "failed"]);
    assert!(!repository.join("denied.txt").exists());
}

// Codex offers its model no question but in its plan mode.
#[test]
fn question_outlives_a_killed_worker_and_its_answer_resumes_the_session() {
    let Some(stage) = Stage::set(Engine::Claude) else {
        return;
    };
    let repository = stage.repository();
    let mut daemon = stage.daemon("ask");
    let mut client = daemon.client();
    let id = stage.add(&mut client, "Paint it.", &repository, "trusted");
    let ask = open_ask(&mut client);
    assert_eq!(ask["kind"], "question", "{ask:#}");
    let uuid = client.task(&id)["id"].as_str().expect("an id").to_owned();
    daemon.kill();
    let gone = wait_for(Duration::from_secs(7), || {
        marked("RIPIENO_TASK_ID", &uuid).is_empty().then_some(())
    });
    assert!(
        gone.is_some(),
        "left: {:?}",
        marked("RIPIENO_TASK_ID", &uuid)
    );
    let daemon = stage.daemon("say");
    let mut client = daemon.client();
    assert_eq!(client.state(&id), "needs_input");
    let option = ask["options"][0].clone();
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": option["id"] }),
    );
    let view = client.wait_done(&id);
    assert_eq!(
        (view["attempt"].clone(), view["tries_used"].clone()),
        (json!(2), json!(0)),
        "{view:#}"
    );
    let log = client
        .call("task.logs", json!({ "id": id, "attempt": 2 }))
        .to_string();
    // Killed before it had stored its session, the program cannot go on in it: then a fresh one is told everything (R4).
    assert!(log.contains("resumed"), "the session is tried: {log}");
    assert!(
        log.contains(option["label"].as_str().expect("a label")),
        "the agent is told the answer: {log}"
    );
}

#[test]
fn rejected_login_signs_the_lane_out_without_a_try() {
    for stage in Stage::each() {
        reject_the_login(&stage);
    }
}

fn reject_the_login(stage: &Stage) {
    let repository = stage.repository();
    let daemon = stage.daemon("e401");
    let mut client = daemon.client();
    let id = stage.add(&mut client, "Anything.", &repository, "trusted");
    let ask = open_ask(&mut client);
    assert_eq!(ask["kind"], "sign_in", "{ask:#}");
    let view = client.task(&id);
    assert_eq!(
        (
            view["state"].clone(),
            view["hold"]["kind"].clone(),
            view["tries_used"].clone()
        ),
        (json!("queued"), json!("lane_signed_out"), json!(0)),
        "{view:#}"
    );
}

#[test]
fn follow_up_goes_on_in_the_same_session() {
    for stage in Stage::each() {
        follow_up(&stage);
    }
}

fn follow_up(stage: &Stage) {
    let repository = stage.repository();
    let daemon = stage.daemon("say");
    let mut client = daemon.client();
    let first = stage.add(
        &mut client,
        "Remember the word cello.",
        &repository,
        "trusted",
    );
    client.wait_done(&first);
    let answer = client.call(
        "task.comment",
        json!({ "id": first, "text": "And which word was it?" }),
    );
    let second = answer["follow_up"]["short_id"]
        .as_str()
        .expect("a follow-up")
        .to_owned();
    client.wait_done(&second);
    let log = client
        .call("task.logs", json!({ "id": second }))
        .to_string();
    assert!(log.contains("resumed"), "{log}");
}
