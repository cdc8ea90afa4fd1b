//! Requests about the worker as a whole.

use serde::{Deserialize, Serialize};

/// `worker.pause` (S4).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct WorkerPause {
    /// Also suspend what runs.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub suspend: bool,
    /// For so long.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub span: Option<String>,
    /// Until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// `lane.release`: reopens a lane whatever holds it (S6).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct LaneRelease {
    /// Which.
    pub lane: String,
}

/// `runtime.list` (A1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct RuntimeList {
    /// Look again.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub refresh: bool,
}

/// `config.get`, `config.reset`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct ConfigGet {
    /// Which setting.
    pub key: String,
}

/// `config.set` (O3).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct ConfigSet {
    /// Which setting.
    pub key: String,
    /// Its new value, as it is written in the file.
    pub value: String,
}

/// `events.since`: a page of the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct EventsSince {
    /// Events after this number.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub since: i64,
    /// At most so many, from 1 to 1000; 500 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// `events.subscribe`: a snapshot, then every event in order (W1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Subscribe {
    /// Events after this number; after the snapshot when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    /// Whether the reply holds a snapshot; the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<bool>,
}

/// `backup` (C5).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Backup {
    /// A file that does not exist yet, absolute; else one in the folder of backups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}
