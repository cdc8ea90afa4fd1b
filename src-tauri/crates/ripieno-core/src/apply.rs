//! The one transition function: every state, every event, no wildcard (architecture 1.3, T1).

use crate::{
    ask::{AskKind, AskPurpose},
    effect::{AttemptEnd, Effect},
    event::{EventKind, Settlement, TaskEvent, YieldReason},
    failure::{Class, Disposition},
    state::{Lease, LeaseToken, QueueReason, StateKind, TaskState, WaitOn, Wish, rank},
    task::{OnInterrupt, Policy, Task},
    time::Timestamp,
};

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
    /// What was asked for is already so (T12).
    #[error("it is already so")]
    Already,
}

/// Applies an event to a task.
///
/// `fence` is the lease of the reporter; events of an attempt need it (see [`EventKind::is_fenced`]).
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
    match event {
        TaskEvent::DependenciesMet => step.dependencies_met(),
        TaskEvent::DependencyFailed { .. } => step.dependency_failed(),
        TaskEvent::SubtasksAwaited { open } => step.subtasks_awaited(*open),
        TaskEvent::SubtasksSettled => step.subtasks_settled(),
        TaskEvent::Claimed { lease } => step.claimed(*lease),
        TaskEvent::Started => step.started(),
        TaskEvent::Yielded(reason) => step.yielded(*reason),
        TaskEvent::AttemptFailed { class, jitter } => step.attempt_failed(class, *jitter),
        TaskEvent::LeaseLost { crash, progress } => step.lease_lost(*crash, *progress),
        TaskEvent::Asked { in_place } => step.asked(*in_place),
        TaskEvent::WindowClosed => step.window_closed(),
        TaskEvent::AsksSettled(settlement) => step.asks_settled(*settlement),
        TaskEvent::Completed {
            to_verify,
            open_children,
        } => step.completed(*to_verify, *open_children),
        TaskEvent::Verified { merge_conflict } => step.verified(*merge_conflict),
        TaskEvent::Rejected => step.rejected(),
        TaskEvent::VerificationImpossible => step.verification_impossible(),
        TaskEvent::PauseRequested => step.pause_requested(),
        TaskEvent::ResumeRequested => step.resume_requested(),
        TaskEvent::CancelRequested => step.cancel_requested(),
        TaskEvent::Stopped => step.stopped(),
        TaskEvent::Reopened { unmet } => step.reopened(*unmet),
        TaskEvent::Rewound => step.rewound(),
    }
    .map_err(|refusal| match refusal {
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

enum No {
    Illegal,
    Already,
}

type Legal = Result<(), No>;

struct Step<'a> {
    next: Task,
    effects: Vec<Effect>,
    now: Timestamp,
    policy: &'a Policy,
}

impl Step<'_> {
    fn wish(&self) -> Option<Wish> {
        self.next.wish
    }

    fn queue(&mut self, reason: QueueReason, not_before: Option<Timestamp>) {
        self.next.rank = rank(self.now, self.next.priority, reason.has_begun());
        self.next.state = TaskState::Queued { reason, not_before };
    }

    /// The attempt is over; a wish ends with it.
    fn end_attempt(&mut self, end: AttemptEnd) {
        self.next.wish = None;
        self.next.rework = 0;
        self.effects.push(Effect::EndAttempt(end));
    }

    fn finish(&mut self, state: TaskState) {
        let done = matches!(state, TaskState::Done);
        if matches!(state, TaskState::Failed { .. } | TaskState::Dead { .. }) {
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

    fn need_input(&mut self, ask: Option<(AskKind, AskPurpose)>) {
        self.next.state = TaskState::NeedsInput { lease: None };
        if let Some((kind, purpose)) = ask {
            self.effects.push(Effect::OpenAsk { kind, purpose });
        }
        self.effects.push(Effect::NotifyNeedsInput);
    }

    /// Where every end of an attempt goes that a wish overrules; false when no wish does.
    fn overruled(&mut self) -> bool {
        match self.wish() {
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
        self.wish() == Some(Wish::Cancel) && self.overruled()
    }

    fn dependencies_met(&mut self) -> Legal {
        match self.next.state {
            TaskState::Waiting {
                on: WaitOn::Dependencies,
            } => {
                self.queue(QueueReason::Fresh, self.policy.not_before);
                Ok(())
            }
            TaskState::Waiting {
                on: WaitOn::Subtasks,
            }
            | TaskState::Queued { .. }
            | TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::NeedsVerification { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn dependency_failed(&mut self) -> Legal {
        match self.next.state {
            TaskState::Waiting {
                on: WaitOn::Dependencies,
            } => {
                self.finish(TaskState::Failed {
                    class: Class::DependencyFailed,
                });
                Ok(())
            }
            TaskState::Waiting {
                on: WaitOn::Subtasks,
            }
            | TaskState::Queued { .. }
            | TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::NeedsVerification { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn subtasks_awaited(&mut self, open: u32) -> Legal {
        match self.next.state {
            TaskState::Running { .. } => {
                if open > 0 && self.wish() != Some(Wish::Cancel) {
                    self.end_attempt(AttemptEnd::Suspended);
                    self.next.state = TaskState::Waiting {
                        on: WaitOn::Subtasks,
                    };
                }
                Ok(())
            }
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::Leased { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::NeedsVerification { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn subtasks_settled(&mut self) -> Legal {
        match self.next.state {
            TaskState::Waiting {
                on: WaitOn::Subtasks,
            } => {
                self.queue(QueueReason::SubtasksSettled, None);
                Ok(())
            }
            TaskState::Waiting {
                on: WaitOn::Dependencies,
            }
            | TaskState::Queued { .. }
            | TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::NeedsVerification { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn claimed(&mut self, lease: Lease) -> Legal {
        match self.next.state {
            TaskState::Queued { not_before, .. }
                if !self.next.paused && not_before.is_none_or(|at| at <= self.now) =>
            {
                self.next.state = TaskState::Leased { lease };
                self.next.attempt = self.next.attempt.saturating_add(1);
                self.effects.push(Effect::OpenAttempt);
                Ok(())
            }
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::NeedsVerification { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn started(&mut self) -> Legal {
        match self.next.state {
            TaskState::Leased { lease } => {
                if self.wish() != Some(Wish::Cancel) {
                    self.next.state = TaskState::Running { lease };
                }
                Ok(())
            }
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::NeedsVerification { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn yielded(&mut self, reason: YieldReason) -> Legal {
        match self.next.state {
            TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsVerification { .. } => {
                if self.overruled() {
                    return Ok(());
                }
                self.keep_receipt();
                match reason {
                    YieldReason::Interrupted => self.interrupted(AttemptEnd::Yielded),
                    YieldReason::DirectoryBusy | YieldReason::Held => {
                        self.end_attempt(AttemptEnd::Yielded);
                        self.queue(QueueReason::Yielded, None);
                    }
                }
                Ok(())
            }
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn keep_receipt(&mut self) {
        self.next.receipt_kept |= matches!(self.next.state, TaskState::NeedsVerification { .. });
    }

    /// What becomes of a task whose attempt was cut from outside: P9 for a movement under way, else the queue.
    fn interrupted(&mut self, end: AttemptEnd) {
        let at_work = matches!(self.next.state, TaskState::Running { .. });
        self.end_attempt(end);
        match self.policy.on_interrupt {
            OnInterrupt::Ask if at_work => {
                self.need_input(Some((AskKind::Question, AskPurpose::RunAgain)))
            }
            OnInterrupt::Fail if at_work => self.finish(TaskState::Failed {
                class: Class::PieceAborted,
            }),
            OnInterrupt::Resume | OnInterrupt::Restart | OnInterrupt::Ask | OnInterrupt::Fail => {
                self.queue(QueueReason::Interrupted, None);
            }
        }
    }

    fn attempt_failed(&mut self, class: &Class, jitter: u16) -> Legal {
        match self.next.state {
            TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsVerification { .. } => {
                if class.poisons_session() {
                    self.effects.push(Effect::DropSession);
                }
                if !self.overruled() {
                    self.dispose(class, jitter);
                }
                Ok(())
            }
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn dispose(&mut self, class: &Class, jitter: u16) {
        match class.disposition() {
            Disposition::YieldOnly if *class == Class::Interrupted => {
                self.keep_receipt();
                self.interrupted(AttemptEnd::Yielded);
            }
            Disposition::HoldLane { .. }
            | Disposition::HoldEndpoint
            | Disposition::HoldMissing
            | Disposition::YieldOnly
            | Disposition::SignOut => {
                self.keep_receipt();
                self.end_attempt(AttemptEnd::Failed(class.clone()));
                self.queue(QueueReason::Yielded, None);
            }
            Disposition::Ask(kind) => {
                self.end_attempt(AttemptEnd::Suspended);
                let purpose = match kind {
                    AskKind::Budget => AskPurpose::Budget,
                    AskKind::Question
                    | AskKind::Approval
                    | AskKind::SignIn
                    | AskKind::Review
                    | AskKind::Drain => AskPurpose::Performer,
                };
                self.need_input(Some((kind, purpose)));
            }
            Disposition::Retry => self.retry(class, jitter),
            Disposition::RetryFresh => {
                self.end_attempt(AttemptEnd::Failed(class.clone()));
                if self.next.fresh_used {
                    self.finish(TaskState::Failed {
                        class: class.clone(),
                    });
                } else {
                    self.next.fresh_used = true;
                    self.queue(QueueReason::Retry, None);
                }
            }
            Disposition::Fail => {
                self.end_attempt(AttemptEnd::Failed(class.clone()));
                self.finish(TaskState::Failed {
                    class: class.clone(),
                });
            }
        }
    }

    fn retry(&mut self, class: &Class, jitter: u16) {
        self.end_attempt(AttemptEnd::Failed(class.clone()));
        self.next.tries_used = self.next.tries_used.saturating_add(1);
        if self.next.tries_used >= self.policy.retry.max_tries {
            self.finish(TaskState::Dead {
                class: class.clone(),
            });
            return;
        }
        let pause = self.policy.retry.pause(class, self.next.tries_used, jitter);
        self.queue(QueueReason::Retry, Some(self.now.after(pause)));
    }

    fn lease_lost(&mut self, crash: bool, progress: bool) -> Legal {
        match self.next.state {
            TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsVerification { .. } => {
                if self.overruled() {
                    return Ok(());
                }
                let at_work = !matches!(self.next.state, TaskState::Leased { .. });
                self.keep_receipt();
                if progress {
                    self.next.crashes = 0;
                }
                if crash && at_work {
                    self.next.crashes = self.next.crashes.saturating_add(1);
                }
                if self.next.crashes >= CRASH_LIMIT {
                    self.next.crashes = 0;
                    self.end_attempt(AttemptEnd::Lost);
                    self.need_input(Some((AskKind::Question, AskPurpose::RunAgain)));
                } else {
                    self.interrupted(AttemptEnd::Lost);
                }
                Ok(())
            }
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn asked(&mut self, in_place: bool) -> Legal {
        if self.wish() == Some(Wish::Cancel) {
            return match self.next.state {
                TaskState::Leased { .. }
                | TaskState::Running { .. }
                | TaskState::NeedsInput { .. } => Err(No::Already),
                TaskState::Queued { .. }
                | TaskState::Waiting { .. }
                | TaskState::NeedsVerification { .. }
                | TaskState::Done
                | TaskState::Failed { .. }
                | TaskState::Dead { .. }
                | TaskState::Cancelled => Err(No::Illegal),
            };
        }
        match self.next.state {
            TaskState::Running { lease } if in_place => {
                self.next.state = TaskState::NeedsInput { lease: Some(lease) };
                self.effects.push(Effect::NotifyNeedsInput);
                Ok(())
            }
            TaskState::Leased { .. } | TaskState::Running { .. } => {
                self.end_attempt(AttemptEnd::Suspended);
                self.need_input(None);
                Ok(())
            }
            TaskState::NeedsInput { .. } => {
                self.effects.push(Effect::NotifyNeedsInput);
                Ok(())
            }
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::NeedsVerification { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn window_closed(&mut self) -> Legal {
        match self.next.state {
            TaskState::NeedsInput { lease: Some(_) } => {
                if !self.cancelled() {
                    self.end_attempt(AttemptEnd::Suspended);
                    self.next.state = TaskState::NeedsInput { lease: None };
                }
                Ok(())
            }
            TaskState::NeedsInput { lease: None }
            | TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsVerification { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn asks_settled(&mut self, settlement: Settlement) -> Legal {
        match self.next.state {
            TaskState::NeedsInput { lease: Some(lease) } => match settlement {
                Settlement::Answered => {
                    if self.wish() != Some(Wish::Cancel) {
                        self.next.state = TaskState::Running { lease };
                    }
                    Ok(())
                }
                Settlement::Accepted
                | Settlement::ChangesRequested
                | Settlement::Discarded
                | Settlement::Expired
                | Settlement::Stop => Err(No::Illegal),
            },
            TaskState::NeedsInput { lease: None } => {
                match settlement {
                    Settlement::Answered => self.queue(QueueReason::Answered, None),
                    Settlement::Accepted => self.finish(TaskState::Done),
                    Settlement::ChangesRequested => self.queue(QueueReason::Rework, None),
                    Settlement::Discarded | Settlement::Stop => self.finish(TaskState::Cancelled),
                    Settlement::Expired => self.finish(TaskState::Failed {
                        class: Class::AskExpired,
                    }),
                }
                Ok(())
            }
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsVerification { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn completed(&mut self, to_verify: bool, open_children: u32) -> Legal {
        match self.next.state {
            TaskState::Running { lease } => {
                if self.cancelled() {
                } else if open_children > 0 {
                    return self.subtasks_awaited(open_children);
                } else if to_verify {
                    self.next.state = TaskState::NeedsVerification { lease };
                } else {
                    self.accept(false);
                }
                Ok(())
            }
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::Leased { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::NeedsVerification { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn accept(&mut self, merge_conflict: bool) {
        self.end_attempt(AttemptEnd::Completed);
        self.next.receipt_kept = false;
        if merge_conflict || (self.policy.review && !self.policy.is_child) {
            self.need_input(Some((AskKind::Review, AskPurpose::Review)));
        } else {
            self.finish(TaskState::Done);
        }
    }

    fn verified(&mut self, merge_conflict: bool) -> Legal {
        match self.next.state {
            TaskState::NeedsVerification { .. } | TaskState::Running { .. } => {
                if !self.cancelled() {
                    self.accept(merge_conflict);
                }
                Ok(())
            }
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::Leased { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn rejected(&mut self) -> Legal {
        match self.next.state {
            TaskState::NeedsVerification { lease } => {
                if self.wish() == Some(Wish::Cancel) {
                    return Ok(());
                }
                if self.next.rework < REWORK_LIMIT {
                    self.next.rework += 1;
                    self.next.state = TaskState::Running { lease };
                } else {
                    self.unverified();
                }
                Ok(())
            }
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    /// A person judges, or for a child its parent.
    fn unverified(&mut self) {
        self.next.receipt_kept = false;
        if self.policy.is_child {
            self.end_attempt(AttemptEnd::Failed(Class::VerificationFailed));
            self.finish(TaskState::Failed {
                class: Class::VerificationFailed,
            });
        } else {
            self.end_attempt(AttemptEnd::Suspended);
            self.need_input(Some((AskKind::Review, AskPurpose::Review)));
        }
    }

    fn verification_impossible(&mut self) -> Legal {
        match self.next.state {
            TaskState::NeedsVerification { .. } => {
                if !self.cancelled() {
                    self.unverified();
                }
                Ok(())
            }
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn pause_requested(&mut self) -> Legal {
        match self.next.state {
            TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::NeedsVerification { .. } => {
                if self.next.paused {
                    return Err(No::Already);
                }
                self.next.paused = true;
                if self.next.state.lease().is_some() && self.next.wish.is_none() {
                    self.next.wish = Some(Wish::Pause);
                }
                self.effects.push(Effect::CascadePause { paused: true });
                Ok(())
            }
        }
    }

    fn resume_requested(&mut self) -> Legal {
        match self.next.state {
            TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::NeedsVerification { .. } => {
                if !self.next.paused {
                    return Err(No::Already);
                }
                self.next.paused = false;
                self.effects.push(Effect::CascadePause { paused: false });
                Ok(())
            }
        }
    }

    fn cancel_requested(&mut self) -> Legal {
        match self.next.state {
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::NeedsInput { lease: None } => {
                self.finish(TaskState::Cancelled);
                Ok(())
            }
            TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { lease: Some(_) }
            | TaskState::NeedsVerification { .. } => {
                if self.wish() == Some(Wish::Cancel) {
                    return Err(No::Already);
                }
                self.next.wish = Some(Wish::Cancel);
                self.effects.push(Effect::CascadeCancel);
                Ok(())
            }
            TaskState::Cancelled => Err(No::Already),
            TaskState::Done | TaskState::Failed { .. } | TaskState::Dead { .. } => Err(No::Illegal),
        }
    }

    fn stopped(&mut self) -> Legal {
        match self.next.state {
            TaskState::NeedsInput { lease: Some(_) } if self.wish() == Some(Wish::Pause) => {
                self.end_attempt(AttemptEnd::Stopped);
                self.next.state = TaskState::NeedsInput { lease: None };
                Ok(())
            }
            TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { lease: Some(_) }
            | TaskState::NeedsVerification { .. } => {
                self.keep_receipt();
                if self.overruled() {
                    Ok(())
                } else {
                    Err(No::Illegal)
                }
            }
            TaskState::NeedsInput { lease: None }
            | TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::Done
            | TaskState::Failed { .. }
            | TaskState::Dead { .. }
            | TaskState::Cancelled => Err(No::Illegal),
        }
    }

    fn start_over(&mut self) {
        self.next.finished_at = None;
        self.next.tries_used = 0;
        self.next.crashes = 0;
        self.next.fresh_used = false;
        self.next.receipt_kept = false;
        self.effects.push(Effect::PutBackDependants);
    }

    fn reopened(&mut self, unmet: bool) -> Legal {
        match self.next.state {
            TaskState::Failed { .. } | TaskState::Dead { .. } | TaskState::Cancelled => {
                self.start_over();
                if unmet {
                    self.next.state = TaskState::Waiting {
                        on: WaitOn::Dependencies,
                    };
                } else {
                    self.queue(QueueReason::Reopened, None);
                }
                Ok(())
            }
            TaskState::Queued { .. }
            | TaskState::Waiting { .. }
            | TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { .. }
            | TaskState::NeedsVerification { .. }
            | TaskState::Done => Err(No::Illegal),
        }
    }

    fn rewound(&mut self) -> Legal {
        match self.next.state {
            TaskState::Queued { .. }
            | TaskState::Waiting {
                on: WaitOn::Subtasks,
            }
            | TaskState::NeedsInput { lease: None } => {
                self.next.receipt_kept = false;
                self.effects
                    .extend([Effect::CloseAsks, Effect::CascadeCancel]);
                self.queue(QueueReason::Rewound, None);
                Ok(())
            }
            TaskState::Failed { .. } | TaskState::Dead { .. } | TaskState::Cancelled => {
                self.start_over();
                self.queue(QueueReason::Rewound, None);
                Ok(())
            }
            TaskState::Waiting {
                on: WaitOn::Dependencies,
            }
            | TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { lease: Some(_) }
            | TaskState::NeedsVerification { .. }
            | TaskState::Done => Err(No::Illegal),
        }
    }
}
