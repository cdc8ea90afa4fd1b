//! Cancels, quits and crashes: what stops, stops whole, and what was begun goes on.

use crate::{
    Journey,
    rig::{Client, Home, PATIENCE, marked, wait_for},
};
use serde_json::json;
use std::time::{Duration, Instant};

const SECOND_TIME: &str =
    "if [ \"$RIPIENO_ATTEMPT\" = 1 ]; then sleep 60; fi; echo attempt $RIPIENO_ATTEMPT";

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "pause_and_cancel_reach_a_task_that_is_being_prepared",
            wishes_while_prepared,
        ),
        (
            "task_cut_while_it_is_being_prepared_is_taken_up_again",
            cut_while_prepared,
        ),
        (
            "task_resumed_while_its_pause_stops_it_goes_on",
            resumed_while_stopping,
        ),
        (
            "cancel_is_reported_only_when_every_process_is_gone",
            cancel_tree,
        ),
        ("cancel_of_an_ended_task_is_refused", cancel_ended),
        ("quit_suspends_what_runs_and_the_next_start_goes_on", quit),
        (
            "killed_worker_leaves_no_process_and_the_task_runs_again",
            killed,
        ),
        (
            "killed_worker_honours_a_wish_it_had_stored",
            killed_with_wish,
        ),
        (
            "three_crashes_without_progress_ask_before_the_fourth_run",
            three_crashes,
        ),
        (
            "movement_that_must_not_run_twice_asks_after_an_interruption",
            on_interrupt_ask,
        ),
        (
            "movement_that_fails_on_interruption_fails",
            on_interrupt_fail,
        ),
        ("killed_while_asking_keeps_the_ask", killed_while_asking),
        ("timeout_asks_for_more_time_or_stop", timeout),
    ]
}

fn cancel_tree(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let script = "trap '' TERM\nsetsid sh -c 'trap \"\" TERM; (sleep 300 &) ; sleep 300' &\n(sleep 300 &)\nsleep 300";
    let id = client.script(script, json!({}));
    let uuid = client.wait_state(&id, &["running"])["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    wait_for(Duration::from_secs(10), || {
        (marked("RIPIENO_TASK_ID", &uuid).len() >= 4).then_some(())
    })
    .expect("a tree grows");
    let begun = Instant::now();
    client.call("task.cancel", json!({ "ids": [id] }));
    client.wait_state(&id, &["cancelled"]);
    assert_eq!(marked("RIPIENO_TASK_ID", &uuid), Vec::<i32>::new());
    assert!(begun.elapsed() < Duration::from_secs(7));
}

fn cancel_ended(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script("echo x", json!({}));
    client.wait_done(&id);
    let refused = client
        .request("task.cancel", json!({ "ids": [id] }))
        .expect("an answer");
    assert_eq!(refused.expect_err("it is done")["code"], "not_possible_now");
}

fn quit(home: &Home) {
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script(SECOND_TIME, json!({}));
    let uuid = client.wait_state(&id, &["running"])["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert_eq!(daemon.term(), Some(0));
    assert_eq!(marked("RIPIENO_TASK_ID", &uuid), Vec::<i32>::new());
    let daemon = home.daemon();
    let mut client = daemon.client();
    let view = client.wait_done(&id);
    assert_eq!(
        (view["attempt"].clone(), view["tries_used"].clone()),
        (json!(2), json!(0))
    );
}

fn killed(home: &Home) {
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script(
        "setsid sleep 300 & if [ \"$RIPIENO_ATTEMPT\" = 1 ]; then sleep 60; fi; echo again",
        json!({}),
    );
    let uuid = client.wait_state(&id, &["running"])["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    daemon.kill();
    let gone = wait_for(Duration::from_secs(7), || {
        marked("RIPIENO_TASK_ID", &uuid).is_empty().then_some(())
    });
    assert!(
        gone.is_some(),
        "the tree ends with its worker: {:?}",
        marked("RIPIENO_TASK_ID", &uuid)
    );
    let daemon = home.daemon();
    let mut client = daemon.client();
    let view = client.wait_done(&id);
    assert_eq!(
        (view["attempt"].clone(), view["tries_used"].clone()),
        (json!(2), json!(0))
    );
}

fn killed_with_wish(home: &Home) {
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    client.call("config.set", json!({ "key": "stop.grace", "value": "20s" }));
    let deaf = "trap '' TERM; while :; do sleep 1; done";
    let cancelled = client.script(deaf, json!({}));
    let paused = client.script(deaf, json!({}));
    for id in [&cancelled, &paused] {
        client.wait_state(id, &["running"]);
    }
    client.call("task.cancel", json!({ "ids": [cancelled], "wait": false }));
    client.call("task.pause", json!({ "ids": [paused] }));
    daemon.kill();
    let daemon = home.daemon();
    let mut client = daemon.client();
    client.wait_state(&cancelled, &["cancelled"]);
    let view = client.wait_state(&paused, &["paused"]);
    assert_eq!(view["tries_used"], 0);
    client.call("task.cancel", json!({ "ids": [paused] }));
}

fn three_crashes(home: &Home) {
    let mut id = String::new();
    for round in 0..3 {
        let mut daemon = home.daemon();
        let mut client = daemon.client();
        if round == 0 {
            id = client.script(
                "if [ \"$RIPIENO_ATTEMPT\" -le 3 ]; then sleep 60; fi; echo fourth",
                json!({}),
            );
        }
        client.wait_state(&id, &["running"]);
        daemon.kill();
    }
    let daemon = home.daemon();
    let mut client = daemon.client();
    let view = client.wait_state(&id, &["needs_input"]);
    assert_eq!(
        (view["attempt"].clone(), view["tries_used"].clone()),
        (json!(3), json!(0))
    );
    let ask = view["asks"][0].clone();
    let run_again = ask["options"][0]["id"].clone();
    assert_ne!(run_again, "stop", "{ask:#}");
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": run_again }),
    );
    assert_eq!(client.wait_done(&id)["result"]["summary"], "fourth");
}

fn piece(home: &Home, name: &str, rule: &str) {
    let folder = home.path().join("config/pieces");
    std::fs::create_dir_all(&folder).expect("the folder of pieces");
    let text = format!(
        "version: 1\nname: {name}\nsummary: For a journey\nstart: run\nmovements:\n  - name: run\n    run: {{ prompt: true }}\n    \
         on_interrupt: {rule}\n    outcomes:\n      - {{ when: ok, next: COMPLETE }}\n      - {{ when: failed, next: ABORT }}\n"
    );
    std::fs::write(folder.join(format!("{name}.yaml")), text).expect("the piece is written");
}

fn on_interrupt_ask(home: &Home) {
    piece(home, "once", "ask");
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let crashed = client.script(SECOND_TIME, json!({ "piece": "once" }));
    wait_movement(&mut client, &crashed);
    daemon.kill();
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let quit = client.script(SECOND_TIME, json!({ "piece": "once" }));
    wait_movement(&mut client, &quit);
    let first = client.wait_state(&crashed, &["needs_input"])["asks"][0].clone();
    assert_eq!(daemon.term(), Some(0));
    let daemon = home.daemon();
    let mut client = daemon.client();
    let second = client.wait_state(&quit, &["needs_input"])["asks"][0].clone();
    client.call(
        "ask.answer",
        json!({ "id": first["short_id"], "option": first["options"][0]["id"] }),
    );
    client.call(
        "ask.answer",
        json!({ "id": second["short_id"], "option": "stop" }),
    );
    client.wait_done(&crashed);
    client.wait_state(&quit, &["cancelled"]);
}

/// A task runs a moment before its first movement begins.
fn wait_movement(client: &mut Client, id: &str) {
    let begun = wait_for(PATIENCE, || {
        (client.task(id)["movement"] == "run").then_some(())
    });
    assert!(begun.is_some(), "{:#}", client.task(id));
}

fn on_interrupt_fail(home: &Home) {
    piece(home, "never", "fail");
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let crashed = client.script(SECOND_TIME, json!({ "piece": "never" }));
    wait_movement(&mut client, &crashed);
    daemon.kill();
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    client.wait_state(&crashed, &["failed"]);
    let quit = client.script(SECOND_TIME, json!({ "piece": "never" }));
    wait_movement(&mut client, &quit);
    assert_eq!(daemon.term(), Some(0));
    let daemon = home.daemon();
    daemon.client().wait_state(&quit, &["failed"]);
}

fn killed_while_asking(home: &Home) {
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let asking = "answer=$(ripieno ask create --text 'Which?' --option a) || exit 4; echo $answer";
    let id = client.script(asking, json!({}));
    let cancelled = client.script(&asking.replace("Which", "What"), json!({}));
    for id in [&id, &cancelled] {
        client.wait_state(id, &["needs_input"]);
    }
    client.call("config.set", json!({ "key": "stop.grace", "value": "20s" }));
    daemon.kill();
    let daemon = home.daemon();
    let mut client = daemon.client();
    let view = client.wait_state(&id, &["needs_input"]);
    client.call(
        "ask.answer",
        json!({ "id": view["asks"][0]["short_id"], "option": "a" }),
    );
    assert_eq!(client.wait_done(&id)["result"]["summary"], "a");
    client.call("task.cancel", json!({ "ids": [cancelled] }));
    client.wait_state(&cancelled, &["cancelled"]);
}

/// A daemon that keeps what it claims in preparation until the file is removed.
fn slow(home: &Home) -> (crate::rig::Daemon, std::path::PathBuf) {
    let file = home.folder("hold").join("preparation");
    std::fs::write(&file, "").expect("the hold is set");
    let text = file.display().to_string();
    let daemon = home
        .try_daemon(&[("RIPIENO_HOLD_PREPARATION", &text)])
        .expect("it becomes ready");
    (daemon, file)
}

fn wishes_while_prepared(home: &Home) {
    let (daemon, hold) = slow(home);
    let mut client = daemon.client();
    let resumed = client.script("echo went on", json!({}));
    let paused = client.script("echo paused", json!({}));
    let cancelled = client.script("echo never", json!({}));
    for id in [&resumed, &paused, &cancelled] {
        client.wait_state(id, &["leased"]);
    }
    client.call("task.pause", json!({ "ids": [resumed, paused] }));
    client.call("task.resume", json!({ "ids": [resumed] }));
    client.call("task.cancel", json!({ "ids": [cancelled], "wait": false }));
    std::fs::remove_file(hold).expect("the preparation goes on");
    client.wait_done(&resumed);
    client.wait_state(&paused, &["paused"]);
    client.wait_state(&cancelled, &["cancelled"]);
    client.call("task.retry", json!({ "ids": [cancelled] }));
    client.wait_done(&cancelled);
}

fn cut_while_prepared(home: &Home) {
    let (mut daemon, _hold) = slow(home);
    let mut client = daemon.client();
    let lost = client.script("echo after the crash", json!({}));
    let cancelled = client.script("echo never", json!({}));
    for id in [&lost, &cancelled] {
        client.wait_state(id, &["leased"]);
    }
    client.call("task.cancel", json!({ "ids": [cancelled], "wait": false }));
    daemon.kill();
    let (daemon, hold) = slow(home);
    let mut client = daemon.client();
    client.wait_state(&cancelled, &["cancelled"]);
    client.wait_state(&lost, &["leased"]);
    client.call("worker.pause", json!({ "suspend": true }));
    std::fs::remove_file(hold).expect("the preparation goes on");
    let view = client.wait_state(&lost, &["queued"]);
    assert_eq!(view["tries_used"], 0);
    client.call("worker.resume", json!({}));
    client.wait_done(&lost);
}

fn resumed_while_stopping(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    client.call("config.set", json!({ "key": "stop.grace", "value": "2s" }));
    let deaf = "if [ \"$RIPIENO_ATTEMPT\" = 1 ]; then trap '' TERM; while :; do sleep 1; done; fi; echo went on";
    let id = client.script(deaf, json!({}));
    client.wait_state(&id, &["running"]);
    client.call("task.pause", json!({ "ids": [id] }));
    client.call("task.resume", json!({ "ids": [id] }));
    assert_eq!(client.wait_done(&id)["result"]["summary"], "went on");
}

fn timeout(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script(SECOND_TIME, json!({ "timeout": "5s" }));
    let view = client.wait_state(&id, &["needs_input"]);
    let ask = view["asks"][0].clone();
    assert_eq!(ask["kind"], "budget", "{view:#}");
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": ask["options"][0]["id"] }),
    );
    client.wait_done(&id);
    let stopped = client.script("sleep 60", json!({ "timeout": "1s" }));
    let ask = client.wait_state(&stopped, &["needs_input"])["asks"][0].clone();
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": "stop" }),
    );
    client.wait_state(&stopped, &["cancelled"]);
}
