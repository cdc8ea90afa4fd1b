//! Requests about asks, and what a task says from inside itself.

use ripieno_core::{ask::AskScope, notes::ChecklistStep, receipt::Receipt};
use serde::{Deserialize, Serialize};

/// `ask.list`: the open asks, or all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct AskList {
    /// Also those that are settled.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub all: bool,
}

/// `ask.answer`: an option or a text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Answer {
    /// Which ask.
    pub id: String,
    /// An option's id, its number, or its exact label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option: Option<String>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How far an approval reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(type = "AskScope", optional))]
    pub scope: Option<AskScope>,
    /// The revision that was seen; a changed ask is not answered then (H2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
}

/// `ask.create`, inside a task.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct AskCreate {
    /// The question.
    pub text: String,
    /// `ID=LABEL` or `LABEL`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub options: Vec<String>,
    /// Whether text is an answer besides the options.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub text_ok: bool,
    /// The option that counts when it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// How long it stays open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Makes two questions one (H7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// How long the call waits, at most the window of H3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<String>,
}

/// `task.finish`, inside a task: names the outcome of the movement.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Finish {
    /// The outcome.
    pub outcome: String,
    /// What was done; else the performer's last words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What the next performer should know after a failure, each in one line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub lessons: Vec<String>,
}

/// `task.checklist`, inside a task: puts the performer's list of steps in place of the one there is (L10).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Checklist {
    /// The steps, in their order.
    #[cfg_attr(test, ts(type = "Array<ChecklistStep>"))]
    pub steps: Vec<ChecklistStep>,
}

/// `task.brief`, inside a task: puts a brief in place of the one there is (T20).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Brief {
    /// What the task is about; empty to take the brief away.
    pub text: String,
}

/// `task.result`, inside a task (T14).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct ReportResult {
    /// What is reported.
    #[cfg_attr(test, ts(type = "Record<string, unknown>"))]
    pub receipt: Receipt,
}

/// `task.progress`, inside a task (O4).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Progress {
    /// One line.
    pub text: String,
}
