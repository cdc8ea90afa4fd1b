//! The JSON of every view, as it is sent.

use crate::rig::Rig;
use insta::{Settings, assert_json_snapshot};
use serde_json::{Value, json};

/// What differs from run to run is named, not shown.
fn settled() -> Settings {
    let mut settings = Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.add_filter(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID");
    settings.add_filter(r"20(2[0-9]|3[0-9])-[0-9-]+T[0-9:.]+Z", "TIME");
    settings.add_filter(r"[0-9a-f]{64}", "DIGEST");
    settings.add_filter(r"/tmp/rip[A-Za-z0-9]+", "HOME");
    settings
}

async fn ask(rig: &Rig, method: &str, params: Value) -> Value {
    match rig.client().await.request(method, params).await {
        Ok(result) => result,
        Err(error) => json!({ "error": error }),
    }
}

#[tokio::test]
async fn views_are_sent_as_the_contract_names_them() {
    let rig = Rig::start().await;
    ask(&rig, "worker.pause", json!({})).await;
    let add = json!({
        "prompt": "echo hello", "piece": "script", "title": "Say hello", "labels": ["a", "b"], "priority": "high",
        "key": "hello", "timeout": "10m", "budget_tokens": 0, "budget_usd": 0.0, "max_tries": 2,
    });
    let added = ask(&rig, "task.add", add).await;
    let dependent = json!({ "prompt": "true", "piece": "script", "depends_on": ["T-1"] });
    let waiting = ask(&rig, "task.add", dependent).await;
    let listed = ask(&rig, "task.list", json!({ "limit": 1 })).await;
    let calls = [
        ("status", json!({})),
        ("health", json!({})),
        ("task.why", json!({ "id": "T-1" })),
        ("task.outputs", json!({ "id": "T-1" })),
        ("task.logs", json!({ "id": "T-1" })),
        ("task.wait", json!({ "id": "T-1", "limit": "1ms" })),
        ("ask.list", json!({})),
        ("lock.list", json!({})),
        ("config.get", json!({ "key": "slots" })),
        ("events.since", json!({})),
        ("task.cancel", json!({ "ids": ["T-1"] })),
        ("task.show", json!({ "id": "T-2" })),
        ("task.show", json!({ "id": "T-9" })),
        ("task.accept", json!({ "id": "T-1" })),
        ("task.progress", json!({ "text": "x" })),
        ("task.timeline", json!({ "id": "T-1" })),
        ("ask.snooze", json!({ "id": "A-9", "for": "10m" })),
        ("notice.claim", json!({ "key": "ask:A-1" })),
        ("notice.claim", json!({ "key": "ask:A-1" })),
        ("notice.forget", json!({ "prefix": "ask:" })),
        ("notice.forget", json!({ "prefix": "" })),
        ("task.changes", json!({ "id": "T-2" })),
        ("task.diff", json!({ "id": "T-2" })),
        ("task.run", json!({ "id": "T-2" })),
        ("task.run", json!({ "id": "T-2", "attempt": 7 })),
    ];
    let settings = settled();
    let keys: Vec<&String> = listed["tasks"][0].as_object().unwrap().keys().collect();
    settings.bind(|| {
        assert_json_snapshot!("task_added", added);
        assert_json_snapshot!("task_waiting", waiting);
        assert_json_snapshot!(
            "task_list_keys",
            json!({ "tasks": keys, "next": listed["next"] })
        );
    });
    for (n, (method, params)) in calls.into_iter().enumerate() {
        let sent = ask(&rig, method, params).await;
        settings.bind(|| assert_json_snapshot!(format!("{:02}_{method}", n + 1), sent));
    }
    rig.stop().await;
}
