//! What one claim costs as the table grows (perf-5): steps and pages are counted, time stands beside them.

use crate::{Worker, enqueue, new_task, open, open_with};
use ripieno_core::id::TaskNo;
use ripieno_store::{Cost, Store, StoreError};
use std::{path::Path, time::Instant};

const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];
const HELD: usize = 100_000;
const WARM: usize = 50;

struct Claims {
    cold: Cost,
    warm_steps: u64,
    warm_pages: f64,
    p50_us: f64,
}

fn claim_once(store: &Store) -> Cost {
    let worker = Worker::new();
    let op = move |tx: &mut ripieno_store::Tx<'_>| {
        let (claimed, cost) = tx.measured(|tx| worker.claim(tx))?;
        claimed.ok_or(StoreError::Closed)?;
        Ok(cost)
    };
    store.write_blocking(op).expect("a task can be claimed")
}

/// The first claim after opening, then some more with the pages in memory.
fn claims(db: &Path) -> Claims {
    let store = open_with(db, "full", true);
    let cold = claim_once(&store);
    let (mut steps, mut pages, mut times) = (0, 0, Vec::new());
    for _ in 0..WARM {
        let start = Instant::now();
        let cost = claim_once(&store);
        times.push(start.elapsed().as_secs_f64() * 1e6);
        steps = steps.max(cost.steps);
        pages += cost.pages_read.unwrap_or(0);
    }
    times.sort_by(f64::total_cmp);
    Claims {
        cold,
        warm_steps: steps,
        warm_pages: pages as f64 / WARM as f64,
        p50_us: times[WARM / 2],
    }
}

fn print(rows: usize, held: usize, claims: &Claims) {
    println!(
        "{}",
        serde_json::json!({
            "probe": "claim",
            "rows": rows,
            "held_on_one_folder": held,
            "steps_cold": claims.cold.steps,
            "pages_cold": claims.cold.pages_read,
            "steps": claims.warm_steps,
            "pages": claims.warm_pages,
            "p50_us": claims.p50_us,
        })
    );
}

fn grow(db: &Path, rows: usize, payload: &str) {
    let store = open(db, "off");
    enqueue(&store, rows, payload, None);
}

/// Parks tasks that want one folder, as the scheduler does when the head of a lane is held by it.
fn hold(db: &Path, count: usize, payload: &str) {
    let store = open(db, "off");
    let task = new_task(payload, Some("/srv/project"));
    let mut left = count;
    while left > 0 {
        let (batch, task) = (left.min(2000), task.clone());
        let park = move |tx: &mut ripieno_store::Tx<'_>| {
            (0..batch).try_for_each(|_| {
                let no: TaskNo = tx.submit(&task)?.no;
                tx.park(no, "folder:/srv/project")
            })
        };
        store.write_blocking(park).expect("held tasks are stored");
        left -= batch;
    }
    enqueue(&store, 1_000, payload, None);
}

pub(crate) fn claim(db: &Path, payload: usize) {
    let payload = "x".repeat(payload);
    let sized = |name: &str| db.with_extension(format!("{name}.db"));
    for rows in SIZES {
        let path = sized(&rows.to_string());
        grow(&path, rows, &payload);
        print(rows, 0, &claims(&path));
    }
    let path = sized("held");
    hold(&path, HELD, &payload);
    print(HELD + 1_000, HELD, &claims(&path));
    offer(&path);
}

/// The event that frees the folder brings back one task, however many wait for it.
fn offer(db: &Path) {
    let store = open_with(db, "full", true);
    let op = |tx: &mut ripieno_store::Tx<'_>| tx.measured(|tx| tx.offer("folder:/srv/project"));
    let (offered, cost) = store.write_blocking(op).expect("the folder is offered");
    println!(
        "{}",
        serde_json::json!({
            "probe": "offer",
            "held_on_one_folder": HELD,
            "brought_back": offered.len(),
            "steps": cost.steps,
            "pages_cold": cost.pages_read,
        })
    );
}
