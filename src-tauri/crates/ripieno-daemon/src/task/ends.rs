//! What the end of a turn, of a movement or of a piece means for the attempt.

use super::{End, turn::TurnEnd};
use ripieno_core::{
    ask::Answer as Said,
    event::YieldReason,
    failure::{Class, Failure},
    receipt::{Receipt, ReceiptStatus},
};
use ripieno_pieces::step::{AbortReason, Answer};

/// What a report of failure or of something in the way means (T14).
pub(super) fn accepted(receipt: &Receipt) -> Result<(), End> {
    match receipt.status {
        ReceiptStatus::Completed => Ok(()),
        ReceiptStatus::Blocked => {
            let blockers: Vec<&str> = receipt.blockers.iter().map(|b| b.text.as_str()).collect();
            let text = if blockers.is_empty() {
                receipt.summary.clone()
            } else {
                blockers.join("\n")
            };
            Err(End::Failed(Failure::new(Class::Blocked, text)))
        }
        ReceiptStatus::Failed => Err(End::Failed(Failure::new(
            Class::ReportedFailed,
            receipt.summary.clone(),
        ))),
    }
}

pub(super) fn answer(said: &Said) -> Answer {
    match said {
        Said::Option { id, .. } => Answer {
            option: Some(id.clone()),
            text: None,
        },
        Said::Text(text) => Answer {
            option: None,
            text: Some(text.clone()),
        },
    }
}

pub(super) fn cut(end: TurnEnd) -> End {
    match end {
        TurnEnd::Stopped => End::Stopped,
        TurnEnd::Suspended => End::Yielded(YieldReason::Interrupted),
        TurnEnd::Waiting => End::Waiting,
        TurnEnd::Stale => End::Stale,
        TurnEnd::Failed(failure) => End::Failed(failure),
        TurnEnd::ResumeRejected => End::Failed(Failure::new(
            Class::UnresumableHistory,
            "the agent refused to go on in its session",
        )),
        // Only turns of agents are watched, and those ask.
        TurnEnd::OverBudget => End::Failed(Failure::new(
            Class::BudgetSpent,
            "the budget of the task is spent",
        )),
        TurnEnd::Completed { text, .. } => End::Failed(Failure::new(Class::Unknown, text)),
    }
}

pub(super) fn aborted(reason: &AbortReason, receipt: &Receipt) -> End {
    let (class, text) = match reason {
        AbortReason::ScriptFailed { movement } if receipt.summary.is_empty() => (
            Class::ReportedFailed,
            format!("the script of movement {movement} failed without a word"),
        ),
        AbortReason::ScriptFailed { .. } => (Class::ReportedFailed, receipt.summary.clone()),
        AbortReason::Outcome { movement, outcome } => (
            Class::PieceAborted,
            format!(
                "movement {movement} ended as {outcome}: {}",
                receipt.summary
            ),
        ),
        AbortReason::Stuck { cycle, limit } => {
            let names: Vec<String> = cycle.iter().map(ToString::to_string).collect();
            (
                Class::PieceAborted,
                format!("{} went round {limit} times", names.join(", ")),
            )
        }
        AbortReason::Stopped { movement } => (
            Class::PieceAborted,
            format!("stopped by the person at movement {movement}"),
        ),
    };
    End::Failed(Failure::new(class, text))
}
