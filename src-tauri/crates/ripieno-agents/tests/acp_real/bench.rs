//! The benches of the real agents that speak the protocol.

use crate::rig::bench::Bench;
use ripieno_agents::acp::{Acp, Profile};
use ripieno_testkit::agents::Engine;

pub(crate) use crate::rig::bench::option;

pub(crate) async fn of(engine: Engine) -> Option<Bench<Acp>> {
    let profile = Profile::known(engine.kind()).expect("a row of the table");
    Bench::of(engine, |program, launcher| {
        Acp::new(profile, program, launcher)
    })
    .await
}

/// The bench of a test, which ends here when the program is not installed.
macro_rules! bench {
    () => {
        match $crate::bench::of(ripieno_testkit::agents::Engine::Opencode).await {
            Some(bench) => bench,
            None => return,
        }
    };
}
pub(crate) use bench;
