//! The states of a task and the marks beside them (architecture 1.2).

use crate::{failure::Class, time::Timestamp};
use serde::{Deserialize, Serialize};

/// Fences one lease: a report that carries another token is late and dropped.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LeaseToken(pub i64);

/// A claim on a task: which attempt, and the token that every report of it carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Lease {
    /// Fences the reports of this attempt.
    pub token: LeaseToken,
}

/// Why a task stands in the queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueReason {
    /// It has never run.
    Fresh,
    /// The last attempt failed in a way that is tried again.
    Retry,
    /// The last attempt gave way to a hold.
    Yielded,
    /// Its last ask was settled.
    Answered,
    /// Its children have ended.
    SubtasksSettled,
    /// A pause stopped it.
    Stopped,
    /// Its work was sent back.
    Rework,
    /// A person reopened it.
    Reopened,
    /// A person rewound it.
    Rewound,
    /// The lease was lost, or we stopped.
    Interrupted,
}

impl QueueReason {
    /// Every reason, for rows and tables.
    pub const ALL: [QueueReason; 10] = [
        QueueReason::Fresh,
        QueueReason::Retry,
        QueueReason::Yielded,
        QueueReason::Answered,
        QueueReason::SubtasksSettled,
        QueueReason::Stopped,
        QueueReason::Rework,
        QueueReason::Reopened,
        QueueReason::Rewound,
        QueueReason::Interrupted,
    ];

    /// The name used in rows and events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            QueueReason::Fresh => "fresh",
            QueueReason::Retry => "retry",
            QueueReason::Yielded => "yielded",
            QueueReason::Answered => "answered",
            QueueReason::SubtasksSettled => "subtasks_settled",
            QueueReason::Stopped => "stopped",
            QueueReason::Rework => "rework",
            QueueReason::Reopened => "reopened",
            QueueReason::Rewound => "rewound",
            QueueReason::Interrupted => "interrupted",
        }
    }

    /// The reason of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Whether the task has begun: such tasks go before new ones of the same priority (T4).
    #[must_use]
    pub fn has_begun(self) -> bool {
        !matches!(self, QueueReason::Fresh)
    }
}

/// What a waiting task waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitOn {
    /// The tasks it depends on (T5).
    Dependencies,
    /// The tasks it spawned (T6).
    Subtasks,
}

/// Where a task stands. Each variant says what leaves it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TaskState {
    /// May be claimed when `hold` is none; left by a claim or a cancel.
    Queued {
        /// Why it stands here.
        reason: QueueReason,
        /// Not before this moment.
        not_before: Option<Timestamp>,
    },
    /// Other tasks must settle; left by theirs.
    Waiting {
        /// Which.
        on: WaitOn,
    },
    /// Claimed; its surroundings are being prepared.
    Leased {
        /// By whom.
        lease: Lease,
    },
    /// A performer is at work.
    Running {
        /// By whom.
        lease: Lease,
    },
    /// One or more asks are open; with a lease while the live process can still take the answer (H3).
    NeedsInput {
        /// Kept for a while.
        lease: Option<Lease>,
    },
    /// The performer claims to be done; its claim is being checked.
    NeedsVerification {
        /// The same attempt.
        lease: Lease,
    },
    /// Accepted.
    Done,
    /// Verdict: no.
    Failed {
        /// Why.
        class: Class,
    },
    /// Tries used up.
    Dead {
        /// Why the last one failed.
        class: Class,
    },
    /// Stopped by a person.
    Cancelled,
}

/// The ten states without what they carry; for rows, tables and counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum StateKind {
    Queued,
    Waiting,
    Leased,
    Running,
    NeedsInput,
    NeedsVerification,
    Done,
    Failed,
    Dead,
    Cancelled,
}

impl StateKind {
    /// Every state.
    pub const ALL: [StateKind; 10] = [
        StateKind::Queued,
        StateKind::Waiting,
        StateKind::Leased,
        StateKind::Running,
        StateKind::NeedsInput,
        StateKind::NeedsVerification,
        StateKind::Done,
        StateKind::Failed,
        StateKind::Dead,
        StateKind::Cancelled,
    ];

    /// The name used in rows, views and events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            StateKind::Queued => "queued",
            StateKind::Waiting => "waiting",
            StateKind::Leased => "leased",
            StateKind::Running => "running",
            StateKind::NeedsInput => "needs_input",
            StateKind::NeedsVerification => "needs_verification",
            StateKind::Done => "done",
            StateKind::Failed => "failed",
            StateKind::Dead => "dead",
            StateKind::Cancelled => "cancelled",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The word people see: `paused` in place of `queued` and `waiting` for a marked task, else the name
    /// (cli.md, Views).
    #[must_use]
    pub fn shown(self, paused: bool) -> &'static str {
        match self {
            StateKind::Queued | StateKind::Waiting if paused => "paused",
            StateKind::Queued
            | StateKind::Waiting
            | StateKind::Leased
            | StateKind::Running
            | StateKind::NeedsInput
            | StateKind::NeedsVerification
            | StateKind::Done
            | StateKind::Failed
            | StateKind::Dead
            | StateKind::Cancelled => self.name(),
        }
    }

    /// Whether nothing but a person moves it any more.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(
            self,
            StateKind::Done | StateKind::Failed | StateKind::Dead | StateKind::Cancelled
        )
    }
}

impl TaskState {
    /// Which of the ten it is.
    #[must_use]
    pub fn kind(&self) -> StateKind {
        match self {
            TaskState::Queued { .. } => StateKind::Queued,
            TaskState::Waiting { .. } => StateKind::Waiting,
            TaskState::Leased { .. } => StateKind::Leased,
            TaskState::Running { .. } => StateKind::Running,
            TaskState::NeedsInput { .. } => StateKind::NeedsInput,
            TaskState::NeedsVerification { .. } => StateKind::NeedsVerification,
            TaskState::Done => StateKind::Done,
            TaskState::Failed { .. } => StateKind::Failed,
            TaskState::Dead { .. } => StateKind::Dead,
            TaskState::Cancelled => StateKind::Cancelled,
        }
    }

    /// The lease, where an attempt is live.
    #[must_use]
    pub fn lease(&self) -> Option<Lease> {
        match self {
            TaskState::Leased { lease }
            | TaskState::Running { lease }
            | TaskState::NeedsVerification { lease } => Some(*lease),
            TaskState::NeedsInput { lease } => *lease,
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => None,
        }
    }

    /// Whether nothing but a person moves it any more.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.kind().is_terminal()
    }
}

/// What a person wants of a live attempt; binds every later event of it and ends with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// However it ends, it ends cancelled (T11).
    Cancel,
    /// Success stands, every other end goes back to the queue (T12).
    Pause,
}

/// How urgent (T4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Priority {
    Low,
    #[default]
    Normal,
    High,
    Urgent,
}

impl Priority {
    /// Every priority.
    pub const ALL: [Priority; 4] = [
        Priority::Low,
        Priority::Normal,
        Priority::High,
        Priority::Urgent,
    ];

    /// The name used in rows and views.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Priority::Low => "low",
            Priority::Normal => "normal",
            Priority::High => "high",
            Priority::Urgent => "urgent",
        }
    }

    /// The priority of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }

    fn head_start_ms(self) -> i64 {
        const HOUR: i64 = 3_600_000;
        match self {
            Priority::Urgent => 24 * HOUR,
            Priority::High => 4 * HOUR,
            Priority::Normal => 0,
            Priority::Low => -4 * HOUR,
        }
    }
}

/// The place in the queue: the time of entry minus a head start, so that one index gives priority, FIFO and
/// ageing (architecture 1.6). Lower goes first; in milliseconds.
#[must_use]
pub fn rank(now: Timestamp, priority: Priority, begun: bool) -> i64 {
    const BEGUN_MS: i64 = 2 * 3_600_000;
    let begun = if begun { BEGUN_MS } else { 0 };
    now.0
        .saturating_sub(priority.head_start_ms())
        .saturating_sub(begun)
}
