//! How runs end: every class from the real program (R7, R8).

use crate::bench::bench;
use ripieno_agents::{RunSpec, Session};
use ripieno_core::failure::Class;

#[tokio::test]
async fn unknown_session_is_a_rejected_resume() {
    let bench = bench!();
    let spec = RunSpec {
        session: Session::Resume("00000000-0000-7000-8000-000000000000".to_owned()),
        ..bench.spec("say", "hi")
    };
    let live = bench.told(spec).await;
    assert_eq!(live.class(), Class::UnresumableHistory);
    let outcome = live.outcome();
    assert!(outcome.resume_rejected && !outcome.resumable && !outcome.had_output);
    assert_eq!(live.session, None);
}
