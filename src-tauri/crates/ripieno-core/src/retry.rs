//! Retries: which failure is tried again, when, and how often (T8).

use crate::failure::Class;
use std::time::Duration;

/// How often and how soon.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RetryPolicy {
    /// How many tries in all: 3, and 2 for subtasks.
    pub max_tries: u32,
    /// The first pause (1.5 s); each later one is twice as long.
    pub base: Duration,
    /// No pause is longer (60 s).
    pub cap: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy {
            max_tries: 3,
            base: Duration::from_millis(1500),
            cap: Duration::from_secs(60),
        }
    }
}

/// Pauses after provider trouble.
const PROVIDER_STEPS: [Duration; 3] = [
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(900),
];

impl RetryPolicy {
    /// The pause before the next try, `failed` tries having failed; `jitter` (0 to 999) spreads it between
    /// half and the whole.
    #[must_use]
    pub fn pause(&self, class: &Class, failed: u32, jitter: u16) -> Duration {
        let nth = failed.saturating_sub(1);
        let full = if matches!(class, Class::ProviderServerError) {
            PROVIDER_STEPS[usize::try_from(nth)
                .unwrap_or(usize::MAX)
                .min(PROVIDER_STEPS.len() - 1)]
        } else {
            self.base.saturating_mul(1 << nth.min(16)).min(self.cap)
        };
        full / 2 + (full / 2).saturating_mul(u32::from(jitter.min(1000))) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap() {
        let policy = RetryPolicy::default();
        let pause = |n| policy.pause(&Class::ProcessCrashed, n, 1000).as_millis();
        assert_eq!([pause(1), pause(2), pause(3)], [1500, 3000, 6000]);
        assert_eq!(pause(40), 60_000);
    }

    #[test]
    fn provider_trouble_waits_longer() {
        let policy = RetryPolicy::default();
        let pause = |n| policy.pause(&Class::ProviderServerError, n, 1000).as_secs();
        assert_eq!(
            [pause(1), pause(2), pause(3), pause(9)],
            [60, 300, 900, 900]
        );
    }

    #[test]
    fn jitter_never_shortens_below_half() {
        let policy = RetryPolicy::default();
        for jitter in [0, 500, 999, u16::MAX] {
            let pause = policy.pause(&Class::IdleStall, 1, jitter);
            assert!(pause >= policy.base / 2 && pause <= policy.base);
        }
    }
}
