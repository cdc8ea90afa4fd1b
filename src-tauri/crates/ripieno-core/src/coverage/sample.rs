//! Samples: enough tasks, events and rules that every branch of the machine is met.

use crate::{
    apply::{CRASH_LIMIT, REWORK_LIMIT},
    event::{Settlement, TaskEvent, YieldReason},
    failure::{Class, Disposition, all_classes},
    id::TaskNo,
    retry::RetryPolicy,
    state::{Lease, LeaseToken, Priority, QueueReason, TaskState, WaitOn, Wish},
    task::{OnInterrupt, Policy, Task},
    time::Timestamp,
};

/// Every state with every variation the machine looks at; live ones hold the lease 1.
fn every_state() -> Vec<TaskState> {
    let lease = Lease {
        token: LeaseToken(1),
    };
    let class = Class::Unknown;
    vec![
        TaskState::Queued {
            reason: QueueReason::Fresh,
            not_before: None,
        },
        TaskState::Waiting {
            on: WaitOn::Dependencies,
        },
        TaskState::Waiting {
            on: WaitOn::Subtasks,
        },
        TaskState::Leased { lease },
        TaskState::Running { lease },
        TaskState::NeedsInput { lease: Some(lease) },
        TaskState::NeedsInput { lease: None },
        TaskState::NeedsVerification { lease },
        TaskState::Done,
        TaskState::Failed {
            class: class.clone(),
        },
        TaskState::Dead { class },
        TaskState::Cancelled,
    ]
}

/// Every state, unmarked and marked, with each wish a live one can have, once with nothing used up and once
/// one step before every limit.
#[must_use]
pub fn every_task() -> Vec<Task> {
    let mut tasks = Vec::new();
    for state in every_state() {
        let wishes: &[Option<Wish>] = match state.lease() {
            Some(_) => &[None, Some(Wish::Cancel), Some(Wish::Pause)],
            None => &[None],
        };
        for (&wish, spent, paused) in product(wishes) {
            let ended = state.is_terminal();
            // A live marked task has a wish: the mark set it. A terminal one has no mark.
            let impossible = paused && (ended || (state.lease().is_some() && wish.is_none()));
            if !impossible {
                let mut task = Task::submitted(Timestamp(0), Priority::Normal, None, false);
                task.state = state.clone();
                task.wish = wish;
                task.paused = paused;
                task.finished_at = ended.then_some(Timestamp(0));
                if spent {
                    use_up(&mut task);
                }
                tasks.push(task);
            }
        }
    }
    tasks
}

fn product<'a>(
    wishes: &'a [Option<Wish>],
) -> impl Iterator<Item = (&'a Option<Wish>, bool, bool)> + 'a {
    wishes.iter().flat_map(|wish| {
        [(false, false), (false, true), (true, false), (true, true)]
            .map(|(spent, paused)| (wish, spent, paused))
    })
}

/// One step before every limit.
fn use_up(task: &mut Task) {
    task.attempt = 5;
    task.tries_used = RetryPolicy::default().max_tries - 1;
    task.crashes = CRASH_LIMIT - 1;
    task.fresh_used = true;
    if task.state.lease().is_some() {
        task.rework = REWORK_LIMIT;
    }
}

/// Every event with every variation the machine looks at; one class stands for each disposition. A claim
/// takes the lease `token`.
#[must_use]
pub fn every_event(token: LeaseToken) -> Vec<TaskEvent> {
    let mut events = vec![
        TaskEvent::DependenciesMet,
        TaskEvent::DependencyFailed { task: TaskNo(1) },
        TaskEvent::SubtasksSettled,
        TaskEvent::Claimed {
            lease: Lease { token },
        },
        TaskEvent::Started,
        TaskEvent::WindowClosed,
        TaskEvent::Rejected,
        TaskEvent::VerificationImpossible,
        TaskEvent::PauseRequested,
        TaskEvent::ResumeRequested,
        TaskEvent::CancelRequested,
        TaskEvent::Stopped,
        TaskEvent::Rewound,
    ];
    let reasons = [
        YieldReason::DirectoryBusy,
        YieldReason::Interrupted,
        YieldReason::Held,
        YieldReason::BetweenMovements,
    ];
    events.extend(reasons.map(TaskEvent::Yielded));
    events.extend([0, 2].map(|open| TaskEvent::SubtasksAwaited { open }));
    let settlements = [
        Settlement::Answered,
        Settlement::Accepted,
        Settlement::ChangesRequested,
        Settlement::Discarded,
        Settlement::Expired,
        Settlement::Stop,
    ];
    events.extend(settlements.map(TaskEvent::AsksSettled));
    for yes in [false, true] {
        events.push(TaskEvent::Asked { in_place: yes });
        events.push(TaskEvent::Verified {
            merge_conflict: yes,
        });
        events.push(TaskEvent::Reopened { unmet: yes });
        for other in [false, true] {
            events.push(TaskEvent::LeaseLost {
                crash: yes,
                progress: other,
            });
            events.push(TaskEvent::Completed {
                to_verify: yes,
                open_children: if other { 2 } else { 0 },
            });
        }
    }
    events.extend(
        one_class_per_disposition().map(|class| TaskEvent::AttemptFailed { class, jitter: 0 }),
    );
    events
}

/// `Interrupted` has a way of its own beside the others that only yield.
fn one_class_per_disposition() -> impl Iterator<Item = Class> {
    let mut met: Vec<Disposition> = Vec::new();
    all_classes().into_iter().filter(move |class| {
        let disposition = class.disposition();
        let new = !met.contains(&disposition);
        if new {
            met.push(disposition);
        }
        new || *class == Class::Interrupted
    })
}

/// Every set of rules the machine tells apart, with the default tries.
#[must_use]
pub fn every_policy() -> Vec<Policy> {
    let interrupts = [
        OnInterrupt::Resume,
        OnInterrupt::Restart,
        OnInterrupt::Ask,
        OnInterrupt::Fail,
    ];
    let kinds = [(false, false), (true, false), (false, true)];
    interrupts
        .iter()
        .flat_map(|&on_interrupt| {
            kinds.map(|(review, is_child)| Policy {
                on_interrupt,
                review,
                is_child,
                ..Policy::default()
            })
        })
        .collect()
}
