//! Moments as text.

use jiff::tz::TimeZone;
use ripieno_core::time::Timestamp;

/// The present moment as a prompt says it (P8).
#[derive(Clone, Debug)]
pub struct TimeWords {
    /// RFC 3339 in UTC.
    pub utc: String,
    /// Local, with the weekday.
    pub local: String,
    /// The name of the zone.
    pub zone: String,
}

/// A moment as RFC 3339 in UTC, with milliseconds when it has any.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |at| at.to_string())
}

/// The moment for a prompt (P8).
#[must_use]
pub fn time_context(at: Timestamp) -> TimeWords {
    let zone = TimeZone::system();
    let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    TimeWords {
        utc: moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        local: moment
            .to_zoned(zone.clone())
            .strftime("%A %Y-%m-%d %H:%M %z")
            .to_string(),
        zone: zone.iana_name().unwrap_or("local time").to_owned(),
    }
}
