//! The bench of the real Codex.

use crate::rig::bench::Bench;
use ripieno_agents::codex::Codex;
use ripieno_testkit::agents::Engine;

pub(crate) use crate::rig::bench::option;

pub(crate) async fn of_codex() -> Option<Bench<Codex>> {
    Bench::of(Engine::Codex, Codex::new).await
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
