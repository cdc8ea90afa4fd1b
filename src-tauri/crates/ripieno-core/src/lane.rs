//! Lanes: the unit of concurrency and of quota holds (S3, S5, S6, S11).

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, time::Duration};

/// Names a lane: `kind:account` (`claude:default`, `llm:NAME`), or `shell`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LaneId(String);

/// The text is no lane.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` is not a lane: write kind:account, such as claude:default, or shell")]
pub struct BadLane(pub String);

impl LaneId {
    /// The lane of scripts: no limit but the global one, no drain.
    #[must_use]
    pub fn shell() -> Self {
        LaneId("shell".to_owned())
    }

    /// The lane of a runtime kind and account.
    ///
    /// # Errors
    /// [`BadLane`] when a part is empty or has other characters than letters, digits, `-`, `_`, `.`.
    pub fn new(kind: &str, account: &str) -> Result<Self, BadLane> {
        format!("{kind}:{account}").parse()
    }

    /// The runtime kind: what stands before the colon.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.split(':').next().unwrap_or(&self.0)
    }

    /// The account: what stands after the colon; empty for `shell`.
    #[must_use]
    pub fn account(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, account)| account)
    }

    /// Whether this is the lane of scripts.
    #[must_use]
    pub fn is_shell(&self) -> bool {
        self.0 == "shell"
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LaneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for LaneId {
    type Err = BadLane;
    fn from_str(text: &str) -> Result<Self, BadLane> {
        let good = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let fits = text == "shell"
            || text
                .split_once(':')
                .is_some_and(|(k, a)| good(k) && good(a));
        if fits {
            Ok(LaneId(text.to_owned()))
        } else {
            Err(BadLane(text.to_owned()))
        }
    }
}

/// What is known of a lane; durable in the table `lanes`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Lane {
    /// Which.
    pub id: LaneId,
    /// Held until then.
    pub held_until: Option<Timestamp>,
    /// Why it is held.
    pub hold_reason: Option<String>,
    /// How many unknown waits followed one another; each doubles the next (S5).
    pub backoff: u32,
    /// After a hold one task goes first; the others follow its first sign of success (S5).
    pub probing: bool,
    /// Its endpoint does not answer, since then; a run or probe that succeeds ends it.
    pub down_since: Option<Timestamp>,
    /// What is missing (program, configuration, model), since when (S9).
    pub missing: Option<(Timestamp, String)>,
    /// Its login was rejected (S11).
    pub signed_out: bool,
    /// Failures in a row that speak about the lane itself (S6).
    pub failures: u32,
    /// Drained since then.
    pub drained_at: Option<Timestamp>,
}

/// How many failures in a row drain a lane (S6).
pub const DRAIN_AFTER: u32 = 2;

impl Lane {
    /// A lane nothing is known against.
    #[must_use]
    pub fn fresh(id: LaneId) -> Self {
        Lane {
            id,
            held_until: None,
            hold_reason: None,
            backoff: 0,
            probing: false,
            down_since: None,
            missing: None,
            signed_out: false,
            failures: 0,
            drained_at: None,
        }
    }

    /// How long an unknown wait lasts now: 1 min for rate limits, doubling to 30; 5 h for quotas.
    #[must_use]
    pub fn unknown_wait(&self, quota: bool) -> Duration {
        if quota {
            return Duration::from_secs(5 * 3600);
        }
        let minutes = 1u64 << self.backoff.min(5);
        Duration::from_secs(60 * minutes.min(30))
    }

    /// Holds the lane until the provider's time, or for the unknown wait, which doubles (S5).
    pub fn hold(&mut self, now: Timestamp, until: Option<Timestamp>, quota: bool, reason: &str) {
        let wait = self.unknown_wait(quota);
        let until = match until {
            Some(at) if at > now => at,
            _ => {
                self.backoff = self.backoff.saturating_add(1);
                now.after(wait)
            }
        };
        self.probing = true;
        // What another run of the lane was told stands, where it lasts longer.
        if self
            .held_until
            .is_some_and(|held| held > now && held >= until)
        {
            return;
        }
        self.held_until = Some(until);
        self.hold_reason = Some(reason.to_owned());
    }

    /// Ends holds, backoff, sign-out and drain: a run succeeded, or the person said so.
    pub fn reopen(&mut self) {
        *self = Lane::fresh(self.id.clone());
    }

    /// Counts a failure that speaks about the lane; true when this one drains it (S6).
    pub fn count_failure(&mut self, now: Timestamp) -> bool {
        if self.id.is_shell() {
            return false;
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures >= DRAIN_AFTER && self.drained_at.is_none() {
            self.drained_at = Some(now);
            return true;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lane_names_are_checked() {
        assert!("shell".parse::<LaneId>().is_ok());
        assert_eq!(
            LaneId::new("claude", "default").unwrap().account(),
            "default"
        );
        for bad in ["", "claude", "claude:", ":x", "a:b:c", "a b:c"] {
            assert!(bad.parse::<LaneId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn unknown_waits_double_to_thirty_minutes() {
        let mut lane = Lane::fresh(LaneId::new("claude", "default").unwrap());
        let waits: Vec<u64> = (0..7)
            .map(|_| {
                lane.hold(Timestamp(0), None, false, "429");
                lane.held_until.unwrap().0 as u64 / 60_000
            })
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn a_providers_time_counts_unless_it_is_past() {
        let mut lane = Lane::fresh(LaneId::shell());
        lane.hold(Timestamp(10), Some(Timestamp(99)), true, "429");
        assert_eq!((lane.held_until, lane.backoff), (Some(Timestamp(99)), 0));
        lane.hold(Timestamp(10), Some(Timestamp(9)), false, "429");
        assert_eq!(lane.held_until, Some(Timestamp(60_010)));
    }

    #[test]
    fn hold_that_lasts_longer_stands() {
        let mut lane = Lane::fresh(LaneId::new("claude", "default").unwrap());
        let quota = Some(Timestamp(9_000_000));
        lane.hold(Timestamp(10), quota, true, "quota");
        lane.hold(Timestamp(20), None, false, "429");
        assert_eq!(lane.held_until, quota);
        assert_eq!(lane.hold_reason.as_deref(), Some("quota"));
        lane.hold(Timestamp(9_000_000), None, false, "429");
        assert_eq!(lane.hold_reason.as_deref(), Some("429"));
    }

    #[test]
    fn second_failure_of_the_lane_drains_it_once_and_scripts_never() {
        let mut lane = Lane::fresh(LaneId::new("claude", "default").unwrap());
        assert!(!lane.count_failure(Timestamp(1)));
        assert!(lane.count_failure(Timestamp(2)));
        assert!(!lane.count_failure(Timestamp(3)));
        let mut shell = Lane::fresh(LaneId::shell());
        assert!((0..9).all(|n| !shell.count_failure(Timestamp(n))));
    }
}
