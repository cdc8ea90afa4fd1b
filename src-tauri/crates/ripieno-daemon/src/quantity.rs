//! Durations, points in time and sizes as people write them (cli.md: D and TIME).
//!
//! Pure: the current time and the zone are always given.

use std::time::Duration;

use jiff::civil::Time;
use jiff::{Timestamp, ToSpan, Zoned};

/// Says what is wrong with a written quantity, and how to write it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Not a duration.
    #[error("\"{text}\" is not a duration: write for example 45s, 10m, 2h, 1d or 1h30m")]
    Duration {
        /// What was written.
        text: String,
    },
    /// Not a point in time.
    #[error(
        "\"{text}\" is not a time: write HH:MM, \"tomorrow HH:MM\", or a date with its offset \
         such as 2026-03-01T09:00:00Z"
    )]
    Time {
        /// What was written.
        text: String,
    },
    /// Not a size.
    #[error("\"{text}\" is not a size: write for example 512 KiB, 16 MiB or 2 GiB")]
    Size {
        /// What was written.
        text: String,
    },
    /// Larger than this program can count.
    #[error("\"{text}\" is too large")]
    TooLarge {
        /// What was written.
        text: String,
    },
}

/// The units of a duration with their length in milliseconds, the longest first.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// No duration a person means is longer: a hundred years, in milliseconds.
const LONGEST_MS: u64 = 100 * 365 * 86_400_000;

/// Reads a duration: `45s`, `10m`, `2h`, `1d`, `500ms`, a decimal (`1.5s`), a sum (`1h30m`), or `0`.
///
/// Precise to the millisecond; further digits are an error.
///
/// # Errors
/// [`QuantityError::Duration`], or [`QuantityError::TooLarge`] beyond a hundred years.
pub fn parse_duration(text: &str) -> Result<Duration, QuantityError> {
    let wrong = || QuantityError::Duration {
        text: text.to_owned(),
    };
    let too_large = || QuantityError::TooLarge {
        text: text.to_owned(),
    };
    let trimmed = text.trim();
    if trimmed == "0" {
        return Ok(Duration::ZERO);
    }
    if trimmed.is_empty() {
        return Err(wrong());
    }
    let mut rest = trimmed;
    let mut total: u64 = 0;
    let mut seen = [false; UNITS.len()];
    while !rest.is_empty() {
        let (number, after) = split_where(rest, |c| !c.is_ascii_digit() && c != '.');
        let (unit, after) = split_where(after.trim_start(), |c| {
            c.is_ascii_digit() || c.is_whitespace()
        });
        let index = UNITS
            .iter()
            .position(|(name, _)| *name == unit)
            .ok_or_else(wrong)?;
        // "5m5m" is a slip of the hand, never a wish.
        if std::mem::replace(&mut seen[index], true) {
            return Err(wrong());
        }
        let part = scaled(number, UNITS[index].1, &wrong, &too_large)?;
        total = total
            .checked_add(part)
            .filter(|ms| *ms <= LONGEST_MS)
            .ok_or_else(too_large)?;
        rest = after.trim_start();
    }
    Ok(Duration::from_millis(total))
}

/// Multiplies a decimal number with `unit`; the result must be whole.
fn scaled(
    number: &str,
    unit: u64,
    wrong: &impl Fn() -> QuantityError,
    too_large: &impl Fn() -> QuantityError,
) -> Result<u64, QuantityError> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || (number.contains('.') && !digits(fraction)) {
        return Err(wrong());
    }
    let whole: u64 = whole.parse().map_err(|_| too_large())?;
    let base = whole.checked_mul(unit).ok_or_else(too_large)?;
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        return Ok(base);
    }
    let scale = u32::try_from(fraction.len())
        .ok()
        .and_then(|len| 10_u128.checked_pow(len));
    let (Some(scale), Ok(value)) = (scale, fraction.parse::<u128>()) else {
        return Err(wrong());
    };
    let product = value.checked_mul(u128::from(unit)).ok_or_else(wrong)?;
    if product % scale != 0 {
        return Err(wrong());
    }
    let part = u64::try_from(product / scale).map_err(|_| too_large())?;
    base.checked_add(part).ok_or_else(too_large)
}

fn split_where(text: &str, stop: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(stop).unwrap_or(text.len()))
}

/// Writes a duration the way [`parse_duration`] reads it, to the millisecond: `1h30m`, `1.5s`, `0s`.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    let mut ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if ms == 0 {
        return "0s".to_owned();
    }
    let mut out = String::new();
    for (unit, length) in &UNITS[..3] {
        let n = ms / length;
        if n > 0 {
            out.push_str(&format!("{n}{unit}"));
            ms %= length;
        }
    }
    match (ms / 1_000, ms % 1_000) {
        (0, 0) => {}
        (0, millis) if out.is_empty() => out.push_str(&format!("{millis}ms")),
        (seconds, 0) => out.push_str(&format!("{seconds}s")),
        (seconds, millis) => {
            let fraction = format!("{millis:03}");
            out.push_str(&format!("{seconds}.{}s", fraction.trim_end_matches('0')));
        }
    }
    out
}

/// Reads a point in time: RFC 3339, `HH:MM` (the next one in `now`'s zone) or `tomorrow HH:MM`.
///
/// A clock time that a change of summer time leaves out means the moment as far behind the change;
/// one that happens twice means the first that is still to come.
///
/// # Errors
/// [`QuantityError::Time`].
pub fn parse_time(text: &str, now: &Zoned) -> Result<Timestamp, QuantityError> {
    let wrong = || QuantityError::Time {
        text: text.to_owned(),
    };
    let trimmed = text.trim();
    if let Some(time) = clock_time(trimmed) {
        return next_at(time, now).ok_or_else(wrong);
    }
    let (word, rest) = split_where(trimmed, char::is_whitespace);
    if word.eq_ignore_ascii_case("tomorrow") {
        let time = clock_time(rest.trim_start()).ok_or_else(wrong)?;
        return at_day(time, now, 1).ok_or_else(wrong);
    }
    rfc3339(trimmed).ok_or_else(wrong)
}

/// Reads exactly `HH:MM` (or `H:MM`).
pub(crate) fn clock_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !(1..=2).contains(&hour.len()) || minute.len() != 2 || !digits(hour) || !digits(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

fn next_at(time: Time, now: &Zoned) -> Option<Timestamp> {
    let zone = now.time_zone();
    let today = zone.to_ambiguous_timestamp(now.date().to_datetime(time));
    let candidates = [today.earlier(), today.later()];
    let coming = candidates
        .into_iter()
        .flatten()
        .filter(|at| *at > now.timestamp())
        .min();
    let gap =
        today.is_ambiguous() && matches!(today.offset(), jiff::tz::AmbiguousOffset::Gap { .. });
    if gap {
        // Both readings of a time that does not exist are off by the change; behind it is meant.
        return today
            .compatible()
            .ok()
            .filter(|at| *at > now.timestamp())
            .or_else(|| at_day(time, now, 1));
    }
    coming.or_else(|| at_day(time, now, 1))
}

fn at_day(time: Time, now: &Zoned, days: i64) -> Option<Timestamp> {
    let date = now.date().checked_add(days.days()).ok()?;
    now.time_zone()
        .to_ambiguous_timestamp(date.to_datetime(time))
        .compatible()
        .ok()
}

fn rfc3339(text: &str) -> Option<Timestamp> {
    // jiff also reads forms that RFC 3339 does not have; a "T" or space between two full parts
    // and an offset is what the contract promises.
    let bytes = text.as_bytes();
    let shaped = text.is_ascii()
        && bytes.len() >= 20
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && matches!(bytes[10], b'T' | b't' | b' ')
        && bytes[13] == b':'
        && bytes[16] == b':'
        && !text.contains('[');
    if shaped { text.parse().ok() } else { None }
}

/// Reads a size in bytes: `16 MiB`, `512KiB`, `2 GB` (powers of ten), `100 B`, or a bare number.
///
/// # Errors
/// [`QuantityError::Size`], or [`QuantityError::TooLarge`] beyond 2^63 bytes.
pub fn parse_size(text: &str) -> Result<u64, QuantityError> {
    let wrong = || QuantityError::Size {
        text: text.to_owned(),
    };
    let too_large = || QuantityError::TooLarge {
        text: text.to_owned(),
    };
    let trimmed = text.trim();
    let (number, unit) = split_where(trimmed, |c| !c.is_ascii_digit() && c != '.');
    let unit = unit.trim_start().to_ascii_lowercase();
    let factor = match unit.as_str() {
        "" | "b" => 1,
        "kib" | "k" => 1 << 10,
        "mib" | "m" => 1 << 20,
        "gib" | "g" => 1 << 30,
        "tib" | "t" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        _ => return Err(wrong()),
    };
    // A TOML integer cannot hold more than 2^63 - 1, so no size may.
    scaled(number, factor, &wrong, &too_large).and_then(|size| {
        if i64::try_from(size).is_ok() {
            Ok(size)
        } else {
            Err(too_large())
        }
    })
}

/// Writes a size the way [`parse_size`] reads it, exactly: the largest unit that divides it.
#[must_use]
pub fn format_size(bytes: u64) -> String {
    let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    match units
        .iter()
        .find(|(_, shift)| bytes != 0 && bytes.trailing_zeros() >= *shift)
    {
        Some((unit, shift)) => format!("{} {unit}", bytes >> shift),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now(text: &str) -> Zoned {
        text.parse().unwrap()
    }

    fn time(text: &str, at: &str) -> String {
        parse_time(text, &now(at)).unwrap().to_string()
    }

    #[test]
    fn durations_of_the_contract_are_read() {
        let seconds = |text| parse_duration(text).unwrap().as_secs();
        assert_eq!(seconds("45s"), 45);
        assert_eq!(seconds("10m"), 600);
        assert_eq!(seconds("2h"), 7_200);
        assert_eq!(seconds("1d"), 86_400);
        assert_eq!(seconds("1h30m"), 5_400);
        assert_eq!(seconds(" 1h 30m "), 5_400);
        assert_eq!(seconds("0"), 0);
        assert_eq!(seconds("0s"), 0);
        assert_eq!(
            parse_duration("1.5s").unwrap(),
            Duration::from_millis(1_500)
        );
        assert_eq!(parse_duration("250ms").unwrap(), Duration::from_millis(250));
    }

    #[test]
    fn what_is_no_duration_is_refused_with_an_example() {
        for text in [
            "", " ", "5", "m", "-5m", "5 x", "5mm", "1h1h", "1.s", ".5s", "1.2.3s", "1e3s", "١s",
        ] {
            let refused = parse_duration(text).unwrap_err();
            assert!(
                matches!(refused, QuantityError::Duration { .. }),
                "{text}: {refused}"
            );
        }
        assert!(
            parse_duration("5")
                .unwrap_err()
                .to_string()
                .contains("45s, 10m")
        );
        assert!(
            parse_duration("0.0001s").is_err(),
            "finer than a millisecond"
        );
    }

    #[test]
    fn huge_durations_are_too_large_and_never_panic() {
        for text in ["36501d", "99999999999999999999d", "18446744073709551615s"] {
            assert!(
                matches!(parse_duration(text), Err(QuantityError::TooLarge { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn clock_time_means_the_next_one() {
        let at = "2026-03-01T12:00:00+01:00[Europe/Berlin]";
        assert_eq!(time("13:30", at), "2026-03-01T12:30:00Z");
        assert_eq!(time("9:05", at), "2026-03-02T08:05:00Z");
        assert_eq!(time("12:00", at), "2026-03-02T11:00:00Z", "now is not next");
    }

    #[test]
    fn tomorrow_means_the_next_day_in_the_zone() {
        let at = "2026-12-31T23:30:00+09:00[Asia/Tokyo]";
        assert_eq!(time("tomorrow 08:00", at), "2026-12-31T23:00:00Z");
        assert_eq!(time("Tomorrow  8:00", at), "2026-12-31T23:00:00Z");
    }

    #[test]
    fn clock_time_across_summer_time_is_the_sensible_moment() {
        // Berlin springs from 02:00 to 03:00 on 2026-03-29.
        let before = "2026-03-29T01:00:00+01:00[Europe/Berlin]";
        assert_eq!(
            time("02:30", before),
            "2026-03-29T01:30:00Z",
            "03:30 summer time"
        );
        // and falls back from 03:00 to 02:00 on 2026-10-25: 02:30 happens twice.
        assert_eq!(
            time("02:30", "2026-10-25T01:00:00+02:00[Europe/Berlin]"),
            "2026-10-25T00:30:00Z"
        );
        assert_eq!(
            time("02:30", "2026-10-25T02:45:00+02:00[Europe/Berlin]"),
            "2026-10-25T01:30:00Z"
        );
        assert_eq!(
            time("02:30", "2026-10-25T02:45:00+01:00[Europe/Berlin]"),
            "2026-10-26T01:30:00Z"
        );
    }

    #[test]
    fn rfc_3339_needs_its_offset() {
        let at = "2026-03-01T12:00:00+00:00[UTC]";
        assert_eq!(time("2026-03-01T09:00:00Z", at), "2026-03-01T09:00:00Z");
        assert_eq!(
            time("2026-03-01T09:00:00.5+02:00", at),
            "2026-03-01T07:00:00.5Z"
        );
        for text in [
            "",
            "soon",
            "24:00",
            "9:5",
            "2026-03-01",
            "2026-03-01T09:00:00",
            "2026-02-30T09:00:00Z",
            "tomorrow",
            "tomorrow x",
            "2026-03-01T09:00Z",
        ] {
            assert!(parse_time(text, &now(at)).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_read_in_both_families_of_units() {
        assert_eq!(parse_size("16 MiB"), Ok(16 << 20));
        assert_eq!(parse_size("16MiB"), Ok(16 << 20));
        assert_eq!(parse_size("1.5 GiB"), Ok(3 << 29));
        assert_eq!(parse_size("2 GB"), Ok(2_000_000_000));
        assert_eq!(parse_size("4096"), Ok(4096));
        assert_eq!(parse_size("0"), Ok(0));
        for text in ["", "MiB", "-1", "16 Mbit", "1.2.3 MiB", "0.3 B"] {
            assert!(
                matches!(parse_size(text), Err(QuantityError::Size { .. })),
                "{text}"
            );
        }
        assert!(matches!(
            parse_size("16777216 TiB"),
            Err(QuantityError::TooLarge { .. })
        ));
    }

    proptest! {
        #[test]
        fn duration_written_is_read_back(ms in 0..LONGEST_MS) {
            let duration = Duration::from_millis(ms);
            prop_assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
        }

        #[test]
        fn size_written_is_read_back(bytes in 0..=i64::MAX as u64, shift in 0_u32..63) {
            let bytes = bytes >> shift << shift;
            prop_assert_eq!(parse_size(&format_size(bytes)), Ok(bytes));
        }

        #[test]
        fn any_text_is_answered_without_a_panic(text in "\\PC{0,24}|[0-9.:dhms TZ+-]{0,24}") {
            let _ = parse_duration(&text);
            let _ = parse_size(&text);
            let _ = parse_time(&text, &now("2026-03-29T01:00:00+01:00[Europe/Berlin]"));
        }

        #[test]
        fn next_clock_time_is_ahead_and_within_two_days(
            seconds in 0_i64..4_000_000_000, hour in 0..24, minute in 0..60,
        ) {
            let now = Timestamp::from_second(seconds).unwrap().in_tz("America/New_York").unwrap();
            let at = parse_time(&format!("{hour}:{minute:02}"), &now).unwrap();
            prop_assert!(at > now.timestamp());
            prop_assert!(at.as_second() - seconds <= 25 * 3_600 + 3_600);
        }
    }
}
