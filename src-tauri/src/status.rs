//! What the tray reads of the worker's `status` view (cli.md, "Verbs").

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

/// Phase of the worker as the view names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerState {
    /// Not ready to claim yet.
    Starting,
    /// Claims when something is due.
    Running,
    /// The gate is closed by the person.
    Paused,
    /// An update is being installed.
    Updating,
    /// An orderly quit is under way (C7).
    Stopping,
}

/// One lane of performers, for example `claude:default`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Lane {
    /// Its name, `kind:account`.
    pub lane: String,
    /// Until when it is held; unknown when absent.
    #[serde(default)]
    pub held_until: Option<Timestamp>,
    /// Why it is held; absent when it is not.
    #[serde(default)]
    pub hold_reason: Option<String>,
}

/// The part of the view that the tray shows; unknown fields are left alone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Status {
    /// Phase of the worker.
    pub state: WorkerState,
    /// End of a pause, when one was given.
    #[serde(default)]
    pub paused_until: Option<Timestamp>,
    /// Number of tasks by shown state.
    #[serde(default)]
    pub counts: BTreeMap<String, u64>,
    /// Every lane the worker knows.
    #[serde(default)]
    pub lanes: Vec<Lane>,
    /// Number of open asks.
    #[serde(default)]
    pub asks: u64,
    /// Number of failures the person has not looked at.
    #[serde(default)]
    pub unseen_failures: u64,
    /// The version of an update that waits for the worker to be idle.
    #[serde(default)]
    pub update: Option<String>,
    /// How many tasks have to end first.
    #[serde(default)]
    pub update_waits_for: u64,
}

impl Status {
    /// Counts the tasks that hold a lease and work.
    #[must_use]
    pub fn busy(&self) -> u64 {
        self.count("leased") + self.count("running") + self.count("needs_verification")
    }

    /// Counts the tasks in one shown state.
    #[must_use]
    pub fn count(&self, state: &str) -> u64 {
        self.counts.get(state).copied().unwrap_or(0)
    }
}
