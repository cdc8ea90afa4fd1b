//! What a person wants: pause, resume, cancel, answers, reopening, rewinding; and the attempt's word that
//! a wish was carried out.

use super::{Legal, No, Step};
use crate::{
    effect::{AttemptEnd, Effect},
    event::Settlement,
    failure::Class,
    state::{QueueReason, TaskState, WaitOn, Wish},
};

impl Step<'_> {
    /// A cancel under way is not softened by a pause; the mark alone is set.
    pub(super) fn pause_requested(&mut self) -> Legal {
        match self.next.state {
            resting!() | working!() | TaskState::NeedsInput { .. } => {
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
            ended!() => Err(No::Illegal),
        }
    }

    /// The wish stays until its attempt has ended: what is being stopped is not called back, it is queued
    /// without the mark and goes on from there.
    pub(super) fn resume_requested(&mut self) -> Legal {
        match self.next.state {
            resting!() | working!() | TaskState::NeedsInput { .. } => {
                if !self.next.paused {
                    return Err(No::Already);
                }
                self.next.paused = false;
                self.effects.push(Effect::CascadePause { paused: false });
                Ok(())
            }
            ended!() => Err(No::Illegal),
        }
    }

    pub(super) fn cancel_requested(&mut self) -> Legal {
        match self.next.state {
            resting!() | TaskState::NeedsInput { lease: None } => {
                self.finish(TaskState::Cancelled);
                Ok(())
            }
            working!() | TaskState::NeedsInput { lease: Some(_) } => {
                if self.is_cancelling() {
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

    /// Without a wish there is nothing an attempt could have been stopped for.
    pub(super) fn stopped(&mut self) -> Legal {
        match self.next.state {
            TaskState::NeedsInput { lease: Some(_) } if self.next.wish == Some(Wish::Pause) => {
                self.end_attempt(AttemptEnd::Stopped);
                self.next.state = TaskState::NeedsInput { lease: None };
                Ok(())
            }
            working!() | TaskState::NeedsInput { lease: Some(_) } => {
                if self.overruled() {
                    Ok(())
                } else {
                    Err(No::Illegal)
                }
            }
            TaskState::NeedsInput { lease: None } | resting!() | ended!() => Err(No::Illegal),
        }
    }

    /// With a live process only its own question can be answered; what ends the task needs the window
    /// closed first. A cancel under way makes every settlement pointless (T11).
    pub(super) fn asks_settled(&mut self, settlement: Settlement) -> Legal {
        match self.next.state {
            TaskState::NeedsInput { lease: Some(_) } if self.is_cancelling() => Ok(()),
            TaskState::NeedsInput { lease: Some(lease) } => match settlement {
                Settlement::Answered => {
                    self.next.state = TaskState::Running { lease };
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
            resting!() | working!() | ended!() => Err(No::Illegal),
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

    pub(super) fn reopened(&mut self, unmet: bool) -> Legal {
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
            resting!() | working!() | TaskState::NeedsInput { .. } | TaskState::Done => {
                Err(No::Illegal)
            }
        }
    }

    /// A live attempt is stopped first; of a done task a follow-up is made instead (T23); a task that never
    /// ran has nothing to go back to.
    pub(super) fn rewound(&mut self) -> Legal {
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
            | TaskState::NeedsInput { lease: Some(_) }
            | TaskState::Done
            | working!() => Err(No::Illegal),
        }
    }
}
