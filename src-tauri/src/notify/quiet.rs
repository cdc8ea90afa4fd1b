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
        // A time that the clocks jump over ends with the jump.
        let end = day.to_datetime(self.to).to_zoned(zone.clone()).ok()?;
        Some(end.timestamp())
    }
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
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
