//! The kinds of values a setting can have.

use std::fmt;
use std::time::Duration;

use ripieno_core::lane::LaneId;

use ripieno_update::source::check_address;

use crate::clock_range::ClockRange;
use crate::quantity::{format_duration, format_size, parse_duration, parse_size};

/// The value of a setting, whatever its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Count(u32),
    /// A duration.
    Span(Duration),
    /// A size in bytes.
    Size(u64),
    /// A word or a line of text.
    Text(String),
    /// Yes or no.
    Bool(bool),
    /// A part of the day; none is written as an empty text.
    ClockRange(Option<ClockRange>),
    /// Lanes, in order.
    Lanes(Vec<LaneId>),
}

impl Value {
    /// Returns the value as TOML.
    #[must_use]
    pub fn to_toml(&self) -> toml_edit::Value {
        match self {
            Self::Count(n) => i64::from(*n).into(),
            Self::Bool(yes) => (*yes).into(),
            Self::Lanes(lanes) => lanes.iter().map(LaneId::as_str).collect(),
            Self::Span(_) | Self::Size(_) | Self::Text(_) | Self::ClockRange(_) => {
                self.to_string().into()
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(n) => write!(f, "{n}"),
            Self::Span(span) => f.write_str(&format_duration(*span)),
            Self::Size(bytes) => f.write_str(&format_size(*bytes)),
            Self::Text(text) => f.write_str(text),
            Self::Bool(yes) => write!(f, "{yes}"),
            Self::ClockRange(None) => Ok(()),
            Self::ClockRange(Some(range)) => write!(f, "{range}"),
            Self::Lanes(lanes) => f.write_str(
                &lanes
                    .iter()
                    .map(LaneId::as_str)
                    .collect::<Vec<_>>()
                    .join(","),
            ),
        }
    }
}

/// What values a setting allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number in a range.
    Count {
        /// The least.
        min: u32,
        /// The most.
        max: u32,
    },
    /// A duration in a range.
    Span {
        /// The shortest.
        min: Duration,
        /// The longest.
        max: Duration,
    },
    /// A size.
    Size {
        /// The largest, in bytes.
        max: u64,
    },
    /// One of some words.
    Word(&'static [&'static str]),
    /// A log filter.
    Filter,
    /// Yes or no.
    Bool,
    /// A part of the day, or none.
    ClockRange,
    /// A list of lanes.
    Lanes,
    /// An address that programs may be fetched from, or none.
    Address,
}

impl Kind {
    /// Reads what a person wrote.
    ///
    /// # Errors
    /// What is allowed.
    pub(super) fn parse(self, text: &str) -> Result<Value, String> {
        let trimmed = text.trim();
        let value = match self {
            Self::Count { min, max } => trimmed
                .parse()
                .ok()
                .filter(|n| (min..=max).contains(n))
                .map(Value::Count),
            Self::Span { min, max } => parse_duration(trimmed)
                .ok()
                .filter(|span| (min..=max).contains(span))
                .map(Value::Span),
            Self::Size { max } => parse_size(trimmed)
                .ok()
                .filter(|size| *size <= max)
                .map(Value::Size),
            Self::Word(words) => words
                .contains(&trimmed)
                .then(|| Value::Text(trimmed.to_owned())),
            Self::Filter => crate::logs::check_filter(trimmed)
                .is_ok()
                .then(|| Value::Text(trimmed.to_owned())),
            Self::Bool => trimmed.parse().ok().map(Value::Bool),
            Self::ClockRange if trimmed.is_empty() => Some(Value::ClockRange(None)),
            Self::ClockRange => trimmed
                .parse()
                .ok()
                .map(|range| Value::ClockRange(Some(range))),
            Self::Lanes => lanes(trimmed).map(Value::Lanes),
            Self::Address => (trimmed.is_empty() || check_address(trimmed).is_ok())
                .then(|| Value::Text(trimmed.to_owned())),
        };
        value.ok_or_else(|| self.allowed())
    }

    /// Reads a value of the file. Texts are quoted there, numbers are not.
    ///
    /// # Errors
    /// What is allowed.
    pub(super) fn read_toml(self, value: &toml_edit::Value) -> Result<Value, String> {
        let numeric = matches!(self, Self::Count { .. } | Self::Size { .. });
        let text = match value {
            toml_edit::Value::Integer(n) if numeric || *n.value() == 0 => n.value().to_string(),
            toml_edit::Value::String(text) if !matches!(self, Self::Count { .. } | Self::Bool) => {
                text.value().clone()
            }
            toml_edit::Value::Boolean(yes) if self == Self::Bool => yes.value().to_string(),
            toml_edit::Value::Array(list) if matches!(self, Self::Lanes) => {
                let texts: Option<Vec<&str>> = list.iter().map(toml_edit::Value::as_str).collect();
                texts.ok_or_else(|| self.allowed())?.join(",")
            }
            _ => return Err(self.allowed()),
        };
        self.parse(&text)
    }

    /// Says in words what is allowed, with an example.
    pub(super) fn allowed(self) -> String {
        match self {
            Self::Count { min, max } => format!("a whole number from {min} to {max}"),
            Self::Span { min, max } => format!(
                "a duration in quotes from {} to {}, such as \"90s\" or \"1h30m\"",
                format_duration(min),
                format_duration(max)
            ),
            Self::Size { max } => {
                format!(
                    "a size in quotes up to {}, such as \"16 MiB\"",
                    format_size(max)
                )
            }
            Self::Word(words) => format!("one of \"{}\"", words.join("\", \"")),
            Self::Filter => "a log filter in quotes, such as \"info\" or \
                             \"warn,ripieno_daemon=debug\""
                .to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::ClockRange => {
                "two times of day in quotes, such as \"22:00-07:00\", or \"\"".to_owned()
            }
            Self::Lanes => "a list of lanes, such as [\"claude:default\"]".to_owned(),
            Self::Address => {
                "an https address in quotes (http only on this machine), or \"\"".to_owned()
            }
        }
    }
}

fn lanes(text: &str) -> Option<Vec<LaneId>> {
    let names = text
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names.map(|name| name.parse().ok()).collect()
}
