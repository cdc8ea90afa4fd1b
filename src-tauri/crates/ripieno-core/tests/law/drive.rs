//! A task driven from event to event, and the events and rules that tests share.

use ripieno_core::{
    apply::{Refused, apply},
    effect::Effect,
    event::{TaskEvent, YieldReason},
    failure::Class,
    state::{Lease, LeaseToken, Priority, QueueReason, StateKind, TaskState},
    task::{Policy, Task},
    time::Timestamp,
};

pub(crate) const NOW: Timestamp = Timestamp(1_000);

/// A task and its rules, driven by events that must be legal.
pub(crate) struct Drive {
    pub(crate) task: Task,
    pub(crate) policy: Policy,
    pub(crate) effects: Vec<Effect>,
}

impl Drive {
    pub(crate) fn new(policy: Policy) -> Self {
        let task = Task::submitted(Timestamp(0), Priority::Normal, None, false);
        Drive {
            task,
            policy,
            effects: Vec::new(),
        }
    }

    pub(crate) fn running(policy: Policy) -> Self {
        let mut drive = Drive::new(policy);
        drive.claim_and_start();
        drive
    }

    pub(crate) fn verifying(policy: Policy) -> Self {
        let mut drive = Drive::running(policy);
        drive.on(CHECKED);
        drive
    }

    pub(crate) fn attempt(&self, event: &TaskEvent) -> Result<(), Refused> {
        let fence = self.task.state.lease().map(|l| l.token);
        apply(&self.task, event, fence, NOW, &self.policy).map(|_| ())
    }

    pub(crate) fn on(&mut self, event: TaskEvent) -> &mut Self {
        let fence = self.task.state.lease().map(|l| l.token);
        let taken = apply(&self.task, &event, fence, NOW, &self.policy).unwrap();
        self.task = taken.next;
        self.effects = taken.effects;
        self
    }

    pub(crate) fn claim_and_start(&mut self) -> &mut Self {
        if let TaskState::Queued { not_before, .. } = &mut self.task.state {
            *not_before = None;
        }
        let token = LeaseToken(i64::from(self.task.attempt) + 1);
        self.on(TaskEvent::Claimed {
            lease: Lease { token },
        });
        self.on(TaskEvent::Started)
    }

    pub(crate) fn kind(&self) -> StateKind {
        self.task.state.kind()
    }

    pub(crate) fn reason(&self) -> QueueReason {
        match self.task.state {
            TaskState::Queued { reason, .. } => reason,
            _ => panic!("{:?}", self.task.state),
        }
    }
}

pub(crate) const CHECKED: TaskEvent = TaskEvent::Completed {
    to_verify: true,
    open_children: 0,
};
pub(crate) const UNCHECKED: TaskEvent = TaskEvent::Completed {
    to_verify: false,
    open_children: 0,
};
pub(crate) const VERIFIED: TaskEvent = TaskEvent::Verified {
    merge_conflict: false,
};
pub(crate) const CRASH: TaskEvent = TaskEvent::LeaseLost {
    crash: true,
    progress: false,
};

pub(crate) fn failed(class: Class) -> TaskEvent {
    TaskEvent::AttemptFailed { class, jitter: 0 }
}

pub(crate) fn child() -> Policy {
    Policy {
        is_child: true,
        ..Policy::default()
    }
}

pub(crate) fn review() -> Policy {
    Policy {
        review: true,
        ..Policy::default()
    }
}

/// Every way an attempt ends that is no success.
pub(crate) fn other_ends() -> Vec<TaskEvent> {
    vec![
        TaskEvent::Yielded(YieldReason::Held),
        TaskEvent::Yielded(YieldReason::BetweenMovements),
        TaskEvent::Yielded(YieldReason::DirectoryBusy),
        TaskEvent::Yielded(YieldReason::Interrupted),
        failed(Class::ReportedFailed),
        failed(Class::ProcessCrashed),
        failed(Class::Blocked),
        failed(Class::ContextOverflow),
        CRASH,
        TaskEvent::Stopped,
    ]
}
