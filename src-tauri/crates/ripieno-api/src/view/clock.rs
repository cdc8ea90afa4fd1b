//! Moments as people read them: local time, the date only where it is another day.

use jiff::{Timestamp, Zoned, tz::TimeZone};
use ripieno_core::time::Timestamp as Moment;

/// Writes a moment for people: `14:05`, with the date when it is not today, in the zone of this process.
pub(super) fn clock(at: Moment) -> String {
    Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |at| on(at, &Zoned::now()))
}

/// Writes a moment of a view (RFC 3339) for people: `14:05`, with the date when it is not today; other text stays.
#[must_use]
pub fn local(rfc3339: &str) -> String {
    rfc3339
        .parse()
        .map_or_else(|_| rfc3339.to_owned(), |at| on(at, &Zoned::now()))
}

/// The day and zone are those of `now`.
fn on(at: Timestamp, now: &Zoned) -> String {
    let zone: TimeZone = now.time_zone().clone();
    let at = at.to_zoned(zone);
    let form = if at.date() == now.date() {
        "%H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    at.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moment_of_today_is_a_clock_and_any_other_has_its_date() {
        let now: Zoned = "2026-03-01T10:00:00+01:00[Europe/Berlin]".parse().unwrap();
        let shown = |at: &str| on(at.parse().unwrap(), &now);
        assert_eq!(shown("2026-03-01T13:05:09.123Z"), "14:05");
        assert_eq!(shown("2026-03-01T23:30:00Z"), "2026-03-02 00:30");
        assert_eq!(local("never"), "never");
    }
}
