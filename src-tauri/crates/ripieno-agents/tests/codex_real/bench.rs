//! The bench of the real Codex.

use crate::rig::bench::Bench;
use ripieno_agents::codex::Codex;
use ripieno_testkit::agents;
use std::{collections::BTreeMap, path::Path};

pub(crate) use crate::rig::bench::option;

pub(crate) async fn of_codex() -> Option<Bench<Codex>> {
    let program = agents::codex()?;
    Some(Bench::new(|launcher| Codex::new(program, launcher), env).await)
}

fn env(home: &Path, base_url: &str) -> BTreeMap<String, String> {
    agents::codex_env(home, base_url).expect("a home of our own can be written")
}

/// The bench of a test, which ends here when the program is not installed.
macro_rules! bench {
    () => {
        match $crate::bench::of_codex().await {
            Some(bench) => bench,
            None => return,
        }
    };
}
pub(crate) use bench;
