//! The store repeats the machine: a random walk equals `core::apply`, and rows it forbids cannot be written.

use crate::rig::{Rig, new, options, owner, rig, shell, with};
use ripieno_core::{
    apply::{Refused, apply},
    event::{EventKind, Settlement, TaskEvent, YieldReason},
    failure::all_classes,
    id::TaskNo,
    retry::RetryPolicy,
    state::{LeaseToken, Priority},
    task::{OnInterrupt, Policy, Task},
    time::Clock,
};
use ripieno_store::{Store, StoreError};
use std::collections::BTreeSet;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }
}

/// Any event but a claim, as the store will see it: it counts children and dependencies itself.
fn any_event(dice: &mut Dice, unmet: bool) -> TaskEvent {
    let classes = all_classes();
    match dice.roll(23) {
        0 => TaskEvent::DependenciesMet,
        1 => TaskEvent::DependencyFailed { task: TaskNo(1) },
        2 => TaskEvent::SubtasksAwaited { open: 0 },
        3 => TaskEvent::SubtasksSettled,
        4 | 5 => TaskEvent::Started,
        6 => TaskEvent::Yielded(
            [
                YieldReason::DirectoryBusy,
                YieldReason::Interrupted,
                YieldReason::Held,
            ][dice.roll(3)],
        ),
        7 => TaskEvent::AttemptFailed {
            class: classes[dice.roll(classes.len())].clone(),
            jitter: u16::try_from(dice.roll(1000)).unwrap(),
        },
        8 => TaskEvent::LeaseLost {
            crash: dice.roll(2) == 0,
            progress: dice.roll(2) == 0,
        },
        9 | 10 => TaskEvent::Asked {
            in_place: dice.roll(2) == 0,
        },
        11 => TaskEvent::WindowClosed,
        12 => TaskEvent::AsksSettled(
            [
                Settlement::Answered,
                Settlement::Accepted,
                Settlement::ChangesRequested,
                Settlement::Discarded,
                Settlement::Expired,
                Settlement::Stop,
            ][dice.roll(6)],
        ),
        13 => TaskEvent::Completed {
            to_verify: dice.roll(2) == 0,
            open_children: 0,
        },
        14 => TaskEvent::Verified {
            merge_conflict: dice.roll(4) == 0,
        },
        15 => TaskEvent::Rejected,
        21 => TaskEvent::VerificationImpossible,
        22 => TaskEvent::Rewound,
        16 => TaskEvent::PauseRequested,
        17 => TaskEvent::ResumeRequested,
        18 => TaskEvent::CancelRequested,
        19 => TaskEvent::Stopped,
        _ => TaskEvent::Reopened { unmet },
    }
}

fn policy(review: bool, on_interrupt: OnInterrupt) -> Policy {
    Policy {
        retry: RetryPolicy {
            max_tries: 3,
            ..RetryPolicy::default()
        },
        on_interrupt,
        review,
        is_child: false,
        not_before: None,
    }
}

fn refusal(error: StoreError) -> Refused {
    match error {
        StoreError::Refused { source, .. } => source,
        other => panic!("{other}"),
    }
}

/// One task's random life, side by side with the pure machine; the events that were taken.
fn walk(rig: &Rig, dice: &mut Dice, seen: &mut BTreeSet<EventKind>) {
    let review = dice.roll(2) == 0;
    let on_interrupt = [OnInterrupt::Restart, OnInterrupt::Ask, OnInterrupt::Fail][dice.roll(3)];
    let unmet = dice.roll(4) == 0;
    let needed = rig.submit(new());
    let no = rig.submit(with(|t| {
        t.review = review;
        t.on_interrupt = on_interrupt;
        if unmet {
            t.spec.depends_on = vec![needed];
        }
    }));
    let policy = policy(review, on_interrupt);
    let mut model = Task::submitted(rig.clock.now(), Priority::Normal, None, unmet);
    for _ in 0..60 {
        rig.clock.advance(i64::try_from(dice.roll(90_000)).unwrap());
        let now = rig.clock.now();
        if dice.roll(4) == 0 {
            let claimed = rig
                .store
                .write_blocking(move |tx| tx.claim(no, &shell(), &owner()));
            match claimed {
                Ok(claimed) => {
                    let event = TaskEvent::Claimed {
                        lease: claimed.lease,
                    };
                    model = apply(&model, &event, None, now, &policy).unwrap().next;
                    seen.insert(EventKind::Claimed);
                }
                Err(error) => {
                    let lease = ripieno_core::state::Lease {
                        token: LeaseToken(-1),
                    };
                    let event = TaskEvent::Claimed { lease };
                    assert_eq!(
                        apply(&model, &event, None, now, &policy),
                        Err(refusal(error))
                    );
                }
            }
        } else {
            let event = any_event(dice, unmet);
            let fence = match dice.roll(10) {
                0 => Some(LeaseToken(-7)),
                _ => model.state.lease().map(|lease| lease.token),
            };
            let sent = event.clone();
            let result = rig.store.write_blocking(move |tx| {
                tx.transition(no, &sent, fence, ripieno_store::Extra::default())
            });
            match (result, apply(&model, &event, fence, now, &policy)) {
                (Ok(applied), Ok(expected)) => {
                    assert_eq!(applied.task, expected.next);
                    assert_eq!(applied.effects, expected.effects);
                    model = expected.next;
                    seen.insert(event.kind());
                }
                (Err(error), Err(expected)) => assert_eq!(refusal(error), expected),
                (got, expected) => panic!("{event:?}: store {got:?}, machine {expected:?}"),
            }
        }
        assert_eq!(rig.row(no).task, model);
    }
}

#[test]
fn random_lives_in_the_store_equal_the_machine() {
    let rig = rig();
    let mut dice = Dice(0xDEAD_BEEF_0BAD_F00D);
    let mut seen = BTreeSet::new();
    for _ in 0..300 {
        walk(&rig, &mut dice, &mut seen);
    }
    // A parent that waits for children is met in the tests of lifecycles.
    let missing: Vec<_> = EventKind::ALL
        .into_iter()
        .filter(|kind| !seen.contains(kind))
        .collect();
    assert_eq!(missing, [EventKind::SubtasksSettled]);
    assert!(rig.store.integrity_check().wait().unwrap().is_empty());
}

#[test]
fn rows_the_machine_forbids_cannot_be_written() {
    let home = tempfile::TempDir::new().unwrap();
    let path = home.path().join("ripieno.db");
    let clock = std::sync::Arc::default();
    let store = Store::open(&path, home.path(), options(&clock)).unwrap();
    let rig = Rig { store, clock };
    let (queued, running, done) = (rig.submit(new()), rig.submit(new()), rig.submit(new()));
    let lease = rig.run(done);
    rig.event(done, crate::rig::DONE, Some(lease));
    rig.run(running);
    let raw = rusqlite::Connection::open(&path).unwrap();
    let forbidden = [
        (queued, "state = 'sleeping'"),
        (queued, "state = 'waiting'"),
        (queued, "state = 'running'"),
        (queued, "state = 'done'"),
        (queued, "queue_reason = NULL"),
        (queued, "queue_reason = 'mood'"),
        (queued, "wait_on = 'subtasks'"),
        (queued, "lease_token = 9"),
        (queued, "wish = 'cancel'"),
        (queued, "paused = 1"),
        (queued, "paused = 2"),
        (queued, "queue = NULL"),
        (queued, "queue = 'claude:default'"),
        (queued, "parked_on = 'folder:/x'"),
        (queued, "class = 'timeout'"),
        (queued, "finished_at = 1"),
        (queued, "tries_used = 4"),
        (queued, "rework = 3"),
        (queued, "priority = 'asap'"),
        (running, "lease_token = NULL"),
        (running, "lease_pid = NULL"),
        (running, "boot_id = NULL"),
        (running, "ran_in = NULL"),
        (running, "finished_at = 1"),
        (running, "not_before = 1"),
        (running, "state = 'queued'"),
        (done, "finished_at = NULL"),
        (done, "paused = 1"),
        (done, "class = 'unknown'"),
        (done, "state = 'failed'"),
        (done, "receipt_kept = 1"),
        (done, "parent_no = 3"),
        (done, "state = 7"),
    ];
    for (no, change) in forbidden {
        let result = raw.execute(&format!("UPDATE tasks SET {change} WHERE no = ?1"), [no.0]);
        assert!(result.is_err(), "{change} was taken");
    }
    let cycle = raw.execute(
        "INSERT INTO task_deps (task_no, needs_no) VALUES (1, 2)",
        [],
    );
    assert!(cycle.is_err());
    raw.execute("UPDATE tasks SET updated_at = 1 WHERE no = 1", [])
        .unwrap();
}
