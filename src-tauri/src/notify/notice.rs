//! A banner as a value: what it says, what its buttons do, and where a click leads.

use std::fmt;

use super::facts::{LaneHold, OpenAsk, Task};
use crate::route::Route;

/// What a banner is about; there is at most one banner per subject, a later one takes its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An ask, by UUID.
    Ask(String),
    /// The end of a task, by UUID.
    Task(String),
    /// A lane, by name: its limit, or the ask that all its tasks wait for.
    Lane(String),
    /// Several at once.
    Many,
    /// What became of an answer, by the ask's UUID.
    Answer(String),
    /// A trial by the person.
    Trial,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask(id) => write!(f, "ask:{id}"),
            Self::Task(id) => write!(f, "task:{id}"),
            Self::Lane(name) => write!(f, "lane:{name}"),
            Self::Many => f.write_str("many"),
            Self::Answer(id) => write!(f, "answer:{id}"),
            Self::Trial => f.write_str("trial"),
        }
    }
}

/// What there is to say, before it has words.
#[derive(Debug, Clone, PartialEq)]
pub enum Matter {
    /// A task, a lane or the worker asks; `again` in a reminder.
    Asked {
        /// The ask and its task.
        open: Box<OpenAsk>,
        /// Whether this was told before.
        again: bool,
    },
    /// A task failed for good.
    Failed(Box<Task>),
    /// A task is done.
    Done(Box<Task>),
    /// A provider's limit holds a lane.
    Held(LaneHold),
    /// More than a person can read one by one.
    Many(Tally),
    /// An answer from a banner was not taken.
    NotTaken {
        /// The ask and its task, as they were shown.
        open: Box<OpenAsk>,
        /// Why.
        refusal: Refusal,
    },
    /// The person asks how it looks.
    Trial,
}

/// How many of what are told in one banner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Open asks.
    pub asks: u32,
    /// Failed tasks.
    pub failures: u32,
    /// Tasks that are done.
    pub done: u32,
}

impl Tally {
    /// How many need the person.
    #[must_use]
    pub fn pressing(&self) -> u32 {
        self.asks + self.failures
    }

    /// Whether there is nothing to tell any more.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Why an answer from a banner was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Somebody was first (H2).
    Answered {
        /// The surface or person.
        by: String,
    },
    /// The ask is closed, or is another by now.
    Gone,
    /// Anything else, in the worker's words.
    Other(String),
}

impl Matter {
    /// What the banner is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        match self {
            Self::Asked { open, .. } => match (&open.ask.task, &open.ask.lane) {
                (None, Some(lane)) => Subject::Lane(lane.clone()),
                _ => Subject::Ask(open.ask.id.clone()),
            },
            Self::Failed(task) | Self::Done(task) => Subject::Task(task.id.clone()),
            Self::Held(hold) => Subject::Lane(hold.lane.clone()),
            Self::Many(_) => Subject::Many,
            Self::NotTaken { open, .. } => Subject::Answer(open.ask.id.clone()),
            Self::Trial => Subject::Trial,
        }
    }

    /// The task it comes from, for the limit per task.
    #[must_use]
    pub fn task(&self) -> Option<&str> {
        match self {
            Self::Asked { open, .. } => open.ask.task.as_deref(),
            Self::Failed(task) | Self::Done(task) => Some(&task.id),
            Self::Held(_) | Self::Many(_) | Self::NotTaken { .. } | Self::Trial => None,
        }
    }

    /// The place in the window that shows it.
    #[must_use]
    pub fn route(&self) -> Route {
        match self {
            Self::Asked { open, .. } | Self::NotTaken { open, .. } => {
                Route::ask(&open.ask.short_id).unwrap_or(Route::Inbox(None))
            }
            Self::Failed(task) | Self::Done(task) => {
                Route::task(&task.short_id).unwrap_or(Route::Tasks)
            }
            Self::Held(_) => Route::Agents,
            Self::Many(tally) if tally.asks > 0 => Route::Inbox(None),
            Self::Many(_) => Route::Tasks,
            Self::Trial => "/settings/notify".parse().unwrap_or(Route::Settings(None)),
        }
    }
}

/// How pressing a banner is, as servers know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// May be left out when there is much else.
    Low,
    /// A person should see it.
    Normal,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Opens the window there.
    Open,
    /// Answers an ask, if it still is the one that was shown (H2).
    Answer {
        /// The ask, by UUID.
        ask: String,
        /// The option.
        option: String,
        /// The revision that was shown.
        revision: i64,
        /// Whether an approval counts for this one time.
        once: bool,
    },
    /// Tries a failed task again, by UUID.
    Retry(String),
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What comes back when it is pressed.
    pub id: String,
    /// What it says.
    pub label: String,
    /// What it does.
    pub deed: Deed,
}

/// A banner with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub subject: Subject,
    /// How pressing it is.
    pub urgency: Urgency,
    /// One line, understandable alone.
    pub title: String,
    /// One line more, plain; empty where the title says all.
    pub body: String,
    /// Its buttons, first to last.
    pub buttons: Vec<Button>,
    /// Where a click on the banner itself leads.
    pub opens: Route,
}

impl Notice {
    /// What a press does; a click on the banner itself is `default`.
    #[must_use]
    pub fn deed(&self, pressed: &str) -> Option<Deed> {
        if pressed == "default" {
            return Some(Deed::Open);
        }
        let button = self.buttons.iter().find(|button| button.id == pressed);
        button.map(|button| button.deed.clone())
    }
}
