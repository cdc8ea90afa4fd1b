//! How a process ended, and what is kept of it for the verdict.

use crate::process::Exit;
use jiff::tz::TimeZone;
use ripieno_core::{failure::Failure, time::Timestamp};

/// Why the process ended, as far as we had a hand in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Cause {
    /// It ended by itself.
    Itself,
    /// We were told to stop it.
    Stopped,
    /// A limit tripped (R6, T10); the text names it.
    Limit(Failure),
    /// Its retries were cut short (S5, S11).
    Hopeless,
}

/// How the process ended.
pub(crate) struct Ending {
    pub(crate) cause: Cause,
    pub(crate) exit: Exit,
    /// The last of what it printed on stderr.
    pub(crate) stderr: String,
    /// Requests to a person that had no answer.
    pub(crate) unanswered: usize,
    pub(crate) now: Timestamp,
    pub(crate) zone: TimeZone,
}

/// How much of a text is kept with a failure, in characters.
const KEPT: usize = 2000;

/// How much of the end of stderr is kept in memory, in bytes.
pub(super) const STDERR_KEPT: usize = 16 * 1024;

/// The beginning of a text that is kept with a failure.
pub(crate) fn head(text: &str) -> String {
    text.chars().take(KEPT).collect()
}

/// The end of a text that is kept with a failure.
pub(crate) fn tail(text: &str) -> String {
    let text = text.trim();
    let skip = text.chars().count().saturating_sub(KEPT);
    text.chars().skip(skip).collect()
}
