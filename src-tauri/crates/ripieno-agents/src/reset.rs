//! When a limit ends, read from what a provider says: waits, clock times, dates and epoch seconds (S5).

use jiff::{Span, ToSpan, Zoned, civil, tz::TimeZone};
use ripieno_core::time::Timestamp;

/// The longest wait taken from a text; a longer one is a misreading.
const LONGEST_DAYS: i64 = 35;

/// The moment a text names as the end of a limit; `None` when it names none, or one that is past
/// or more than 35 days away.
///
/// Understands `retry after 30 seconds`, `try again in 1m30s`, `resets at 3pm (Asia/Tokyo)`,
/// `resets Nov 24 at 3:30am`, RFC 3339 moments, and `limit reached|EPOCH`. Clock times without a
/// zone are in `zone`.
#[must_use]
pub fn reset_time(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let at = epoch(text)
        .or_else(|| moment(text))
        .or_else(|| wait(text, now))
        .or_else(|| clock(text, now, zone))?;
    let latest = now.0.saturating_add(LONGEST_DAYS * 86_400_000);
    (at > now && at.0 <= latest).then_some(at)
}

/// `...|1755432000`: seconds since the epoch after a bar.
fn epoch(text: &str) -> Option<Timestamp> {
    let (_, rest) = text.rsplit_once('|')?;
    let digits: String = rest
        .trim_start()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let seconds: i64 = digits.parse().ok()?;
    (digits.len() >= 10).then(|| Timestamp(seconds.saturating_mul(1000)))
}

/// A whole RFC 3339 moment anywhere in the text.
fn moment(text: &str) -> Option<Timestamp> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
        .filter(|word| word.len() >= 20 && word.contains('T'))
        .find_map(|word| word.parse::<jiff::Timestamp>().ok())
        .map(|at| Timestamp(at.as_millisecond()))
}

const WAITS: &[&str] = &[
    "retry after",
    "retry-after",
    "try again in",
    "retry in",
    "resets in",
    "wait for",
    "please wait",
];

/// `try again in 1m30s`, `retry after 30 seconds`, `retry-after: 20`.
fn wait(text: &str, now: Timestamp) -> Option<Timestamp> {
    let lower = text.to_lowercase();
    let rest = WAITS
        .iter()
        .find_map(|lead| lower.split_once(lead).map(|(_, rest)| rest))?;
    let mut rest = rest.trim_start_matches(|c: char| c == ':' || c == '=' || c.is_whitespace());
    let mut total = 0.0_f64;
    let mut found = false;
    loop {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let Ok(number) = rest[..digits].trim_end_matches('.').parse::<f64>() else {
            break;
        };
        let after = rest[digits..].trim_start();
        let letters = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let Some(unit) = seconds_of(&after[..letters]) else {
            break;
        };
        total += number * unit;
        found = true;
        rest = after[letters..].trim_start_matches([' ', ',']);
        rest = rest.strip_prefix("and ").unwrap_or(rest);
    }
    // Rounded up: a lane that wakes a moment early is refused again.
    let ms = (total * 1000.0).ceil();
    (found && ms.is_finite() && ms < 1e13).then(|| Timestamp(now.0.saturating_add(ms as i64)))
}

fn seconds_of(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" | "milliseconds" => 0.001,
        "" | "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        _ => return None,
    })
}

/// `resets 3pm (Zone)`, `resets at 15:30`, `try again at 4:09 PM`, `resets Nov 24 at 3:30am`.
fn clock(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let lower = text.to_lowercase();
    let start = lower.find("reset").or_else(|| lower.find("try again at"))?;
    let rest = text.get(start..)?;
    let zone = named_zone(rest).unwrap_or_else(|| zone.clone());
    let here = jiff::Timestamp::from_millisecond(now.0)
        .ok()?
        .to_zoned(zone);
    let words: Vec<String> = rest
        .split(|c: char| c.is_whitespace() || c == ',' || c == '(')
        .map(|word| word.trim_matches(['.', ';', ')', '·']).to_lowercase())
        .collect();
    let time = words.iter().enumerate().find_map(|(n, word)| {
        time_of_day(word, words.get(n + 1).map_or("", |next| next.as_str()))
    })?;
    let day = words
        .iter()
        .enumerate()
        .find_map(|(n, word)| Some((month(word)?, day_of_month(words.get(n + 1)?)?)));
    let at = match day {
        Some((month, day)) => on_day(&here, month, day, time)?,
        None => next_at(&here, time)?,
    };
    Some(Timestamp(at.timestamp().as_millisecond()))
}

fn named_zone(text: &str) -> Option<TimeZone> {
    let (_, inner) = text.split_once('(')?;
    let (name, _) = inner.split_once(')')?;
    if name.eq_ignore_ascii_case("utc") {
        Some(TimeZone::UTC)
    } else {
        TimeZone::get(name).ok()
    }
}

/// `3pm`, `3:30am`, `15:30`, `3 pm`.
fn time_of_day(word: &str, next: &str) -> Option<civil::Time> {
    let (digits, half) = match word.strip_suffix("am").or_else(|| word.strip_suffix("pm")) {
        Some(digits) => (digits, &word[digits.len()..]),
        None if next == "am" || next == "pm" => (word, next),
        None if word.contains(':') => (word, ""),
        None => return None,
    };
    let (hour, minute) = digits.split_once(':').unwrap_or((digits, "0"));
    let (hour, minute): (i8, i8) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = match half {
        "pm" if hour < 12 => hour + 12,
        "am" if hour == 12 => 0,
        _ => hour,
    };
    civil::Time::new(hour, minute, 0, 0).ok()
}

/// `24`, `24th`.
fn day_of_month(word: &str) -> Option<i8> {
    const ENDINGS: [&str; 4] = ["st", "nd", "rd", "th"];
    let digits = ENDINGS.iter().find_map(|ending| word.strip_suffix(ending));
    digits.unwrap_or(word).parse().ok()
}

fn month(word: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let place = NAMES.iter().position(|name| word.starts_with(name))?;
    i8::try_from(place + 1).ok()
}

fn on_day(here: &Zoned, month: i8, day: i8, time: civil::Time) -> Option<Zoned> {
    let at = |year: i16| {
        let date = civil::Date::new(year, month, day).ok()?;
        date.to_datetime(time)
            .to_zoned(here.time_zone().clone())
            .ok()
    };
    still_or_soon(here, at(here.year())?).or_else(|| at(here.year() + 1))
}

/// A moment that is to come; for one that has just passed, a minute from now: a provider names the minute and not the second,
/// and its clock is not ours.
fn still_or_soon(here: &Zoned, at: Zoned) -> Option<Zoned> {
    const JUST: i64 = 15;
    if at > *here {
        return Some(at);
    }
    let earliest = here.checked_sub(JUST.minutes()).ok()?;
    (at > earliest).then(|| here.checked_add(1.minute()).ok())?
}

fn next_at(here: &Zoned, time: civil::Time) -> Option<Zoned> {
    let at = |later: Span| {
        let date = here.date().checked_add(later).ok()?;
        date.to_datetime(time)
            .to_zoned(here.time_zone().clone())
            .ok()
    };
    still_or_soon(here, at(0.days())?).or_else(|| at(1.day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20T17:00:00Z
    const NOW: Timestamp = Timestamp(1_795_194_000_000);

    fn read(text: &str) -> Option<String> {
        let at = reset_time(text, NOW, &TimeZone::UTC)?;
        Some(jiff::Timestamp::from_millisecond(at.0).unwrap().to_string())
    }

    #[test]
    fn waits_and_moments_are_understood() {
        for (text, want) in [
            ("retry after 30 seconds", "2026-11-20T17:00:30Z"),
            ("Retry-After: 20", "2026-11-20T17:00:20Z"),
            ("Please try again in 1m30.5s.", "2026-11-20T17:01:30.5Z"),
            ("try again in 2 hours and 5 minutes", "2026-11-20T19:05:00Z"),
            (
                "Claude AI usage limit reached|1795200000",
                "2026-11-20T18:40:00Z",
            ),
            ("resets at 2026-11-21T03:00:00Z", "2026-11-21T03:00:00Z"),
            (
                "You've hit your session limit · resets 11pm (Asia/Tokyo)",
                "2026-11-21T14:00:00Z",
            ),
            ("hit your limit · resets 3:30am", "2026-11-21T03:30:00Z"),
            ("resets at 18:15", "2026-11-20T18:15:00Z"),
            ("or try again at 4:09 PM.", "2026-11-21T16:09:00Z"),
            (
                "weekly limit · resets Nov 24 at 3 am (UTC)",
                "2026-11-24T03:00:00Z",
            ),
            ("resets 12am", "2026-11-21T00:00:00Z"),
            // A moment that has just passed is about now; the provider's clock is not ours.
            ("try again at 4:50 PM", "2026-11-20T17:01:00Z"),
            ("resets 5pm", "2026-11-20T17:01:00Z"),
            ("resets in a while, maybe 6pm", "2026-11-20T18:00:00Z"),
            (
                "try again at Nov 24th, 2026 4:09 PM",
                "2026-11-24T16:09:00Z",
            ),
        ] {
            assert_eq!(read(text).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn nonsense_and_the_past_give_no_moment() {
        for text in [
            "",
            "resets",
            "resets soon",
            "retry after lunch",
            "|12",
            "limit reached|1600000000",
            "try again in 99999999999999999999 days",
            "resets at 99:99",
            "resets Feb 31 at 3pm",
            "resets (Nowhere/Land) pm",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in ".*") {
            let _ = reset_time(&text, NOW, &TimeZone::UTC);
            let _ = reset_time(&format!("resets {text}"), NOW, &TimeZone::UTC);
            let _ = reset_time(&format!("try again in {text}"), NOW, &TimeZone::UTC);
        }
    }
}
