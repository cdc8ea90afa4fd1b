//! Every real agent against everything a task may meet: the table in `docs/agents.md` is what this run found.
//!
//! `make test` runs it for one agent of each protocol, `make test-agents` for all that npm offers, and then writes the table.
//! `RIPIENO_AGENTS=gemini,qwen` chooses, `RIPIENO_CELLS=401,usage` too. An agent that is not installed is skipped with a line.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cells;
mod limits;
#[path = "../rig/mod.rs"]
mod rig;
mod stops;
mod table;

use cells::Cell;
use futures_util::{FutureExt, StreamExt, stream};
use rig::bench::Bench;
use ripieno_agents::{
    Agent,
    acp::{Acp, Profile},
    claude::Claude,
    codex::Codex,
};
use ripieno_testkit::agents::Engine;
use std::panic::AssertUnwindSafe;
use table::{Found, Row};

/// How many agents run at the same time.
const AT_ONCE: usize = 5;

/// The agents that `make test` drives: one of each protocol.
const USUAL: [Engine; 3] = [Engine::Claude, Engine::Codex, Engine::Opencode];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_cell_is_right_or_named_as_impossible() {
    let engines = chosen("RIPIENO_AGENTS", &Engine::ALL, |engine| engine.kind());
    let engines = engines.unwrap_or_else(|| USUAL.to_vec());
    let cells = chosen("RIPIENO_CELLS", &Cell::ALL, |cell| cell.name());
    let cells = cells.unwrap_or_else(|| Cell::ALL.to_vec());
    let each = |engine: &Engine| {
        cells
            .iter()
            .map(|cell| (*engine, *cell))
            .collect::<Vec<_>>()
    };
    let mut runs: Vec<(Engine, Cell)> = engines.iter().flat_map(each).collect();
    // Those that are tried again for a minute first.
    runs.sort_by_key(|(_, cell)| !cell.is_slow());
    let found: Vec<Option<(Engine, Cell, Found)>> = stream::iter(runs)
        .map(|(engine, cell)| async move {
            let found = of(engine, cell).await?;
            println!("{:<12} {:<10} {found}", engine.kind(), cell.name());
            Some((engine, cell, found))
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let found: Vec<_> = found.into_iter().flatten().collect();
    let rows = Row::sorted(&engines, &cells, &found);
    println!("\n{}", table::markdown(&rows));
    if std::env::var_os("RIPIENO_WRITE_TABLE").is_some() {
        table::write(&rows);
    }
    let wrong: Vec<String> = rows.iter().flat_map(Row::wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn chosen<T: Copy>(variable: &str, all: &[T], name: fn(T) -> &'static str) -> Option<Vec<T>> {
    let wanted = std::env::var(variable)
        .ok()
        .filter(|text| !text.is_empty())?;
    let of = |word: &str| {
        let found = all.iter().copied().find(|one| name(*one) == word);
        found.unwrap_or_else(|| panic!("{variable}: there is no `{word}`"))
    };
    if wanted == "all" {
        return Some(all.to_vec());
    }
    Some(wanted.split(',').map(of).collect())
}

/// Tries one cell; `None` when the agent is not installed.
async fn of(engine: Engine, cell: Cell) -> Option<Found> {
    let found = match engine {
        Engine::Claude => tried(engine, cell, Bench::of(engine, Claude::new).await?).await,
        Engine::Codex => tried(engine, cell, Bench::of(engine, Codex::new).await?).await,
        other => {
            let profile = Profile::known(other.kind()).expect("a row of the table");
            let acp = |program, launcher| Acp::new(profile, program, launcher);
            tried(engine, cell, Bench::of(engine, acp).await?).await
        }
    };
    Some(found)
}

async fn tried<A: Agent>(engine: Engine, cell: Cell, bench: Bench<A>) -> Found {
    let tried = AssertUnwindSafe(cell.holds(&bench)).catch_unwind().await;
    let outcome = tried.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_default()
    });
    match (outcome, limits::impossible(engine, cell)) {
        (Ok(()), None) => Found::Right,
        (Ok(()), Some(why)) => Found::Surprise(why),
        (Err(_), Some(why)) => Found::Impossible(why),
        (Err(what), None) => Found::Wrong(what),
    }
}
