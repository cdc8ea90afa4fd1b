//! When an open ask is told: once it opens, at 15 minutes and 2 hours, and when it was put off until then.

use std::time::Duration;

use jiff::Timestamp;

use super::facts::Ask;

/// How long an unanswered ask waits until it is told again, each time.
const REMINDERS: [(&str, Duration); 2] = [
    ("15m", Duration::from_secs(15 * 60)),
    ("2h", Duration::from_secs(2 * 60 * 60)),
];

/// One time an ask is told; the name makes its key, so that it is told once whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// What the key ends in.
    pub name: String,
    /// Whether the ask was told before.
    pub again: bool,
}

/// Where an ask is in its moments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The latest one that has come; the earlier ones are not made up for. `None` while it is put off.
    pub now: Option<Moment>,
    /// When the next one comes.
    pub next: Option<Timestamp>,
}

/// Finds the stage of an ask.
#[must_use]
pub fn stage(ask: &Ask, now: Timestamp, reminders: bool) -> Stage {
    let put_off = ask.snoozed_until;
    if let Some(until) = put_off.filter(|until| now < *until) {
        return Stage {
            now: None,
            next: Some(until),
        };
    }
    let mut moments = vec![(ask.created_at, "new".to_owned())];
    if reminders {
        let later = REMINDERS.iter().filter_map(|(name, after)| {
            let at = ask.created_at.checked_add(*after).ok()?;
            // What came due while it was put off is told by its end.
            let passed = put_off.is_some_and(|until| at <= until);
            (!passed).then(|| (at, (*name).to_owned()))
        });
        moments.extend(later);
    }
    if let Some(until) = put_off {
        moments.push((until, format!("snoozed-{until}")));
    }
    moments.sort();
    let next = moments.iter().map(|(at, _)| *at).find(|at| now < *at);
    // An ask made by a clock ahead of ours is new all the same.
    let current = moments.iter().rev().find(|(at, _)| *at <= now);
    let (_, name) = current.unwrap_or(&moments[0]);
    Stage {
        now: Some(Moment {
            again: name != "new",
            name: name.clone(),
        }),
        next,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ask(snoozed: Option<&str>) -> Ask {
        let view = json!({
            "id": "1", "short_id": "A-1", "kind": "question", "text": "?", "revision": 0,
            "created_at": "2026-11-20T12:00:00Z", "snoozed_until": snoozed,
        });
        serde_json::from_value(view).unwrap()
    }

    fn at(snoozed: Option<&str>, clock: &str, reminders: bool) -> (Option<String>, Option<String>) {
        let time = |clock: &str| format!("2026-11-20T{clock}Z");
        let snoozed = snoozed.map(time);
        let stage = stage(
            &ask(snoozed.as_deref()),
            time(clock).parse().unwrap(),
            reminders,
        );
        let next = stage.next.map(|at| at.strftime("%H:%M").to_string());
        (stage.now.map(|moment| moment.name), next)
    }

    fn says(name: &str, next: Option<&str>) -> (Option<String>, Option<String>) {
        (Some(name.to_owned()), next.map(str::to_owned))
    }

    #[test]
    fn ask_is_told_at_once_at_fifteen_minutes_and_at_two_hours() {
        assert_eq!(at(None, "12:00:00", true), says("new", Some("12:15")));
        assert_eq!(at(None, "12:14:59", true), says("new", Some("12:15")));
        assert_eq!(at(None, "12:15:00", true), says("15m", Some("14:00")));
        assert_eq!(at(None, "14:00:00", true), says("2h", None));
        assert_eq!(at(None, "23:00:00", true), says("2h", None));
    }

    #[test]
    fn without_reminders_it_is_told_once() {
        assert_eq!(at(None, "23:00:00", false), says("new", None));
    }

    #[test]
    fn clock_that_runs_behind_still_tells() {
        assert_eq!(at(None, "11:59:00", true), says("new", Some("12:00")));
    }

    #[test]
    fn ask_that_is_put_off_is_silent_until_then_and_told_once_after() {
        let put_off = Some("13:00:00");
        assert_eq!(at(put_off, "12:20:00", true), (None, Some("13:00".into())));
        let told = says("snoozed-2026-11-20T13:00:00Z", Some("14:00"));
        assert_eq!(at(put_off, "13:00:00", true), told);
        assert_eq!(at(put_off, "14:00:00", true), says("2h", None));
        let alone = says("snoozed-2026-11-20T13:00:00Z", None);
        assert_eq!(at(put_off, "14:30:00", false), alone);
    }
}
