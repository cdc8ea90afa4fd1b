//! Asks: everything that waits for a person (H1).

use crate::{
    id::{AskId, AskNo, TaskId},
    lane::LaneId,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// What kind of thing a person is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskKind {
    /// A question of a performer.
    Question,
    /// Leave to do something.
    Approval,
    /// A login.
    SignIn,
    /// More time, tokens or money, or stop.
    Budget,
    /// Acceptance of finished work.
    Review,
    /// Acknowledgement that a lane was drained.
    Drain,
}

impl AskKind {
    /// The name used in rows and views.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            AskKind::Question => "question",
            AskKind::Approval => "approval",
            AskKind::SignIn => "sign_in",
            AskKind::Budget => "budget",
            AskKind::Review => "review",
            AskKind::Drain => "drain",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        use AskKind::*;
        [Question, Approval, SignIn, Budget, Review, Drain]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// Whose ask it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskSubject {
    /// One task waits for it.
    Task(TaskId),
    /// All tasks of a lane wait for it.
    Lane(LaneId),
    /// The worker itself.
    Worker,
}

/// One answer to choose from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AskOption {
    /// What is sent back.
    pub id: String,
    /// What is shown.
    pub label: String,
    /// What choosing it does.
    #[serde(default)]
    pub detail: Option<String>,
}

impl AskOption {
    /// An option without further detail.
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        AskOption {
            id: id.into(),
            label: label.into(),
            detail: None,
        }
    }
}

/// How far an approval reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskScope {
    /// This one time.
    Once,
    /// For the rest of the task.
    Task,
    /// For the folder.
    Project,
    /// From now on.
    Always,
}

/// What is asked, before it becomes a row.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AskSpec {
    /// What kind.
    pub kind: AskKind,
    /// The question as shown.
    pub text: String,
    /// The answers to choose from; may be empty when text is allowed.
    #[serde(default)]
    pub options: Vec<AskOption>,
    /// Whether free text is an answer.
    #[serde(default)]
    pub allows_text: bool,
    /// How far an approval may reach; empty where that makes no sense.
    #[serde(default)]
    pub scopes: Vec<AskScope>,
    /// The option that counts when the deadline passes.
    #[serde(default)]
    pub default: Option<String>,
    /// The deadline.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Two questions of one task with the same key are one question (H7).
    #[serde(default)]
    pub key: Option<String>,
    /// What the ask decides when it is not the performer's own: see [`AskPurpose`].
    #[serde(default)]
    pub purpose: AskPurpose,
    /// For approvals, the hash of what is shown and of what would run: leave that outlasts the ask is bound to it (sec-12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<String>,
}

impl AskSpec {
    /// A question with free text as its answer.
    pub fn question(text: impl Into<String>) -> Self {
        AskSpec {
            kind: AskKind::Question,
            text: text.into(),
            options: Vec::new(),
            allows_text: true,
            scopes: Vec::new(),
            default: None,
            expires_at: None,
            key: None,
            purpose: AskPurpose::Performer,
            binding: None,
        }
    }
}

/// Who takes the answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskPurpose {
    /// The performer: it is given the answer, in place or at its resume.
    #[default]
    Performer,
    /// The machine: run again or stop, after three crashes without progress (C8) or an
    /// `on_interrupt: ask` movement (P9).
    RunAgain,
    /// The machine: more time, tokens or money, or stop (T10, T17).
    Budget,
    /// The machine: accept, changes, discard (T16).
    Review,
    /// The lane: reopen it (S6, S11).
    Lane,
    /// The folder named by the ask's key: trust it, or leave it (D1).
    Trust,
    /// The data folder: look at it again (D7).
    Storage,
}

/// How many questions the performers of a task may ask (P4).
pub const QUESTIONS: usize = 5;

/// The option id that gives leave, in approvals.
pub const ALLOW: &str = "allow";

/// The option id that stops a task in asks of the machine (`budget`, C8).
pub const STOP: &str = "stop";

/// An ask as stored.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ask {
    /// Its id.
    pub id: AskId,
    /// Its short number.
    pub no: AskNo,
    /// Whose it is.
    pub subject: AskSubject,
    /// What it asks.
    #[serde(flatten)]
    pub spec: AskSpec,
    /// Counts changes; an answer names the one it saw (H2).
    pub revision: i64,
    /// When it was opened.
    pub created_at: Timestamp,
    /// The answer, once there is one.
    pub answered: Option<Answered>,
    /// When it was closed without an answer (its task ended).
    pub closed_at: Option<Timestamp>,
    /// Until then nobody is reminded of it.
    #[serde(default)]
    pub snoozed_until: Option<Timestamp>,
}

/// An answer with who gave it and when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answered {
    /// The surface or person: `cli`, `window`, `default`, ...
    pub by: String,
    /// What was said.
    pub value: Answer,
    /// When.
    pub at: Timestamp,
}

/// What a person says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// One of the options.
    Option {
        /// The option's id.
        id: String,
        /// How far it reaches, for approvals.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scope: Option<AskScope>,
    },
    /// Free text.
    Text(String),
}

impl Answer {
    /// The one line a script is given: the option's id, or the text.
    #[must_use]
    pub fn line(&self) -> &str {
        match self {
            Answer::Option { id, .. } => id,
            Answer::Text(text) => text,
        }
    }
}

/// Why an answer does not fit its ask.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadAnswer {
    /// The option does not exist.
    #[error("`{given}` is not an option of this ask: choose one of {options}")]
    UnknownOption {
        /// What was given.
        given: String,
        /// What there is.
        options: String,
    },
    /// Free text where only options count.
    #[error("this ask takes no text: choose one of {options}")]
    NoText {
        /// What there is.
        options: String,
    },
}

impl AskSpec {
    /// Finds the option a person meant: its id, its number from 1, or its exact label.
    ///
    /// # Errors
    /// [`BadAnswer::UnknownOption`] naming those that exist.
    pub fn choose(&self, given: &str) -> Result<&AskOption, BadAnswer> {
        let by_number = || {
            let n: usize = given.parse().ok()?;
            self.options.get(n.checked_sub(1)?)
        };
        self.options
            .iter()
            .find(|o| o.id == given)
            .or_else(|| self.options.iter().find(|o| o.label == given))
            .or_else(by_number)
            .ok_or_else(|| BadAnswer::UnknownOption {
                given: given.to_owned(),
                options: self.option_list(),
            })
    }

    /// Whether it is one of the questions that are counted: those of performers, not of the machine (P4).
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.kind == AskKind::Question && self.purpose == AskPurpose::Performer
    }

    /// Whether the answer fits.
    ///
    /// # Errors
    /// [`BadAnswer`] when it does not.
    pub fn check(&self, answer: &Answer) -> Result<(), BadAnswer> {
        match answer {
            Answer::Option { id, .. } if self.options.iter().any(|o| &o.id == id) => Ok(()),
            Answer::Option { id, .. } => Err(BadAnswer::UnknownOption {
                given: id.clone(),
                options: self.option_list(),
            }),
            Answer::Text(_) if self.allows_text => Ok(()),
            Answer::Text(_) => Err(BadAnswer::NoText {
                options: self.option_list(),
            }),
        }
    }

    fn option_list(&self) -> String {
        let list: Vec<_> = self
            .options
            .iter()
            .map(|o| format!("{} ({})", o.id, o.label))
            .collect();
        if list.is_empty() {
            "none (it takes text)".to_owned()
        } else {
            list.join(", ")
        }
    }
}
