//! Questions of scripts: asked, answered, late, expired, over a restart.

use crate::{
    Journey,
    rig::{Client, Home, wait_for},
};
use serde_json::{Value, json};
use std::time::Duration;

const ASKING: &str = "answer=$(ripieno ask create --text 'Which database?' --option pg=Postgres --option lite=SQLite) || exit 4; echo chose $answer";

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "task_with_two_open_asks_goes_on_when_both_are_answered",
            two_at_once,
        ),
        (
            "script_that_waits_for_its_answer_goes_on_with_it",
            answered_in_place,
        ),
        (
            "script_that_ends_while_it_asks_is_suspended_and_runs_again_with_the_answer",
            answered_later,
        ),
        (
            "window_that_closes_suspends_the_process_and_keeps_the_ask",
            window_closes,
        ),
        ("late_answer_is_told_who_was_first", late_answer),
        ("ask_that_expires_without_default_fails_the_task", expired),
        (
            "ask_that_expires_with_a_default_goes_on_with_it",
            expired_default,
        ),
        ("cancelled_task_closes_its_asks", cancelled),
        (
            "sixth_question_is_refused_and_does_not_fail_the_task",
            limit,
        ),
        (
            "paused_task_keeps_its_open_ask_without_its_process",
            paused_while_asking,
        ),
        ("task_may_not_answer_pause_or_submit", authority),
    ]
}

/// The one open ask.
fn open_ask(client: &mut Client) -> Value {
    wait_for(crate::rig::PATIENCE, || {
        let asks = client.call("ask.list", json!({}));
        asks["asks"].get(0).cloned()
    })
    .expect("an ask is opened")
}

fn answered_in_place(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script(ASKING, json!({}));
    let ask = open_ask(&mut client);
    assert_eq!(client.state(&id), "needs_input");
    assert_eq!(ask["kind"], "question");
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": "lite" }),
    );
    let view = client.wait_done(&id);
    assert_eq!(
        (view["result"]["summary"].clone(), view["attempt"].clone()),
        (json!("chose lite"), json!(1))
    );
}

fn answered_later(home: &Home) {
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let script = "answer=$(ripieno ask create --text 'Which?' --option a --option b --wait 0) || exit 4; echo got $answer";
    let id = client.script(script, json!({}));
    let ask = open_ask(&mut client);
    let gone = wait_for(Duration::from_secs(10), || {
        (client.call("status", json!({}))["slots"]["used"] == 0).then_some(())
    });
    assert!(gone.is_some(), "its slot is given back");
    assert_eq!(daemon.term(), Some(0));
    let daemon = home.daemon();
    let mut client = daemon.client();
    assert_eq!(client.state(&id), "needs_input");
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": "2" }),
    );
    let view = client.wait_done(&id);
    assert_eq!(
        (view["result"]["summary"].clone(), view["attempt"].clone()),
        (json!("got b"), json!(2))
    );
    assert_eq!(view["tries_used"], 0);
}

fn window_closes(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    client.call("config.set", json!({ "key": "ask.window", "value": "1s" }));
    let id = client.script(ASKING, json!({}));
    let ask = open_ask(&mut client);
    let view = client.task(&id);
    let uuid = view["id"].as_str().expect("an id").to_owned();
    let gone = wait_for(Duration::from_secs(20), || {
        crate::rig::marked("RIPIENO_TASK_ID", &uuid)
            .is_empty()
            .then_some(())
    });
    assert!(gone.is_some(), "its process is ended");
    assert_eq!(client.state(&id), "needs_input");
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": "Postgres" }),
    );
    assert_eq!(client.wait_done(&id)["result"]["summary"], "chose pg");
}

fn late_answer(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script(ASKING, json!({}));
    let ask = open_ask(&mut client);
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": "pg" }),
    );
    let late = client
        .request(
            "ask.answer",
            json!({ "id": ask["short_id"], "option": "lite" }),
        )
        .expect("an answer");
    let error = late.expect_err("it is late");
    assert_eq!(error["code"], "already_answered", "{error}");
    client.wait_done(&id);
    let unknown = client
        .request("ask.answer", json!({ "id": "A-99", "option": "pg" }))
        .expect("an answer");
    assert_eq!(unknown.expect_err("there is none")["code"], "not_found");
}

fn expired(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script(
        "ripieno ask create --text 'Quick?' --option a --expires 1s --wait 0 || exit 4",
        json!({}),
    );
    let view = client.wait_state(&id, &["failed"]);
    assert_eq!(view["failure"]["class"], "ask_expired", "{view:#}");
}

fn expired_default(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let script = "answer=$(ripieno ask create --text 'Quick?' --option a --option b --default b --expires 1s) || exit 4; echo took $answer";
    let id = client.script(script, json!({}));
    assert_eq!(client.wait_done(&id)["result"]["summary"], "took b");
}

fn cancelled(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let live = client.script(ASKING, json!({}));
    open_ask(&mut client);
    client.call("task.cancel", json!({ "ids": [live] }));
    client.wait_state(&live, &["cancelled"]);
    let script = "ripieno ask create --text 'Later?' --option a --wait 0 || exit 4";
    let resting = client.script(script, json!({}));
    open_ask(&mut client);
    wait_for(Duration::from_secs(10), || {
        (client.call("status", json!({}))["slots"]["used"] == 0).then_some(())
    });
    client.call("task.cancel", json!({ "ids": [resting] }));
    assert_eq!(client.state(&resting), "cancelled");
    assert_eq!(client.call("ask.list", json!({}))["asks"], json!([]));
}

fn two_at_once(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let script = "ripieno ask create --text 'First?' --option a > one & ripieno ask create --text 'Second?' --option b > two & wait; cat one two";
    let id = client.script(script, json!({}));
    let both = wait_for(crate::rig::PATIENCE, || {
        let asks = client.call("ask.list", json!({}))["asks"].clone();
        (asks.as_array().map(Vec::len) == Some(2)).then_some(asks)
    })
    .expect("both are open");
    client.call(
        "ask.answer",
        json!({ "id": both[0]["short_id"], "option": "1" }),
    );
    assert_eq!(
        client.state(&id),
        "needs_input",
        "it leaves only when the last is settled"
    );
    client.call(
        "ask.answer",
        json!({ "id": both[1]["short_id"], "option": "1" }),
    );
    assert_eq!(client.wait_done(&id)["result"]["summary"], "a\nb");
}

fn limit(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let script = "for n in 1 2 3 4 5; do ripieno ask create --text \"Question $n?\" --text-ok >/dev/null; done\n\
                  ripieno ask create --text 'Question 3?' --option other && exit 9\n\
                  ripieno ask create --text 'One too many?' --text-ok && exit 9\n\
                  echo decided myself";
    let id = client.script(script, json!({}));
    for _ in 0..5 {
        let ask = open_ask(&mut client);
        client.call(
            "ask.answer",
            json!({ "id": ask["short_id"], "text": "yes" }),
        );
    }
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "decided myself");
}

fn paused_while_asking(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script(ASKING, json!({}));
    let ask = open_ask(&mut client);
    client.call("task.pause", json!({ "ids": [id] }));
    wait_for(Duration::from_secs(10), || {
        (client.call("status", json!({}))["slots"]["used"] == 0).then_some(())
    })
    .expect("the process is stopped");
    let view = client.task(&id);
    assert_eq!(
        (view["state"].clone(), view["paused"].clone()),
        (json!("needs_input"), json!(true))
    );
    client.call("task.resume", json!({ "ids": [id] }));
    client.call("task.pause", json!({ "ids": [id] }));
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": "pg" }),
    );
    assert_eq!(client.state(&id), "paused");
    client.call("task.resume", json!({ "ids": [id] }));
    assert_eq!(client.wait_done(&id)["result"]["summary"], "chose pg");
}

fn authority(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let attempts = [
        "ripieno ask answer A-1 pg",
        "env -u RIPIENO_TASK_TOKEN ripieno ask answer A-1 pg",
        "ripieno pause",
        "ripieno resume",
        "env -u RIPIENO_TASK_TOKEN ripieno task add --piece script 'echo hi'",
        "ripieno task cancel T-1",
        "ripieno lane release shell",
        "ripieno config set slots 64",
        "env -i PATH=\"$PATH\" RIPIENO_SOCKET=\"$RIPIENO_SOCKET\" ripieno pause",
        "env -i PATH=\"$PATH\" RIPIENO_SOCKET=\"$RIPIENO_SOCKET\" setsid ripieno ask answer A-1 pg",
        // Below more processes without a name than anybody would go up.
        "env -i PATH=\"$PATH\" RIPIENO_SOCKET=\"$RIPIENO_SOCKET\" sh deep.sh 300",
    ];
    let tries: Vec<String> = attempts
        .iter()
        .map(|a| format!("{a} >/dev/null 2>&1 && echo \"SUCCEEDED: {a}\""))
        .collect();
    let deep = "if [ \"$1\" -gt 0 ]; then env -i PATH=\"$PATH\" RIPIENO_SOCKET=\"$RIPIENO_SOCKET\" sh deep.sh $(($1 - 1)); exit; fi\nripieno ask answer A-1 pg";
    let deep = format!("cat > deep.sh <<'END'\n{deep}\nEND");
    let script = format!("set +e\n{deep}\n{}\necho tried all\n", tries.join("\n"));
    let asking = client.script(ASKING, json!({}));
    let ask = open_ask(&mut client);
    let id = client.script(&script, json!({}));
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "tried all", "{view:#}");
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": "pg" }),
    );
    client.wait_done(&asking);
}
