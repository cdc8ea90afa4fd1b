//! What notifications are about, as the worker's views say it (cli.md, "Views"). Unknown fields are left alone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;

/// What an ask is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A question of a performer.
    Question,
    /// Leave to do something.
    Approval,
    /// A login.
    SignIn,
    /// More time, tokens or money.
    Budget,
    /// Acceptance of finished work.
    Review,
    /// Acknowledgement that a lane was drained.
    Drain,
    /// One that a newer worker knows.
    #[serde(other)]
    Other,
}

/// One answer to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Choice {
    /// What is sent back.
    pub id: String,
    /// What is shown.
    pub label: String,
}

/// An open ask.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Ask {
    /// Its UUID.
    pub id: String,
    /// `A-` and a number.
    pub short_id: String,
    /// The task, when it is one's.
    #[serde(default)]
    pub task: Option<String>,
    /// The lane, when it is one's.
    #[serde(default)]
    pub lane: Option<String>,
    /// What it is for.
    pub kind: Kind,
    /// The question.
    pub text: String,
    /// The answers to choose from.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// Whether free text is an answer.
    #[serde(default)]
    pub allows_text: bool,
    /// How far an approval may reach.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Counts changes; an answer names the one it saw (H2).
    pub revision: i64,
    /// When it was opened.
    pub created_at: Timestamp,
    /// Nobody is reminded before.
    #[serde(default)]
    pub snoozed_until: Option<Timestamp>,
}

/// Why a task failed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Failure {
    /// What was said.
    pub text: String,
}

/// Money spent with one model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Usage {
    /// US dollars; none where nobody said.
    #[serde(default)]
    pub cost_usd: Option<f64>,
}

/// A task, as far as a banner needs it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Task {
    /// Its UUID.
    pub id: String,
    /// `T-` and a number.
    pub short_id: String,
    /// What people call it.
    pub title: String,
    /// The shown state.
    pub state: String,
    /// Where it works.
    #[serde(default)]
    pub workdir: PathBuf,
    /// The task that spawned it.
    #[serde(default)]
    pub parent: Option<String>,
    /// How often it was leased.
    #[serde(default)]
    pub attempt: u32,
    /// Why it failed.
    #[serde(default)]
    pub failure: Option<Failure>,
    /// What it used.
    #[serde(default)]
    pub usage: Vec<Usage>,
    /// When it first ran.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    /// When a person saw its end.
    #[serde(default)]
    pub seen_at: Option<Timestamp>,
}

impl Task {
    /// Whether it failed for good, nobody has looked yet, and no parent judges it (H4).
    #[must_use]
    pub fn is_news_of_failure(&self) -> bool {
        matches!(self.state.as_str(), "failed" | "dead")
            && self.seen_at.is_none()
            && self.parent.is_none()
    }

    /// Whether it is done, and no parent takes the result.
    #[must_use]
    pub fn is_news_of_success(&self) -> bool {
        self.state == "done" && self.seen_at.is_none() && self.parent.is_none()
    }

    /// How long it took, from its first start; zero where that is not known.
    #[must_use]
    pub fn took(&self) -> std::time::Duration {
        match (self.started_at, self.ended_at) {
            (Some(start), Some(end)) => end.duration_since(start).try_into().unwrap_or_default(),
            _ => std::time::Duration::ZERO,
        }
    }

    /// What it cost, where every model said so.
    #[must_use]
    pub fn cost_usd(&self) -> Option<f64> {
        let costs: Option<Vec<f64>> = self.usage.iter().map(|usage| usage.cost_usd).collect();
        costs
            .filter(|all| !all.is_empty())
            .map(|all| all.iter().sum())
    }
}

/// An open ask with its task.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenAsk {
    /// The ask.
    pub ask: Ask,
    /// Its task, when it is one's.
    pub task: Option<Task>,
}

impl OpenAsk {
    /// The folder whose paths may be shown.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.task.as_ref().map(|task| task.workdir.as_path())
    }
}

/// A lane that a provider holds for its limit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LaneHold {
    /// Its name, `kind:account`.
    pub lane: String,
    /// Until when.
    pub until: Timestamp,
}

/// Everything there may be something to say about, as it is now.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct World {
    /// The open asks.
    pub asks: Vec<OpenAsk>,
    /// Tasks that failed or were done and nobody has seen it.
    pub ended: Vec<Task>,
    /// Lanes held by a limit.
    pub holds: Vec<LaneHold>,
    /// Lanes whose limit has not been seen to end, held or tried again.
    pub limited: BTreeSet<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ask_of_the_view_is_read_and_a_kind_of_tomorrow_is_other() {
        let view = json!({
            "id": "0190", "short_id": "A-3", "subject": "task", "task": "0191", "lane": null,
            "kind": "question", "text": "Which?", "options": [{"id": "a", "label": "A", "detail": null}],
            "allows_text": false, "scopes": [], "default": null, "expires_at": null, "revision": 0,
            "created_at": "2026-11-20T14:00:00Z", "answered": null, "closed_at": null
        });
        let ask: Ask = serde_json::from_value(view.clone()).unwrap();
        assert_eq!(
            (ask.kind, ask.options.len(), ask.snoozed_until),
            (Kind::Question, 1, None)
        );
        let mut newer = view;
        newer["kind"] = json!("quiz");
        let ask: Ask = serde_json::from_value(newer).unwrap();
        assert_eq!(ask.kind, Kind::Other);
    }

    #[test]
    fn cost_is_told_only_where_every_model_told_it() {
        let task = |usage| -> Task {
            let view = json!({
                "id": "1", "short_id": "T-1", "title": "x", "state": "done", "usage": usage,
                "started_at": "2026-11-20T14:00:00Z", "ended_at": "2026-11-20T14:12:00Z",
            });
            serde_json::from_value(view).unwrap()
        };
        assert_eq!(task(json!([])).cost_usd(), None);
        assert_eq!(
            task(json!([{"cost_usd": 0.25}, {"cost_usd": 0.5}])).cost_usd(),
            Some(0.75)
        );
        assert_eq!(
            task(json!([{"cost_usd": 0.25}, {"cost_usd": null}])).cost_usd(),
            None
        );
        assert_eq!(task(json!([])).took().as_secs(), 720);
    }
}
