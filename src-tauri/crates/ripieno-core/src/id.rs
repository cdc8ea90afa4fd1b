//! Identifiers: UUIDv7 newtypes, and the short numbers people type.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map($name)
            }
        }
    };
}

uuid_id!(
    /// Names a task for ever, on every machine.
    TaskId
);
uuid_id!(
    /// Names one leased execution of a task.
    AttemptId
);
uuid_id!(
    /// Names one thing that waits for a person.
    AskId
);

/// Numbers a task within its home; shown as `T-41`, never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskNo(pub i64);

impl fmt::Display for TaskNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T-{}", self.0)
    }
}

/// Numbers an ask within its home; shown as `A-7`, never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AskNo(pub i64);

impl fmt::Display for AskNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "A-{}", self.0)
    }
}

/// The fewest last digits that name an id.
const SUFFIX: usize = 6;

/// What a person types to name a task or an ask: `41`, `T-41`, a whole UUID, or at least six of its
/// last hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reference {
    /// The short number.
    Number(i64),
    /// Six bare decimal digits or more: the short number, or else the last digits of an id, as most end in a letter but
    /// not all.
    Digits {
        /// The short number it may be.
        number: i64,
        /// The digits as given, zeros in front included.
        suffix: String,
    },
    /// The whole id.
    Id(Uuid),
    /// The last digits of the id, lower case, without dashes.
    Suffix(String),
}

/// The text is no short number, no UUID and no suffix of at least six hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "`{0}` names nothing: give a number such as 41 or T-41, or at least 6 of the last digits of the id"
)]
pub struct BadReference(pub String);

impl Reference {
    /// Reads a reference; `letter` is `T` for tasks and `A` for asks.
    ///
    /// # Errors
    /// [`BadReference`] when the text has none of the three forms.
    pub fn parse(text: &str, letter: char) -> Result<Self, BadReference> {
        let bad = || BadReference(text.to_owned());
        let trimmed = text.trim();
        let digits = trimmed
            .strip_prefix(letter)
            .or_else(|| trimmed.strip_prefix(letter.to_ascii_lowercase()))
            .and_then(|rest| rest.strip_prefix('-'))
            .unwrap_or(trimmed);
        if !digits.is_empty() && digits.len() <= 18 && digits.bytes().all(|b| b.is_ascii_digit()) {
            let number = digits.parse().map_err(|_| bad())?;
            let bare = digits == trimmed && digits.len() >= SUFFIX;
            return Ok(match bare {
                true => Reference::Digits {
                    number,
                    suffix: digits.to_owned(),
                },
                false => Reference::Number(number),
            });
        }
        if let Ok(id) = Uuid::parse_str(trimmed) {
            return Ok(Reference::Id(id));
        }
        let plain = trimmed.replace('-', "").to_ascii_lowercase();
        if (SUFFIX..=32).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(Reference::Suffix(plain));
        }
        Err(bad())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_accepts_what_people_type() {
        let id = "0190f5a0-0000-7000-8000-0000deadbeef";
        assert_eq!(Reference::parse("41", 'T'), Ok(Reference::Number(41)));
        assert_eq!(Reference::parse("T-41", 'T'), Ok(Reference::Number(41)));
        assert_eq!(Reference::parse("t-41", 'T'), Ok(Reference::Number(41)));
        assert_eq!(
            Reference::parse("deadbeef", 'T'),
            Ok(Reference::Suffix("deadbeef".into()))
        );
        assert_eq!(
            Reference::parse("00762778", 'T'),
            Ok(Reference::Digits {
                number: 762_778,
                suffix: "00762778".into()
            })
        );
        assert_eq!(
            Reference::parse("T-762778", 'T'),
            Ok(Reference::Number(762_778))
        );
        assert!(matches!(Reference::parse(id, 'T'), Ok(Reference::Id(_))));
    }

    #[test]
    fn reference_refuses_what_names_nothing() {
        for text in ["", "T-", "A-41", "beef", "T-4x", "-1", "é"] {
            assert!(Reference::parse(text, 'T').is_err(), "{text}");
        }
    }
}
