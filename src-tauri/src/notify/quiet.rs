//! Quiet hours: a range of the local clock, also over midnight.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

/// From when to when nothing is shown, every day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    from: Time,
    to: Time,
}

impl Quiet {
    /// Reads `22:00-07:00`; an empty text, or one that is no range, is none.
    #[must_use]
    pub fn from_setting(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let quiet = Self {
            from: clock(from)?,
            to: clock(to)?,
        };
        (quiet.from != quiet.to).then_some(quiet)
    }

    /// When the quiet of this moment ends; `None` when it is not quiet.
    #[must_use]
    pub fn ends(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = now.to_zoned(zone.clone());
        let time = local.time();
        let (today, tomorrow) = if self.from < self.to {
            (self.from <= time && time < self.to, false)
        } else {
            (time < self.to, self.from <= time)
        };
        if !today && !tomorrow {
            return None;
        }
        let day = if tomorrow {
            local.date().tomorrow().ok()?
        } else {
            local.date()
        };
        // A time that the clocks jump over ends with the jump; of one that comes twice the first may be over.
        let end = zone.to_ambiguous_zoned(day.to_datetime(self.to));
        let first = end.clone().compatible().ok()?.timestamp();
        if now < first {
            return Some(first);
        }
        let second = end.later().ok()?.timestamp();
        (now < second).then_some(second)
    }
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use jiff::Span;
    use proptest::prelude::*;

    use super::*;

    fn ends(range: &str, now: &str, zone: &str) -> Option<String> {
        let zone = TimeZone::get(zone).unwrap();
        let quiet = Quiet::from_setting(range).unwrap();
        let end = quiet.ends(now.parse().unwrap(), &zone)?;
        Some(end.to_zoned(zone).strftime("%d %H:%M").to_string())
    }

    #[test]
    fn night_is_quiet_over_midnight_in_local_time() {
        let night = |now| ends("22:00-07:00", now, "Asia/Tokyo");
        assert_eq!(night("2026-11-20T12:59:59Z"), None);
        assert_eq!(night("2026-11-20T13:00:00Z").unwrap(), "21 07:00");
        assert_eq!(night("2026-11-20T21:59:59Z").unwrap(), "21 07:00");
        assert_eq!(night("2026-11-20T22:00:00Z"), None);
    }

    #[test]
    fn noon_is_quiet_within_the_day() {
        let noon = |now| ends("12:00-13:30", now, "UTC");
        assert_eq!(noon("2026-11-20T11:59:00Z"), None);
        assert_eq!(noon("2026-11-20T12:00:00Z").unwrap(), "20 13:30");
        assert_eq!(noon("2026-11-20T13:30:00Z"), None);
    }

    #[test]
    fn clocks_that_jump_over_the_end_still_end_it() {
        // 02:00 to 03:00 does not exist on this night in Berlin.
        let end = ends("23:00-02:30", "2026-03-29T00:30:00Z", "Europe/Berlin");
        assert_eq!(end.unwrap(), "29 03:30");
    }

    #[test]
    fn hour_that_comes_twice_is_quiet_both_times() {
        // 02:00 to 03:00 comes twice on this night in Berlin.
        let end = |now: &str| {
            let quiet = Quiet::from_setting("23:00-02:30").unwrap();
            let zone = TimeZone::get("Europe/Berlin").unwrap();
            quiet.ends(now.parse().unwrap(), &zone)
        };
        let first: Timestamp = "2026-10-25T00:30:00Z".parse().unwrap();
        let second: Timestamp = "2026-10-25T01:30:00Z".parse().unwrap();
        assert_eq!(end("2026-10-25T00:10:00Z"), Some(first));
        assert_eq!(
            end("2026-10-25T00:30:00Z"),
            None,
            "02:30 for the first time"
        );
        assert_eq!(end("2026-10-25T01:10:00Z"), Some(second));
        assert_eq!(end("2026-10-25T01:30:00Z"), None);
    }

    proptest! {
        /// Hours around a night on which clocks are changed; whoever waits for the end must not wait for the past.
        #[test]
        fn end_is_always_still_to_come(
            night in prop::sample::select(vec![
                ("Europe/Berlin", "2026-10-24T20:00:00Z"),
                ("Europe/Berlin", "2026-03-28T20:00:00Z"),
                ("America/New_York", "2026-11-01T00:00:00Z"),
                ("America/New_York", "2026-03-08T00:00:00Z"),
                ("Australia/Lord_Howe", "2026-04-04T08:00:00Z"),
                ("Asia/Tokyo", "2026-11-20T08:00:00Z"),
            ]),
            after in 0_i64..16 * 60,
            from in 0_u16..24 * 60,
            to in 0_u16..24 * 60,
        ) {
            let (zone, begin) = night;
            let zone = TimeZone::get(zone).unwrap();
            let begin: Timestamp = begin.parse().unwrap();
            let now = begin + Span::new().minutes(after);
            let clock = |at: u16| format!("{:02}:{:02}", at / 60, at % 60);
            let range = format!("{}-{}", clock(from), clock(to));
            if let Some(quiet) = Quiet::from_setting(&range) {
                let end = quiet.ends(now, &zone);
                prop_assert!(end.is_none_or(|end| now < end), "{range} at {now}: {end:?}");
            }
        }
    }

    #[test]
    fn what_is_no_range_is_no_quiet() {
        for text in [
            "",
            "22:00",
            "25:00-07:00",
            "07:00-07:00",
            "a-b",
            "22:00-07:60",
        ] {
            assert_eq!(Quiet::from_setting(text), None, "{text}");
        }
    }
}
