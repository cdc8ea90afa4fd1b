//! Cancel in every state of every performer: no process is left, the slot is free, and it is said only then (R9, T11, rel-8).

use super::{Stage, open_ask};
use crate::rig::{Client, Daemon, Home, PATIENCE, marked, stage::DRIVEN, wait_for};
use ripieno_testkit::agents::Engine;
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How long after a cancel everything may take (rel-8).
const LIMIT: Duration = Duration::from_secs(7);

/// One slot: what comes next shows when it is free.
const SETTINGS: &str = "slots = 1\n\n[quit]\ngrace = \"10s\"\n";

/// What a task is at when it is cancelled.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Calling,
    Streaming,
    Tool,
    Asking,
    Retrying,
}

const ALL: [Moment; 5] = [
    Moment::Calling,
    Moment::Streaming,
    Moment::Tool,
    Moment::Asking,
    Moment::Retrying,
];

/// A command that forks twice into a session and an environment of its own, deaf to TERM, and then never ends.
fn stays(file: &Path) -> String {
    format!(
        "(env -i setsid sh -c 'trap \"\" TERM INT HUP; tail -f {}' >/dev/null 2>&1 &); tail -f /dev/null",
        file.display()
    )
}

/// The processes that read this file.
fn reading(file: &Path) -> Vec<i32> {
    let wanted = format!("tail\0-f\0{}\0", file.display());
    let pids = std::fs::read_dir("/proc").expect("Linux tells of its processes");
    pids.flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid: &i32| {
            std::fs::read(format!("/proc/{pid}/cmdline"))
                .is_ok_and(|line| line == wanted.as_bytes())
        })
        .collect()
}

/// Cancels a live task: in time nothing of it is left, it says so only then, and its slot takes the next task.
fn cancel(client: &mut Client, id: &str, stray: &Path, what: &str) {
    let uuid = client.task(id)["id"].as_str().expect("an id").to_owned();
    let next = client.script("echo next", json!({}));
    let asked = Instant::now();
    client.call("task.cancel", json!({ "ids": [id], "wait": false }));
    client.wait_state(id, &["cancelled"]);
    assert_eq!(
        marked("RIPIENO_TASK_ID", &uuid),
        Vec::<i32>::new(),
        "{what}"
    );
    assert_eq!(reading(stray), Vec::<i32>::new(), "{what}");
    client.wait_done(&next);
    assert!(asked.elapsed() < LIMIT, "{what}: {:?}", asked.elapsed());
    let asks = client.call("ask.list", json!({}))["asks"].clone();
    assert_eq!(asks, json!([]), "{what}");
}

#[test]
fn cancelled_agent_leaves_no_process_and_frees_its_slot_in_every_state() {
    // Most of the time each waits for its program.
    std::thread::scope(|scope| {
        for engine in DRIVEN {
            scope.spawn(move || agent(engine));
        }
    });
}

/// One worker for all of an agent's moments: each task says what its model does.
fn agent(engine: Engine) {
    let Some(stage) = Stage::with_settings(engine, SETTINGS) else {
        return;
    };
    let daemon = stage.daemon_that("prompted", |home, env| {
        engine.try_often(home, env).expect("a home of our own");
    });
    let repository = stage.repository();
    for moment in ALL {
        cancel_at(&stage, &mut daemon.client(), &repository, moment);
    }
}

fn cancel_at(stage: &Stage, client: &mut Client, repository: &Path, moment: Moment) {
    let what = format!("{} {moment:?}", stage.engine.kind());
    let stray = stage.home.folder("stray").join(format!("{moment:?}"));
    std::fs::write(&stray, "").expect("a file");
    let (prompt, approvals) = match moment {
        Moment::Calling => ("play hang".to_owned(), "trusted"),
        Moment::Streaming => ("play drip".to_owned(), "trusted"),
        Moment::Tool => (format!("play run\n$ {}", stays(&stray)), "trusted"),
        Moment::Asking => ("play run\n$ touch never.txt".to_owned(), "ask_risky"),
        Moment::Retrying => ("play e500".to_owned(), "trusted"),
    };
    let before = stage.server.requests().len();
    let called = |times: usize| stage.server.requests().len() >= before + times;
    let id = stage.add(client, &prompt, repository, approvals);
    match moment {
        Moment::Asking => drop(open_ask(client)),
        Moment::Calling => wait(&what, || called(1)),
        Moment::Retrying => wait(&what, || called(3)),
        Moment::Tool => wait(&what, || !reading(&stray).is_empty()),
        Moment::Streaming => wait(&what, || says(client, &id, "drop")),
    }
    cancel(client, &id, &stray, &what);
    assert!(!repository.join("never.txt").exists());
}

fn wait(what: &str, mut ready: impl FnMut() -> bool) {
    wait_for(PATIENCE, || ready().then_some(()))
        .unwrap_or_else(|| panic!("{what} was not reached"));
}

fn says(client: &mut Client, id: &str, word: &str) -> bool {
    let logs = client.request("task.logs", json!({ "id": id }));
    logs.expect("the daemon lives")
        .is_ok_and(|log| log.to_string().contains(word))
}

fn home() -> (Home, PathBuf) {
    let home = Home::with_config(SETTINGS);
    let stray = home.folder("stray").join("file");
    std::fs::write(&stray, "").expect("a file");
    (home, stray)
}

#[test]
fn cancelled_script_leaves_no_process_and_frees_its_slot_in_every_state() {
    let (home, stray) = home();
    let daemon = home.daemon();
    silent(&daemon, &stray);
    speaking(&daemon, &stray);
    staying(&daemon, &stray);
    asking(&daemon, &stray);
}

fn silent(daemon: &Daemon, stray: &Path) {
    let mut client = daemon.client();
    let id = client.script("tail -f /dev/null", json!({}));
    client.wait_state(&id, &["running"]);
    cancel(&mut client, &id, stray, "before its first output");
}

fn speaking(daemon: &Daemon, stray: &Path) {
    let mut client = daemon.client();
    let id = client.script("yes drop", json!({}));
    wait("streaming", || says(&mut client, &id, "drop"));
    cancel(&mut client, &id, stray, "streaming");
}

fn staying(daemon: &Daemon, stray: &Path) {
    let mut client = daemon.client();
    let id = client.script(&stays(stray), json!({}));
    wait("the child that stays", || !reading(stray).is_empty());
    cancel(&mut client, &id, stray, "with a child that stays");
}

fn asking(daemon: &Daemon, stray: &Path) {
    let mut client = daemon.client();
    let script = "ripieno ask create --text Which --option a --option b";
    let id = client.script(script, json!({}));
    open_ask(&mut client);
    cancel(&mut client, &id, stray, "asking");
}
