//! How runs end: every class from the real program (R7, R8).

use crate::bench::bench;
use ripieno_agents::{RunSpec, Session};
use ripieno_core::failure::Class;
use std::time::Duration;

#[tokio::test]
async fn unknown_session_is_a_rejected_resume() {
    let bench = bench!();
    let id = "99999999-2222-4333-8444-555555555555".to_owned();
    let spec = RunSpec {
        session: Session::Resume(id),
        ..bench.spec("say", "hi")
    };
    let live = bench.told(spec).await;
    assert_eq!(live.class(), Class::UnresumableHistory);
    let outcome = live.outcome();
    assert!(outcome.resume_rejected && !outcome.resumable && !outcome.had_output);
    assert_eq!(live.session, None);
}

#[tokio::test]
async fn rejected_login_is_cut_short_and_is_one_class() {
    let bench = bench!();
    let mut spec = bench.spec("e401", "hi");
    spec.env.remove("CLAUDE_CODE_MAX_RETRIES");
    let begun = std::time::Instant::now();
    let live = bench.told(spec).await;
    assert_eq!(live.class(), Class::AuthRejected);
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn rejected_logins_and_unknown_models_get_their_classes() {
    let bench = bench!();
    bench
        .end_in(&[
            ("e401", "auth_rejected", true),
            ("e403", "auth_rejected", true),
            ("e404", "model_unknown", true),
        ])
        .await;
}

#[tokio::test]
async fn refused_requests_are_never_resumed() {
    let bench = bench!();
    bench
        .end_in(&[
            ("e400", "context_overflow", false),
            ("e400bad", "invalid_request", false),
            ("gaveup", "fallback_message", false),
        ])
        .await;
}

#[tokio::test]
async fn limits_get_their_classes() {
    let bench = bench!();
    bench
        .end_in(&[
            ("e429", "rate_limited", true),
            ("e429unified", "rate_limited", true),
        ])
        .await;
}

#[tokio::test]
async fn troubles_of_the_server_and_the_network_get_their_classes() {
    let bench = bench!();
    bench
        .end_in(&[
            ("e500", "provider_server_error", true),
            ("e529", "provider_server_error", true),
            ("reset", "provider_network", true),
        ])
        .await;
}

#[tokio::test]
async fn endpoint_that_nobody_serves_is_unreachable() {
    let bench = bench!();
    let mut spec = bench.spec("say", "hi");
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    spec.env.insert(
        "ANTHROPIC_BASE_URL".to_owned(),
        format!("http://{free}/say"),
    );
    assert_eq!(bench.told(spec).await.class(), Class::ProviderUnreachable);
}

#[tokio::test]
async fn stream_that_is_cut_is_never_a_success_on_the_halves() {
    let bench = bench!();
    // After a whole tool call the program goes on by itself: what is cut there costs nothing.
    let live = bench.told(bench.spec("cut", "hi")).await;
    assert_eq!(live.text(), "All done.");
    for scenario in ["cutmid", "cutlate"] {
        let live = bench.told(bench.spec(scenario, "hi")).await;
        assert!(
            matches!(
                live.class(),
                Class::EmptyOutput | Class::ProviderNetwork | Class::ProviderServerError
            ),
            "{scenario}: {:?}",
            live.outcome()
        );
    }
}

#[tokio::test]
async fn empty_answer_with_a_completed_verdict_is_success() {
    let bench = bench!();
    assert_eq!(bench.told(bench.spec("empty", "hi")).await.text(), "");
}

#[tokio::test]
async fn silence_trips_the_watchdog_and_names_the_limit() {
    let bench = bench!();
    let mut spec = bench.spec("hang", "hi");
    spec.limits.idle = Some(Duration::from_millis(1500));
    let live = bench.told(spec).await;
    assert_eq!(live.class(), Class::IdleStall);
    assert!(!live.outcome().had_output);
}
