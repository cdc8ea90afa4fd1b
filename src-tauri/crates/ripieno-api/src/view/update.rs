//! The updater at a glance (U1-U4).

use super::time;
use ripieno_core::time::Timestamp;
use ripieno_daemon::update::{Phase, UpdateStatus};
use serde::{Deserialize, Serialize};

/// What became of the last update.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LastUpdate {
    /// The version it was about.
    pub version: String,
    /// The version before.
    pub previous: String,
    /// When.
    pub at: String,
    /// Why the previous version was put back; none when the new one stayed.
    pub undone: Option<String>,
}

/// The updater.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Update {
    /// `idle`, `checking`, `downloading`, `ready` or `installing`.
    #[cfg_attr(test, ts(type = "UpdatePhase"))]
    pub phase: String,
    /// The running version.
    pub current: String,
    /// The version that is offered, fetched or ready.
    pub version: Option<String>,
    /// Bytes here.
    pub received: Option<u64>,
    /// Bytes in all.
    pub total: Option<u64>,
    /// Tasks that have to end before it may be installed.
    pub waits_for: u64,
    /// Whether running tasks are suspended for it.
    pub now: bool,
    /// The version the person does not want.
    pub skipped: Option<String>,
    /// What was wrong last, or what a person has to do.
    pub trouble: Option<String>,
    /// When the server was last asked.
    pub looked_at: Option<String>,
    /// When it will be asked by itself.
    pub next_look: Option<String>,
    /// Where a person reads what is new.
    pub notes: Option<String>,
    /// What became of the last update.
    pub last: Option<LastUpdate>,
}

impl Update {
    /// The updater as it is, with how many tasks it waits for.
    #[must_use]
    pub fn of(status: UpdateStatus, waits_for: usize) -> Self {
        let phase = match status.phase {
            Phase::Idle => "idle",
            Phase::Checking => "checking",
            Phase::Downloading => "downloading",
            Phase::Ready => "ready",
            Phase::Installing => "installing",
        };
        Update {
            phase: phase.to_owned(),
            current: ripieno_daemon::version().to_owned(),
            version: status.version.map(|version| version.to_string()),
            received: status.progress.map(|(received, _)| received),
            total: status.progress.map(|(_, total)| total),
            waits_for: if status.phase == Phase::Ready {
                waits_for as u64
            } else {
                0
            },
            now: status.now,
            skipped: status.skipped.map(|version| version.to_string()),
            trouble: status.trouble,
            looked_at: status.looked_at.map(time),
            next_look: status.next_look.map(time),
            notes: status.notes,
            last: status.last.map(|last| LastUpdate {
                version: last.version.to_string(),
                previous: last.previous.to_string(),
                at: time(Timestamp(last.at)),
                undone: last.undone,
            }),
        }
    }
}
