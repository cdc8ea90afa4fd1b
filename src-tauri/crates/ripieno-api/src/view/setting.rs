//! A setting with all that a form for it needs (O3).

use ripieno_daemon::{
    config::{Kind, Shown},
    quantity::{format_duration, format_size},
};
use serde::{Deserialize, Serialize};

/// One setting with the layer it comes from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Setting {
    /// Its key.
    pub key: String,
    /// Its value as it is written.
    pub value: String,
    /// `default`, `FILE:LINE`, `environment NAME` or `command line`.
    pub origin: String,
    /// What it is where nobody says anything.
    pub default: String,
    /// What is allowed.
    pub kind: SettingKind,
    /// What it does, in English.
    pub about: String,
    /// The section of the file it stands in; `general` for those that stand in none.
    pub section: String,
    /// Whether it is something else than the default.
    pub changed: bool,
}

/// What a setting allows. Durations and sizes are written as in the file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SettingKind {
    /// A whole number.
    Count {
        /// The least.
        min: u32,
        /// The most.
        max: u32,
    },
    /// A duration.
    Span {
        /// The shortest.
        min: String,
        /// The longest.
        max: String,
    },
    /// A size.
    Size {
        /// The largest.
        max: String,
    },
    /// One of some words.
    Word {
        /// The words.
        words: Vec<String>,
    },
    /// Free text.
    Text,
    /// `true` or `false`.
    Bool,
    /// `22:00-07:00`, or empty.
    ClockRange,
    /// Lanes with commas between them.
    Lanes,
    /// Which log lines are kept.
    Filter,
}

impl From<Kind> for SettingKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Count { min, max } => SettingKind::Count { min, max },
            Kind::Span { min, max } => SettingKind::Span {
                min: format_duration(min),
                max: format_duration(max),
            },
            Kind::Size { max } => SettingKind::Size {
                max: format_size(max),
            },
            Kind::Word(words) => SettingKind::Word {
                words: words.iter().map(|word| (*word).to_owned()).collect(),
            },
            Kind::Filter => SettingKind::Filter,
            Kind::Bool => SettingKind::Bool,
            Kind::ClockRange => SettingKind::ClockRange,
            Kind::Lanes => SettingKind::Lanes,
            Kind::Address => SettingKind::Text,
        }
    }
}

impl From<&Shown> for Setting {
    fn from(shown: &Shown) -> Self {
        Setting {
            key: shown.key.clone(),
            value: shown.value.to_string(),
            origin: shown.origin.to_string(),
            default: shown.default.to_string(),
            kind: shown.kind.into(),
            about: shown.about.to_owned(),
            section: shown.section().to_owned(),
            changed: shown.changed(),
        }
    }
}
