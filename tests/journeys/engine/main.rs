//! Journeys through the real daemon over its real socket: what a person does, and what happens to it. When all have
//! passed, the event logs they left must have taken every edge of the machine that this version drives.

#[path = "../rig/mod.rs"]
mod rig;

mod agents;
mod asks;
mod basics;
mod between;
mod branches;
mod carried;
mod changes;
mod depends;
mod filters;
mod folders;
mod history;
mod holdings;
mod keep_awake;
mod launched;
mod missing;
mod people;
mod policies;
mod projects;
mod repos;
mod rewinds;
mod skills;
mod stops;
mod storage;
mod teardowns;
mod unusual;
mod worktrees;

use libtest_mimic::{Arguments, Failed, Trial};
use rig::Home;
use ripieno_core::coverage::Coverage;
use std::{
    process::ExitCode,
    sync::{Arc, Mutex},
};

/// The edges all journeys took.
type Taken = Arc<Mutex<Coverage>>;

/// A journey by name.
type Journey = (&'static str, fn(&Home));

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Two cores: more at once only makes each slower.
    arguments.test_threads.get_or_insert(4);
    let taken = Taken::default();
    let journeys: Vec<Journey> = [
        basics::journeys(),
        people::journeys(),
        asks::journeys(),
        stops::journeys(),
        between::journeys(),
        folders::journeys(),
        agents::journeys(),
        history::journeys(),
        changes::journeys(),
        keep_awake::journeys(),
        launched::journeys(),
        missing::journeys(),
        projects::journeys(),
        holdings::journeys(),
        storage::journeys(),
        teardowns::journeys(),
        worktrees::journeys(),
        unusual::journeys(),
        repos::journeys(),
        branches::journeys(),
        carried::journeys(),
        filters::journeys(),
        rewinds::journeys(),
        skills::journeys(),
        depends::journeys(),
        policies::journeys(),
    ]
    .concat();
    let trials = journeys.into_iter().map(|(name, journey)| {
        let taken = Arc::clone(&taken);
        Trial::test(name, move || run(journey, &taken))
    });
    let whole = arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    let missing = if whole && conclusion.num_failed == 0 {
        uncovered(&taken)
    } else {
        Vec::new()
    };
    for line in &missing {
        println!("coverage: {line}");
    }
    if conclusion.has_failed() || !missing.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn run(journey: fn(&Home), taken: &Taken) -> Result<(), Failed> {
    let home = Home::with_config(
        "[stop]\ngrace = \"500ms\"\n\n[quit]\ngrace = \"5s\"\n\n[retry]\nbase = \"50ms\"\n",
    );
    journey(&home);
    let rows = edges(&home);
    let mut coverage = taken.lock().expect("no journey panics while it holds this");
    for (kind, from, to) in rows {
        coverage.record_row(&kind, from.as_deref(), to.as_deref())?;
    }
    Ok(())
}

/// What the log of a home says happened.
fn edges(home: &Home) -> Vec<(String, Option<String>, Option<String>)> {
    let db = rusqlite::Connection::open(home.database()).expect("the database opens");
    let sql = "SELECT kind, from_state, to_state FROM task_events ORDER BY seq";
    let mut statement = db.prepare(sql).expect("the statement is SQL");
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .expect("the query runs");
    rows.map(|row| row.expect("a row of the log")).collect()
}

fn uncovered(taken: &Taken) -> Vec<String> {
    let coverage = taken.lock().expect("no journey panics while it holds this");
    let missing = coverage
        .missing()
        .into_iter()
        .map(|edge| format!("no journey takes {edge}"));
    // Some edges take two things at the same moment: that they did happen is no fault.
    for edge in coverage.unlisted() {
        println!("coverage: taken this time, though no journey drives it: {edge}");
    }
    let illegal = coverage
        .illegal()
        .into_iter()
        .map(|edge| format!("not legal, but taken: {edge}"));
    missing.chain(illegal).collect()
}
