//! Time as the core sees it: milliseconds given from outside, never read here.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A moment: milliseconds since the Unix epoch, UTC.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment `span` later; saturates at the end of time.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        let ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Timestamp(self.0.saturating_add(ms))
    }

    /// The span from `earlier` to this moment; zero when `earlier` is later (a clock that jumped back).
    #[must_use]
    pub fn since(self, earlier: Timestamp) -> Duration {
        u64::try_from(self.0.saturating_sub(earlier.0))
            .map_or(Duration::ZERO, Duration::from_millis)
    }
}

/// Gives the wall clock; the seam through which every crate learns the time.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Gives new identifiers and the randomness of jitter; seeded in tests.
pub trait Random: Send + Sync {
    /// A new UUIDv7 for the given moment.
    fn uuid(&self, now: Timestamp) -> uuid::Uuid;
    /// A number from 0 to 999, spread evenly.
    fn permille(&self) -> u16;
}
