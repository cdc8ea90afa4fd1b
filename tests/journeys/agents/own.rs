//! An agent of the person's own (A2): found by its entry, shown, and used by tasks.

use super::Stage;
use ripieno_testkit::agents::Engine;
use serde_json::{Value, json};

const ENTRIES: &str = "\n[[agents]]\nname = \"mine\"\ntitle = \"My own\"\nprotocol = \"acp\"\ncommand = \"opencode\"\nargs = [\"acp\"]\n\
                       \n[[agents]]\nname = \"gone\"\nprotocol = \"acp\"\ncommand = \"no-such-program\"\n";

#[test]
fn agent_of_ones_own_is_found_shown_and_used() {
    let Some(stage) = Stage::set_with(Engine::Opencode, ENTRIES) else {
        return;
    };
    let folder = stage.repository();
    let daemon = stage.daemon("say");
    let mut client = daemon.client();
    let runtimes = client.call("runtime.list", json!({}))["runtimes"].clone();
    let of = |kind: &str| {
        let all = runtimes.as_array().expect("runtimes");
        all.iter()
            .find(|row| row["kind"] == kind)
            .cloned()
            .unwrap_or_default()
    };
    let mine = of("mine");
    assert_eq!(
        (
            &mine["name"],
            &mine["protocol"],
            &mine["usable"],
            &mine["lane"]
        ),
        (
            &json!("My own"),
            &json!("acp"),
            &json!(true),
            &json!("mine:default")
        ),
        "{runtimes:#}"
    );
    assert!(
        mine["version"]
            .as_str()
            .is_some_and(|v| v.starts_with("1.")),
        "{mine:#}"
    );
    let gone = of("gone");
    assert_eq!(gone["usable"], false);
    assert!(
        gone["reason"].to_string().contains("no-such-program"),
        "{gone:#}"
    );
    let params = json!({ "prompt": "Hello.", "agent": "mine", "dir": folder, "mode": "in_place" });
    let id = client.call("task.add", params)["short_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let view = client.wait_done(&id);
    assert_eq!(view["lane"], "mine:default", "{view:#}");
    let log = client.call("task.logs", json!({ "id": id })).to_string();
    assert!(log.contains("You said"), "{log}");
    // Written down while the worker runs, and looked for again.
    let file = stage.home.path().join("config/config.toml");
    let text = std::fs::read_to_string(&file).expect("the settings");
    let more = text.replace("\"no-such-program\"", "\"opencode\"");
    std::fs::write(&file, more).expect("the settings are written");
    let runtimes = client.call("runtime.list", json!({ "refresh": true }))["runtimes"].clone();
    let found = runtimes
        .as_array()
        .expect("runtimes")
        .iter()
        .find(|row| row["kind"] == "gone");
    assert_eq!(
        found.map(|row| row["usable"].clone()),
        Some(Value::Bool(true)),
        "{runtimes:#}"
    );
}
