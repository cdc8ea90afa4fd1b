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

#[tokio::test]
async fn rejected_logins_get_their_class() {
    let bench = bench!();
    bench
        .end_in(&[
            ("e401", "auth_rejected", true),
            ("e403", "auth_rejected", true),
        ])
        .await;
}

#[tokio::test]
async fn overflow_and_given_up_answers_are_never_resumed() {
    let bench = bench!();
    bench
        .end_in(&[
            ("e400", "context_overflow", false),
            ("gaveup", "fallback_message", false),
        ])
        .await;
}

#[tokio::test]
async fn limits_and_quotas_get_their_classes() {
    let bench = bench!();
    bench
        .end_in(&[
            ("e429", "rate_limited", true),
            ("quota", "quota_exhausted", true),
        ])
        .await;
}

#[tokio::test]
async fn servers_faults_and_cut_streams_are_tried_again_later() {
    let bench = bench!();
    bench
        .end_in(&[
            ("e500", "provider_server_error", true),
            ("cutmid", "provider_network", true),
        ])
        .await;
}
