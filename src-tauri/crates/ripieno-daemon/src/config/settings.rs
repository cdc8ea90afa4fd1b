//! The settings: one field, one row. Reading, showing, the commented file and the reference all
//! walk the same rows.

use std::collections::BTreeMap;
use std::time::Duration;

use ripieno_core::lane::LaneId;

use super::error::ConfigError;
use super::value::{Kind, Value};

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// The values in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many tasks run at once (S3).
    pub slots: u32,
    /// Limits of single lanes; see [`Settings::lane_slots`] (S3).
    pub lanes: BTreeMap<LaneId, u32>,
    /// Lanes that may be chosen for a task that names no agent, in order (S7).
    pub automatic: Vec<LaneId>,
    /// The approval level of tasks that name none (A5).
    pub approvals: String,
    /// How long an agent that can take an answer in place is kept (H3).
    pub ask_window: Duration,
    /// The first pause before a retry (T8).
    pub retry_base: Duration,
    /// The longest pause before a retry (T8).
    pub retry_cap: Duration,
    /// How many tries a task has in all (T8).
    pub retry_tries: u32,
    /// From the request to stop until the processes are killed (R9).
    pub stop_grace: Duration,
    /// How long quitting may take in all (C7).
    pub quit_grace: Duration,
    /// Size of the file that is dropped when the disk is full, in bytes (C6).
    pub disk_reserve: u64,
    /// Below this much free space no task is started, in bytes (C6).
    pub disk_min_free: u64,
    /// Silence that stops a run, in awake time; zero disables (R6).
    pub watchdog_idle: Duration,
    /// Silence that stops a run while a tool is in flight; zero disables (R6).
    pub watchdog_tool: Duration,
    /// Which log lines are kept (O1).
    pub log_filter: String,
    /// How they are written (O1).
    pub log_format: LogFormat,
    /// How many daily log files are kept (O1).
    pub log_files: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            slots: 4,
            lanes: BTreeMap::new(),
            automatic: LaneId::new("claude", "default").into_iter().collect(),
            approvals: "ask_risky".to_owned(),
            ask_window: Duration::from_secs(10 * 60),
            retry_base: Duration::from_millis(1_500),
            retry_cap: Duration::from_secs(60),
            retry_tries: 3,
            stop_grace: Duration::from_secs(5),
            quit_grace: Duration::from_secs(30),
            disk_reserve: 16 << 20,
            disk_min_free: 256 << 20,
            watchdog_idle: Duration::from_secs(30 * 60),
            watchdog_tool: Duration::from_secs(2 * 60 * 60),
            log_filter: "info".to_owned(),
            log_format: LogFormat::Text,
            log_files: 7,
        }
    }
}

/// One setting: how it is named, read, kept and explained.
pub(super) struct Row {
    pub(super) key: &'static str,
    pub(super) kind: Kind,
    /// What it does, in one or two sentences; the ids of the rules stand in the reference.
    pub(super) about: &'static str,
    pub(super) get: fn(&Settings) -> Value,
    set: fn(&mut Settings, Value),
}

macro_rules! row {
    ($key:literal, $field:ident: $variant:ident, $kind:expr, $about:literal) => {
        Row {
            key: $key,
            kind: $kind,
            about: $about,
            get: |settings| Value::$variant(settings.$field.clone()),
            set: |settings, value| {
                if let Value::$variant(value) = value {
                    settings.$field = value;
                }
            },
        }
    };
}

const fn seconds(min: u64, max: u64) -> Kind {
    Kind::Span {
        min: Duration::from_secs(min),
        max: Duration::from_secs(max),
    }
}

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;
const TIB: u64 = 1 << 40;

/// Every setting, in the order of the reference; those of one section stand together.
pub(super) const ROWS: &[Row] = &[
    row!("slots", slots: Count, Kind::Count { min: 1, max: 64 },
        "How many tasks run at once."),
    row!("automatic", automatic: Lanes, Kind::Lanes,
        "Lanes that may be chosen for a task that names no agent, the preferred one first."),
    row!("approvals", approvals: Text, Kind::Word(&["ask_all", "ask_risky", "trusted"]),
        "What an agent must ask for, where a task says nothing: everything, what is risky, or nothing that the sandbox allows."),
    row!("ask.window", ask_window: Span, seconds(0, HOUR),
        "How long an agent that waits for an answer is kept running; then its session is suspended until the answer comes."),
    row!("retry.base", retry_base: Span, seconds(0, HOUR),
        "The pause before the first retry; each later one is twice as long."),
    row!("retry.cap", retry_cap: Span, seconds(0, DAY),
        "No pause before a retry is longer."),
    row!("retry.tries", retry_tries: Count, Kind::Count { min: 1, max: 20 },
        "How many tries a task has in all, when its failure is of a kind that is tried again."),
    row!("stop.grace", stop_grace: Span, seconds(0, 10 * 60),
        "How long the processes of a task may take to stop before they are killed."),
    row!("quit.grace", quit_grace: Span, seconds(0, 10 * 60),
        "How long all tasks together may take to stop when Ripieno quits."),
    row!("disk.reserve", disk_reserve: Size, Kind::Size { max: TIB },
        "Size of a file that is given up when the disk is full, so that what runs can be brought to an end. 0 keeps none."),
    row!("disk.min_free", disk_min_free: Size, Kind::Size { max: TIB },
        "With less free space than this on the disk of the data folder no task is started. 0 starts them always."),
    row!("watchdog.idle", watchdog_idle: Span, seconds(0, 7 * DAY),
        "A run that shows no sign of life for this long is stopped. 0 never stops it."),
    row!("watchdog.tool", watchdog_tool: Span, seconds(0, 7 * DAY),
        "The same while a tool of the agent is at work. 0 never stops it."),
    row!("log.filter", log_filter: Text, Kind::Filter,
        "Which log lines are kept: error, warn, info, debug or trace, also per module."),
    Row {
        key: "log.format",
        kind: Kind::Word(&["text", "json"]),
        about: "How log lines are written: text for people, or one JSON object per line.",
        get: |settings| Value::Text(settings.log_format.word().to_owned()),
        set: |settings, value| {
            let json = value == Value::Text(LogFormat::Json.word().to_owned());
            settings.log_format = if json {
                LogFormat::Json
            } else {
                LogFormat::Text
            };
        },
    },
    row!("log.files", log_files: Count, Kind::Count { min: 1, max: 365 },
        "How many log files are kept; there is one per day."),
];

/// What a lane's own limit allows.
pub(super) const LANE_SLOTS: Kind = Kind::Count { min: 1, max: 64 };

impl LogFormat {
    const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

impl Settings {
    /// Returns how many tasks may run in `lane` at once; `None` when only `slots` limits it (S3).
    ///
    /// Without a setting of its own: scripts have no limit, an LLM endpoint one, agents two.
    #[must_use]
    pub fn lane_slots(&self, lane: &LaneId) -> Option<u32> {
        match self.lanes.get(lane) {
            Some(limit) => Some(*limit),
            None if lane.is_shell() => None,
            None if lane.kind() == "llm" => Some(1),
            None => Some(2),
        }
    }

    /// Returns every value with its key, lanes with a limit of their own last.
    #[must_use]
    pub fn values(&self) -> Vec<(String, Value)> {
        let rows = ROWS.iter().map(|row| (row.key.to_owned(), (row.get)(self)));
        let lanes = self
            .lanes
            .iter()
            .map(|(lane, n)| (lane_key(lane), Value::Count(*n)));
        rows.chain(lanes).collect()
    }

    pub(super) fn value(&self, key: &str) -> Result<Value, ConfigError> {
        if let Some(row) = row(key) {
            return Ok((row.get)(self));
        }
        let lane = lane_of(key).ok_or_else(|| unknown(key))?;
        // A lane of scripts has no number of its own: the limit of all stands for it.
        Ok(Value::Count(self.lane_slots(&lane).unwrap_or(self.slots)))
    }

    pub(super) fn put(&mut self, key: &str, value: Value) -> Result<(), ConfigError> {
        if let Some(row) = row(key) {
            (row.set)(self, value);
        } else if let (Some(lane), Value::Count(n)) = (lane_of(key), value) {
            self.lanes.insert(lane, n);
        } else {
            return Err(unknown(key));
        }
        Ok(())
    }
}

pub(super) fn kind_of(key: &str) -> Result<Kind, ConfigError> {
    row(key)
        .map(|row| row.kind)
        .or_else(|| lane_of(key).map(|_| LANE_SLOTS))
        .ok_or_else(|| unknown(key))
}

fn row(key: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.key == key)
}

/// Reads `lanes.<lane>.slots`; the lane's name may have dots of its own.
pub(super) fn lane_of(key: &str) -> Option<LaneId> {
    key.strip_prefix("lanes.")?
        .strip_suffix(".slots")?
        .parse()
        .ok()
}

fn lane_key(lane: &LaneId) -> String {
    format!("lanes.{lane}.slots")
}

fn unknown(key: &str) -> ConfigError {
    ConfigError::Unknown {
        key: key.to_owned(),
        suggestion: suggest(key),
    }
}

/// Finds the setting that was probably meant.
pub(super) fn suggest(key: &str) -> Option<String> {
    let near = |row: &&Row| {
        let last = row.key.rsplit('.').next().unwrap_or(row.key);
        // The last word alone is how people remember a setting ("window").
        strsim::jaro_winkler(key, row.key).max(strsim::jaro_winkler(key, last) - 0.05)
    };
    let best = ROWS.iter().max_by(|a, b| near(a).total_cmp(&near(b)))?;
    (near(&best) > 0.8).then(|| best.key.to_owned())
}
