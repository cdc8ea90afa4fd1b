//! What happened to a task, attempt by attempt.

use super::{Authority, Handle};
use crate::error::DaemonError;
use ripieno_core::{
    ask::Ask,
    id::TaskNo,
    state::{StateKind, Wish},
};
use ripieno_store::{AttemptRow, CommentRow, MovementRow, Reader, StoreError, TaskRow, UsageSum};

/// Where an attempt stands (architecture 1.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AttemptPhase {
    /// Its surroundings are made ready.
    Preparing,
    /// A performer is at work, or waits for an answer.
    Working,
    /// What it claims is checked.
    Judging,
    /// It is being ended.
    Settling,
    /// It is over.
    Ended,
}

/// Where a movement stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MovementStatus {
    /// It is under way.
    Running,
    /// It is under way and waits for an answer.
    Waiting,
    /// It came to its end; its outcome says how.
    Ended,
    /// Its attempt failed in it.
    Failed,
    /// Its attempt was given back or stopped in it.
    Interrupted,
}

/// An attempt with what it used, per model.
#[derive(Clone, Debug)]
pub struct AttemptSpan {
    /// The row.
    pub row: AttemptRow,
    /// Where it stands.
    pub phase: AttemptPhase,
    /// What it used.
    pub usage: Vec<UsageSum>,
}

/// Everything that happened to a task, oldest first.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// Its attempts.
    pub attempts: Vec<AttemptSpan>,
    /// Its movements.
    pub movements: Vec<(MovementRow, MovementStatus)>,
    /// Its asks, settled ones too.
    pub asks: Vec<Ask>,
    /// What people said to it.
    pub comments: Vec<CommentRow>,
}

impl Handle {
    /// What happened to a task, read in one snapshot.
    ///
    /// # Errors
    /// NotFound; Forbidden for a task that looks outside its own family (W6).
    pub async fn timeline(&self, by: &Authority, reference: &str) -> Result<Timeline, DaemonError> {
        let no = self.find(reference).await?;
        let read = self
            .ctx
            .store
            .read(move |r| Ok((r.task(no)?, timeline(r, no)?)));
        let (row, timeline) = read.await?;
        self.may_read(by, &row).await?;
        Ok(timeline)
    }
}

fn timeline(r: &Reader<'_>, no: TaskNo) -> Result<Timeline, StoreError> {
    let row = r.task(no)?;
    let mut used = r.usage_by_attempt(no)?.into_iter().peekable();
    let mut attempts = Vec::new();
    for attempt in r.attempts(no)? {
        let mut usage = Vec::new();
        while let Some((_, sum)) = used.next_if(|(n, _)| *n == attempt.n) {
            usage.push(sum);
        }
        attempts.push(AttemptSpan {
            phase: phase(&row, &attempt),
            row: attempt,
            usage,
        });
    }
    let movements = r.movements(no)?;
    let last = movements.len().saturating_sub(1);
    let movements = movements
        .into_iter()
        .enumerate()
        .map(|(at, movement)| {
            let of = attempts.iter().find(|span| span.row.n == movement.attempt);
            let status = status(&row, of, &movement, at == last);
            (movement, status)
        })
        .collect();
    Ok(Timeline {
        attempts,
        movements,
        asks: r.asks_of(no)?,
        comments: r.comments(no)?,
    })
}

fn phase(task: &TaskRow, attempt: &AttemptRow) -> AttemptPhase {
    if attempt.end.is_some() {
        return AttemptPhase::Ended;
    }
    match (task.task.wish, task.task.state.kind()) {
        (Some(Wish::Cancel | Wish::Pause), _) => AttemptPhase::Settling,
        (None, StateKind::Leased) => AttemptPhase::Preparing,
        (None, StateKind::NeedsVerification) => AttemptPhase::Judging,
        (None, _) => AttemptPhase::Working,
    }
}

fn status(
    task: &TaskRow,
    of: Option<&AttemptSpan>,
    movement: &MovementRow,
    newest: bool,
) -> MovementStatus {
    if movement.ended_at.is_some() {
        return MovementStatus::Ended;
    }
    match of.and_then(|span| span.row.end.as_deref()) {
        Some("failed") => MovementStatus::Failed,
        // The attempt gave its slot back and the movement goes on with the answer (H3).
        Some("suspended") if newest && task.task.state.kind() == StateKind::NeedsInput => {
            MovementStatus::Waiting
        }
        Some(_) => MovementStatus::Interrupted,
        None if task.task.state.kind() == StateKind::NeedsInput => MovementStatus::Waiting,
        None => MovementStatus::Running,
    }
}
