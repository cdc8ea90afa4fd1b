//! The surroundings of a conversation that no process holds: for recordings that are read again, and for bytes made up.

use super::{Cause, Ending};
use crate::{Access, Approvals, Limits, RunSpec, Session, Work, process::Exit};
use jiff::tz::TimeZone;
use ripieno_core::time::Timestamp;
use std::{collections::BTreeMap, path::PathBuf, time::Duration};

/// The moment of every recording.
pub(crate) const NOW: Timestamp = Timestamp(1_795_194_000_000);

/// The run they were recorded in.
pub(crate) fn spec(folder: &str) -> RunSpec {
    RunSpec {
        work: Work::Prompt(String::new()),
        folder: PathBuf::from(folder),
        env: BTreeMap::new(),
        session: Session::New(uuid::Uuid::nil()),
        model: None,
        effort: None,
        approvals: Approvals::AskRisky,
        access: Access::Full,
        limits: Limits {
            idle: None,
            tool: None,
            working: None,
            grace: Duration::ZERO,
        },
        raw_log: PathBuf::new(),
        spill: PathBuf::new(),
        title: "Write a file".to_owned(),
        most_micros: None,
        tools: None,
    }
}

/// A program that ended with 0 and said nothing on stderr.
pub(crate) fn ending(cause: Cause) -> Ending {
    Ending {
        cause,
        exit: Exit::Code(0),
        stderr: String::new(),
        unanswered: 0,
        now: NOW,
        zone: TimeZone::UTC,
    }
}
