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

/// Runs each scenario; it ends in this class, and its session may be resumed or not.
async fn end_in(table: &[(&str, &str, bool)]) {
    let bench = bench!();
    for (scenario, class, resumable) in table {
        let live = bench.told(bench.spec(scenario, "hi")).await;
        let outcome = live.outcome();
        assert_eq!(live.class().name(), *class, "{scenario}: {outcome:?}");
        assert_eq!(outcome.resumable, *resumable, "{scenario}");
    }
}

#[tokio::test]
async fn rejected_logins_get_their_class() {
    end_in(&[
        ("e401", "auth_rejected", true),
        ("e403", "auth_rejected", true),
    ])
    .await;
}

#[tokio::test]
async fn overflow_and_given_up_answers_are_never_resumed() {
    end_in(&[
        ("e400", "context_overflow", false),
        ("gaveup", "fallback_message", false),
    ])
    .await;
}

#[tokio::test]
async fn limits_and_quotas_get_their_classes() {
    end_in(&[
        ("e429", "rate_limited", true),
        ("quota", "quota_exhausted", true),
    ])
    .await;
}

#[tokio::test]
async fn servers_faults_and_cut_streams_are_tried_again_later() {
    end_in(&[
        ("e500", "provider_server_error", true),
        ("cutmid", "provider_network", true),
    ])
    .await;
}
