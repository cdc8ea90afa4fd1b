//! The worker in one sentence: the status line of the tray, and its mark.
//!
//! The page says the same words from the same catalogue; both are tested against `ui/test/words.json`.

use fluent_bundle::FluentValue;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::status::{Lane, Status, WorkerState};
use crate::words::Words;

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
    /// An update waits for the worker to be idle.
    UpdateReady,
    /// Nothing presses.
    Idle,
}

impl Mark {
    /// Every mark, the most pressing first.
    pub const ALL: [Self; 8] = [
        Self::Stopped,
        Self::NeedsYou,
        Self::Failed,
        Self::Running,
        Self::Paused,
        Self::Holding,
        Self::UpdateReady,
        Self::Idle,
    ];
}

/// Mark and sentence, always of the same state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// The icon's state.
    pub mark: Mark,
    /// The status line, also the tooltip.
    pub text: String,
}

/// When it is and where: what a sentence about time needs.
#[derive(Debug, Clone)]
pub struct Clock {
    /// The moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

impl Clock {
    /// The system's.
    #[must_use]
    pub fn system() -> Self {
        Self {
            now: Timestamp::now(),
            zone: TimeZone::system(),
        }
    }

    /// A local time: `14:00` today, else `2026-11-21 09:00`.
    #[must_use]
    pub fn show(&self, at: Timestamp) -> String {
        let at = at.to_zoned(self.zone.clone());
        let hour = format!("{:02}:{:02}", at.hour(), at.minute());
        if at.date() == self.now.to_zoned(self.zone.clone()).date() {
            hour
        } else {
            format!("{} {hour}", at.date())
        }
    }
}

impl Glance {
    /// Says how the worker is; `None` when it cannot be reached.
    #[must_use]
    pub fn of(status: Option<&Status>, clock: &Clock, words: &Words) -> Self {
        let say = |mark, id: &str, filled: &[(&str, FluentValue<'_>)]| Self {
            mark,
            text: words.fill(id, filled),
        };
        let Some(status) = status else {
            return say(Mark::Stopped, "states-glance-stopped", &[]);
        };
        match status.state {
            WorkerState::Starting => return say(Mark::Idle, "states-glance-starting", &[]),
            WorkerState::Stopping => return say(Mark::Idle, "states-glance-stopping", &[]),
            WorkerState::Updating => return say(Mark::Idle, "states-glance-updating", &[]),
            WorkerState::Running | WorkerState::Paused => {}
        }
        let (n, q) = (status.busy(), status.count("queued"));
        if status.asks > 0 {
            let asks = [("n", status.asks.into())];
            return say(Mark::NeedsYou, "states-glance-questions", &asks);
        }
        if status.unseen_failures > 0 {
            let failures = [("n", status.unseen_failures.into())];
            return say(Mark::Failed, "states-glance-failures", &failures);
        }
        let paused = status.state == WorkerState::Paused;
        if n > 0 {
            let id = if paused {
                "states-glance-running-paused"
            } else {
                "states-glance-running"
            };
            return say(Mark::Running, id, &[("n", n.into()), ("q", q.into())]);
        }
        match (paused, status.paused_until) {
            (true, Some(at)) => {
                let until = [("time", clock.show(at).into())];
                say(Mark::Paused, "states-glance-paused-until", &until)
            }
            (true, None) => say(Mark::Paused, "states-glance-paused", &[]),
            (false, _) => match first_held(&status.lanes).filter(|_| q > 0) {
                Some(lane) => holding(lane, clock, words),
                None if status.update.is_some() => {
                    say(Mark::UpdateReady, "states-glance-update", &[])
                }
                None if q > 0 => say(Mark::Idle, "states-glance-queued", &[("n", q.into())]),
                None => say(Mark::Idle, "states-glance-idle", &[]),
            },
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

fn holding(lane: &Lane, clock: &Clock, words: &Words) -> Glance {
    let reason = lane.hold_reason.as_deref();
    let quota = matches!(reason, Some("rate_limited" | "quota_exhausted"));
    let id = match (quota, lane.held_until.is_some()) {
        (true, true) => "states-glance-quota-until",
        (true, false) => "states-glance-quota",
        (false, true) => "states-glance-lane-until",
        (false, false) => "states-glance-lane",
    };
    let time = lane.held_until.map(|at| clock.show(at)).unwrap_or_default();
    let filled = [("lane", lane.lane.as_str().into()), ("time", time.into())];
    Glance {
        mark: Mark::Holding,
        text: words.fill(id, &filled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[derive(serde::Deserialize)]
    struct Shared {
        now: Timestamp,
        cases: Vec<Case>,
    }

    #[derive(serde::Deserialize)]
    struct Case {
        name: String,
        status: Option<Status>,
        mark: Mark,
        text: String,
        ja: String,
        #[serde(rename = "zh-Hans")]
        zh_hans: String,
    }

    #[test]
    fn every_case_shared_with_the_page_has_its_mark_and_words_in_every_language() {
        let shared: Shared =
            serde_json::from_str(include_str!("../../ui/test/words.json")).unwrap();
        let clock = Clock {
            now: shared.now,
            zone: TimeZone::UTC,
        };
        for language in Language::ALL {
            let words = Words::of(language);
            for case in &shared.cases {
                let text = match language {
                    Language::En => &case.text,
                    Language::Ja => &case.ja,
                    Language::ZhHans => &case.zh_hans,
                };
                let expected = Glance {
                    mark: case.mark,
                    text: text.clone(),
                };
                let glance = Glance::of(case.status.as_ref(), &clock, &words);
                assert_eq!(glance, expected, "{}", case.name);
            }
        }
    }

    #[test]
    fn update_waits_behind_all_but_idle() {
        let clock = Clock {
            now: Timestamp::UNIX_EPOCH,
            zone: TimeZone::UTC,
        };
        let mark = |text: &str| {
            let status: Status = serde_json::from_str(text).unwrap();
            Glance::of(Some(&status), &clock, &Words::of(Language::En)).mark
        };
        assert_eq!(
            mark(r#"{"state": "running", "update": "0.2.0", "counts": {"queued": 1}}"#),
            Mark::UpdateReady
        );
        assert_eq!(
            mark(r#"{"state": "running", "update": "0.2.0", "counts": {"running": 1}}"#),
            Mark::Running
        );
        assert_eq!(
            mark(r#"{"state": "paused", "update": "0.2.0"}"#),
            Mark::Paused
        );
    }

    #[test]
    fn pause_across_midnight_names_the_local_day() {
        let status: Status =
            serde_json::from_str(r#"{"state": "paused", "paused_until": "2026-11-20T16:00:00Z"}"#)
                .unwrap();
        let tokyo = Clock {
            now: "2026-11-20T14:00:00Z".parse().unwrap(),
            zone: TimeZone::fixed(jiff::tz::offset(9)),
        };
        let glance = Glance::of(Some(&status), &tokyo, &Words::of(Language::En));
        assert_eq!(glance.text, "Paused until 2026-11-21 01:00");
    }
}
