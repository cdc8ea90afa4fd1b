//! Budgets: an agent that goes on and on is stopped at its cap, and its task waits for a person's word (T17).

use super::{Stage, open_ask};
use crate::rig::{Client, marked};
use ripieno_testkit::agents::Engine;
use serde_json::{Value, json};

/// How many tokens a task of the scripted model may use.
const CAP: u64 = 500;

/// The most that one call of the scripted model uses, by any agent's count.
const CALL: u64 = 400;

#[test]
fn budget_of_tokens_stops_the_agent_and_more_goes_on_in_its_session() {
    std::thread::scope(|scope| {
        for engine in [Engine::Claude, Engine::Codex] {
            scope.spawn(move || Stage::set(engine).as_ref().map(cap_of_tokens));
        }
    });
}

fn cap_of_tokens(stage: &Stage) {
    let repository = stage.repository();
    let daemon = stage.daemon("loop");
    let mut client = daemon.client();
    let id = stage.add_with(
        &mut client,
        "Go on for ever.",
        &repository,
        json!({ "budget_tokens": CAP }),
    );
    let first = breached(&mut client, &id);
    assert_eq!(first["budget"]["tokens"], CAP, "{first:#}");
    let used = tokens(&first);
    // What was under way when the report came is used too, nothing beyond that.
    assert!((CAP..CAP + 3 * CALL).contains(&used), "{first:#}");
    answer(&mut client, "more");
    let second = client.wait_state(&id, &["leased", "running", "needs_input"]);
    let raised = second["budget"]["tokens"].as_u64().expect("a cap");
    assert_eq!(raised, used + CAP, "{second:#}");
    let second = breached(&mut client, &id);
    assert!(tokens(&second) >= raised, "{second:#}");
    assert_eq!(
        (second["attempt"].clone(), second["tries_used"].clone()),
        (json!(2), json!(0))
    );
    let log = client
        .call("task.logs", json!({ "id": id, "attempt": 2 }))
        .to_string();
    assert!(log.contains("resumed"), "{log}");
    answer(&mut client, "stop");
    client.wait_state(&id, &["cancelled"]);
}

// Of those that are driven here only Claude Code can be stopped by money in the middle of a turn.
#[test]
fn budget_of_money_stops_the_agent() {
    let Some(stage) = Stage::set(Engine::Claude) else {
        return;
    };
    let repository = stage.repository();
    let daemon = stage.daemon("loop");
    let mut client = daemon.client();
    let id = stage.add_with(
        &mut client,
        "Go on for ever.",
        &repository,
        json!({ "budget_usd": 0.0004 }),
    );
    let view = breached(&mut client, &id);
    let text = view["asks"][0]["text"].as_str().expect("a text");
    assert!(text.contains("of $0.0004."), "{text}");
    answer(&mut client, "stop");
    client.wait_state(&id, &["cancelled"]);
}

#[test]
fn budget_of_money_for_an_agent_that_tells_none_asks_before_anything_is_spent() {
    let Some(stage) = Stage::set(Engine::Codex) else {
        return;
    };
    let repository = stage.repository();
    let daemon = stage.daemon("say");
    let mut client = daemon.client();
    let id = stage.add_with(
        &mut client,
        "Say it.",
        &repository,
        json!({ "budget_usd": 5.0 }),
    );
    let view = breached(&mut client, &id);
    assert!(
        view["asks"][0]["text"]
            .as_str()
            .expect("a text")
            .contains("does not tell what its calls cost"),
        "{view:#}"
    );
    assert!(stage.server.requests().is_empty());
    answer(&mut client, "more");
    let view = client.wait_done(&id);
    assert_eq!(view["budget"], Value::Null, "{view:#}");
}

/// Waits until the budget is asked about, with nothing running any more.
fn breached(client: &mut Client, id: &str) -> Value {
    let ask = open_ask(client);
    assert_eq!(ask["kind"], "budget", "{ask:#}");
    let view = client.wait_state(id, &["needs_input"]);
    let uuid = view["id"].as_str().expect("an id");
    assert_eq!(marked("RIPIENO_TASK_ID", uuid), Vec::<i32>::new());
    view
}

fn answer(client: &mut Client, option: &str) {
    let ask = open_ask(client);
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": option }),
    );
}

/// What counts against a cap on tokens.
fn tokens(view: &Value) -> u64 {
    let rows = view["usage"].as_array().expect("rows of usage");
    let of = |row: &Value| {
        ["input", "output", "cache_write"]
            .map(|name| row[name].as_u64().expect("a number"))
            .iter()
            .sum::<u64>()
    };
    rows.iter().map(of).sum()
}
