//! Services: each runs until the worker stops; one that breaks is told and started again.

use crate::ctx::Ctx;
use std::{future::Future, time::Duration};

/// How many quick failures make a fault that a person should see.
const QUICK_FAILURES: u32 = 3;
/// The longest pause before a service is started again.
const LONGEST: Duration = Duration::from_secs(30);

/// Keeps a service running until the worker stops.
pub fn keep<F, Run>(ctx: &Ctx, name: &'static str, service: F)
where
    F: Fn(Ctx) -> Run + Send + 'static,
    Run: Future<Output = ()> + Send + 'static,
{
    let ctx = ctx.clone();
    ctx.tracker.clone().spawn(async move {
        let mut failures = 0u32;
        loop {
            let begun = tokio::time::Instant::now();
            let ended = tokio::spawn(service(ctx.clone())).await;
            if ctx.stop.is_cancelled() {
                return;
            }
            failures = if begun.elapsed() > LONGEST {
                1
            } else {
                failures + 1
            };
            let how = ended
                .err()
                .map_or_else(|| "ended early".to_owned(), |error| error.to_string());
            if failures >= QUICK_FAILURES {
                tracing::error!(
                    service = name,
                    failures,
                    how,
                    "a part of the worker keeps breaking: restart it, and report this"
                );
            } else {
                tracing::warn!(service = name, how, "a part of the worker is started again");
            }
            let pause = Duration::from_millis(100 << failures.min(10)).min(LONGEST);
            tokio::select! {
                () = ctx.stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    });
}
