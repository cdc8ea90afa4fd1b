//! rel-1: kill -9 at random moments under load.

use crate::{
    check::{Acknowledged, violations},
    rig::{Client, Home, wait_for},
    work::{Dice, answer_all, script},
};
use ripieno_core::id::TaskNo;
use serde_json::json;
use std::time::{Duration, Instant};

/// Rounds in `make test`; `make torture` runs 500.
const SHORT: usize = 12;
/// How long everything may take to settle once nobody kills any more.
const SETTLE: Duration = Duration::from_secs(240);

/// Submits until the daemon is gone or the moment has come; what was acknowledged is remembered.
fn load(
    client: &mut Client,
    dice: &mut Dice,
    folders: &[String],
    until: Instant,
    acknowledged: &mut Acknowledged,
) {
    while Instant::now() < until {
        let label = format!("torture-{}", acknowledged.len());
        let (text, more) = script(dice, folders);
        let params = json!({
            "prompt": text, "piece": "script", "labels": [label], "dir": more["dir"], "title": label, "max_tries": 3,
        });
        let Some(answer) = client.request("task.add", params) else {
            return;
        };
        let view = answer.expect("a script is never refused");
        let no = view["short_id"]
            .as_str()
            .and_then(|s| s.strip_prefix("T-"))
            .and_then(|s| s.parse().ok());
        acknowledged.insert(label, TaskNo(no.expect("a short id")));
        if dice.below(4) == 0 && answer_all(client).is_none() {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(dice.below(30)));
    }
}

#[test]
fn worker_killed_at_random_loses_doubles_and_leaves_nothing() {
    let rounds = crate::rounds(SHORT);
    let seed = std::env::var("RIPIENO_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(20_261_120);
    println!("{rounds} rounds from seed {seed}");
    let mut dice = Dice::new(seed);
    let home =
        Home::with_config("slots = 8\n\n[quit]\ngrace = \"5s\"\n\n[stop]\ngrace = \"500ms\"\n");
    let folders: Vec<String> = (0..3)
        .map(|n| home.folder(&format!("f{n}")).display().to_string())
        .collect();
    let mut acknowledged = Acknowledged::new();
    let mut slowest = Duration::ZERO;
    for _ in 0..rounds {
        let begun = Instant::now();
        let mut daemon = home.daemon();
        slowest = slowest.max(begun.elapsed());
        let until = Instant::now() + Duration::from_millis(50 + dice.below(700));
        let mut client = daemon.client();
        load(&mut client, &mut dice, &folders, until, &mut acknowledged);
        daemon.kill();
    }
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let open = |client: &mut Client| {
        answer_all(client).expect("the daemon is there");
        let status = client.call("status", json!({}));
        let counts = status["counts"].as_object().cloned().unwrap_or_default();
        let ended = ["done", "failed", "dead", "cancelled"];
        counts
            .iter()
            .filter(|(state, _)| !ended.contains(&state.as_str()))
            .filter_map(|(_, n)| n.as_u64())
            .sum::<u64>()
    };
    let settled = wait_for(SETTLE, || (open(&mut client) == 0).then_some(()));
    let left = client.call(
        "task.list",
        json!({ "states": ["queued", "waiting", "leased", "running", "needs_input"], "limit": 5 }),
    );
    assert!(settled.is_some(), "tasks are stuck: {left:#}");
    assert_eq!(daemon.term(), Some(0), "the last daemon quits in order");
    let found = violations(&home, &acknowledged);
    assert!(
        found.is_empty(),
        "{} violations:\n{}",
        found.len(),
        found.join("\n")
    );
    let doubled = doubled(&home);
    assert!(doubled.is_empty(), "ran twice at once: {doubled:?}");
    println!(
        "{} tasks acknowledged, 0 lost, slowest start {slowest:?}",
        acknowledged.len()
    );
}

/// The tasks whose scripts saw another attempt of theirs at work.
fn doubled(home: &Home) -> Vec<String> {
    let tasks = std::fs::read_dir(home.path().join("data/tasks")).expect("the folder of tasks");
    let seen = tasks
        .flatten()
        .map(|t| t.path().join("outputs/violation"))
        .filter(|p| p.exists());
    seen.map(|p| p.display().to_string()).collect()
}
