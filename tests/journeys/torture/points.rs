//! rel-2: the worker dies at every named point, each several times, while a scenario drives everything this version can.

use crate::{
    check::{Acknowledged, violations},
    rig::{Client, Home, repository::committed, wait_for},
    work::answer_all,
};
use ripieno_core::{event::EventKind, id::TaskNo};
use ripieno_store::crash;
use serde_json::{Value, json};
use std::{
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Points of the daemon itself, beside the store's.
const DAEMON: [&str; 6] = [
    "daemon.spawn.before_record",
    "daemon.spawn.after_record",
    "daemon.exit.before_report",
    "daemon.report.after_mark",
    "daemon.worktree.before_removal",
    "daemon.worktree.after_removal",
];

/// What the scenario below cannot bring about on purpose: a lost lease needs a worker that died, which is what every
/// restart of this test is; a refused folder race needs a second worker.
const BY_RESTART: [&str; 2] = [
    "store.lease_lost.before_commit",
    "store.lease_lost.after_commit",
];

/// A withdrawal is an agent's: the store's own tests kill it there.
const BY_AGENTS: &str = "store.withdrawn.";

/// Every point the scenario passes: all of them but the edges of later issues.
fn driven() -> Vec<String> {
    let later: Vec<&str> = crash::NOT_DRIVEN.into_iter().map(EventKind::name).collect();
    let of_later = |name: &str| {
        later
            .iter()
            .any(|event| name.starts_with(&format!("store.{event}.")))
    };
    let store = crash::points()
        .into_iter()
        .filter(|name| !of_later(name) && !name.starts_with(BY_AGENTS));
    store.chain(DAEMON.into_iter().map(str::to_owned)).collect()
}

#[test]
fn every_event_of_the_machine_has_its_points() {
    let points = crash::points();
    for kind in EventKind::ALL {
        for side in ["before_commit", "after_commit"] {
            let name = format!("store.{}.{side}", kind.name());
            assert!(points.contains(&name), "{name} is missing");
        }
    }
}

/// Drives submissions, dependencies, asks, answers, withdrawals, comments, pauses, resumes, cancels, failures, retries,
/// yields and a reopening. Ends early when the daemon dies; gives what was acknowledged.
fn scenario(client: &mut Client, acknowledged: &mut Acknowledged, repository: &Path) -> Option<()> {
    let back = add(
        client,
        acknowledged,
        "echo x >> made; exit 3",
        json!({ "dir": repository }),
    )?;
    wait_some(client, &back, &["failed"])?;
    client
        .request("task.rewind", json!({ "id": back, "to": 1 }))?
        .ok();
    let quick = add(client, acknowledged, "echo first", json!({}))?;
    add(
        client,
        acknowledged,
        "echo second",
        json!({ "depends_on": [quick] }),
    )?;
    let doomed = add(client, acknowledged, "exit 3", json!({}))?;
    add(
        client,
        acknowledged,
        "echo never",
        json!({ "depends_on": [doomed.clone()] }),
    )?;
    let asking = "answer=$(ripieno ask create --text 'Which?' --option a --option b) || exit 4; echo $answer";
    add(client, acknowledged, asking, json!({}))?;
    let leaving = "ripieno ask create --text 'Later?' --option a --wait 0 || exit 4; echo answered";
    add(client, acknowledged, leaving, json!({}))?;
    let long = add(client, acknowledged, "sleep 30", json!({}))?;
    let paused = add(
        client,
        acknowledged,
        "if [ \"$RIPIENO_ATTEMPT\" = 1 ]; then sleep 30; fi; echo done",
        json!({}),
    )?;
    client
        .request(
            "task.comment",
            json!({ "id": paused, "text": "mind the gap" }),
        )?
        .ok();
    wait_running(client, &[&long, &paused])?;
    client
        .request("task.pause", json!({ "ids": [paused] }))?
        .ok();
    client
        .request("task.cancel", json!({ "ids": [long.clone()] }))?
        .ok();
    wait_some(client, &doomed, &["failed"])?;
    client
        .request("task.retry", json!({ "ids": [doomed] }))?
        .ok();
    wait_some(client, &paused, &["paused"])?;
    client
        .request("task.resume", json!({ "ids": [paused.clone()] }))?
        .ok();
    let suspended = add(
        client,
        acknowledged,
        "if [ \"$RIPIENO_ATTEMPT\" = 1 ]; then sleep 30; fi; echo back",
        json!({}),
    )?;
    wait_some(client, &suspended, &["running"])?;
    client
        .request("worker.pause", json!({ "suspend": true }))?
        .ok();
    wait_some(client, &suspended, &["queued"])?;
    client.request("worker.resume", json!({}))?.ok();
    settle(client)
}

fn add(
    client: &mut Client,
    acknowledged: &mut Acknowledged,
    text: &str,
    more: Value,
) -> Option<String> {
    let label = format!("points-{}", acknowledged.len());
    let mut params = json!({ "prompt": text, "piece": "script", "labels": [label] });
    params.as_object_mut()?.extend(more.as_object()?.clone());
    let view = client.request("task.add", params)?.ok()?;
    let short = view["short_id"].as_str()?.to_owned();
    acknowledged.insert(label, TaskNo(short.strip_prefix("T-")?.parse().ok()?));
    Some(short)
}

fn wait_some(client: &mut Client, id: &str, states: &[&str]) -> Option<()> {
    let ended = ["done", "failed", "dead", "cancelled"];
    wait_for(Duration::from_secs(20), || {
        let Some(answer) = client.request("task.show", json!({ "id": id })) else {
            return Some(None);
        };
        let view = answer.ok()?;
        let state = view["state"].as_str()?.to_owned();
        (states.contains(&state.as_str()) || ended.contains(&state.as_str())).then_some(Some(()))
    })
    .flatten()
}

fn wait_running(client: &mut Client, ids: &[&String]) -> Option<()> {
    for id in ids {
        wait_some(client, id, &["running"])?;
    }
    Some(())
}

/// Answers what is asked until everything has ended; `None` when the daemon died.
fn settle(client: &mut Client) -> Option<()> {
    wait_for(Duration::from_secs(60), || {
        if answer_all(client).is_none() {
            return Some(None);
        }
        let Some(status) = client.request("status", json!({})) else {
            return Some(None);
        };
        let counts = status.ok()?["counts"].as_object().cloned()?;
        let ended = ["done", "failed", "dead", "cancelled"];
        let open: u64 = counts
            .iter()
            .filter(|(s, _)| !ended.contains(&s.as_str()))
            .filter_map(|(_, n)| n.as_u64())
            .sum();
        (open == 0).then_some(Some(()))
    })
    .unwrap_or_else(|| {
        panic!(
            "stuck: {:#}",
            client.call("task.list", json!({ "limit": 20 }))
        )
    })
}

/// One run that dies at the point, then one that must bring everything to its end.
fn dies_and_recovers(point: &str, nth: u32) -> bool {
    let home =
        Home::with_config("slots = 8\n\n[stop]\ngrace = \"300ms\"\n\n[quit]\ngrace = \"5s\"\n");
    let mut acknowledged = Acknowledged::new();
    let repository = committed(&home, "repo", &[("a.txt", "one\n")]);
    let at = format!("{point}:{nth}");
    if BY_RESTART.contains(&point) {
        let mut first = home.daemon();
        let mut client = first.client();
        let id = add(
            &mut client,
            &mut acknowledged,
            "sleep 0.5; echo slow",
            json!({}),
        )
        .expect("the daemon is there");
        wait_some(&mut client, &id, &["running"]).expect("it runs");
        first.kill();
    }
    let armed = home.try_daemon(&[("RIPIENO_CRASH_AT", &at)]);
    let died = match armed {
        None => true,
        Some(mut daemon) => {
            let mut client = daemon.client();
            let finished = scenario(&mut client, &mut acknowledged, &repository).is_some();
            if finished {
                daemon.term() != Some(0)
            } else {
                daemon.wait_ended(Duration::from_secs(10))
            }
        }
    };
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    // A worker that died while it was paused is still paused: that is durable too.
    client.call("worker.resume", json!({}));
    let marked = client.call("task.list", json!({ "states": ["paused"], "limit": 50 }));
    for task in marked["tasks"].as_array().into_iter().flatten() {
        client.call("task.resume", json!({ "ids": [task["short_id"]] }));
    }
    settle(&mut client).expect("the second daemon lives");
    assert_eq!(daemon.term(), Some(0), "{at}");
    let found = violations(&home, &acknowledged);
    assert!(found.is_empty(), "after {at}:\n{}", found.join("\n"));
    died
}

/// How many points are tried at once: each run mostly waits.
const AT_ONCE: usize = 8;

#[test]
fn worker_dying_at_every_named_point_loses_nothing() {
    let times = if std::env::var_os("RIPIENO_TORTURE").is_some() {
        3
    } else {
        1
    };
    let chosen = std::env::var("RIPIENO_POINT").ok();
    let points: Vec<String> = driven()
        .into_iter()
        .filter(|p| chosen.as_ref().is_none_or(|c| p == c))
        .collect();
    let next = AtomicUsize::new(0);
    let not_passed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for nth in 1..=times {
                        if !dies_and_recovers(point, nth) && nth == 1 {
                            not_passed
                                .lock()
                                .expect("nobody panics with it")
                                .push(point.clone());
                        }
                    }
                }
            });
        }
    });
    let not_passed = not_passed.into_inner().expect("nobody panicked with it");
    assert!(
        not_passed.is_empty(),
        "the scenario never passes: {not_passed:?}"
    );
    println!("{} points, {times} times each, 0 violations", points.len());
}
