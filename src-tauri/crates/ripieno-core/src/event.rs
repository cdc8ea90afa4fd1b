//! What can happen to a task (architecture 1.3). Events are past participles.

use crate::{failure::Class, id::TaskNo, state::Lease};

/// Why an attempt gave its task back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum YieldReason {
    /// A race for a folder was lost to another process.
    DirectoryBusy,
    /// We stop: quit, suspend, or the lease was given up.
    Interrupted,
    /// Something the run needs is held: lane, endpoint, model.
    Held,
    /// We stop between two movements: nothing was under way that could be interrupted (P9).
    BetweenMovements,
}

/// What an answered, expired or withdrawn last ask means for the task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settlement {
    /// The performer goes on with it.
    Answered,
    /// A review was accepted.
    Accepted,
    /// A review asks for changes.
    ChangesRequested,
    /// A review discards the work.
    Discarded,
    /// The deadline passed and there was no default.
    Expired,
    /// The person said stop (budget, C8).
    Stop,
}

/// One thing that happened to a task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TaskEvent {
    /// All it depends on is done.
    DependenciesMet,
    /// One it depends on ended otherwise.
    DependencyFailed {
        /// Which.
        task: TaskNo,
    },
    /// The performer waits for its children.
    SubtasksAwaited {
        /// How many are open.
        open: u32,
    },
    /// The last child has ended.
    SubtasksSettled,
    /// A worker took it.
    Claimed {
        /// The new lease.
        lease: Lease,
    },
    /// Its performer begins.
    Started,
    /// The attempt gave it back.
    Yielded(YieldReason),
    /// The attempt failed.
    AttemptFailed {
        /// Why.
        class: Class,
        /// 0 to 999: spreads retries.
        jitter: u16,
    },
    /// The lease was not kept.
    LeaseLost {
        /// Whether we crashed (C8), rather than lost a beat.
        crash: bool,
        /// Whether anything was achieved since the task was last taken up.
        progress: bool,
    },
    /// An ask was opened.
    Asked {
        /// Whether the live process can take the answer (H3).
        in_place: bool,
    },
    /// The live process waits no longer.
    WindowClosed,
    /// The last open ask was settled.
    AsksSettled(Settlement),
    /// The performer claims to be done.
    Completed {
        /// Whether its claim is to be checked.
        to_verify: bool,
        /// How many of its children are open.
        open_children: u32,
    },
    /// The checks passed.
    Verified {
        /// Whether merging by the project itself met a conflict.
        merge_conflict: bool,
    },
    /// The checks did not pass.
    Rejected,
    /// The checks could not be run.
    VerificationImpossible,
    /// A person paused it.
    PauseRequested,
    /// A person resumed it.
    ResumeRequested,
    /// A person cancelled it.
    CancelRequested,
    /// The attempt has ended because of the wish, and its processes are gone.
    Stopped,
    /// A person reopened it, or the dependency that failed it was reopened.
    Reopened {
        /// Whether something it depends on is not done.
        unmet: bool,
    },
    /// A person rewound it.
    Rewound,
}

/// The events without what they carry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum EventKind {
    DependenciesMet,
    DependencyFailed,
    SubtasksAwaited,
    SubtasksSettled,
    Claimed,
    Started,
    Yielded,
    AttemptFailed,
    LeaseLost,
    Asked,
    WindowClosed,
    AsksSettled,
    Completed,
    Verified,
    Rejected,
    VerificationImpossible,
    PauseRequested,
    ResumeRequested,
    CancelRequested,
    Stopped,
    Reopened,
    Rewound,
}

impl EventKind {
    /// Every kind, in the order of the table.
    pub const ALL: [EventKind; 22] = [
        EventKind::DependenciesMet,
        EventKind::DependencyFailed,
        EventKind::SubtasksAwaited,
        EventKind::SubtasksSettled,
        EventKind::Claimed,
        EventKind::Started,
        EventKind::Yielded,
        EventKind::AttemptFailed,
        EventKind::LeaseLost,
        EventKind::Asked,
        EventKind::WindowClosed,
        EventKind::AsksSettled,
        EventKind::Completed,
        EventKind::Verified,
        EventKind::Rejected,
        EventKind::VerificationImpossible,
        EventKind::PauseRequested,
        EventKind::ResumeRequested,
        EventKind::CancelRequested,
        EventKind::Stopped,
        EventKind::Reopened,
        EventKind::Rewound,
    ];

    /// The name used in the event log: snake case (cli.md, `events`).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            EventKind::DependenciesMet => "dependencies_met",
            EventKind::DependencyFailed => "dependency_failed",
            EventKind::SubtasksAwaited => "subtasks_awaited",
            EventKind::SubtasksSettled => "subtasks_settled",
            EventKind::Claimed => "claimed",
            EventKind::Started => "started",
            EventKind::Yielded => "yielded",
            EventKind::AttemptFailed => "attempt_failed",
            EventKind::LeaseLost => "lease_lost",
            EventKind::Asked => "asked",
            EventKind::WindowClosed => "window_closed",
            EventKind::AsksSettled => "asks_settled",
            EventKind::Completed => "completed",
            EventKind::Verified => "verified",
            EventKind::Rejected => "rejected",
            EventKind::VerificationImpossible => "verification_impossible",
            EventKind::PauseRequested => "pause_requested",
            EventKind::ResumeRequested => "resume_requested",
            EventKind::CancelRequested => "cancel_requested",
            EventKind::Stopped => "stopped",
            EventKind::Reopened => "reopened",
            EventKind::Rewound => "rewound",
        }
    }

    /// The kind of that name; `None` for facts and names of other programs.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether only the holder of the lease may report it.
    #[must_use]
    pub fn is_fenced(self) -> bool {
        match self {
            EventKind::SubtasksAwaited
            | EventKind::Started
            | EventKind::Yielded
            | EventKind::AttemptFailed
            | EventKind::LeaseLost
            | EventKind::Asked
            | EventKind::WindowClosed
            | EventKind::Completed
            | EventKind::Verified
            | EventKind::Rejected
            | EventKind::VerificationImpossible
            | EventKind::Stopped => true,
            EventKind::DependenciesMet
            | EventKind::DependencyFailed
            | EventKind::SubtasksSettled
            | EventKind::Claimed
            | EventKind::AsksSettled
            | EventKind::PauseRequested
            | EventKind::ResumeRequested
            | EventKind::CancelRequested
            | EventKind::Reopened
            | EventKind::Rewound => false,
        }
    }
}

impl TaskEvent {
    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            TaskEvent::DependenciesMet => EventKind::DependenciesMet,
            TaskEvent::DependencyFailed { .. } => EventKind::DependencyFailed,
            TaskEvent::SubtasksAwaited { .. } => EventKind::SubtasksAwaited,
            TaskEvent::SubtasksSettled => EventKind::SubtasksSettled,
            TaskEvent::Claimed { .. } => EventKind::Claimed,
            TaskEvent::Started => EventKind::Started,
            TaskEvent::Yielded(_) => EventKind::Yielded,
            TaskEvent::AttemptFailed { .. } => EventKind::AttemptFailed,
            TaskEvent::LeaseLost { .. } => EventKind::LeaseLost,
            TaskEvent::Asked { .. } => EventKind::Asked,
            TaskEvent::WindowClosed => EventKind::WindowClosed,
            TaskEvent::AsksSettled(_) => EventKind::AsksSettled,
            TaskEvent::Completed { .. } => EventKind::Completed,
            TaskEvent::Verified { .. } => EventKind::Verified,
            TaskEvent::Rejected => EventKind::Rejected,
            TaskEvent::VerificationImpossible => EventKind::VerificationImpossible,
            TaskEvent::PauseRequested => EventKind::PauseRequested,
            TaskEvent::ResumeRequested => EventKind::ResumeRequested,
            TaskEvent::CancelRequested => EventKind::CancelRequested,
            TaskEvent::Stopped => EventKind::Stopped,
            TaskEvent::Reopened { .. } => EventKind::Reopened,
            TaskEvent::Rewound => EventKind::Rewound,
        }
    }
}
