//! Every setting as a row: reading, showing, the commented file and the reference all walk the same rows.

use std::time::Duration;

use super::settings::{KeepAwake, KeepFolder, LogFormat, LoginShell, Settings, Words};
use super::value::{Kind, Value};
use ripieno_update::manifest::Channel;

/// One setting: how it is named, read, kept and explained.
pub(super) struct Row {
    pub(super) key: &'static str,
    pub(super) kind: Kind,
    /// What it does, in one or two sentences; the ids of the rules stand in the reference.
    pub(super) about: &'static str,
    pub(super) get: fn(&Settings) -> Value,
    pub(super) set: fn(&mut Settings, Value),
}

macro_rules! row {
    ($key:literal, $($field:ident).+: $variant:ident, $kind:expr, $about:literal) => {
        Row {
            key: $key,
            kind: $kind,
            about: $about,
            get: |settings| Value::$variant(settings.$($field).+.clone()),
            set: |settings, value| {
                if let Value::$variant(value) = value {
                    settings.$($field).+ = value;
                }
            },
        }
    };
}

/// A row of a setting whose words mean something to the worker.
macro_rules! words {
    ($key:literal, $($field:ident).+: $meaning:ty, $words:expr, $about:literal) => {
        Row {
            key: $key,
            kind: Kind::Word($words),
            about: $about,
            get: |settings| Value::Text(settings.$($field).+.word().to_owned()),
            set: |settings, value| {
                if let Value::Text(word) = value
                    && let Some(meaning) = <$meaning>::of(&word)
                {
                    settings.$($field).+ = meaning;
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
    words!("login_shell", login_shell: LoginShell, &["auto", "always", "never"],
        "Whether the login shell is asked for its environment, so that agents are found as in a terminal: when Ripieno was not started from one, always, or never."),
    words!("folders.keep", folders_keep: KeepFolder, &["auto", "always", "never"],
        "Whether a task that is paused or waits for a person keeps its folder, so that no other task works there: when it has changed something, always, or never."),
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
    row!("storage.limit", storage_limit: Size, Kind::Size { max: TIB },
        "How much the data folder may take. At the limit the oldest logs of ended tasks are removed; when that is not enough, nothing new is started and you are asked. 0 for no limit."),
    row!("watchdog.idle", watchdog_idle: Span, seconds(0, 7 * DAY),
        "A run that shows no sign of life for this long is stopped. 0 never stops it."),
    row!("watchdog.tool", watchdog_tool: Span, seconds(0, 7 * DAY),
        "The same while a tool of the agent is at work. 0 never stops it."),
    row!("log.filter", log_filter: Text, Kind::Filter,
        "Which log lines are kept: error, warn, info, debug or trace, also per module."),
    words!("log.format", log_format: LogFormat, &["text", "json"],
        "How log lines are written: text for people, or one JSON object per line."),
    row!("log.files", log_files: Count, Kind::Count { min: 1, max: 365 },
        "How many log files are kept; there is one per day."),
    row!("desktop.language", desktop.language: Text, Kind::Word(&["system", "en", "ja", "zh-Hans"]),
        "The language of window, tray icon and notifications: the system's, English, Japanese or Simplified Chinese. The command speaks English."),
    row!("desktop.theme", desktop.theme: Text, Kind::Word(&["system", "light", "dark", "contrast"]),
        "The colours of the window: the system's choice, light, dark, or high contrast."),
    row!("desktop.density", desktop.density: Text, Kind::Word(&["comfortable", "compact"]),
        "How much room the rows of the window take."),
    row!("desktop.close_to_tray", desktop.close_to_tray: Bool, Kind::Bool,
        "Whether closing the window leaves Ripieno at work behind its tray icon. Where there is no tray icon it stays at work all the same."),
    words!("desktop.keep_awake", desktop.keep_awake: KeepAwake, &["off", "ac", "always"],
        "Whether the system is kept from going to sleep while tasks run: never, while it is not on battery, or always."),
    row!("desktop.welcome", desktop.welcome: Bool, Kind::Bool,
        "Whether the welcome opens while there is no task yet; finishing it switches it off."),
    row!("desktop.single_keys", desktop.single_keys: Bool, Kind::Bool,
        "Whether single letters are shortcuts in the window."),
    row!("notify.asks", notify.asks: Bool, Kind::Bool,
        "Notify when something needs an answer."),
    row!("notify.failures", notify.failures: Bool, Kind::Bool,
        "Notify when a task has failed for good."),
    row!("notify.done", notify.done: Bool, Kind::Bool,
        "Notify when a task that took a minute or more is done."),
    row!("notify.holds", notify.holds: Bool, Kind::Bool,
        "Notify when an agent has to wait for its limit, and when it goes on."),
    row!("notify.allow_once", notify.allow_once: Bool, Kind::Bool,
        "Whether the notification of an approval has a button that allows it once. Without it the notification can only deny or open."),
    row!("notify.private", notify.private: Bool, Kind::Bool,
        "Whether notifications say only that something needs you, not what."),
    row!("notify.quiet", notify.quiet: ClockRange, Kind::ClockRange,
        "When nothing is notified, in local time; it may go past midnight. Empty for never."),
    row!("notify.reminders", notify.reminders: Bool, Kind::Bool,
        "Notify again after 15 minutes and after 2 hours when an ask is still open."),
    row!("update.check", update.check: Bool, Kind::Bool,
        "Whether a new version is looked for at the start and every 6 hours, and fetched."),
    row!("update.when_idle", update.when_idle: Bool, Kind::Bool,
        "Whether a version that is ready is installed as soon as no task runs. Otherwise it waits for your word."),
    words!("update.channel", update.channel: Channel, &["stable", "beta"],
        "Which versions are offered: releases, or also what is tried before them."),
    row!("update.source", update.source: Text, Kind::Address,
        "The https address that updates come from. Empty for the one this version was built with."),
    row!("update.health_wait", update.health_wait: Span, seconds(1, 60),
        "How long a new version may take to show that it can open the tasks, before it is tried once more and then left."),
];

/// What a lane's own limit allows.
pub(super) const LANE_SLOTS: Kind = Kind::Count { min: 1, max: 64 };
/// What a lane's own limit does.
pub(super) const LANE_ABOUT: &str = "How many tasks run at once in this lane. Without it agents have 2, an LLM endpoint 1, and scripts no limit but `slots`.";
