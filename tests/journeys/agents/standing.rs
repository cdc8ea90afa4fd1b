//! Standing grants (A5, sec-12): exactly what was allowed for a folder passes there again, counted, until it is taken back.

use super::{Client, PATIENCE, Stage, open_ask, wait_for};
use ripieno_testkit::agents::Engine;
use serde_json::{Value, json};

fn answer(client: &mut Client, ask: &Value, scope: Value) {
    let mut said = json!({ "id": ask["short_id"], "option": "allow" });
    if scope.is_string() {
        said["scope"] = scope;
    }
    client.call("ask.answer", said);
}

fn fired(client: &mut Client) -> Vec<Value> {
    let grants = client.call("grant.list", json!({}))["grants"].clone();
    let of = |grant: &Value| grant["fired"].clone();
    grants.as_array().expect("grants").iter().map(of).collect()
}

#[test]
fn what_was_allowed_for_a_folder_passes_there_again_until_it_is_taken_back() {
    for stage in Stage::each() {
        let folder = stage.repository();
        let daemon = stage.daemon("run");
        let mut client = daemon.client();
        let first = stage.add(&mut client, "$ touch once.txt", &folder, "ask_risky");
        let ask = open_ask(&mut client);
        assert!(ask["scopes"].to_string().contains("project"), "{ask:#}");
        answer(&mut client, &ask, json!("project"));
        client.wait_done(&first);
        assert_eq!(fired(&mut client), [json!(0)]);
        std::fs::remove_file(folder.join("once.txt")).expect("it ran");
        // The same again asks nobody.
        let again = stage.add(&mut client, "$ touch once.txt", &folder, "ask_risky");
        client.wait_done(&again);
        assert!(folder.join("once.txt").exists());
        assert_eq!(fired(&mut client), [json!(1)]);
        let log = client.call("task.logs", json!({ "id": again })).to_string();
        assert!(log.contains("allowed by the standing grant G-1"), "{log}");
        if stage.engine != Engine::Claude {
            continue;
        }
        // One sign more does.
        let other = stage.add(&mut client, "$ touch once.txt2", &folder, "ask_risky");
        let ask = open_ask(&mut client);
        answer(&mut client, &ask, Value::Null);
        client.wait_done(&other);
        // Another folder does.
        let elsewhere = stage.home.folder("elsewhere");
        let moved = stage.add(&mut client, "$ touch once.txt", &elsewhere, "ask_risky");
        let ask = open_ask(&mut client);
        answer(&mut client, &ask, Value::Null);
        client.wait_done(&moved);
        let (code, shown, _) = stage.home.run(&["grant", "list"]);
        assert_eq!(code, 0);
        assert!(
            shown.contains("G-1") && shown.contains("touch once.txt"),
            "{shown}"
        );
        let (code, _, said) = stage.home.run(&["grant", "revoke", "G-1"]);
        assert_eq!(code, 0, "{said}");
        let (code, _, _) = stage.home.run(&["grant", "revoke", "G-1"]);
        assert_eq!(code, 8, "taken back once");
        let last = stage.add(&mut client, "$ touch once.txt", &folder, "ask_risky");
        let ask = open_ask(&mut client);
        answer(&mut client, &ask, Value::Null);
        client.wait_done(&last);
        assert_eq!(fired(&mut client), Vec::<Value>::new());
    }
}

#[test]
fn grant_in_a_folder_below_goes_with_the_trust_in_the_folder_around_it() {
    let Some(stage) = Stage::set(Engine::Claude) else {
        return;
    };
    let (around, inside) = (stage.home.folder("code"), stage.home.folder("code/app"));
    let apart = stage.home.folder("code/apart");
    let daemon = stage.daemon("run");
    let mut client = daemon.client();
    client.call("project.add", json!({ "dir": around }));
    client.call("project.add", json!({ "dir": apart }));
    for verb in ["project.untrust", "project.remove"] {
        for folder in [&inside, &apart] {
            let task = stage.add(&mut client, "$ touch once.txt", folder, "ask_risky");
            let ask = wait_for(PATIENCE, || {
                let asks = client.call("ask.list", json!({}))["asks"].clone();
                let done = client.state(&task) == "done";
                asks.get(0).cloned().or(done.then_some(Value::Null))
            });
            if let Some(ask @ Value::Object(_)) = ask {
                answer(&mut client, &ask, json!("project"));
                client.wait_done(&task);
            }
        }
        let before = client.call("grant.list", json!({}))["grants"].clone();
        assert_eq!(before.as_array().map(Vec::len), Some(2), "{before:#}");
        client.call(verb, json!({ "dir": around }));
        let left = client.call("grant.list", json!({}))["grants"].clone();
        let left: Vec<&Value> = left.as_array().expect("grants").iter().collect();
        assert_eq!(left.len(), 1, "{verb}: {left:#?}");
        assert_eq!(left[0]["project"], json!(apart), "{verb}");
        client.call("project.trust", json!({ "dir": around }));
    }
}
