//! What an agent lets people choose from (A4): told in its runs, offered from then on, and checked against.

use super::Stage;
use crate::rig::Client;
use ripieno_testkit::agents::Engine;
use serde_json::{Value, json};

fn runtime(client: &mut Client, kind: &str) -> Value {
    let listed = client.call("runtime.list", json!({}))["runtimes"].clone();
    let all = listed.as_array().expect("runtimes");
    let found = all.iter().find(|row| row["kind"] == kind);
    found.cloned().expect("the agent is listed")
}

fn finished(stage: &Stage, client: &mut Client, more: Value) -> String {
    let folder = stage.home.folder("hello");
    let id = stage.add_with(client, "Hello.", &folder, more);
    client.wait_done(&id);
    client.call("task.logs", json!({ "id": id })).to_string()
}

#[test]
fn models_told_in_a_run_are_offered_from_then_on_and_a_level_that_fits_none_is_left_out() {
    let Some(stage) = Stage::set(Engine::Claude) else {
        return;
    };
    let mut daemon = stage.daemon("say");
    let mut client = daemon.client();
    let before = runtime(&mut client, "claude");
    assert_eq!(
        before["models"],
        json!([]),
        "nothing is made up: {before:#}"
    );
    finished(&stage, &mut client, json!({}));
    let told = runtime(&mut client, "claude");
    let models = told["models"].as_array().expect("models");
    assert!(!models.is_empty(), "{told:#}");
    daemon.term();
    let daemon = stage.daemon("say");
    let mut client = daemon.client();
    let kept = runtime(&mut client, "claude");
    assert_eq!(
        (&kept["models"], &kept["levels"]),
        (&told["models"], &told["levels"])
    );
    let log = finished(&stage, &mut client, json!({ "effort": "never-heard-of" }));
    assert!(log.contains("never-heard-of is left out"), "{log}");
    let pieces = stage.home.path().join("config/pieces");
    std::fs::create_dir_all(&pieces).expect("a folder");
    for (own, counts) in [("", "of-the-piece"), ("effort: its-own, ", "its-own")] {
        let piece = format!(
            "version: 1\nname: hard\neffort: of-the-piece\nmovements: [{{ name: work, {own}instruction: Say it., \
             outcomes: [{{ when: done, next: COMPLETE }}] }}]\n"
        );
        std::fs::write(pieces.join("hard.yaml"), piece).expect("a piece");
        let log = finished(&stage, &mut client, json!({ "piece": "hard" }));
        assert!(log.contains(&format!("{counts} is left out")), "{log}");
    }
    let levels = kept["levels"][""]
        .as_array()
        .expect("levels without a model");
    let log = finished(&stage, &mut client, json!({ "effort": levels[0] }));
    assert!(!log.contains("is left out"), "{log}");
}
