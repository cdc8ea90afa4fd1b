//! Events that come from the queue and from other tasks.

use super::{Legal, No, Step};
use crate::{
    effect::Effect,
    failure::Class,
    state::{Lease, QueueReason, TaskState, WaitOn},
};

impl Step<'_> {
    /// A task that has run before goes on as reopened, so that it is told what happened (T9).
    pub(super) fn dependencies_met(&mut self) -> Legal {
        match self.next.state {
            TaskState::Waiting {
                on: WaitOn::Dependencies,
            } => {
                let reason = if self.next.attempt > 0 {
                    QueueReason::Reopened
                } else {
                    QueueReason::Fresh
                };
                self.queue(reason, self.policy.not_before);
                Ok(())
            }
            TaskState::Waiting {
                on: WaitOn::Subtasks,
            }
            | TaskState::Queued { .. }
            | TaskState::NeedsInput { .. }
            | working!()
            | ended!() => Err(No::Illegal),
        }
    }

    pub(super) fn dependency_failed(&mut self) -> Legal {
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
            | TaskState::NeedsInput { .. }
            | working!()
            | ended!() => Err(No::Illegal),
        }
    }

    pub(super) fn subtasks_settled(&mut self) -> Legal {
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
            | TaskState::NeedsInput { .. }
            | working!()
            | ended!() => Err(No::Illegal),
        }
    }

    /// The gate, slots and every other hold are the claimer's; what the task itself knows is checked again.
    pub(super) fn claimed(&mut self, lease: Lease) -> Legal {
        match self.next.state {
            TaskState::Queued { not_before, .. } => {
                if self.next.paused || not_before.is_some_and(|at| at > self.now) {
                    return Err(No::Illegal);
                }
                self.next.state = TaskState::Leased { lease };
                self.next.attempt = self.next.attempt.saturating_add(1);
                self.effects.push(Effect::OpenAttempt);
                Ok(())
            }
            TaskState::Waiting { .. } | TaskState::NeedsInput { .. } | working!() | ended!() => {
                Err(No::Illegal)
            }
        }
    }
}
