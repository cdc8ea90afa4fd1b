//! Kills (rel-15): at every step of the download and of the swap. A program starts afterwards, every time, and every
//! task is there.

use crate::rig::{PATIENCE, wait_for};
use crate::stage::{Stage, check};
use serde_json::json;

/// Every step between the barrier and the end of an update, in their order.
const STEPS: [&str; 14] = [
    "update.stage.copied",
    "update.barrier.taken",
    "update.backup.written",
    "update.journal.trying",
    "update.trial.healthy",
    "update.journal.installing",
    "update.swap.before",
    "update.swap.after",
    "update.swap.durable",
    "update.outcome.written",
    "update.journal.cleared",
    "update.exec.before",
    "update.journal.returning",
    "update.database.returned",
];
/// Those that only an update that is undone passes.
const UNDONE: [&str; 2] = ["update.journal.returning", "update.database.returned"];

/// Kills a daemon at a step of an update, starts what is there, and looks.
fn survives(step: &str) {
    let stage = Stage::new();
    let daemon = stage.try_run(&[("RIPIENO_CRASH_AT", step)]);
    let mut daemon = daemon.expect("0.1.0 starts");
    let mut client = daemon.client();
    let task = client.script("echo before", json!({}));
    client.wait_done(&task);
    if UNDONE.contains(&step) {
        stage.offer_script("0.2.0", "exit 1");
    } else {
        stage.offer("0.2.0");
    }
    // It may die before it answers.
    drop(client.request("update.check", json!({})));
    assert!(
        !daemon.wait_ready(),
        "{step} was not passed: {}",
        daemon.version()
    );
    let daemon = stage.try_run(&[]);
    let mut daemon = daemon.unwrap_or_else(|| panic!("nothing starts after {step}"));
    let in_place = daemon.version().to_owned();
    let mut client = daemon.client();
    assert_eq!(client.state(&task), "done", "{step}");
    let after = client.script("echo after", json!({}));
    client.wait_done(&after);
    let committed = [
        "update.swap.after",
        "update.swap.durable",
        "update.outcome.written",
        "update.journal.cleared",
        "update.exec.before",
    ];
    let expected = if committed.contains(&step) {
        "0.2.0"
    } else {
        "0.1.0"
    };
    assert_eq!(in_place, expected, "{step}");
    if in_place == "0.1.0" && !UNDONE.contains(&step) {
        // What was undone is tried again, and holds.
        let update = client.request("update.check", json!({}));
        assert!(daemon.wait_ready(), "{step}: {update:?}");
        assert_eq!(daemon.version(), "0.2.0", "{step}");
    }
}

#[test]
fn program_starts_after_a_kill_at_every_step_of_the_swap() {
    STEPS.into_iter().for_each(survives);
}

#[test]
fn program_starts_after_a_kill_anywhere_in_the_download_and_goes_on_with_it() {
    let stage = Stage::new();
    let file = stage.offer("0.2.0");
    let length = std::fs::metadata(file).expect("it is served").len();
    let steps = length / (64 * 1024);
    let every = if std::env::var_os("RIPIENO_TORTURE").is_some() {
        1
    } else {
        steps / 24
    };
    // Each goes on with what the one before had, until there is nothing left to be killed in.
    let mut kills = 0;
    let daemon = loop {
        let passing = format!("update.download.received:{every}");
        let daemon = stage.try_run(&[("RIPIENO_CRASH_AT", &passing)]);
        let mut daemon = daemon.unwrap_or_else(|| panic!("nothing starts after {kills} kills"));
        drop(daemon.client().request("update.check", json!({})));
        if daemon.wait_ready() {
            break daemon;
        }
        kills += 1;
    };
    println!(
        "{kills} kills, one every {} KiB of {length} bytes",
        64 * every
    );
    assert!(kills >= 20, "only {kills} kills");
    let from = |asked: &String| asked.rsplit(' ').next().and_then(|n| n.parse::<u64>().ok());
    let asked: Vec<u64> = stage
        .releases
        .server
        .asked()
        .iter()
        .filter(|a| a.starts_with("ripieno-"))
        .filter_map(from)
        .collect();
    assert!(
        asked.windows(2).all(|pair| pair[0] < pair[1]),
        "it began anew: {asked:?}"
    );
    assert_eq!(daemon.version(), "0.2.0");
    let task = daemon.client().script("echo after", json!({}));
    daemon.client().wait_done(&task);
}

#[test]
fn update_is_undone_by_hand_with_the_kept_copy() {
    let stage = Stage::new();
    let mut daemon = stage.run();
    let mut client = daemon.client();
    let task = client.script("echo before", json!({}));
    client.wait_done(&task);
    stage.offer("0.2.0");
    check(&mut client);
    assert!(daemon.wait_ready());
    let refused = stage
        .command(&["doctor", "--undo-update"])
        .output()
        .expect("it starts");
    assert_eq!(refused.status.code(), Some(7), "a worker runs: {refused:?}");
    let after = daemon.client().script("echo in the new one", json!({}));
    daemon.client().wait_done(&after);
    drop(daemon);
    let undone = wait_for(PATIENCE, || {
        let output = stage
            .command(&["doctor", "--undo-update"])
            .output()
            .expect("it starts");
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    });
    assert!(
        undone
            .expect("it is undone")
            .contains("version 0.1.0 is back")
    );
    let daemon = stage.run();
    assert_eq!(daemon.version(), "0.1.0");
    assert_eq!(
        daemon.client().state(&after),
        "done",
        "what was done since stays"
    );
}
