//! What worker and supervisor say to each other: one JSON object per line over a socket pair.
//!
//! The first line goes down with the target's three streams as passed descriptors; nothing of it is ever on a
//! command line.

use serde::{Deserialize, Serialize};
use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::{OsStrExt, OsStringExt},
};

/// A string of the system, which need not be UTF-8.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Raw {
    /// The usual case.
    Text(String),
    /// Anything else.
    Bytes(Vec<u8>),
}

impl From<&OsStr> for Raw {
    fn from(value: &OsStr) -> Self {
        match value.to_str() {
            Some(text) => Raw::Text(text.to_owned()),
            None => Raw::Bytes(value.as_bytes().to_vec()),
        }
    }
}

impl From<Raw> for OsString {
    fn from(value: Raw) -> Self {
        match value {
            Raw::Text(text) => text.into(),
            Raw::Bytes(bytes) => OsString::from_vec(bytes),
        }
    }
}

/// What is to be started.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Target {
    /// Absolute.
    pub(crate) program: Raw,
    /// Without the name of the program.
    pub(crate) args: Vec<Raw>,
    /// The whole environment.
    pub(crate) env: Vec<(Raw, Raw)>,
    /// The working folder.
    pub(crate) cwd: Raw,
}

/// What the worker asks of a supervisor once the target runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Command {
    /// INT to the target alone.
    Interrupt,
    /// TERM to the target's group, woken if it was stopped.
    Terminate,
    /// KILL to every descendant.
    Kill,
}

/// What a supervisor reports.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    /// The target runs.
    Spawned {
        /// Its id, which is also its group's.
        pid: i32,
    },
    /// The target could not be started; nothing is left behind.
    Refused {
        /// The system's error number.
        errno: i32,
        /// Whether the working folder was what was missing.
        folder: bool,
    },
    /// The target has ended by itself or by a signal.
    Exited {
        /// Its exit status, unless a signal ended it.
        code: Option<i32>,
        /// The signal that ended it.
        signal: Option<i32>,
    },
    /// No process of the run is left, but for those that could not be killed. The last report.
    Gone {
        /// How many those are.
        left: usize,
    },
}

/// One line of the wire.
pub(crate) fn line(message: &impl Serialize) -> Vec<u8> {
    // These types have string keys and no custom serializer: nothing can fail.
    let mut line = serde_json::to_vec(message).unwrap_or_default();
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_that_are_not_utf8_survive_the_wire() {
        for bytes in [&b"plain"[..], b"", b"\xff\xfe/x", "ü".as_bytes()] {
            let raw = Raw::from(OsStr::from_bytes(bytes));
            let back: Raw = serde_json::from_slice(&line(&raw)).unwrap();
            assert_eq!(OsString::from(back).as_bytes(), bytes);
        }
    }
}
