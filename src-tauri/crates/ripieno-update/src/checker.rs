//! When to look: a machine without a clock, a socket or a coin of its own. The loop around it only obeys.

use crate::{Refusal, manifest::Manifest};
use semver::Version;
use std::{collections::BTreeSet, time::Duration};

/// The time between two looks (U1).
pub const PERIOD: Duration = Duration::from_secs(6 * 60 * 60);
/// The first look comes within this time after the start, so that not everybody asks at once.
pub const FIRST: Duration = Duration::from_secs(5 * 60);
/// The pause after a first failed look; each later one is twice as long, up to [`PERIOD`].
pub const AFTER_FAILURE: Duration = Duration::from_secs(15 * 60);
/// How much of a pause is left to chance, in parts of it.
const SPREAD: u32 = 10;

/// Milliseconds since 1970, as the worker counts time.
pub type Millis = i64;

/// What the loop has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask the server now.
    Look,
    /// Nothing until then, or until something is told to the machine.
    WaitUntil(Millis),
    /// Nothing until something is told to the machine.
    WaitForWord,
}

/// Decides when the server is asked.
#[derive(Clone, Debug)]
pub struct Checker {
    automatic: bool,
    asked: bool,
    looking: bool,
    due: Millis,
    failures: u32,
}

impl Checker {
    /// Begins: the first look is due within [`FIRST`], at a share of it in thousandths.
    #[must_use]
    pub fn new(now: Millis, automatic: bool, chance: u16) -> Self {
        Checker {
            automatic,
            asked: false,
            looking: false,
            due: now.saturating_add(millis(FIRST * u32::from(chance.min(1000)) / 1000)),
            failures: 0,
        }
    }

    /// What is to be done at `now`; [`Step::Look`] once, until [`Checker::looked`] answers it.
    pub fn poll(&mut self, now: Millis) -> Step {
        if self.looking {
            return Step::WaitForWord;
        }
        if self.asked || (self.automatic && self.due <= now) {
            self.asked = false;
            self.looking = true;
            return Step::Look;
        }
        if self.automatic {
            Step::WaitUntil(self.due)
        } else {
            Step::WaitForWord
        }
    }

    /// Somebody wants to know now.
    pub fn ask(&mut self) {
        self.asked = true;
    }

    /// The setting changed; switched on again, a look that was missed is due at once.
    pub fn set_automatic(&mut self, automatic: bool) {
        self.automatic = automatic;
    }

    /// The look that was asked for came to its end.
    pub fn looked(&mut self, now: Millis, well: bool, chance: u16) {
        self.looking = false;
        let pause = if well {
            self.failures = 0;
            PERIOD
        } else {
            self.failures = self.failures.saturating_add(1);
            let doubled = AFTER_FAILURE.saturating_mul(1 << (self.failures - 1).min(10));
            doubled.min(PERIOD)
        };
        let spread = pause / SPREAD * u32::from(chance.min(1000)) / 1000;
        self.due = now.saturating_add(millis(pause + spread));
    }

    /// When the next look is due by itself.
    #[must_use]
    pub fn due(&self) -> Option<Millis> {
        self.automatic.then_some(self.due)
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// What becomes of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// The running version is the newest.
    Current,
    /// Newer, and the person does not want it.
    Skipped,
    /// Newer, and it could not hold its own here before.
    Failed,
    /// Newer, and to be fetched.
    Take,
}

/// Weighs a believed manifest: strictly newer by semver, never back (U1).
///
/// # Errors
/// [`Refusal::Older`] for a version below the running one.
pub fn weigh(
    manifest: &Manifest,
    running: &Version,
    skipped: Option<&Version>,
    failed: &BTreeSet<Version>,
) -> Result<Offer, Refusal> {
    let offered = &manifest.version;
    // Builds of one version are no order of precedence: only what semver calls greater is newer.
    match offered.cmp_precedence(running) {
        std::cmp::Ordering::Less => Err(Refusal::Older {
            offered: offered.to_string(),
            running: running.to_string(),
        }),
        std::cmp::Ordering::Equal => Ok(Offer::Current),
        std::cmp::Ordering::Greater if skipped == Some(offered) => Ok(Offer::Skipped),
        std::cmp::Ordering::Greater if failed.contains(offered) => Ok(Offer::Failed),
        std::cmp::Ordering::Greater => Ok(Offer::Take),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Millis = 60 * 60 * 1000;

    #[test]
    fn first_look_comes_within_five_minutes_and_the_next_after_six_hours() {
        for chance in [0, 1, 500, 1000] {
            let mut checker = Checker::new(0, true, chance);
            let Step::WaitUntil(first) = checker.poll(-1) else {
                panic!("looked at once")
            };
            assert!(first <= millis(FIRST));
            assert_eq!(checker.poll(first), Step::Look);
            assert_eq!(checker.poll(first), Step::WaitForWord, "one look at a time");
            checker.looked(first, true, chance);
            let Step::WaitUntil(next) = checker.poll(first) else {
                panic!("looked again at once")
            };
            let pause = next - first;
            assert!(
                (6 * HOUR..=6 * HOUR + 36 * 60 * 1000).contains(&pause),
                "{pause}"
            );
        }
    }

    #[test]
    fn look_on_demand_comes_at_once_also_when_switched_off() {
        let mut checker = Checker::new(0, false, 500);
        assert_eq!(checker.poll(i64::MAX), Step::WaitForWord);
        checker.ask();
        assert_eq!(checker.poll(0), Step::Look);
        checker.looked(0, true, 0);
        assert_eq!(checker.poll(0), Step::WaitForWord);
    }

    #[test]
    fn word_during_a_look_is_kept_for_another() {
        let mut checker = Checker::new(0, false, 0);
        checker.ask();
        assert_eq!(checker.poll(0), Step::Look);
        checker.ask();
        assert_eq!(checker.poll(0), Step::WaitForWord);
        checker.looked(0, true, 0);
        assert_eq!(checker.poll(0), Step::Look);
    }

    #[test]
    fn failed_looks_come_again_later_and_later_up_to_the_period() {
        let mut checker = Checker::new(0, true, 0);
        let mut last = 0;
        for _ in 0..20 {
            assert_eq!(checker.poll(i64::MAX / 2), Step::Look);
            checker.looked(0, false, 0);
            let due = checker.due().unwrap();
            assert!(due >= last && due <= 6 * HOUR);
            last = due;
        }
        assert_eq!(last, 6 * HOUR);
    }
}
