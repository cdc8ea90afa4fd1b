//! The worker at a glance, and what a subscriber gets first (W1).

use super::{Ask, Task, time};
use ripieno_core::state::StateKind;
use ripieno_daemon::handle;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Slots of the worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Slots {
    /// In use.
    pub used: u32,
    /// In all.
    pub total: u32,
}

/// A lane.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Lane {
    /// Which.
    pub lane: String,
    /// Slots in use.
    pub active: u32,
    /// Slots there are; none where only the worker's own count.
    pub limit: Option<u32>,
    /// Held until then.
    pub held_until: Option<String>,
    /// Why.
    pub hold_reason: Option<String>,
    /// Its login was rejected.
    pub signed_out: bool,
    /// It is drained after failures.
    pub drained: bool,
    /// What it lacks.
    pub missing: Option<String>,
}

/// The worker at a glance.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Status {
    /// `starting`, `running`, `paused`, `updating` or `stopping`.
    #[cfg_attr(test, ts(type = "WorkerState"))]
    pub state: String,
    /// When the pause ends.
    pub paused_until: Option<String>,
    /// Tasks by shown state.
    #[cfg_attr(test, ts(type = "Record<string, number>"))]
    pub counts: BTreeMap<String, u64>,
    /// Slots.
    pub slots: Slots,
    /// Lanes.
    pub lanes: Vec<Lane>,
    /// Open asks.
    pub asks: u64,
    /// Failures nobody has looked at.
    pub unseen_failures: u64,
    /// Bytes free, where that is too little to start anything (C6).
    pub low_disk: Option<u64>,
    /// The worker's version.
    pub version: String,
    /// The version of an update that is ready.
    pub update: Option<String>,
    /// Tasks that have to end before it is installed.
    pub update_waits_for: u64,
}

impl From<handle::Status> for Status {
    fn from(status: handle::Status) -> Self {
        let state = match status.state {
            handle::WorkerState::Starting => "starting",
            handle::WorkerState::Running => "running",
            handle::WorkerState::Paused => "paused",
            handle::WorkerState::Updating => "updating",
            handle::WorkerState::Stopping => "stopping",
        };
        let lane = |lane: handle::LaneStatus| Lane {
            lane: lane.lane.to_string(),
            active: lane.active,
            limit: lane.limit,
            held_until: lane.held_until.map(time),
            hold_reason: lane.hold_reason,
            signed_out: lane.signed_out,
            drained: lane.drained,
            missing: lane.missing,
        };
        Status {
            state: state.to_owned(),
            paused_until: status.paused_until.map(time),
            counts: every_state(status.counts),
            slots: Slots {
                used: status.used,
                total: status.total,
            },
            lanes: status.lanes.into_iter().map(lane).collect(),
            asks: status.asks,
            unseen_failures: status.unseen_failures,
            low_disk: status.low_disk,
            version: ripieno_daemon::version().to_owned(),
            update: status.update.map(|version| version.to_string()),
            update_waits_for: status.update_waits_for as u64,
        }
    }
}

/// Counts with a zero for each state that no task is in.
fn every_state(mut counts: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    for word in StateKind::ALL
        .map(StateKind::name)
        .into_iter()
        .chain(["paused"])
    {
        counts.entry(word.to_owned()).or_default();
    }
    counts
}

/// What a subscriber gets before the first event (W1).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Snapshot {
    /// The last event that is part of it: the next one that is sent has a higher number.
    pub seq: i64,
    /// The worker.
    pub status: Status,
    /// Tasks that have not ended, newest first; at most 200.
    pub tasks: Vec<Task>,
    /// Open asks.
    pub asks: Vec<Ask>,
}
