//! The bench of the real Claude Code.

use crate::rig::bench::Bench;
use ripieno_agents::claude::Claude;
use ripieno_testkit::agents;

pub(crate) use crate::rig::bench::option;

pub(crate) async fn of_claude() -> Option<Bench<Claude>> {
    let program = agents::claude()?;
    Some(
        Bench::new(
            |launcher| Claude::new(program, launcher),
            agents::claude_env,
        )
        .await,
    )
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
