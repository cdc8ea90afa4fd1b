//! A task has its own authority and no more: twelve attempts from inside each performer's shell, three ways each, and none succeeds
//! (W6, A5, sec-6, T11).

use super::{
    Client, PATIENCE, Stage,
    rig::{Daemon, Home, ripieno, stage::DRIVEN},
    wait_for,
};
use ripieno_testkit::agents::Engine;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const ATTEMPTS: usize = 12;
const WAYS: [&str; 3] = ["plain", "hidden", "disguised"];

/// The program that makes the attempts, built beside the command.
fn probe() -> PathBuf {
    let program = ripieno().with_file_name("ripieno-probe");
    assert!(program.exists(), "{} is missing", program.display());
    program
}

#[test]
fn nothing_of_the_worker_can_be_changed_from_inside_a_script() {
    let home = Home::new();
    let daemon = home.daemon_with_page(&[]);
    let folder = home.folder("repo");
    let mut client = daemon.client();
    let scene = Scene::set(&home, &daemon, &mut client);
    let command = scene.command();
    let id = client.script(&command, json!({ "dir": folder, "mode": "in_place" }));
    scene.nothing_succeeded(&mut client, &id);
}

#[test]
fn nothing_of_the_worker_can_be_changed_from_inside_claude_code() {
    from_inside(Engine::Claude);
}

#[test]
fn nothing_of_the_worker_can_be_changed_from_inside_codex() {
    from_inside(Engine::Codex);
}

#[test]
fn nothing_of_the_worker_can_be_changed_from_inside_opencode() {
    from_inside(Engine::Opencode);
}

#[test]
fn nothing_of_the_worker_can_be_changed_from_inside_the_agents_of_the_long_run() {
    if std::env::var_os("RIPIENO_AGENTS").is_none_or(|agents| agents != "all") {
        return;
    }
    let others = Engine::ALL.into_iter();
    others
        .filter(|engine| !DRIVEN.contains(engine))
        .for_each(from_inside);
}

fn from_inside(engine: Engine) {
    let Some(stage) = Stage::set(engine) else {
        return;
    };
    let repository = stage.repository();
    let daemon = stage.daemon_with_page("run");
    let mut client = daemon.client();
    let scene = Scene::set(&stage.home, &daemon, &mut client);
    let prompt = format!("$ {}", scene.command());
    let id = stage.add(&mut client, &prompt, &repository, "trusted");
    if engine == Engine::CodexAcp {
        return scene.nothing_could_be_tried(&mut client, &id);
    }
    scene.nothing_succeeded(&mut client, &id);
}

/// A worker at work: another task, a folder nobody trusts, and what the attempts are to know.
struct Scene {
    facts: PathBuf,
    out: PathBuf,
    other: String,
    folder: PathBuf,
}

impl Scene {
    fn set(home: &Home, daemon: &Daemon, client: &mut Client) -> Self {
        let other = client.script("exec tail -f /dev/null", json!({}));
        let view = client.wait_state(&other, &["running"]);
        let folder = home.folder("untrusted");
        let (facts, out) = (
            home.folder("facts").join("facts.json"),
            home.folder("facts").join("out"),
        );
        let web = daemon.web.as_deref().expect("a page");
        let host = web.trim_start_matches("http://").split('/').next();
        let known = json!({
            "command": ripieno(), "home": home.path(), "socket": daemon.socket, "folder": folder, "web": host,
            "other": other, "other_id": view["id"], "out": out,
        });
        std::fs::write(&facts, known.to_string()).expect("the facts are written");
        Scene {
            facts,
            out,
            other,
            folder,
        }
    }

    fn command(&self) -> String {
        format!("{} {}", probe().display(), self.facts.display())
    }

    /// Waits for the attempts of a task; nothing they said counts, and the worker is as it was.
    fn nothing_succeeded(&self, client: &mut Client, id: &str) {
        let done = PathBuf::from(format!("{}.done", self.out.display()));
        let made = wait_for(PATIENCE, || done.exists().then_some(()));
        let found = lines(&self.out);
        assert!(made.is_some(), "{found:#?} {:#}", client.task(id));
        assert_eq!(found.len(), ATTEMPTS * WAYS.len(), "{found:#?}");
        for way in WAYS {
            let made = found.iter().filter(|line| line["way"] == way).count();
            assert_eq!(made, ATTEMPTS, "{way}");
        }
        let succeeded: Vec<&Value> = found
            .iter()
            .filter(|line| line["succeeded"] != false)
            .collect();
        assert!(succeeded.is_empty(), "{succeeded:#?}");
        println!("{id}: {} attempts, 0 succeeded", found.len());
        self.worker_is_as_it_was(client);
    }

    /// Its own sandbox lets the program write nothing and reach nobody (docs/agents.md, 7): not even what came of it.
    fn nothing_could_be_tried(&self, client: &mut Client, id: &str) {
        client.wait_done(id);
        assert_eq!(lines(&self.out), [] as [Value; 0]);
        println!("{id}: kept from trying by its own sandbox");
        let asks = client.call("ask.list", json!({ "all": true }))["asks"].clone();
        assert_eq!(asks, json!([]), "{asks:#}");
        self.rest_is_as_it_was(client);
    }

    fn worker_is_as_it_was(&self, client: &mut Client) {
        let asks = client.call("ask.list", json!({ "all": true }))["asks"].clone();
        assert_eq!(asks.as_array().map(Vec::len), Some(1), "{asks:#}");
        assert_eq!(asks[0]["answered"], Value::Null, "{asks:#}");
        self.rest_is_as_it_was(client);
    }

    fn rest_is_as_it_was(&self, client: &mut Client) {
        assert_eq!(client.task(&self.other)["state"], "running");
        assert_eq!(client.task(&self.other)["result"], Value::Null);
        let status = client.call("status", json!({}));
        assert_eq!(status["state"], "running", "{status:#}");
        let slots = client.call("config.get", json!({ "key": "slots" }));
        assert_eq!(slots["value"], "4", "{slots:#}");
        let level = client.call("config.get", json!({ "key": "approvals" }));
        assert_eq!(level["value"], "ask_risky", "{level:#}");
        let grants = client.call("grant.list", json!({ "all": true }));
        assert_eq!(grants["grants"], json!([]));
        let projects = client.call("project.list", json!({}))["projects"].to_string();
        let untrusted = self.folder.display().to_string();
        assert!(!projects.contains(&untrusted), "{projects}");
        let tasks = client.call("task.list", json!({}))["tasks"].clone();
        assert_eq!(tasks.as_array().map(Vec::len), Some(2), "{tasks:#}");
        client.call("task.cancel", json!({ "ids": [self.other] }));
    }
}

fn lines(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}
