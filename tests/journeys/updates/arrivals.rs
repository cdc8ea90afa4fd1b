//! Tasks that arrive at any moment of an update: run before it or after it, never cut.

use crate::rig::{Client, PATIENCE};
use crate::stage::{CLAIMS_AGAIN, Stage};
use serde_json::{Value, json};
use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// Submits tasks at moments nobody chose, spread over the time an update takes; gives what was acknowledged.
fn submit(socket: &Path, seed: u64, count: usize, update: Duration) -> Vec<String> {
    let (mut state, mut ids) = (seed | 1, Vec::new());
    // Twice the mean pause.
    let longest = update.as_millis() as u64 * 2 / count as u64;
    let mut last = Instant::now();
    while ids.len() < count {
        assert!(
            last.elapsed() < PATIENCE + update,
            "nobody takes tasks any more"
        );
        // A linear generator is chance enough: the seed is printed.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        thread::park_timeout(Duration::from_millis((state >> 32) % longest.max(1)));
        let key = format!("{seed}-{}", ids.len());
        let script = json!({ "prompt": "sleep 0.05", "piece": "script", "key": key });
        // The worker may be between two versions; a key makes sure that nothing is submitted twice.
        let added = Client::connect(socket)
            .ok()
            .and_then(|mut client| client.request("task.add", script));
        if let Some(Ok(added)) = added {
            ids.push(added["short_id"].as_str().expect("an id").to_owned());
            last = Instant::now();
        }
    }
    ids
}

/// How many attempts of a round ended before its update was installed: its claims up to that fact.
fn run_before(client: &mut Client, round: usize, each: usize) -> usize {
    let mut installed = 0;
    let claims = client.events().into_iter().filter(|event| {
        installed += usize::from(event["kind"] == "update_installed");
        event["kind"] == "claimed" && installed <= round
    });
    claims.count() - round * each
}

fn arrivals(rounds: usize, each: usize) {
    let stage = Stage::with_settings("slots = 4");
    let mut daemon = stage.run();
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    let (mut before, mut update) = (0, Duration::from_secs(2));
    for round in 0..rounds {
        let version = format!("0.2.{round}");
        stage.offer(&version);
        let socket = daemon.ready["socket"]
            .as_str()
            .expect("a socket")
            .to_owned();
        let ids = thread::scope(|scope| {
            let (socket, seed, spread) = (Path::new(&socket), seed + round as u64, update);
            let submits = scope.spawn(move || submit(socket, seed, each, spread));
            let (mut client, begun) = (daemon.client(), Instant::now());
            drop(client.request("update.check", json!({})));
            assert!(daemon.wait_ready());
            update = begun.elapsed();
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
        assert!(up.elapsed() < CLAIMS_AGAIN, "{:?}", up.elapsed());
        assert_eq!(client.claimed_while_updating(), Vec::<Value>::new());
        before += run_before(&mut client, round, each);
    }
    println!(
        "{} arrivals in {rounds} updates: {before} ran before, the others after",
        rounds * each
    );
}

#[test]
fn task_that_arrives_at_any_moment_of_an_update_is_never_cut() {
    let torture = std::env::var_os("RIPIENO_TORTURE").is_some();
    arrivals(if torture { 100 } else { 5 }, if torture { 10 } else { 6 });
}
