//! Death at each crash point (rel-2): before the commit nothing of the operation is left, after it all of it.

use crate::rig::{DONE, Rig, apply, new, options, owner, shell, with};
use ripieno_core::{
    ask::{Answer, AskSpec},
    event::{EventKind, TaskEvent, YieldReason},
    failure::Class,
    id::TaskNo,
    state::Lease,
};
use ripieno_store::{AskOn, AskOutcome, Store, crash};
use std::{collections::BTreeSet, path::Path, process::Command, sync::Arc};

const HOME: &str = "RIPIENO_STORE_CRASH_HOME";

fn open(home: &Path) -> Rig {
    let clock = Arc::default();
    let store = Store::open(
        &home.join("ripieno.db"),
        &home.join("backups"),
        options(&clock),
    );
    Rig {
        store: store.unwrap(),
        clock,
    }
}

fn ask(
    rig: &Rig,
    no: TaskNo,
    lease: Lease,
    in_place: bool,
    text: &'static str,
) -> ripieno_core::id::AskNo {
    let on = AskOn::Task {
        no,
        fence: lease.token,
        movement: "m".into(),
        in_place,
    };
    let asked = rig
        .store
        .write_blocking(move |tx| tx.ask(&on, &AskSpec::question(text)))
        .unwrap();
    match asked {
        AskOutcome::Opened { ask, .. } => ask.no,
        other => panic!("{other:?}"),
    }
}

fn answer(rig: &Rig, ask: ripieno_core::id::AskNo) {
    rig.store
        .write_blocking(move |tx| tx.answer(ask, None, &Answer::Text("yes".into()), "cli"))
        .unwrap();
}

/// Lives that take every event of the machine and every other write with a point of its own.
fn every_event(rig: &Rig) {
    let to_verify = TaskEvent::Completed {
        to_verify: true,
        open_children: 0,
    };
    let a = rig.submit(new());
    let b = rig.submit(with(|t| t.spec.depends_on = vec![a]));
    rig.store
        .write_blocking(move |tx| tx.comment(a, "look", false, "cli"))
        .unwrap();
    rig.event(a, TaskEvent::PauseRequested, None);
    rig.event(a, TaskEvent::ResumeRequested, None);
    rig.event(a, TaskEvent::Rewound, None);
    let lease = rig.run(a);
    rig.event(a, TaskEvent::Yielded(YieldReason::Held), Some(lease));
    let lease = rig.run(a);
    let lost = TaskEvent::LeaseLost {
        crash: true,
        progress: false,
    };
    rig.event(a, lost, Some(lease));
    let lease = rig.run(a);
    answer(rig, ask(rig, a, lease, true, "one?"));
    ask(rig, a, lease, true, "two?");
    rig.event(a, TaskEvent::WindowClosed, Some(lease));
    let two = rig
        .store
        .read_blocking(move |r| r.open_ask(a))
        .unwrap()
        .unwrap();
    rig.store
        .write_blocking(move |tx| tx.withdraw(two))
        .unwrap();
    let lease = rig.run(a);
    rig.event(a, to_verify.clone(), Some(lease));
    rig.event(a, TaskEvent::Rejected, Some(lease));
    rig.event(a, to_verify.clone(), Some(lease));
    rig.event(
        a,
        TaskEvent::Verified {
            merge_conflict: false,
        },
        Some(lease),
    );
    let parent = b;
    let lease = rig.run(parent);
    let child = rig.submit(with(|t| t.parent = Some(parent)));
    rig.event(parent, TaskEvent::SubtasksAwaited { open: 1 }, Some(lease));
    let lease = rig.run(child);
    rig.event(child, DONE, Some(lease));
    let lease = rig.run(parent);
    rig.event(parent, TaskEvent::CancelRequested, None);
    rig.event(parent, TaskEvent::Stopped, Some(lease));
    rig.submit(with(|t| t.spec.depends_on = vec![parent]));
    rig.event(parent, TaskEvent::Reopened { unmet: false }, None);
    let lease = rig.run(parent);
    rig.event(parent, to_verify, Some(lease));
    rig.event(parent, TaskEvent::VerificationImpossible, Some(lease));
    let failing = rig.submit(new());
    let failed = TaskEvent::AttemptFailed {
        class: Class::ReportedFailed,
        jitter: 0,
    };
    rig.store
        .write_blocking(move |tx| {
            let lease = tx.claim(failing, &shell(), &owner())?.lease;
            apply(tx, failing, failed, Some(lease))
        })
        .unwrap();
}

/// The kind under which a point's event stands in the log.
fn logged_as(event: &str) -> String {
    match event {
        "answered" | "withdrawn" => format!("ask_{event}"),
        other => other.to_owned(),
    }
}

/// Not a rule of its own: the process that the test below lets die.
#[test]
fn child_of_the_crash_test() {
    if let Some(home) = std::env::var_os(HOME) {
        every_event(&open(Path::new(&home)));
    }
}

#[test]
fn every_event_is_taken_by_the_lives_of_the_crash_test() {
    let home = tempfile::TempDir::new().unwrap();
    let rig = open(home.path());
    every_event(&rig);
    let log = rig
        .store
        .read_blocking(|r| r.events_since(0, 1000))
        .unwrap();
    let kinds: BTreeSet<String> = log.into_iter().map(|event| event.kind).collect();
    let all = EventKind::ALL
        .into_iter()
        .map(EventKind::name)
        .chain(crash::OTHER);
    let missing: Vec<&str> = all
        .filter(|event| !kinds.contains(&logged_as(event)))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let points = crash::points();
    assert_eq!(
        points.len(),
        2 * (EventKind::ALL.len() + crash::OTHER.len())
    );
}

#[cfg(all(unix, debug_assertions))]
#[test]
fn death_at_any_point_leaves_the_event_whole_or_not_at_all() {
    use std::os::unix::process::ExitStatusExt;
    let program = std::env::current_exe().unwrap();
    for point in crash::points() {
        let home = tempfile::TempDir::new().unwrap();
        let status = Command::new(&program)
            .args([
                "--exact",
                "crashes::child_of_the_crash_test",
                "--test-threads=1",
            ])
            .env(HOME, home.path())
            .env("RIPIENO_CRASH_AT", &point)
            .output()
            .unwrap()
            .status;
        assert_eq!(status.signal(), Some(9), "{point}: {status:?}");
        let rig = open(home.path());
        let (log, live, counts) = rig
            .store
            .read_blocking(|r| Ok((r.events_since(0, 1000)?, r.live()?, r.counts()?)))
            .unwrap();
        let event = point.split('.').nth(1).unwrap();
        let found = log.iter().filter(|e| e.kind == logged_as(event)).count();
        // One event may bring the same upon others in its transaction.
        assert_eq!(found > 0, point.ends_with("after_commit"), "{point}");
        for (place, event) in (1..).zip(&log) {
            assert_eq!(event.seq, place, "{point}");
        }
        assert!(
            rig.store.integrity_check().wait().unwrap().is_empty(),
            "{point}"
        );
        // At most the one task that was at work holds a lease, and it can be taken back.
        assert!(live.len() <= 1, "{point}");
        for left in live.into_iter().filter(|l| l.state.name() != "needs_input") {
            let lease = Lease { token: left.lease };
            let lost = TaskEvent::LeaseLost {
                crash: true,
                progress: false,
            };
            rig.event(left.no, lost, Some(lease));
        }
        let tasks: u64 = counts.values().sum();
        let submitted = log.iter().filter(|e| e.kind == "submitted").count();
        assert_eq!(usize::try_from(tasks).unwrap(), submitted, "{point}");
    }
}
