//! When claims that nobody answered are made again.

use std::time::Duration;

use jiff::Timestamp;

use super::later;

/// The first wait.
const FIRST: Duration = Duration::from_secs(2);
/// The longest; each is twice the one before.
const LONGEST: Duration = Duration::from_secs(60);

/// The wait of the moment, if any.
#[derive(Debug, Default)]
pub(super) struct Retry {
    wait: Duration,
    at: Option<Timestamp>,
}

impl Retry {
    /// A claim was not answered; several of one moment count once.
    pub(super) fn failed(&mut self, now: Timestamp) {
        if self.waits(now).is_none() {
            self.wait = (self.wait * 2).clamp(FIRST, LONGEST);
            self.at = Some(later(now, self.wait));
        }
    }

    /// The worker answers: the next claim needs not wait.
    pub(super) fn answered(&mut self) {
        *self = Self::default();
    }

    /// Until when no claim is made.
    pub(super) fn waits(&self, now: Timestamp) -> Option<Timestamp> {
        self.at.filter(|at| now < *at)
    }
}
