//! Watchdogs: how long a run may work, and how long it may be silent (R6, T10).
//!
//! All spans are awake time: tokio's instants stand still while the computer sleeps.

use crate::Limits;
use ripieno_core::failure::{Class, Failure};
use std::time::Duration;
use tokio::time::Instant;

/// Watches one run. It reads no clock: every moment is given.
#[derive(Debug)]
pub struct Watchdog {
    limits: Limits,
    /// Working time used up before `since`.
    worked: Duration,
    /// When the present stretch of work began; `None` while it waits for a person.
    since: Option<Instant>,
    /// The last sign of life.
    heard: Instant,
    /// How many tools are in flight.
    tools: usize,
}

impl Watchdog {
    /// Begins to watch.
    #[must_use]
    pub fn new(limits: Limits, now: Instant) -> Self {
        Watchdog {
            limits,
            worked: Duration::ZERO,
            since: Some(now),
            heard: now,
            tools: 0,
        }
    }

    /// Notes a sign of life. Also to be called when a full queue on our side is empty again: that silence was ours.
    pub fn heard(&mut self, now: Instant) {
        self.heard = self.heard.max(now);
    }

    /// Notes that a tool has begun: silence may last longer until it ends.
    pub fn tool_began(&mut self, now: Instant) {
        self.tools += 1;
        self.heard(now);
    }

    /// Notes that a tool has ended.
    pub fn tool_ended(&mut self, now: Instant) {
        self.tools = self.tools.saturating_sub(1);
        self.heard(now);
    }

    /// Notes whether the run waits for a person: waiting is neither work nor silence (T10).
    pub fn waits(&mut self, waiting: bool, now: Instant) {
        match (waiting, self.since) {
            (true, Some(since)) => {
                self.worked += now.saturating_duration_since(since);
                self.since = None;
            }
            (false, None) => self.since = Some(now),
            (true, None) | (false, Some(_)) => {}
        }
        self.heard(now);
    }

    /// When the next limit is reached if nothing happens before; `None` when none can be. With `blocked`, our own side
    /// holds the run up, and only working time counts.
    #[must_use]
    pub fn deadline(&self, blocked: bool) -> Option<Instant> {
        let working = self.working_end();
        let silent = self.silence_end().filter(|_| !blocked);
        working.into_iter().chain(silent).min()
    }

    /// The failure of the limit that has been reached by now, naming it.
    #[must_use]
    pub fn tripped(&self, now: Instant, blocked: bool) -> Option<Failure> {
        if self.working_end().is_some_and(|end| end <= now) {
            let limit = words(self.limits.working.unwrap_or_default());
            let text = format!("the limit of {limit} on working time is reached");
            return Some(Failure::new(Class::Timeout, text));
        }
        if blocked || self.silence_end().is_none_or(|end| end > now) {
            return None;
        }
        let (limit, during) = match self.tools {
            0 => (self.limits.idle, "without a message"),
            _ => (
                self.limits.tool,
                "without a message while a tool was running",
            ),
        };
        let limit = words(limit.unwrap_or_default());
        Some(Failure::new(
            Class::IdleStall,
            format!("idle_watchdog: {limit} {during}"),
        ))
    }

    fn working_end(&self) -> Option<Instant> {
        let left = self.limits.working?.saturating_sub(self.worked);
        self.since?.checked_add(left)
    }

    fn silence_end(&self) -> Option<Instant> {
        self.since?;
        let limit = if self.tools > 0 {
            self.limits.tool
        } else {
            self.limits.idle
        };
        self.heard.checked_add(limit?)
    }
}

/// A span as people write it: `1h30m`, `45s`, `250ms`.
fn words(span: Duration) -> String {
    let seconds = span.as_secs();
    if seconds == 0 {
        return format!("{}ms", span.as_millis());
    }
    let parts = [
        (seconds / 3600, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
    ];
    parts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, unit)| format!("{n}{unit}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn limits(idle: u32, tool: u32, working: u32) -> Limits {
        let limit = |minutes| (minutes > 0).then(|| MINUTE * minutes);
        Limits {
            idle: limit(idle),
            tool: limit(tool),
            working: limit(working),
            grace: Duration::from_secs(5),
        }
    }

    #[test]
    fn silence_trips_at_its_limit_and_not_before() {
        let start = Instant::now();
        let mut dog = Watchdog::new(limits(30, 120, 0), start);
        dog.heard(start + MINUTE);
        assert_eq!(dog.deadline(false), Some(start + MINUTE * 31));
        assert_eq!(dog.tripped(start + MINUTE * 30, false), None);
        let failure = dog.tripped(start + MINUTE * 31, false).unwrap();
        assert_eq!(failure.class, Class::IdleStall);
        assert_eq!(failure.text, "idle_watchdog: 30m without a message");
    }

    #[test]
    fn a_tool_in_flight_may_be_silent_for_longer() {
        let start = Instant::now();
        let mut dog = Watchdog::new(limits(30, 120, 0), start);
        dog.tool_began(start);
        assert_eq!(dog.deadline(false), Some(start + MINUTE * 120));
        let text = dog.tripped(start + MINUTE * 120, false).unwrap().text;
        assert_eq!(
            text,
            "idle_watchdog: 2h without a message while a tool was running"
        );
        dog.tool_ended(start + MINUTE);
        assert_eq!(dog.deadline(false), Some(start + MINUTE * 31));
    }

    #[test]
    fn a_full_queue_of_ours_is_not_silence() {
        let start = Instant::now();
        let mut dog = Watchdog::new(limits(30, 120, 0), start);
        assert_eq!(dog.deadline(true), None);
        assert_eq!(dog.tripped(start + MINUTE * 99, true), None);
        dog.heard(start + MINUTE * 99);
        assert_eq!(dog.tripped(start + MINUTE * 99, false), None);
    }

    #[test]
    fn waiting_for_a_person_is_neither_work_nor_silence() {
        let start = Instant::now();
        let mut dog = Watchdog::new(limits(30, 120, 10), start);
        dog.waits(true, start + MINUTE * 4);
        assert_eq!(dog.deadline(false), None);
        dog.waits(false, start + MINUTE * 500);
        assert_eq!(dog.deadline(false), Some(start + MINUTE * 506));
        let failure = dog.tripped(start + MINUTE * 506, true).unwrap();
        assert_eq!(failure.class, Class::Timeout);
        assert_eq!(failure.text, "the limit of 10m on working time is reached");
    }

    #[test]
    fn limits_that_are_off_never_trip() {
        let start = Instant::now();
        let dog = Watchdog::new(limits(0, 0, 0), start);
        assert_eq!(dog.deadline(false), None);
        assert_eq!(dog.tripped(start + MINUTE * 100_000, false), None);
    }

    #[test]
    fn spans_are_written_as_people_do() {
        assert_eq!(words(Duration::from_secs(5400)), "1h30m");
        assert_eq!(words(Duration::from_millis(250)), "250ms");
        assert_eq!(words(Duration::from_secs(45)), "45s");
    }
}
