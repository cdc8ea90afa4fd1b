//! What happened to a task, attempt by attempt.

use super::{Ask, Usage, time};
use ripieno_daemon::handle::{self, AttemptPhase, CommentRow, MovementRow, MovementStatus};
use serde::{Deserialize, Serialize};

/// One leased execution.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Attempt {
    /// From 1.
    pub n: u32,
    /// The lane it ran in.
    pub lane: String,
    /// The model, once known.
    pub model: Option<String>,
    /// The agent's session, once known.
    pub session: Option<String>,
    /// `preparing`, `working`, `judging`, `settling` or `ended`.
    pub state: String,
    /// `completed`, `failed`, `yielded`, `suspended`, `stopped` or `lost`.
    pub end: Option<String>,
    /// The class, when it failed.
    pub class: Option<String>,
    /// What was said of the failure.
    pub text: Option<String>,
    /// When it was claimed.
    pub claimed_at: String,
    /// When its performer began.
    pub started_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// What it used, per model.
    pub usage: Vec<Usage>,
}

/// One step of the piece.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Movement {
    /// The attempt it belongs to.
    pub attempt: u32,
    /// From 1 within the attempt.
    pub n: u32,
    /// Its name.
    pub name: String,
    /// `running`, `waiting` (for an answer), `ended`, `failed` or `interrupted`.
    pub status: String,
    /// The outcome it ended with.
    pub outcome: Option<String>,
    /// What it says it did.
    pub summary: String,
    /// When it began.
    pub started_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
}

/// An interjection (T13).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Comment {
    /// Who said it.
    pub by: String,
    /// What was said.
    pub text: String,
    /// Delivered with the next turn, starting none.
    pub quiet: bool,
    /// When it was said.
    pub at: String,
    /// When it was given to a performer.
    pub delivered_at: Option<String>,
    /// The movement it landed in.
    pub movement: Option<String>,
}

/// Everything that happened to a task, oldest first.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Timeline {
    /// Its attempts.
    pub attempts: Vec<Attempt>,
    /// Its movements.
    pub movements: Vec<Movement>,
    /// Its asks, settled ones too.
    pub asks: Vec<Ask>,
    /// What people said to it.
    pub comments: Vec<Comment>,
}

impl From<&handle::Timeline> for Timeline {
    fn from(timeline: &handle::Timeline) -> Self {
        Timeline {
            attempts: timeline.attempts.iter().map(attempt).collect(),
            movements: timeline
                .movements
                .iter()
                .map(|(row, status)| movement(row, *status))
                .collect(),
            asks: timeline.asks.iter().map(Ask::from).collect(),
            comments: timeline.comments.iter().map(comment).collect(),
        }
    }
}

fn attempt(span: &handle::AttemptSpan) -> Attempt {
    let row = &span.row;
    let state = match span.phase {
        AttemptPhase::Preparing => "preparing",
        AttemptPhase::Working => "working",
        AttemptPhase::Judging => "judging",
        AttemptPhase::Settling => "settling",
        AttemptPhase::Ended => "ended",
    };
    Attempt {
        n: row.n,
        lane: row.lane.to_string(),
        model: row.model.clone(),
        session: row.session.clone(),
        state: state.to_owned(),
        end: row.end.clone(),
        class: row.class.clone(),
        text: row.text.clone(),
        claimed_at: time(row.claimed_at),
        started_at: row.started_at.map(time),
        ended_at: row.ended_at.map(time),
        usage: span.usage.iter().map(Usage::from).collect(),
    }
}

fn movement(row: &MovementRow, status: MovementStatus) -> Movement {
    let status = match status {
        MovementStatus::Running => "running",
        MovementStatus::Waiting => "waiting",
        MovementStatus::Ended => "ended",
        MovementStatus::Failed => "failed",
        MovementStatus::Interrupted => "interrupted",
    };
    Movement {
        attempt: row.attempt,
        n: row.n,
        name: row.name.clone(),
        status: status.to_owned(),
        outcome: row.outcome.clone().filter(|outcome| !outcome.is_empty()),
        summary: row.summary.clone(),
        started_at: time(row.started_at),
        ended_at: row.ended_at.map(time),
    }
}

fn comment(row: &CommentRow) -> Comment {
    Comment {
        by: row.by.clone(),
        text: row.body.clone(),
        quiet: row.quiet,
        at: time(row.at),
        delivered_at: row.taken.as_ref().map(|taken| time(taken.at)),
        movement: row.taken.as_ref().and_then(|taken| taken.movement.clone()),
    }
}
