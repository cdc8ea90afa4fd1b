//! Transcripts: what a performer said and did, one JSON object per line under `attempts/<n>/` (R2, R12).
//!
//! Owns the file's form, its writer and its readers. A line is `{n, at, attempt, movement, kind, ...}`; `n` counts per
//! task, across attempts. Refuses to decide what an item is: adapters do.

mod deltas;
mod read;
mod spill;
mod write;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use read::page_of;

pub use read::{Follow, Page, Query, Reader};
pub use spill::INLINE;
pub use write::{CAP, Transcript, TranscriptError, TranscriptSpec};

use crate::stream::Item;
use ripieno_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The name of the file in the folder of an attempt.
pub const FILE_NAME: &str = "transcript.jsonl";

/// One line of a transcript.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Counts per task, from 1.
    pub n: u64,
    /// When it was said: RFC 3339 in UTC, to the millisecond.
    #[serde(with = "rfc3339")]
    pub at: Timestamp,
    /// The attempt it belongs to.
    pub attempt: u32,
    /// The movement it belongs to.
    pub movement: String,
    /// What it is.
    #[serde(flatten)]
    pub item: Item,
}

/// Moments as they are written.
mod rfc3339 {
    use ripieno_core::time::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        // A moment outside the calendar is a clock gone wild: it is written as the calendar's end.
        let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::MAX);
        to.collect_str(&format_args!("{at:.3}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        let at: jiff::Timestamp = text.parse().map_err(D::Error::custom)?;
        Ok(Timestamp(at.as_millisecond()))
    }
}

/// The number of a line, which is always written first.
fn number(line: &[u8]) -> Option<u64> {
    let rest = line.strip_prefix(br#"{"n":"#)?;
    let end = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&rest[..end]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
