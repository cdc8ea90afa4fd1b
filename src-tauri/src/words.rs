//! The worker in one sentence: the status line of the tray, and its mark.
//!
//! The page says the same words; both are tested against `ui/test/words.json`.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::status::{Lane, Status, WorkerState};

/// What the tray icon shows; states differ by shape, the most pressing wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// The worker is out of reach.
    Stopped,
    /// At least one ask is open.
    NeedsYou,
    /// A failure nobody has looked at.
    Failed,
    /// At least one task is at work.
    Running,
    /// The person closed the gate.
    Paused,
    /// Tasks wait for a held lane.
    Holding,
    /// Nothing presses.
    Idle,
}

/// Mark and sentence, always of the same state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// The icon's state.
    pub mark: Mark,
    /// The status line, also the tooltip.
    pub text: String,
}

impl Glance {
    fn new(mark: Mark, text: impl Into<String>) -> Self {
        Self {
            mark,
            text: text.into(),
        }
    }

    /// Says how the worker is; `None` when it cannot be reached. Times are shown in `zone`.
    #[must_use]
    pub fn of(status: Option<&Status>, now: Timestamp, zone: &TimeZone) -> Self {
        let Some(status) = status else {
            return Self::new(Mark::Stopped, "Worker stopped");
        };
        match status.state {
            WorkerState::Starting => Self::new(Mark::Idle, "Starting"),
            WorkerState::Stopping => Self::new(Mark::Idle, "Stopping"),
            WorkerState::Updating => Self::new(Mark::Idle, "Updating"),
            WorkerState::Running | WorkerState::Paused => Self::at_work(status, now, zone),
        }
    }

    fn at_work(status: &Status, now: Timestamp, zone: &TimeZone) -> Self {
        let (busy, queued) = (status.busy(), status.count("queued"));
        let paused = status.state == WorkerState::Paused;
        if status.asks > 0 {
            let text = format!("{} waiting", plural(status.asks, "question"));
            return Self::new(Mark::NeedsYou, text);
        }
        if status.unseen_failures > 0 {
            let text = format!("{} failed", plural(status.unseen_failures, "task"));
            return Self::new(Mark::Failed, text);
        }
        if busy > 0 {
            let end = if paused { ", paused" } else { "" };
            return Self::new(
                Mark::Running,
                format!("{busy} running, {queued} queued{end}"),
            );
        }
        if paused {
            let until = status.paused_until.map(|at| clock(at, now, zone));
            let text = until.map_or_else(|| "Paused".into(), |at| format!("Paused until {at}"));
            return Self::new(Mark::Paused, text);
        }
        match (queued, first_held(&status.lanes)) {
            (0, _) => Self::new(Mark::Idle, "Idle"),
            (_, Some(lane)) => Self::new(Mark::Holding, holding(lane, now, zone)),
            (_, None) => Self::new(Mark::Idle, format!("{queued} queued")),
        }
    }
}

/// The held lane that opens first; one without a known end comes last.
fn first_held(lanes: &[Lane]) -> Option<&Lane> {
    lanes
        .iter()
        .filter(|lane| lane.hold_reason.is_some())
        .min_by_key(|lane| lane.held_until.unwrap_or(Timestamp::MAX))
}

fn holding(lane: &Lane, now: Timestamp, zone: &TimeZone) -> String {
    let what = match lane.hold_reason.as_deref() {
        Some("rate_limited" | "quota_exhausted") => "quota",
        _ => &lane.lane,
    };
    match lane.held_until {
        Some(at) => format!("Waiting for {what}, {}", clock(at, now, zone)),
        None => format!("Waiting for {what}"),
    }
}

/// `1 task`, `3 tasks`.
pub(crate) fn plural(n: u64, noun: &str) -> String {
    let end = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{end}")
}

/// A local time: `14:00` today, else `2026-11-21 09:00`.
fn clock(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let hour = format!("{:02}:{:02}", at.hour(), at.minute());
    if at.date() == now.date() {
        hour
    } else {
        format!("{} {hour}", at.date())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Words {
        now: Timestamp,
        cases: Vec<Case>,
    }

    #[derive(serde::Deserialize)]
    struct Case {
        name: String,
        status: Option<Status>,
        mark: Mark,
        text: String,
    }

    #[test]
    fn every_case_shared_with_the_page_has_its_mark_and_words() {
        let words: Words = serde_json::from_str(include_str!("../../ui/test/words.json")).unwrap();
        for case in words.cases {
            let glance = Glance::of(case.status.as_ref(), words.now, &TimeZone::UTC);
            assert_eq!(glance, Glance::new(case.mark, case.text), "{}", case.name);
        }
    }

    #[test]
    fn pause_across_midnight_names_the_local_day() {
        let status: Status =
            serde_json::from_str(r#"{"state": "paused", "paused_until": "2026-11-20T16:00:00Z"}"#)
                .unwrap();
        let now = "2026-11-20T14:00:00Z".parse().unwrap();
        let tokyo = TimeZone::fixed(jiff::tz::offset(9));
        let glance = Glance::of(Some(&status), now, &tokyo);
        assert_eq!(glance.text, "Paused until 2026-11-21 01:00");
    }
}
