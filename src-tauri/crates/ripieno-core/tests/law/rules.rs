//! Single rules of the machine (T5, T6, T8, T15, T16, C8, P9, R4) and of the queue (T4).

use crate::drive::*;
use ripieno_core::{
    apply::{CRASH_LIMIT, REWORK_LIMIT, Refused},
    ask::{AskKind, AskPurpose},
    effect::Effect,
    event::{Settlement, TaskEvent, YieldReason},
    failure::Class,
    id::TaskNo,
    state::{Lease, LeaseToken, Priority, QueueReason, StateKind, TaskState, WaitOn, rank},
    task::{OnInterrupt, Policy, Task},
    time::Timestamp,
};

#[test]
fn every_requeue_while_checking_keeps_the_receipt() {
    for end in [
        TaskEvent::Yielded(YieldReason::Held),
        TaskEvent::Yielded(YieldReason::Interrupted),
        failed(Class::DiskFull),
        failed(Class::ProcessCrashed),
        CRASH,
    ] {
        for paused in [false, true] {
            let mut drive = Drive::verifying(Policy::default());
            if paused {
                drive.on(TaskEvent::PauseRequested);
            }
            drive.on(end.clone());
            assert!(drive.task.receipt_kept, "{end:?}, paused {paused}");
        }
    }
}

#[test]
fn a_rejected_receipt_is_never_presented_again() {
    let mut drive = Drive::verifying(Policy::default());
    drive
        .on(TaskEvent::Yielded(YieldReason::Held))
        .claim_and_start()
        .on(CHECKED);
    drive
        .on(TaskEvent::Rejected)
        .on(TaskEvent::Yielded(YieldReason::Held));
    assert!(!drive.task.receipt_kept);
}

#[test]
fn checks_send_back_twice_then_a_person_looks_and_for_a_child_its_parent() {
    for (policy, last) in [
        (Policy::default(), StateKind::NeedsInput),
        (child(), StateKind::Failed),
    ] {
        let mut drive = Drive::verifying(policy);
        for _ in 0..REWORK_LIMIT {
            drive.on(TaskEvent::Rejected);
            assert_eq!(drive.kind(), StateKind::Running);
            drive.on(CHECKED);
        }
        drive.on(TaskEvent::Rejected);
        assert_eq!((drive.kind(), drive.task.tries_used), (last, 0));
        assert_eq!(drive.task.rework, 0, "counted per attempt");
    }
}

#[test]
fn a_child_is_never_reviewed_and_its_failure_notifies_nobody() {
    let policy = Policy {
        review: true,
        ..child()
    };
    let mut drive = Drive::verifying(policy.clone());
    drive.on(TaskEvent::Verified {
        merge_conflict: true,
    });
    assert_eq!(drive.kind(), StateKind::Done);
    let mut drive = Drive::running(policy);
    drive.on(failed(Class::ReportedFailed));
    assert!(!drive.effects.contains(&Effect::NotifyFailed));
    assert!(drive.effects.contains(&Effect::WakeParent));
}

#[test]
fn a_merge_conflict_asks_for_review_even_where_review_is_off() {
    let mut drive = Drive::running(Policy::default());
    drive.on(TaskEvent::Verified {
        merge_conflict: true,
    });
    assert_eq!(drive.kind(), StateKind::NeedsInput);
}

#[test]
fn only_retried_classes_use_tries_and_the_last_one_is_dead() {
    let mut drive = Drive::running(Policy::default());
    for used in 1..3 {
        drive.on(failed(Class::ProcessCrashed));
        assert_eq!(
            (drive.reason(), drive.task.tries_used),
            (QueueReason::Retry, used)
        );
        for free in [
            TaskEvent::Yielded(YieldReason::Held),
            failed(Class::RateLimited { until: None }),
            failed(Class::AuthRejected),
            TaskEvent::LeaseLost {
                crash: false,
                progress: false,
            },
        ] {
            drive.claim_and_start().on(free);
            assert_eq!(drive.task.tries_used, used);
        }
        drive.claim_and_start();
    }
    drive.on(failed(Class::ProcessCrashed));
    assert_eq!(drive.kind(), StateKind::Dead);
    assert!(drive.effects.contains(&Effect::NotifyFailed));
}

#[test]
fn a_lost_conversation_gets_one_fresh_start_for_nothing() {
    let mut drive = Drive::running(Policy::default());
    drive.on(failed(Class::UnresumableHistory));
    assert!(drive.effects.contains(&Effect::DropSession));
    assert_eq!(
        (drive.reason(), drive.task.tries_used),
        (QueueReason::Retry, 0)
    );
    drive.claim_and_start().on(failed(Class::ContextOverflow));
    assert_eq!(
        drive.task.state,
        TaskState::Failed {
            class: Class::ContextOverflow
        }
    );
}

#[test]
fn three_crashes_at_work_without_progress_ask() {
    let mut drive = Drive::running(Policy::default());
    for _ in 1..CRASH_LIMIT {
        drive.on(CRASH);
        assert_eq!(drive.reason(), QueueReason::Interrupted);
        drive.claim_and_start();
    }
    drive.on(CRASH);
    let (kind, purpose) = (AskKind::Question, AskPurpose::RunAgain);
    assert!(drive.effects.contains(&Effect::OpenAsk { kind, purpose }));
    assert_eq!(
        (drive.kind(), drive.task.tries_used),
        (StateKind::NeedsInput, 0)
    );
    drive
        .on(TaskEvent::AsksSettled(Settlement::Answered))
        .claim_and_start()
        .on(CRASH);
    assert_eq!(drive.kind(), StateKind::Queued, "the count starts again");
}

#[test]
fn progress_and_crashes_before_the_start_do_not_count_toward_the_ask() {
    let mut drive = Drive::running(Policy::default());
    for _ in 0..5 {
        drive
            .on(TaskEvent::LeaseLost {
                crash: true,
                progress: true,
            })
            .claim_and_start();
    }
    assert_eq!(drive.task.crashes, 1);
    drive.on(TaskEvent::Asked { in_place: true });
    assert_eq!(drive.task.crashes, 0, "an ask is something achieved");
    let mut drive = Drive::new(Policy::default());
    for token in 1..6 {
        drive
            .on(TaskEvent::Claimed {
                lease: Lease {
                    token: LeaseToken(token),
                },
            })
            .on(CRASH);
    }
    assert_eq!((drive.kind(), drive.task.crashes), (StateKind::Queued, 0));
}

#[test]
fn checks_that_crash_us_each_time_ask_in_the_end() {
    let mut drive = Drive::verifying(Policy::default());
    for _ in 1..CRASH_LIMIT {
        drive.on(CRASH).claim_and_start().on(CHECKED);
    }
    drive.on(CRASH);
    assert_eq!(drive.kind(), StateKind::NeedsInput);
}

#[test]
fn an_interrupted_movement_follows_its_own_rule() {
    let cut = [
        TaskEvent::Yielded(YieldReason::Interrupted),
        failed(Class::Interrupted),
        TaskEvent::LeaseLost {
            crash: false,
            progress: false,
        },
    ];
    for (rule, led) in [
        (OnInterrupt::Resume, StateKind::Queued),
        (OnInterrupt::Restart, StateKind::Queued),
        (OnInterrupt::Ask, StateKind::NeedsInput),
        (OnInterrupt::Fail, StateKind::Failed),
    ] {
        for event in &cut {
            let policy = Policy {
                on_interrupt: rule,
                ..Policy::default()
            };
            assert_eq!(Drive::running(policy.clone()).on(event.clone()).kind(), led);
            assert_eq!(
                Drive::verifying(policy).on(event.clone()).kind(),
                StateKind::Queued,
                "checks may always run again"
            );
        }
    }
}

#[test]
fn a_failed_dependency_fails_at_once_and_reopening_waits_again() {
    let mut drive = Drive::new(Policy::default());
    drive.task = Task::submitted(Timestamp(0), Priority::Normal, None, true);
    drive.on(TaskEvent::DependencyFailed { task: TaskNo(4) });
    assert_eq!(
        drive.task.state,
        TaskState::Failed {
            class: Class::DependencyFailed
        }
    );
    drive.on(TaskEvent::Reopened { unmet: true });
    assert_eq!(
        drive.task.state,
        TaskState::Waiting {
            on: WaitOn::Dependencies
        }
    );
    drive.on(TaskEvent::DependenciesMet);
    assert_eq!(drive.reason(), QueueReason::Fresh, "it never ran");
}

#[test]
fn a_task_that_ran_is_not_fresh_when_its_dependencies_are_met_again() {
    let mut drive = Drive::running(Policy::default());
    drive
        .on(failed(Class::ReportedFailed))
        .on(TaskEvent::Reopened { unmet: true });
    drive.on(TaskEvent::DependenciesMet);
    assert_eq!(drive.reason(), QueueReason::Reopened);
}

#[test]
fn reopening_resets_tries_and_puts_back_dependants() {
    let mut drive = Drive::running(Policy::default());
    drive
        .on(failed(Class::ProcessCrashed))
        .claim_and_start()
        .on(failed(Class::Unknown));
    drive.on(TaskEvent::Reopened { unmet: false });
    assert_eq!((drive.task.tries_used, drive.task.finished_at), (0, None));
    assert_eq!(drive.task.attempt, 2, "history is kept");
    assert!(drive.effects.contains(&Effect::PutBackDependants));
}

#[test]
fn a_parent_is_not_done_while_children_are_open() {
    let mut drive = Drive::running(Policy::default());
    drive.on(TaskEvent::Completed {
        to_verify: false,
        open_children: 1,
    });
    assert_eq!(
        drive.task.state,
        TaskState::Waiting {
            on: WaitOn::Subtasks
        }
    );
    let mut drive = Drive::running(Policy::default());
    drive.on(TaskEvent::SubtasksAwaited { open: 0 });
    assert_eq!(drive.kind(), StateKind::Running, "nothing to wait for");
}

#[test]
fn an_outcome_that_ends_the_task_needs_the_window_closed_first() {
    let mut drive = Drive::running(Policy::default());
    drive.on(TaskEvent::Asked { in_place: true });
    let expired = TaskEvent::AsksSettled(Settlement::Expired);
    assert!(matches!(
        drive.attempt(&expired),
        Err(Refused::Illegal { .. })
    ));
    drive.on(TaskEvent::WindowClosed).on(expired);
    assert_eq!(
        drive.task.state,
        TaskState::Failed {
            class: Class::AskExpired
        }
    );
    assert!(drive.effects.contains(&Effect::CloseAsks));
}

#[test]
fn rank_gives_priority_then_the_begun_then_first_come() {
    let at = |priority, begun, ms| rank(Timestamp(ms), priority, begun);
    for pair in Priority::ALL.windows(2) {
        assert!(at(pair[1], false, 5) < at(pair[0], true, 0), "{pair:?}");
    }
    assert!(at(Priority::Normal, true, 5) < at(Priority::Normal, false, 0));
    assert!(at(Priority::Normal, false, 0) < at(Priority::Normal, false, 1));
}

#[test]
fn an_old_low_task_passes_a_new_urgent_one_in_the_end() {
    const HOUR: i64 = 3_600_000;
    let low = rank(Timestamp(0), Priority::Low, false);
    let urgent = |hour: i64| rank(Timestamp(hour * HOUR), Priority::Urgent, false);
    assert!(urgent(27) < low && low < urgent(29));
}

#[test]
fn a_queued_task_gets_its_place_anew_each_time_it_enters() {
    let mut drive = Drive::running(Policy::default());
    drive.on(TaskEvent::Yielded(YieldReason::Held));
    assert_eq!(drive.task.rank, rank(NOW, Priority::Normal, true));
}

#[test]
fn a_retry_waits_for_its_pause_and_a_yield_for_nothing_of_its_own() {
    let not_before = |drive: &Drive| match drive.task.state {
        TaskState::Queued { not_before, .. } => not_before,
        _ => panic!("{:?}", drive.task.state),
    };
    let mut drive = Drive::running(Policy::default());
    drive.on(failed(Class::ProcessCrashed));
    let pause = Policy::default().retry.pause(&Class::ProcessCrashed, 1, 0);
    assert_eq!(not_before(&drive), Some(NOW.after(pause)));
    let mut drive = Drive::running(Policy::default());
    drive.on(TaskEvent::Yielded(YieldReason::Held));
    assert_eq!(not_before(&drive), None);
}

#[test]
fn a_marked_task_and_one_not_yet_due_are_not_claimed() {
    let claim = TaskEvent::Claimed {
        lease: Lease {
            token: LeaseToken(1),
        },
    };
    let mut drive = Drive::new(Policy::default());
    drive.on(TaskEvent::PauseRequested);
    assert!(matches!(
        drive.attempt(&claim),
        Err(Refused::Illegal { .. })
    ));
    for (ms, legal) in [(NOW.0 + 1, false), (NOW.0, true)] {
        let mut drive = Drive::new(Policy::default());
        let not_before = Some(Timestamp(ms));
        drive.task = Task::submitted(Timestamp(0), Priority::Normal, not_before, false);
        assert_eq!(drive.attempt(&claim).is_ok(), legal);
    }
}

#[test]
fn a_start_time_given_at_submit_still_counts_after_the_dependencies() {
    let not_before = Some(Timestamp(9_000));
    let mut drive = Drive::new(Policy {
        not_before,
        ..Policy::default()
    });
    drive.task = Task::submitted(Timestamp(0), Priority::Normal, not_before, true);
    drive.on(TaskEvent::DependenciesMet);
    let reason = QueueReason::Fresh;
    assert_eq!(drive.task.state, TaskState::Queued { reason, not_before });
}

#[test]
fn each_asking_class_opens_its_own_kind_of_ask() {
    for (class, kind, purpose) in [
        (Class::BudgetSpent, AskKind::Budget, AskPurpose::Budget),
        (Class::Timeout, AskKind::Budget, AskPurpose::Budget),
        (Class::Blocked, AskKind::Question, AskPurpose::Performer),
        (
            Class::LoopUnproductive,
            AskKind::Question,
            AskPurpose::Performer,
        ),
        (
            Class::ProfileExpired,
            AskKind::SignIn,
            AskPurpose::Performer,
        ),
    ] {
        let mut drive = Drive::running(Policy::default());
        drive.on(failed(class));
        assert!(drive.effects.contains(&Effect::OpenAsk { kind, purpose }));
        assert_eq!(drive.task.tries_used, 0);
    }
}

#[test]
fn work_sent_back_by_a_person_is_done_again_not_checked_again() {
    for event in [TaskEvent::VerificationImpossible, VERIFIED] {
        let mut drive = Drive::verifying(review());
        drive.on(event);
        assert_eq!(drive.kind(), StateKind::NeedsInput);
        drive.on(TaskEvent::AsksSettled(Settlement::ChangesRequested));
        assert_eq!(drive.reason(), QueueReason::Rework);
        assert!(!drive.task.receipt_kept);
    }
}

#[test]
fn reopening_forgets_crashes_and_gives_the_fresh_start_back() {
    let mut drive = Drive::running(Policy::default());
    drive.on(failed(Class::UnresumableHistory));
    drive.claim_and_start().on(CRASH);
    drive.claim_and_start().on(failed(Class::Unknown));
    assert_eq!((drive.task.crashes, drive.task.fresh_used), (1, true));
    drive.on(TaskEvent::Reopened { unmet: false });
    assert_eq!((drive.task.crashes, drive.task.fresh_used), (0, false));
}

#[test]
fn rewinding_closes_asks_cancels_children_and_drops_the_receipt() {
    let mut drive = Drive::verifying(Policy::default());
    drive
        .on(TaskEvent::Yielded(YieldReason::Held))
        .on(TaskEvent::Rewound);
    assert_eq!(drive.reason(), QueueReason::Rewound);
    assert!(!drive.task.receipt_kept);
    assert_eq!(drive.effects, [Effect::CloseAsks, Effect::CascadeCancel]);
}
