//! A part of the day, such as quiet hours: `22:00-07:00`.

use jiff::civil::Time;
use std::{fmt, str::FromStr};

/// From one time of day to another, past midnight where the end comes first. Never empty and never the whole day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockRange {
    from: Time,
    to: Time,
}

/// Says that a text is no part of the day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("write two different times of day, such as 22:00-07:00")]
pub struct NoClockRange;

impl ClockRange {
    /// Tells whether a local time lies in it; the end does not.
    #[must_use]
    pub fn contains(&self, time: Time) -> bool {
        if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            time >= self.from || time < self.to
        }
    }

    /// When it begins.
    #[must_use]
    pub fn from(&self) -> Time {
        self.from
    }

    /// When it is over.
    #[must_use]
    pub fn to(&self) -> Time {
        self.to
    }
}

impl FromStr for ClockRange {
    type Err = NoClockRange;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (from, to) = text.split_once('-').ok_or(NoClockRange)?;
        let time = |text: &str| crate::quantity::clock_time(text.trim()).ok_or(NoClockRange);
        let range = ClockRange {
            from: time(from)?,
            to: time(to)?,
        };
        if range.from == range.to {
            return Err(NoClockRange);
        }
        Ok(range)
    }
}

impl fmt::Display for ClockRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ClockRange { from, to } = self;
        write!(
            f,
            "{:02}:{:02}-{:02}:{:02}",
            from.hour(),
            from.minute(),
            to.hour(),
            to.minute()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    #[test]
    fn range_past_midnight_holds_both_its_evening_and_its_morning() {
        let night: ClockRange = "22:00-07:00".parse().unwrap();
        for (hour, minute, inside) in [
            (21, 59, false),
            (22, 0, true),
            (23, 59, true),
            (0, 0, true),
            (6, 59, true),
            (7, 0, false),
            (12, 0, false),
        ] {
            assert_eq!(
                night.contains(time(hour, minute, 0, 0)),
                inside,
                "{hour}:{minute}"
            );
        }
    }

    #[test]
    fn range_within_a_day_ends_before_its_end() {
        let lunch: ClockRange = "12:30 - 13:00".parse().unwrap();
        assert!(!lunch.contains(time(12, 29, 59, 0)));
        assert!(lunch.contains(time(12, 30, 0, 0)));
        assert!(!lunch.contains(time(13, 0, 0, 0)));
    }

    #[test]
    fn range_is_written_as_it_is_read() {
        let range: ClockRange = "9:05-17:00".parse().unwrap();
        assert_eq!(range.to_string(), "09:05-17:00");
        assert_eq!(range.to_string().parse(), Ok(range));
    }

    #[test]
    fn what_is_no_part_of_the_day_is_refused() {
        for text in [
            "",
            "-",
            "22:00",
            "22:00-",
            "25:00-07:00",
            "22:00-7",
            "22:00-22:00",
            "a-b",
            "22:00-07:00-08:00",
        ] {
            assert_eq!(text.parse::<ClockRange>(), Err(NoClockRange), "{text}");
        }
    }
}
