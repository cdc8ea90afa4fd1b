//! How a process ended, and what is kept of it for the verdict.

use crate::{
    classify::{Signals, classify},
    process::{Exit, signal_name},
};
use jiff::tz::TimeZone;
use ripieno_core::{
    failure::{Class, Failure},
    time::Timestamp,
};

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

impl Ending {
    /// The failure of a program that ended without a final event (R7). `unreadable` is the first line of its stdout
    /// that was no message.
    pub(crate) fn no_result(&self, had_output: bool, unreadable: &str) -> Failure {
        let said = tail(&self.stderr);
        let known = match classify(&Signals {
            zone: self.zone.clone(),
            ..Signals::text(&said, self.now)
        }) {
            Class::Unknown if tells_of_an_old_version(&said) => Some(Class::VersionUnsupported),
            Class::Unknown => None,
            class => Some(class),
        };
        let how = match self.exit {
            Exit::Code(code) => format!("it exited with {code} and gave no result"),
            Exit::Signal(signal) => {
                format!("it was ended by {} and gave no result", signal_name(signal))
            }
            Exit::Lost => "its supervisor was killed".to_owned(),
        };
        let mut text = how;
        for part in [said.as_str(), unreadable] {
            if !part.is_empty() {
                text = format!("{text}: {part}");
            }
        }
        let class = match self.exit {
            Exit::Lost => Class::ProcessCrashed,
            Exit::Code(_) if !had_output && known.is_some() => {
                known.unwrap_or(Class::ProcessCrashed)
            }
            Exit::Code(0) => Class::EmptyOutput,
            Exit::Code(_) | Exit::Signal(_) => Class::ProcessCrashed,
        };
        Failure::new(class, head(&text))
    }
}

/// Whether the program knows less than we ask of it.
fn tells_of_an_old_version(said: &str) -> bool {
    [
        "unknown option",
        "unrecognized subcommand",
        "unexpected argument",
    ]
    .iter()
    .any(|words| said.contains(words))
}

/// Texts that stand in place of an answer (T21).
const GAVE_UP: &[&str] = &[
    "(no content)",
    "no response requested.",
    "[request interrupted by user]",
];

/// Whether a text stands in place of an answer (T21).
pub(crate) fn gave_up(text: &str) -> bool {
    GAVE_UP.contains(&text.trim().to_lowercase().as_str())
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
fn tail(text: &str) -> String {
    let text = text.trim();
    let skip = text.chars().count().saturating_sub(KEPT);
    text.chars().skip(skip).collect()
}
