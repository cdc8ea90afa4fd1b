//! Claims to be done, the checks they are put to, and the verdict (T15, T16).

use super::{Legal, No, REWORK_LIMIT, Step};
use crate::{
    ask::{AskKind, AskPurpose},
    effect::AttemptEnd,
    failure::Class,
    state::TaskState,
};

impl Step<'_> {
    /// A parent is not done while children are open (T6). A new claim is something achieved, a kept receipt
    /// presented again is not: checks that crash us every time must ask in the end (C8).
    pub(super) fn completed(&mut self, to_verify: bool, open_children: u32) -> Legal {
        match self.next.state {
            TaskState::Running { lease } => {
                if self.cancelled() {
                    return Ok(());
                }
                if !self.next.receipt_kept {
                    self.next.crashes = 0;
                }
                if open_children > 0 {
                    return self.subtasks_awaited(open_children);
                }
                if to_verify {
                    self.next.state = TaskState::NeedsVerification { lease };
                } else {
                    self.accept(false);
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

    pub(super) fn verified(&mut self, merge_conflict: bool) -> Legal {
        match self.next.state {
            TaskState::NeedsVerification { .. } | TaskState::Running { .. } => {
                if !self.cancelled() {
                    self.accept(merge_conflict);
                }
                Ok(())
            }
            TaskState::Leased { .. } | TaskState::NeedsInput { .. } | resting!() | ended!() => {
                Err(No::Illegal)
            }
        }
    }

    /// No person reviews a child: its parent judges and merges it (T16, D10).
    fn accept(&mut self, merge_conflict: bool) {
        self.end_attempt(AttemptEnd::Completed);
        self.next.receipt_kept = false;
        if !self.policy.is_child && (merge_conflict || self.policy.review) {
            self.need_input(Some((AskKind::Review, AskPurpose::Review)));
        } else {
            self.finish(TaskState::Done);
        }
    }

    /// The receipt has not stood its checks: one kept from an earlier attempt is not presented again.
    pub(super) fn rejected(&mut self) -> Legal {
        match self.next.state {
            TaskState::NeedsVerification { lease } => {
                if self.is_cancelling() {
                    return Ok(());
                }
                if self.next.rework < REWORK_LIMIT {
                    self.next.rework += 1;
                    self.next.receipt_kept = false;
                    self.next.state = TaskState::Running { lease };
                } else {
                    self.unverified();
                }
                Ok(())
            }
            TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { .. }
            | resting!()
            | ended!() => Err(No::Illegal),
        }
    }

    pub(super) fn verification_impossible(&mut self) -> Legal {
        match self.next.state {
            TaskState::NeedsVerification { .. } => {
                self.unverified();
                Ok(())
            }
            TaskState::Leased { .. }
            | TaskState::Running { .. }
            | TaskState::NeedsInput { .. }
            | resting!()
            | ended!() => Err(No::Illegal),
        }
    }

    /// A person judges, or for a child its parent. This is no success, so a pause overrules it: the receipt
    /// is kept and checked again when the task is resumed.
    fn unverified(&mut self) {
        if self.overruled() {
            return;
        }
        if self.policy.is_child {
            self.end_attempt(AttemptEnd::Failed(Class::VerificationFailed));
            self.finish(TaskState::Failed {
                class: Class::VerificationFailed,
            });
        } else {
            self.end_attempt(AttemptEnd::Suspended);
            self.next.receipt_kept = false;
            self.need_input(Some((AskKind::Review, AskPurpose::Review)));
        }
    }
}
