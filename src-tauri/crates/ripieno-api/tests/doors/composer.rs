//! What a new task is put together from, and the settings of a form.

use crate::rig::Rig;
use ripieno_api::error::Code;
use serde_json::{Value, json};

async fn ask(rig: &Rig, method: &str, params: Value) -> Value {
    rig.client().await.request(method, params).await.unwrap()
}

fn named<'v>(list: &'v Value, key: &str, name: &str) -> &'v Value {
    let all = list.as_array().unwrap();
    all.iter().find(|one| one[key] == name).unwrap()
}

#[tokio::test]
async fn every_setting_says_what_a_form_needs_to_know() {
    let rig = Rig::start().await;
    ask(&rig, "config.set", json!({ "key": "slots", "value": "8" })).await;
    let shown = ask(&rig, "config.show", json!({})).await;
    let settings = &shown["settings"];
    let slots = named(settings, "key", "slots");
    assert_eq!(slots["value"], "8");
    assert_eq!(slots["default"], "4");
    assert_eq!(
        slots["kind"],
        json!({ "type": "count", "min": 1, "max": 64 })
    );
    assert_eq!(slots["section"], "general");
    assert_eq!(slots["changed"], true);
    let kinds = [
        (
            "ask.window",
            json!({ "type": "span", "min": "0s", "max": "1h" }),
        ),
        ("disk.reserve", json!({ "type": "size", "max": "1 TiB" })),
        (
            "desktop.keep_awake",
            json!({ "type": "word", "words": ["off", "ac", "always"] }),
        ),
        ("notify.done", json!({ "type": "bool" })),
        ("notify.quiet", json!({ "type": "clock_range" })),
        ("automatic", json!({ "type": "lanes" })),
        ("log.filter", json!({ "type": "filter" })),
    ];
    for (key, kind) in kinds {
        let setting = named(settings, "key", key);
        assert_eq!(setting["kind"], kind, "{key}");
        assert_eq!(setting["changed"], false, "{key}");
        assert!(setting["about"].as_str().unwrap().len() > 20, "{key}");
    }
    rig.stop().await;
}

#[tokio::test]
async fn reset_puts_the_default_in_force_and_says_what_changed() {
    let rig = Rig::start().await;
    ask(&rig, "config.set", json!({ "key": "slots", "value": "8" })).await;
    let reset = ask(&rig, "config.reset", json!({ "key": "slots" })).await;
    assert_eq!(reset["changed"], json!(["slots"]));
    assert_eq!(reset["setting"]["value"], "4");
    assert_eq!(reset["setting"]["origin"], "default");
    let status = ask(&rig, "status", json!({})).await;
    assert_eq!(status["slots"]["total"], 4);
    let again = ask(&rig, "config.reset", json!({ "key": "slots" })).await;
    assert_eq!(again["changed"], json!([]));
    let unknown = rig
        .client()
        .await
        .request("config.reset", json!({ "key": "slotz" }))
        .await
        .unwrap_err();
    assert_eq!(unknown.code, Code::Invalid);
    rig.stop().await;
}

#[tokio::test]
async fn pieces_of_a_folder_come_before_the_built_in_ones_and_broken_ones_say_why() {
    let rig = Rig::start().await;
    let project = tempfile::Builder::new().tempdir_in("/tmp").unwrap();
    let pieces = project.path().join(".ripieno/pieces");
    std::fs::create_dir_all(&pieces).unwrap();
    std::fs::write(pieces.join("broken.yaml"), "piece: broken\n").unwrap();
    let mine = "version: 1\nname: mine\nsummary: My own\nagent: claude\nmovements:\n  - { name: work, instruction: task, outcomes: [{ when: done, next: COMPLETE }] }\n";
    std::fs::write(pieces.join("mine.yaml"), mine).unwrap();
    let plain = ask(&rig, "piece.list", json!({})).await;
    let script = named(&plain["pieces"], "name", "script");
    assert_eq!(script["origin"], "built_in");
    assert_eq!(script["needs_agent"], false);
    assert_eq!(script["problems"], json!([]));
    let dir = project.path().to_str().unwrap();
    let listed = ask(&rig, "piece.list", json!({ "dir": dir })).await;
    let mine_listed = named(&listed["pieces"], "name", "mine");
    assert_eq!(mine_listed["origin"], "project");
    assert_eq!(mine_listed["agent"], "claude");
    assert_eq!(mine_listed["movements"], json!(["work"]));
    let broken = named(&listed["pieces"], "name", "broken");
    assert!(!broken["problems"].as_array().unwrap().is_empty());
    let shown = ask(&rig, "piece.show", json!({ "name": "mine", "dir": dir })).await;
    assert_eq!(shown["text"], mine);
    assert_eq!(shown["path"], pieces.join("mine.yaml").to_str().unwrap());
    rig.stop().await;
}

#[tokio::test]
async fn pieces_of_a_refused_folder_are_not_looked_for() {
    let rig = Rig::start().await;
    for (method, params, code) in [
        ("piece.list", json!({ "dir": "/" }), Code::Invalid),
        ("piece.list", json!({ "dir": "relative" }), Code::Invalid),
        ("piece.show", json!({ "name": "scrpt" }), Code::Invalid),
        ("piece.show", json!({}), Code::Usage),
    ] {
        let refused = rig
            .client()
            .await
            .request(method, params.clone())
            .await
            .unwrap_err();
        assert_eq!(refused.code, code, "{method} {params}");
    }
    rig.stop().await;
}
