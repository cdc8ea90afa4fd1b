//! The view of an ask (H1).

use super::time;
use ripieno_core::ask::{self, AskSubject};
use serde::{Deserialize, Serialize};

/// One answer to choose from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AskOption {
    /// What is sent back.
    pub id: String,
    /// What is shown.
    pub label: String,
    /// What choosing it does.
    pub detail: Option<String>,
}

/// Who answered, what and when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Answered {
    /// The surface or person.
    pub by: String,
    /// The option's id, or the text.
    pub value: String,
    /// When.
    pub at: String,
}

/// Something that waits, or waited, for a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Ask {
    /// Its UUID.
    pub id: String,
    /// `A-` and a number.
    pub short_id: String,
    /// `task`, `lane` or `worker`.
    #[cfg_attr(test, ts(type = "\"task\" | \"lane\" | \"worker\""))]
    pub subject: String,
    /// The task, by UUID, when it is one's.
    pub task: Option<String>,
    /// The lane, when it is one's.
    pub lane: Option<String>,
    /// `question`, `approval`, `sign_in`, `budget`, `review` or `drain`.
    #[cfg_attr(test, ts(type = "AskKind"))]
    pub kind: String,
    /// Who takes the answer: `performer`, `run_again`, `budget`, `review`, `lane`, `trust` or `storage`. The question and the options of all but the first
    /// are Ripieno's own words.
    #[cfg_attr(
        test,
        ts(
            type = "\"performer\" | \"run_again\" | \"budget\" | \"review\" | \"lane\" | \"trust\" | \"storage\""
        )
    )]
    #[serde(default)]
    pub purpose: ask::AskPurpose,
    /// The question.
    pub text: String,
    /// The answers to choose from.
    pub options: Vec<AskOption>,
    /// Whether free text is an answer.
    pub allows_text: bool,
    /// How far an approval may reach.
    #[cfg_attr(test, ts(type = "Array<AskScope>"))]
    pub scopes: Vec<ask::AskScope>,
    /// The option that counts when it expires.
    pub default: Option<String>,
    /// When it expires.
    pub expires_at: Option<String>,
    /// Counts changes; an answer may name the one it saw (H2).
    pub revision: i64,
    /// When it was opened.
    pub created_at: String,
    /// The answer, once there is one.
    pub answered: Option<Answered>,
    /// When it was closed without an answer.
    pub closed_at: Option<String>,
    /// Until then nobody is reminded of it, and it does not press.
    pub snoozed_until: Option<String>,
}

impl From<&ask::Ask> for Ask {
    fn from(ask: &ask::Ask) -> Self {
        let (subject, task, lane) = match &ask.subject {
            AskSubject::Task(id) => ("task", Some(id.to_string()), None),
            AskSubject::Lane(lane) => ("lane", None, Some(lane.to_string())),
            AskSubject::Worker => ("worker", None, None),
        };
        let option = |o: &ask::AskOption| AskOption {
            id: o.id.clone(),
            label: o.label.clone(),
            detail: o.detail.clone(),
        };
        Ask {
            id: ask.id.to_string(),
            short_id: ask.no.to_string(),
            subject: subject.to_owned(),
            task,
            lane,
            kind: ask.spec.kind.name().to_owned(),
            purpose: ask.spec.purpose,
            text: ask.spec.text.clone(),
            options: ask.spec.options.iter().map(option).collect(),
            allows_text: ask.spec.allows_text,
            scopes: ask.spec.scopes.clone(),
            default: ask.spec.default.clone(),
            expires_at: ask.spec.expires_at.map(time),
            revision: ask.revision,
            created_at: time(ask.created_at),
            answered: ask.answered.as_ref().map(|said| Answered {
                by: said.by.clone(),
                value: said.value.line().to_owned(),
                at: time(said.at),
            }),
            closed_at: ask.closed_at.map(time),
            snoozed_until: ask.snoozed_until.map(time),
        }
    }
}
