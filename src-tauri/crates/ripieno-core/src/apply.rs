//! The one transition function: every state, every event, no wildcard (architecture 1.3, T1).
//!
//! Each event has a function of its own with one exhaustive `match` over the states. The functions stand
//! where their events come from: `others` (the queue and other tasks), `attempt` (the live attempt),
//! `judge` (claims to be done and their checks), `person` (what a person wants). Groups of states are named
//! by the patterns below, which expand to or-patterns of named variants, so a new state still breaks every
//! `match` until somebody has thought about it.

use crate::{
    ask::{AskKind, AskPurpose},
    effect::{AttemptEnd, Effect},
    event::{EventKind, TaskEvent},
    state::{LeaseToken, QueueReason, StateKind, TaskState, Wish, rank},
    task::{Policy, Task},
    time::Timestamp,
};

/// Pattern of the states that wait for a claim or for other tasks.
macro_rules! resting {
    () => {
        crate::state::TaskState::Queued { .. } | crate::state::TaskState::Waiting { .. }
    };
}
/// Pattern of the states in which an attempt is live and no person is asked.
macro_rules! working {
    () => {
        crate::state::TaskState::Leased { .. }
            | crate::state::TaskState::Running { .. }
            | crate::state::TaskState::NeedsVerification { .. }
    };
}
/// Pattern of the terminal states.
macro_rules! ended {
    () => {
        crate::state::TaskState::Done
            | crate::state::TaskState::Failed { .. }
            | crate::state::TaskState::Dead { .. }
            | crate::state::TaskState::Cancelled
    };
}

mod attempt;
mod judge;
mod others;
mod person;

/// How often failing checks send the same attempt back before a person looks (T15).
pub const REWORK_LIMIT: u32 = 2;
/// How many crashes of ours in a row make the task ask before it runs again (C8).
pub const CRASH_LIMIT: u32 = 3;

/// What an event leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transition {
    /// The task afterwards.
    pub next: Task,
    /// What else has to happen.
    pub effects: Vec<Effect>,
}

/// Why an event changes nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// The event makes no sense in that state: a bug, or a race of a surface.
    #[error("a task that is {} cannot be {}", state.name(), event.name())]
    Illegal {
        /// Where the task stands.
        state: StateKind,
        /// What was tried.
        event: EventKind,
    },
    /// A late report of a lease that is over.
    #[error("the report belongs to a lease that is over")]
    StaleLease {
        /// The lease of the task, when it has one.
        expected: Option<LeaseToken>,
        /// The lease of the report.
        got: Option<LeaseToken>,
    },
    /// What was asked for is already so (T12), or a cancel under way makes it pointless (T11).
    #[error("it is already so")]
    Already,
}

/// Applies an event to a task.
///
/// `fence` is the lease of the reporter; events of an attempt need it (see [`EventKind::is_fenced`]). Events
/// that end an attempt are reported once its processes are gone: the machine takes their word (T11).
///
/// # Errors
/// [`Refused`]; the task is unchanged then.
pub fn apply(
    task: &Task,
    event: &TaskEvent,
    fence: Option<LeaseToken>,
    now: Timestamp,
    policy: &Policy,
) -> Result<Transition, Refused> {
    if event.kind().is_fenced() {
        let expected = task.state.lease().map(|lease| lease.token);
        if fence.is_none() || fence != expected {
            return Err(Refused::StaleLease {
                expected,
                got: fence,
            });
        }
    }
    let mut step = Step {
        next: task.clone(),
        effects: Vec::new(),
        now,
        policy,
    };
    step.take(event).map_err(|refusal| match refusal {
        No::Illegal => Refused::Illegal {
            state: task.state.kind(),
            event: event.kind(),
        },
        No::Already => Refused::Already,
    })?;
    Ok(Transition {
        next: step.next,
        effects: step.effects,
    })
}

/// A refusal before it names the state and the event.
enum No {
    Illegal,
    Already,
}

/// Whether an event may happen.
type Legal = Result<(), No>;

/// One transition in the making.
struct Step<'a> {
    next: Task,
    effects: Vec<Effect>,
    now: Timestamp,
    policy: &'a Policy,
}

impl Step<'_> {
    fn take(&mut self, event: &TaskEvent) -> Legal {
        match event {
            TaskEvent::DependenciesMet => self.dependencies_met(),
            TaskEvent::DependencyFailed { .. } => self.dependency_failed(),
            TaskEvent::SubtasksAwaited { open } => self.subtasks_awaited(*open),
            TaskEvent::SubtasksSettled => self.subtasks_settled(),
            TaskEvent::Claimed { lease } => self.claimed(*lease),
            TaskEvent::Started => self.started(),
            TaskEvent::Yielded(reason) => self.yielded(*reason),
            TaskEvent::AttemptFailed { class, jitter } => self.attempt_failed(class, *jitter),
            TaskEvent::LeaseLost { crash, progress } => self.lease_lost(*crash, *progress),
            TaskEvent::Asked { in_place } => self.asked(*in_place),
            TaskEvent::WindowClosed => self.window_closed(),
            TaskEvent::AsksSettled(settlement) => self.asks_settled(*settlement),
            TaskEvent::Completed {
                to_verify,
                open_children,
            } => self.completed(*to_verify, *open_children),
            TaskEvent::Verified { merge_conflict } => self.verified(*merge_conflict),
            TaskEvent::Rejected => self.rejected(),
            TaskEvent::VerificationImpossible => self.verification_impossible(),
            TaskEvent::PauseRequested => self.pause_requested(),
            TaskEvent::ResumeRequested => self.resume_requested(),
            TaskEvent::CancelRequested => self.cancel_requested(),
            TaskEvent::Stopped => self.stopped(),
            TaskEvent::Reopened { unmet } => self.reopened(*unmet),
            TaskEvent::Rewound => self.rewound(),
        }
    }

    fn is_cancelling(&self) -> bool {
        self.next.wish == Some(Wish::Cancel)
    }

    fn queue(&mut self, reason: QueueReason, not_before: Option<Timestamp>) {
        self.next.rank = rank(self.now, self.next.priority, reason.has_begun());
        self.next.state = TaskState::Queued { reason, not_before };
    }

    /// The attempt is over; a wish ends with it. A receipt whose checks had not ended is kept: the next
    /// attempt runs the checks, not the work.
    fn end_attempt(&mut self, end: AttemptEnd) {
        self.next.receipt_kept |= matches!(self.next.state, TaskState::NeedsVerification { .. });
        self.next.wish = None;
        self.next.rework = 0;
        self.effects.push(Effect::EndAttempt(end));
    }

    /// Verdict. A failed child notifies nobody: its parent judges it (H4).
    fn finish(&mut self, state: TaskState) {
        let done = matches!(state, TaskState::Done);
        let failed = matches!(state, TaskState::Failed { .. } | TaskState::Dead { .. });
        if failed && !self.policy.is_child {
            self.effects.push(Effect::NotifyFailed);
        }
        self.next.state = state;
        self.next.paused = false;
        self.next.wish = None;
        self.next.receipt_kept = false;
        self.next.finished_at = Some(self.now);
        self.effects.push(Effect::CloseAsks);
        if !done {
            self.effects.push(Effect::CascadeCancel);
        }
        self.effects.extend([
            Effect::ReleaseFolder,
            Effect::WakeDependants { done },
            Effect::WakeParent,
        ]);
    }

    /// Suspended without a lease; `ask` is one the machine itself puts.
    fn need_input(&mut self, ask: Option<(AskKind, AskPurpose)>) {
        self.next.state = TaskState::NeedsInput { lease: None };
        if let Some((kind, purpose)) = ask {
            self.effects.push(Effect::OpenAsk { kind, purpose });
        }
        self.effects.push(Effect::NotifyNeedsInput);
    }

    /// Where an end of an attempt goes that a wish overrules; false when no wish does.
    fn overruled(&mut self) -> bool {
        match self.next.wish {
            Some(Wish::Cancel) => {
                self.end_attempt(AttemptEnd::Stopped);
                self.finish(TaskState::Cancelled);
                true
            }
            Some(Wish::Pause) => {
                self.end_attempt(AttemptEnd::Stopped);
                self.queue(QueueReason::Stopped, None);
                true
            }
            None => false,
        }
    }

    /// Like [`Self::overruled`], for ends that stand under a pause: success, asks and waits.
    fn cancelled(&mut self) -> bool {
        self.is_cancelling() && self.overruled()
    }
}
