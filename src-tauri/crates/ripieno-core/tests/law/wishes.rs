//! What a person wishes of a live attempt binds it until it has ended (T11, T12).

use crate::drive::*;
use ripieno_core::{
    apply::{REWORK_LIMIT, Refused},
    effect::{AttemptEnd, Effect},
    event::{Settlement, TaskEvent},
    failure::Class,
    state::{Lease, LeaseToken, QueueReason, StateKind, TaskState, WaitOn, Wish},
    task::{OnInterrupt, Policy},
};

#[test]
fn cancel_binds_every_end_of_the_attempt() {
    for end in other_ends()
        .into_iter()
        .chain([UNCHECKED, CHECKED, VERIFIED])
    {
        let mut drive = Drive::running(Policy::default());
        drive.on(TaskEvent::CancelRequested).on(end);
        assert_eq!(drive.kind(), StateKind::Cancelled);
        assert!(
            drive
                .effects
                .contains(&Effect::EndAttempt(AttemptEnd::Stopped))
        );
        assert!(drive.effects.contains(&Effect::CascadeCancel));
    }
}

#[test]
fn under_a_cancel_nothing_new_begins() {
    let mut drive = Drive::new(Policy::default());
    drive.on(TaskEvent::Claimed {
        lease: Lease {
            token: LeaseToken(1),
        },
    });
    drive.on(TaskEvent::CancelRequested).on(TaskEvent::Started);
    assert_eq!(drive.kind(), StateKind::Leased);

    let mut drive = Drive::running(Policy::default());
    drive
        .on(TaskEvent::CancelRequested)
        .on(TaskEvent::SubtasksAwaited { open: 3 });
    assert_eq!(drive.kind(), StateKind::Running);
    let asked = TaskEvent::Asked { in_place: true };
    assert_eq!(drive.attempt(&asked), Err(Refused::Already));

    let mut drive = Drive::verifying(Policy::default());
    drive.on(TaskEvent::CancelRequested).on(TaskEvent::Rejected);
    assert_eq!(drive.kind(), StateKind::NeedsVerification);

    for settled in [Settlement::Answered, Settlement::Expired, Settlement::Stop] {
        let mut drive = Drive::running(Policy::default());
        drive.on(asked.clone()).on(TaskEvent::CancelRequested);
        drive.on(TaskEvent::AsksSettled(settled));
        assert_eq!(drive.kind(), StateKind::NeedsInput);
        assert_eq!(drive.task.wish, Some(Wish::Cancel));
        drive.on(TaskEvent::WindowClosed);
        assert_eq!(drive.kind(), StateKind::Cancelled);
    }
}

#[test]
fn a_pause_does_not_soften_a_cancel() {
    let mut drive = Drive::running(Policy::default());
    drive
        .on(TaskEvent::CancelRequested)
        .on(TaskEvent::PauseRequested);
    assert_eq!(drive.task.wish, Some(Wish::Cancel));
    drive.on(TaskEvent::Stopped);
    assert_eq!(drive.kind(), StateKind::Cancelled);
    assert!(!drive.task.paused);
}

#[test]
fn under_a_pause_success_stands() {
    let mut drive = Drive::running(Policy::default());
    drive.on(TaskEvent::PauseRequested).on(UNCHECKED);
    assert_eq!(drive.kind(), StateKind::Done);
    let mut drive = Drive::verifying(review());
    drive.on(TaskEvent::PauseRequested).on(VERIFIED);
    assert_eq!(drive.kind(), StateKind::NeedsInput);
    assert!(drive.task.paused, "the mark stays");
}

#[test]
fn under_a_pause_every_other_end_waits_marked_and_uses_no_try() {
    for end in other_ends() {
        let mut drive = Drive::running(Policy {
            on_interrupt: OnInterrupt::Fail,
            ..child()
        });
        drive.on(TaskEvent::PauseRequested).on(end);
        assert_eq!(drive.reason(), QueueReason::Stopped);
        assert_eq!(drive.task.shown(), "paused");
        assert_eq!((drive.task.tries_used, drive.task.wish), (0, None));
    }
}

#[test]
fn under_a_pause_failed_checks_wait_with_their_receipt() {
    for policy in [Policy::default(), child()] {
        let mut drive = Drive::verifying(policy);
        drive.task.rework = REWORK_LIMIT;
        drive.on(TaskEvent::PauseRequested);
        let mut impossible = Drive {
            task: drive.task.clone(),
            ..Drive::new(drive.policy.clone())
        };
        drive.on(TaskEvent::Rejected);
        impossible.on(TaskEvent::VerificationImpossible);
        for end in [drive, impossible] {
            assert_eq!(end.reason(), QueueReason::Stopped);
            assert!(end.task.receipt_kept);
        }
    }
}

#[test]
fn under_a_pause_open_asks_and_waits_stand_without_the_lease() {
    let mut drive = Drive::running(Policy::default());
    drive
        .on(TaskEvent::Asked { in_place: true })
        .on(TaskEvent::PauseRequested);
    drive.on(TaskEvent::Stopped);
    assert_eq!(drive.task.state, TaskState::NeedsInput { lease: None });
    assert_eq!(drive.task.shown(), "needs_input");
    let mut drive = Drive::running(Policy::default());
    drive
        .on(TaskEvent::PauseRequested)
        .on(TaskEvent::SubtasksAwaited { open: 1 });
    assert_eq!(
        drive.task.state,
        TaskState::Waiting {
            on: WaitOn::Subtasks
        }
    );
    assert_eq!((drive.task.wish, drive.task.shown()), (None, "paused"));
}

#[test]
fn resuming_clears_the_mark_and_the_stopped_attempt_is_queued_free() {
    let mut drive = Drive::running(Policy::default());
    drive
        .on(TaskEvent::PauseRequested)
        .on(TaskEvent::ResumeRequested);
    assert_eq!(drive.task.wish, Some(Wish::Pause));
    drive.on(TaskEvent::Stopped);
    assert_eq!((drive.task.paused, drive.task.shown()), (false, "queued"));
}

#[test]
fn asking_for_what_is_already_so_changes_nothing() {
    let mut drive = Drive::new(Policy::default());
    assert_eq!(
        drive.attempt(&TaskEvent::ResumeRequested),
        Err(Refused::Already)
    );
    drive.on(TaskEvent::PauseRequested);
    assert_eq!(
        drive.attempt(&TaskEvent::PauseRequested),
        Err(Refused::Already)
    );
    drive.on(TaskEvent::CancelRequested);
    assert_eq!(
        drive.attempt(&TaskEvent::CancelRequested),
        Err(Refused::Already)
    );
}

#[test]
fn an_unsafe_session_is_marked_at_every_end_also_by_a_wish() {
    for wish in [TaskEvent::CancelRequested, TaskEvent::PauseRequested] {
        let mut drive = Drive::running(Policy::default());
        drive.on(wish).on(failed(Class::IterationLimit));
        assert!(drive.effects.contains(&Effect::DropSession));
    }
}

#[test]
fn children_follow_a_pause_a_resume_and_a_cancel() {
    let mut drive = Drive::running(Policy::default());
    for (event, effect) in [
        (
            TaskEvent::PauseRequested,
            Effect::CascadePause { paused: true },
        ),
        (
            TaskEvent::ResumeRequested,
            Effect::CascadePause { paused: false },
        ),
        (TaskEvent::CancelRequested, Effect::CascadeCancel),
    ] {
        drive.on(event);
        assert_eq!(drive.effects, [effect]);
    }
}
