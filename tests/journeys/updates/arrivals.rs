//! Tasks that arrive at any moment of an update: run before it or after it, never cut.

use crate::rig::Client;
use crate::stage::{CLAIMS_AGAIN, Stage};
use serde_json::json;
use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Submits until told to stop, at moments nobody chose; gives what was acknowledged.
fn submit(socket: &Path, stop: &AtomicBool, seed: u64, count: usize) -> Vec<String> {
    let (mut state, mut ids) = (seed | 1, Vec::new());
    while ids.len() < count && !stop.load(Ordering::SeqCst) {
        // A linear generator is chance enough: the seed is printed.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        thread::park_timeout(Duration::from_millis(state >> 56));
        let key = format!("{seed}-{}", ids.len());
        let script = json!({ "prompt": "sleep 0.05", "piece": "script", "key": key });
        // The worker may be between two versions; a key makes sure that nothing is submitted twice.
        let added = Client::connect(socket)
            .ok()
            .and_then(|mut client| client.request("task.add", script));
        if let Some(Ok(added)) = added {
            ids.push(added["short_id"].as_str().expect("an id").to_owned());
        }
    }
    ids
}

fn arrivals(rounds: usize, each: usize) {
    let stage = Stage::with_settings("slots = 4");
    let mut daemon = stage.run();
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    for round in 0..rounds {
        let version = format!("0.2.{round}");
        stage.offer(&version);
        let socket = daemon.ready["socket"]
            .as_str()
            .expect("a socket")
            .to_owned();
        let stop = AtomicBool::new(false);
        let ids = thread::scope(|scope| {
            let (socket, stop, seed) = (Path::new(&socket), &stop, seed + round as u64);
            let submits = scope.spawn(move || submit(socket, stop, seed, each));
            let mut client = daemon.client();
            drop(client.request("update.check", json!({})));
            assert!(daemon.wait_ready());
            submits.join().expect("the submitter ends")
        });
        let up = Instant::now();
        assert_eq!(daemon.version(), version);
        assert_eq!(ids.len(), each);
        let mut client = daemon.client();
        for id in &ids {
            let view = client.wait_done(id);
            assert_eq!(view["attempt"], 1, "cut: {view:#}");
        }
        assert!(
            up.elapsed() < CLAIMS_AGAIN + Duration::from_secs(20),
            "{:?}",
            up.elapsed()
        );
        never_claimed_while_updating(&mut client);
    }
}

/// Between the fact that an update is being installed and the end of that worker no attempt began.
fn never_claimed_while_updating(client: &mut Client) {
    let (mut since, mut installing) = (0, false);
    loop {
        let page = client.call("events.since", json!({ "since": since, "limit": 1000 }));
        let events = page["events"].as_array().expect("events").clone();
        if events.is_empty() {
            return;
        }
        for event in &events {
            match event["kind"].as_str() {
                Some("update_installing") => installing = true,
                Some("update_installed") => installing = false,
                Some("claimed") => assert!(!installing, "claimed behind the barrier: {event:#}"),
                _ => {}
            }
        }
        since = page["next"].as_i64().expect("a number");
    }
}

#[test]
fn task_that_arrives_at_any_moment_of_an_update_is_never_cut() {
    let torture = std::env::var_os("RIPIENO_TORTURE").is_some();
    arrivals(if torture { 100 } else { 5 }, if torture { 10 } else { 6 });
}
