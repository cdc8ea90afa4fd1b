//! The machine part of a task: what [`crate::apply::apply`] reads and writes.

use crate::{
    retry::RetryPolicy,
    state::{Priority, QueueReason, TaskState, WaitOn, Wish, rank},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// State, marks and counters of one task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    /// Where it stands.
    pub state: TaskState,
    /// The mark a person set (T12).
    pub paused: bool,
    /// What a person wants of the live attempt.
    pub wish: Option<Wish>,
    /// Numbers every lease.
    pub attempt: u32,
    /// Attempts that ended in a class that is tried again (T8).
    pub tries_used: u32,
    /// Crashes of ours in a row without progress (C8).
    pub crashes: u32,
    /// Whether the one fresh start of R4 is spent.
    pub fresh_used: bool,
    /// How often the checks sent the live attempt back (T15).
    pub rework: u32,
    /// Whether a receipt waits to be checked again (the attempt that made it was interrupted).
    pub receipt_kept: bool,
    /// How urgent.
    pub priority: Priority,
    /// The place in the queue; meaningful while queued.
    pub rank: i64,
    /// When it reached a terminal state.
    pub finished_at: Option<Timestamp>,
}

impl Task {
    /// A task as submitted: queued, or waiting when something it depends on is not done.
    #[must_use]
    pub fn submitted(
        now: Timestamp,
        priority: Priority,
        not_before: Option<Timestamp>,
        unmet: bool,
    ) -> Self {
        let state = if unmet {
            TaskState::Waiting {
                on: WaitOn::Dependencies,
            }
        } else {
            TaskState::Queued {
                reason: QueueReason::Fresh,
                not_before,
            }
        };
        Task {
            state,
            paused: false,
            wish: None,
            attempt: 0,
            tries_used: 0,
            crashes: 0,
            fresh_used: false,
            rework: 0,
            receipt_kept: false,
            priority,
            rank: rank(now, priority, false),
            finished_at: None,
        }
    }

    /// The state's word as people see it (cli.md, Views).
    #[must_use]
    pub fn shown(&self) -> &'static str {
        self.state.kind().shown(self.paused)
    }
}

/// What is done with a movement that was interrupted (P9).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnInterrupt {
    /// The performer goes on where it can.
    Resume,
    /// The movement runs again from its start.
    #[default]
    Restart,
    /// A person says whether it runs again.
    Ask,
    /// The task fails.
    Fail,
}

/// The rules a task is under.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Policy {
    /// Tries and pauses.
    pub retry: RetryPolicy,
    /// Of the movement under way.
    pub on_interrupt: OnInterrupt,
    /// Whether accepted work still waits for a person (T16).
    pub review: bool,
    /// Whether it has a parent: a child is never reviewed by a person.
    pub is_child: bool,
    /// A `not-before` given at submit, for tasks that leave `waiting`.
    pub not_before: Option<Timestamp>,
}
