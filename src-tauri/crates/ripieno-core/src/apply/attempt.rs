//! Events of a live attempt: its start, its asks and waits, and the ways it ends without success.

use super::{CRASH_LIMIT, Legal, No, Step};
use crate::{
    ask::{AskKind, AskPurpose},
    effect::{AttemptEnd, Effect},
    event::YieldReason,
    failure::{Class, Disposition},
    state::{QueueReason, TaskState, WaitOn},
    task::OnInterrupt,
};

impl Step<'_> {
    pub(super) fn started(&mut self) -> Legal {
        match self.next.state {
            TaskState::Leased { lease } => {
                if !self.is_cancelling() {
                    self.next.state = TaskState::Running { lease };
                }
                Ok(())
            }
            TaskState::Running { .. }
            | TaskState::NeedsVerification { .. }
            | TaskState::NeedsInput { .. }
            | resting!()
            | ended!() => Err(No::Illegal),
        }
    }

    /// Waiting with no open children returns at once (T6). A wait is something achieved (C8).
    pub(super) fn subtasks_awaited(&mut self, open: u32) -> Legal {
        match self.next.state {
            TaskState::Running { .. } => {
                if open > 0 && !self.is_cancelling() {
                    self.next.crashes = 0;
                    self.end_attempt(AttemptEnd::Suspended);
                    self.next.state = TaskState::Waiting {
                        on: WaitOn::Subtasks,
                    };
                }
                Ok(())
            }
            TaskState::Leased { .. }
            | TaskState::NeedsVerification { .. }
            | TaskState::NeedsInput { .. }
            | resting!()
            | ended!() => Err(No::Illegal),
        }
    }

    pub(super) fn yielded(&mut self, reason: YieldReason) -> Legal {
        match self.next.state {
            working!() => {
                if self.overruled() {
                    return Ok(());
                }
                match reason {
                    YieldReason::Interrupted => self.interrupted(AttemptEnd::Yielded),
                    YieldReason::DirectoryBusy
                    | YieldReason::Held
                    | YieldReason::BetweenMovements => {
                        self.end_attempt(AttemptEnd::Yielded);
                        self.queue(QueueReason::Yielded, None);
                    }
                }
                Ok(())
            }
            TaskState::NeedsInput { .. } | resting!() | ended!() => Err(No::Illegal),
        }
    }

    /// What becomes of a task whose attempt was cut from outside: P9 for a movement under way, else the
    /// queue. Preparing and checking may always run again.
    fn interrupted(&mut self, end: AttemptEnd) {
        let at_work = matches!(self.next.state, TaskState::Running { .. });
        self.end_attempt(end);
        match self.policy.on_interrupt {
            OnInterrupt::Ask if at_work => {
                self.need_input(Some((AskKind::Question, AskPurpose::RunAgain)));
            }
            OnInterrupt::Fail if at_work => self.finish(TaskState::Failed {
                class: Class::PieceAborted,
            }),
            OnInterrupt::Resume | OnInterrupt::Restart | OnInterrupt::Ask | OnInterrupt::Fail => {
                self.queue(QueueReason::Interrupted, None);
            }
        }
    }

    /// The session's mark is set whatever a wish makes of the end (R4).
    pub(super) fn attempt_failed(&mut self, class: &Class, jitter: u16) -> Legal {
        match self.next.state {
            working!() => {
                if class.poisons_session() {
                    self.effects.push(Effect::DropSession);
                }
                if !self.overruled() {
                    self.dispose(class, jitter);
                }
                Ok(())
            }
            TaskState::NeedsInput { .. } | resting!() | ended!() => Err(No::Illegal),
        }
    }

    fn dispose(&mut self, class: &Class, jitter: u16) {
        match class.disposition() {
            Disposition::YieldOnly if *class == Class::Interrupted => {
                self.interrupted(AttemptEnd::Yielded);
            }
            Disposition::HoldLane { .. }
            | Disposition::HoldEndpoint
            | Disposition::HoldMissing
            | Disposition::YieldOnly
            | Disposition::SignOut => {
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
            Disposition::RetryFresh => self.retry_fresh(class),
            Disposition::Fail => self.fail(class),
        }
    }

    fn fail(&mut self, class: &Class) {
        self.end_attempt(AttemptEnd::Failed(class.clone()));
        self.finish(TaskState::Failed {
            class: class.clone(),
        });
    }

    /// Uses a try (T8).
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

    /// Uses no try, but happens once (R4).
    fn retry_fresh(&mut self, class: &Class) {
        if self.next.fresh_used {
            return self.fail(class);
        }
        self.next.fresh_used = true;
        self.end_attempt(AttemptEnd::Failed(class.clone()));
        self.queue(QueueReason::Retry, None);
    }

    /// Three crashes of ours in a row at work, without progress between them, ask first (C8).
    pub(super) fn lease_lost(&mut self, crash: bool, progress: bool) -> Legal {
        match self.next.state {
            working!() => {
                if self.overruled() {
                    return Ok(());
                }
                let at_work = !matches!(self.next.state, TaskState::Leased { .. });
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
            TaskState::NeedsInput { .. } | resting!() | ended!() => Err(No::Illegal),
        }
    }

    /// An ask is something achieved (C8). While a cancel is under way none is opened any more (T11).
    pub(super) fn asked(&mut self, in_place: bool) -> Legal {
        match self.next.state {
            TaskState::Leased { .. } | TaskState::Running { .. } | TaskState::NeedsInput { .. }
                if self.is_cancelling() =>
            {
                Err(No::Already)
            }
            TaskState::Running { lease } if in_place => {
                self.next.crashes = 0;
                self.next.state = TaskState::NeedsInput { lease: Some(lease) };
                self.effects.push(Effect::NotifyNeedsInput);
                Ok(())
            }
            TaskState::Leased { .. } | TaskState::Running { .. } => {
                self.next.crashes = 0;
                self.end_attempt(AttemptEnd::Suspended);
                self.need_input(None);
                Ok(())
            }
            TaskState::NeedsInput { .. } => {
                self.effects.push(Effect::NotifyNeedsInput);
                Ok(())
            }
            TaskState::NeedsVerification { .. } | resting!() | ended!() => Err(No::Illegal),
        }
    }

    /// The asks stay open (H3).
    pub(super) fn window_closed(&mut self) -> Legal {
        match self.next.state {
            TaskState::NeedsInput { lease: Some(_) } => {
                if !self.cancelled() {
                    self.end_attempt(AttemptEnd::Suspended);
                    self.next.state = TaskState::NeedsInput { lease: None };
                }
                Ok(())
            }
            TaskState::NeedsInput { lease: None } | resting!() | working!() | ended!() => {
                Err(No::Illegal)
            }
        }
    }
}
