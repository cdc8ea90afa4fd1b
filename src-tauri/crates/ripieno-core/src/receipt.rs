//! Receipts: what a performer reports when it ends (T14).

use serde::{Deserialize, Serialize};

/// What the performer says of its own work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptStatus {
    /// It did what was asked.
    Completed,
    /// It cannot go on without help.
    Blocked,
    /// It could not do it.
    Failed,
}

/// Something delivered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Artifact {
    /// What it is: `file`, `url`, `branch`, ...
    pub kind: String,
    /// Where it is.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What it is for.
    #[serde(default)]
    pub text: String,
}

/// Something that stands in the way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Blocker {
    /// What kind.
    #[serde(default)]
    pub kind: String,
    /// What it is.
    pub text: String,
    /// What would help.
    #[serde(default)]
    pub suggestion: String,
    /// Whether a person has to act.
    #[serde(default)]
    pub needs_user: bool,
}

/// One thing that can be checked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Check {
    /// How it is checked.
    pub kind: CheckKind,
    /// The command, path or address.
    pub value: String,
    /// What it should show.
    #[serde(default)]
    pub expected: String,
}

/// How a check is run (T15).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// A command that must exit 0.
    Command,
    /// A file that must exist.
    File,
    /// An address that must answer.
    Url,
}

/// What a performer reports by tool call or as JSON in its last message (T14).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// Its verdict.
    pub status: ReceiptStatus,
    /// At most eight lines.
    #[serde(default)]
    pub summary: String,
    /// What it delivered.
    #[serde(default)]
    pub artifacts: Vec<Artifact>,
    /// What stands in the way.
    #[serde(default)]
    pub blockers: Vec<Blocker>,
    /// What can be checked.
    #[serde(default, rename = "verification")]
    pub checks: Vec<Check>,
    /// Why nothing can be checked.
    #[serde(default)]
    pub no_verification: Option<String>,
}

/// How many lines of a summary are kept.
pub const SUMMARY_LINES: usize = 8;

impl Receipt {
    /// A completed receipt from the performer's last text, its last eight non-empty lines kept.
    #[must_use]
    pub fn completed(text: &str) -> Self {
        Receipt {
            status: ReceiptStatus::Completed,
            summary: last_lines(text, SUMMARY_LINES),
            artifacts: Vec::new(),
            blockers: Vec::new(),
            checks: Vec::new(),
            no_verification: None,
        }
    }
}

/// The last `count` non-empty lines of a text, in order.
#[must_use]
pub fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|l| !l.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
