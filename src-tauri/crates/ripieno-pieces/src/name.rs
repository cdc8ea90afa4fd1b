//! Names as pieces write them: one shape for pieces, movements, outcomes and facets.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest name a piece may use, in characters.
const LONGEST: usize = 64;

/// Names a piece, a movement, a performer of a parallel movement, an outcome or a facet.
///
/// Small letters, digits, `-` and `_`, beginning with a letter or digit, at most 64 of them.
/// So a name is safe as a file name and can never be mistaken for `COMPLETE`, `ABORT` or
/// `WAIT_SUBTASKS`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// Refuses a text that is no [`Name`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{}\" is not a name: use small letters, digits, - and _, at most 64, beginning with a letter or digit",
    shortened(.0)
)]
pub struct NotAName(String);

impl Name {
    /// Checks a text and makes it a name.
    ///
    /// # Errors
    /// [`NotAName`] when the text has another shape.
    pub fn new(text: &str) -> Result<Self, NotAName> {
        if Self::fits(text) {
            Ok(Name(text.to_owned()))
        } else {
            Err(NotAName(text.to_owned()))
        }
    }

    /// Tells whether a text has the shape of a name.
    #[must_use]
    pub fn fits(text: &str) -> bool {
        let first = text.bytes().next();
        text.len() <= LONGEST
            && first.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
    }

    /// Fills the place of a name that could not be read, in a piece that is refused anyway.
    pub(crate) fn stand_in() -> Self {
        Name("unnamed".to_owned())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl TryFrom<String> for Name {
    type Error = NotAName;

    fn try_from(text: String) -> Result<Self, NotAName> {
        Name::new(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> String {
        name.0
    }
}

/// Cuts a text for a message and keeps it on one line.
pub(crate) fn shortened(text: &str) -> String {
    let flat: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    match flat.char_indices().nth(60) {
        Some((cut, _)) => format!("{}...", &flat[..cut]),
        None => flat,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_small_names_fit() {
        for good in [
            "solo",
            "fix-until-green",
            "needs_work",
            "2nd",
            &"a".repeat(64),
        ] {
            assert!(Name::fits(good), "{good}");
        }
        for bad in [
            "",
            "COMPLETE",
            "a b",
            "-a",
            "../x",
            "a/b",
            "é",
            &"a".repeat(65),
        ] {
            assert!(!Name::fits(bad), "{bad}");
        }
    }

    #[test]
    fn stored_name_is_checked_when_read_back() {
        assert!(serde_json::from_str::<Name>("\"../etc\"").is_err());
        assert_eq!(serde_json::from_str::<Name>("\"work\"").unwrap(), "work");
    }
}
