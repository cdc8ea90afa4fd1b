//! How a store is opened.

use ripieno_core::time::{Clock, Random};
use std::{sync::Arc, time::Duration};

/// What a commit survives.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Durability {
    /// A power cut (`synchronous=FULL`).
    #[default]
    Full,
    /// Only a crash of ours (`synchronous=OFF`); for the benchmark, never for work.
    Off,
}

/// What a store needs from outside.
#[derive(Clone)]
pub struct Options {
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Ids and jitter.
    pub random: Arc<dyn Random>,
    /// What a commit survives.
    pub durability: Durability,
    /// The first pause before a retry (`retry.base`, T8).
    pub retry_base: Duration,
    /// The longest pause before a retry.
    pub retry_cap: Duration,
    /// Read-only connections, each with a thread of its own.
    pub readers: usize,
    /// Whether the steps of SQLite's machine are counted, which slows every write; for benchmarks and tests.
    pub count_steps: bool,
}

impl Options {
    /// Full durability, the pauses of T8 and two readers.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        let retry = ripieno_core::retry::RetryPolicy::default();
        Options {
            clock,
            random,
            durability: Durability::Full,
            retry_base: retry.base,
            retry_cap: retry.cap,
            readers: 2,
            count_steps: false,
        }
    }
}
