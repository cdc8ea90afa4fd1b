//! Values of options: read here, so that a slip is told before any worker is asked.

use ripieno_daemon::quantity::{parse_duration, parse_time};
use std::time::Duration;

/// A duration: `45s`, `10m`, `2h`, `1d`, `1h30m`.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|bad| bad.to_string())
}

/// A moment, as RFC 3339: `18:30` and `tomorrow 08:00` are read in the zone of whoever types them.
pub(super) fn when(text: &str) -> Result<String, String> {
    let at = parse_time(text, &jiff::Zoned::now()).map_err(|bad| bad.to_string())?;
    Ok(at.to_string())
}

/// The number of an event.
pub(super) fn seq(text: &str) -> Result<i64, String> {
    text.parse().ok().filter(|seq| *seq >= 0).ok_or_else(|| {
        format!(
            "\"{text}\" is no event's number: give the `seq` of the last event you have, or leave it out"
        )
    })
}

/// An amount of US dollars.
pub(super) fn dollars(text: &str) -> Result<f64, String> {
    match text.trim_start_matches('$').parse::<f64>() {
        Ok(amount) if amount.is_finite() && amount >= 0.0 => Ok(amount),
        _ => Err(format!(
            "\"{text}\" is no amount of US dollars: write for example 2.50"
        )),
    }
}
