//! The bench of the real Claude Code.

use crate::rig::bench::Bench;
use ripieno_agents::claude::Claude;
use ripieno_testkit::agents::Engine;

pub(crate) use crate::rig::bench::option;

pub(crate) async fn of_claude() -> Option<Bench<Claude>> {
    Bench::of(Engine::Claude, Claude::new).await
}

/// The bench of a test, which ends here when the program is not installed.
macro_rules! bench {
    () => {
        match $crate::bench::of_claude().await {
            Some(bench) => bench,
            None => return,
        }
    };
}
pub(crate) use bench;
