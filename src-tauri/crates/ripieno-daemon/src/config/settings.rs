//! The values in force: one field for each row of `rows.rs`.

use std::collections::BTreeMap;
use std::time::Duration;

use ripieno_core::lane::LaneId;
use ripieno_update::manifest::Channel;

use super::agents::OwnAgent;
use super::error::ConfigError;
use super::rows::{LANE_ABOUT, LANE_SLOTS, ROWS, Row};
use super::value::{Kind, Value};
use crate::clock_range::ClockRange;

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// When the system is kept from sleeping (S10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeepAwake {
    /// Never.
    Off,
    /// While tasks run and the machine is not on battery.
    #[default]
    OnAc,
    /// While tasks run.
    Always,
}

/// When the person's login shell is asked for its environment (R11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoginShell {
    /// When the worker was not started from a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Whether a task that waits for a person keeps its folder (D9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeepFolder {
    /// When it has changed something there.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A setting that is one of some words, each with a meaning of its own.
pub(super) trait Words: Sized + Copy + PartialEq + 'static {
    /// Every word with what it means.
    const ALL: &'static [(&'static str, Self)];

    /// The word for a meaning.
    fn word(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, meaning)| *meaning == self);
        found.map_or("", |(word, _)| word)
    }

    /// What a word means.
    fn of(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == word);
        found.map(|(_, meaning)| *meaning)
    }
}

impl Words for LogFormat {
    const ALL: &'static [(&'static str, Self)] = &[("text", Self::Text), ("json", Self::Json)];
}

impl Words for LoginShell {
    const ALL: &'static [(&'static str, Self)] = &[
        ("auto", Self::Auto),
        ("always", Self::Always),
        ("never", Self::Never),
    ];
}

impl Words for Channel {
    const ALL: &'static [(&'static str, Self)] = &[("stable", Self::Stable), ("beta", Self::Beta)];
}

impl Words for KeepFolder {
    const ALL: &'static [(&'static str, Self)] = &[
        ("auto", Self::Auto),
        ("always", Self::Always),
        ("never", Self::Never),
    ];
}

impl Words for KeepAwake {
    const ALL: &'static [(&'static str, Self)] = &[
        ("off", Self::Off),
        ("ac", Self::OnAc),
        ("always", Self::Always),
    ];
}

/// What the window and the tray icon do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desktop {
    /// `system`, or the tag of a language.
    pub language: String,
    /// `system`, `light`, `dark` or `contrast`.
    pub theme: String,
    /// `comfortable` or `compact`.
    pub density: String,
    /// Whether the closed window leaves the tray icon at work.
    pub close_to_tray: bool,
    /// When the system is kept from sleeping (S10).
    pub keep_awake: KeepAwake,
    /// Whether single letters are shortcuts.
    pub single_keys: bool,
    /// Whether the welcome opens while there is no task yet.
    pub welcome: bool,
}

/// What is notified, and how (H4-H6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    /// Questions and approvals.
    pub asks: bool,
    /// Tasks that failed for good.
    pub failures: bool,
    /// Tasks that are done.
    pub done: bool,
    /// Lanes that are held, and their release.
    pub holds: bool,
    /// Whether an approval can be given in the notification itself.
    pub allow_once: bool,
    /// Whether notifications leave out what tasks are about.
    pub private: bool,
    /// When nothing is notified.
    pub quiet: Option<ClockRange>,
    /// Whether an unanswered ask is notified again.
    pub reminders: bool,
}

/// Updates (U1-U4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Whether the server is asked by itself.
    pub check: bool,
    /// Whether a version that is ready is installed as soon as nothing runs.
    pub when_idle: bool,
    /// What is offered.
    pub channel: Channel,
    /// Where updates come from; empty for the address of the build.
    pub source: String,
    /// How long a new version may take to show that it is healthy.
    pub health_wait: Duration,
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
    /// When the person's login shell is asked for its environment (R11).
    pub login_shell: LoginShell,
    /// Whether a task that waits for a person keeps its folder (D9).
    pub folders_keep: KeepFolder,
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
    /// How much the data folder may take, in bytes; 0 for no limit (D7).
    pub storage_limit: u64,
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
    /// The window and the tray icon.
    pub desktop: Desktop,
    /// Notifications.
    pub notify: Notify,
    /// Updates.
    pub update: Update,
    /// Agents of the person's own (A2).
    pub agents: Vec<OwnAgent>,
}

impl Default for Desktop {
    fn default() -> Self {
        Self {
            language: "system".to_owned(),
            theme: "system".to_owned(),
            density: "comfortable".to_owned(),
            close_to_tray: true,
            keep_awake: KeepAwake::default(),
            single_keys: true,
            welcome: true,
        }
    }
}

impl Default for Notify {
    fn default() -> Self {
        Self {
            asks: true,
            failures: true,
            done: false,
            holds: true,
            allow_once: false,
            private: false,
            quiet: None,
            reminders: true,
        }
    }
}

impl Default for Update {
    fn default() -> Self {
        Self {
            check: true,
            when_idle: true,
            channel: Channel::default(),
            source: String::new(),
            health_wait: Duration::from_secs(60),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            slots: 4,
            lanes: BTreeMap::new(),
            automatic: LaneId::new("claude", "default").into_iter().collect(),
            approvals: "ask_risky".to_owned(),
            login_shell: LoginShell::default(),
            folders_keep: KeepFolder::default(),
            ask_window: Duration::from_secs(10 * 60),
            retry_base: Duration::from_millis(1_500),
            retry_cap: Duration::from_secs(60),
            retry_tries: 3,
            stop_grace: Duration::from_secs(5),
            quit_grace: Duration::from_secs(30),
            disk_reserve: 16 << 20,
            disk_min_free: 256 << 20,
            storage_limit: 10 << 30,
            watchdog_idle: Duration::from_secs(30 * 60),
            watchdog_tool: Duration::from_secs(2 * 60 * 60),
            log_filter: "info".to_owned(),
            log_format: LogFormat::Text,
            log_files: 7,
            desktop: Desktop::default(),
            notify: Notify::default(),
            update: Update::default(),
            agents: Vec::new(),
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

    /// What `key` would be without anybody's word.
    pub(super) fn default_of(&self, key: &str) -> Result<Value, ConfigError> {
        let plain = Self::default();
        match lane_of(key) {
            // A lane of scripts has no number of its own.
            Some(lane) => Ok(Value::Count(plain.lane_slots(&lane).unwrap_or(self.slots))),
            None => plain.value(key),
        }
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

/// Says what a setting does; nothing for one that does not exist.
pub(super) fn about(key: &str) -> &'static str {
    match row(key) {
        Some(row) => row.about,
        None if lane_of(key).is_some() => LANE_ABOUT,
        None => "",
    }
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
