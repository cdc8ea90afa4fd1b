//! Spans of time as people write them: `45s`, `10m`, `2h`, `1d` or a sum such as `1h30m`.

use std::time::Duration;

use serde::Serializer;

/// The longest span a piece may name: 365 days.
const LONGEST_SECONDS: u64 = 365 * 86_400;

/// Reads a span of time; `None` when the text is none, is zero or is over a year.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    let mut seconds: u64 = 0;
    let mut number: Option<u64> = None;
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            number = Some(
                number
                    .unwrap_or(0)
                    .checked_mul(10)?
                    .checked_add(digit.into())?,
            );
            continue;
        }
        let unit = match c {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return None,
        };
        seconds = seconds.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    let whole = number.is_none() && (1..=LONGEST_SECONDS).contains(&seconds);
    whole.then(|| Duration::from_secs(seconds))
}

/// Writes a span as whole seconds.
pub(crate) fn serialize_option<S: Serializer>(
    span: &Option<Duration>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match span {
        Some(span) => to.serialize_some(&span.as_secs()),
        None => to.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_nonsense_is_refused() {
        let seconds = |text| parse(text).map(|d| d.as_secs());
        assert_eq!(seconds("45s"), Some(45));
        assert_eq!(seconds("30m"), Some(1_800));
        assert_eq!(seconds("1h30m"), Some(5_400));
        assert_eq!(seconds("1d"), Some(86_400));
        for bad in [
            "",
            "0s",
            "10",
            "m",
            "1.5h",
            "-1s",
            "99999999999999999999s",
            "400d",
        ] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
