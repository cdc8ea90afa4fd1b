//! Tasks from submit to end, and what follows for others.

use crate::rig::{DONE, new, rig, spec, with};
use ripieno_core::{event::TaskEvent, failure::Class, id::TaskNo, state::WaitOn};
use ripieno_store::{ShownState, StoreError};

#[test]
fn submitted_task_reads_back_whole() {
    let rig = rig();
    let no = rig.submit(with(|t| {
        t.spec.title = "wörds".into();
        t.spec.labels = vec!["a".into(), "b".into()];
    }));
    let row = rig.row(no);
    assert_eq!(no, TaskNo(1));
    assert_eq!(row.spec.title, "wörds");
    assert_eq!(row.spec.prompt, "do it");
    assert_eq!(row.spec.labels, ["a", "b"]);
    assert_eq!((row.root, row.thread, row.depth), (no, no, 0));
    assert_eq!(rig.state(no), "queued");
}

#[test]
fn claimed_started_completed_ends_done_with_one_attempt_and_four_events() {
    let rig = rig();
    let no = rig.submit(new());
    let lease = rig.run(no);
    rig.event(no, DONE, Some(lease));
    assert_eq!(rig.state(no), "done");
    let (attempts, events) = rig
        .store
        .read_blocking(move |r| Ok((r.attempts(no)?, r.events_of(no, 0, 100)?)))
        .unwrap();
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].end.as_deref(), Some("completed"));
    assert!(attempts[0].started_at.is_some());
    let kinds: Vec<&str> = events.iter().map(|e| e.kind.as_str()).collect();
    assert_eq!(kinds, ["submitted", "claimed", "started", "completed"]);
    assert_eq!(events[3].data["from"], "running");
    assert_eq!(events[3].data["to"], "done");
    assert!(rig.store.read_blocking(|r| r.live()).unwrap().is_empty());
}

#[test]
fn late_report_is_refused_and_changes_nothing() {
    let rig = rig();
    let no = rig.submit(new());
    let lease = rig.run(no);
    rig.event(no, DONE, Some(lease));
    let late = rig.try_event(no, DONE, Some(lease));
    assert!(matches!(late, Err(StoreError::Refused { .. })), "{late:?}");
    assert_eq!(rig.store.last_seq(), 4);
}

#[test]
fn dependant_waits_until_all_it_needs_is_done() {
    let rig = rig();
    let (a, b) = (rig.submit(new()), rig.submit(new()));
    let c = rig.submit(with(|t| t.spec.depends_on = vec![a, b]));
    assert_eq!(rig.state(c), "waiting");
    let lease = rig.run(a);
    rig.event(a, DONE, Some(lease));
    assert_eq!(rig.state(c), "waiting");
    let lease = rig.run(b);
    rig.event(b, DONE, Some(lease));
    assert_eq!(rig.state(c), "queued");
}

#[test]
fn failed_dependency_fails_its_chain_at_once_and_reopening_puts_it_back() {
    let rig = rig();
    let a = rig.submit(new());
    let b = rig.submit(with(|t| t.spec.depends_on = vec![a]));
    let c = rig.submit(with(|t| t.spec.depends_on = vec![b]));
    rig.event(a, TaskEvent::CancelRequested, None);
    assert_eq!((rig.state(b), rig.state(c)), ("failed", "failed"));
    let failed = rig.row(b);
    assert_eq!(failed.failed_by, Some(a));
    assert!(failed.failure.unwrap().text.contains("T-1"));
    rig.event(a, TaskEvent::Reopened { unmet: false }, None);
    assert_eq!(
        (rig.state(a), rig.state(b), rig.state(c)),
        ("queued", "waiting", "waiting")
    );
}

#[test]
fn task_that_failed_because_of_two_stays_failed_when_one_is_reopened() {
    let rig = rig();
    let (a, b) = (rig.submit(new()), rig.submit(new()));
    let c = rig.submit(with(|t| t.spec.depends_on = vec![a, b]));
    rig.event(a, TaskEvent::CancelRequested, None);
    rig.event(b, TaskEvent::CancelRequested, None);
    rig.event(a, TaskEvent::Reopened { unmet: false }, None);
    assert_eq!(rig.state(c), "failed");
    rig.event(b, TaskEvent::Reopened { unmet: false }, None);
    assert_eq!(rig.state(c), "waiting");
}

#[test]
fn task_that_needs_an_ended_one_fails_at_submit() {
    let rig = rig();
    let a = rig.submit(new());
    rig.event(a, TaskEvent::CancelRequested, None);
    let b = rig.submit(with(|t| t.spec.depends_on = vec![a]));
    assert_eq!(rig.state(b), "failed");
}

#[test]
fn unknown_dependency_is_refused_at_submit() {
    let rig = rig();
    let task = with(|t| t.spec.depends_on = vec![TaskNo(9)]);
    let refused = rig.store.write_blocking(move |tx| tx.submit(&task));
    assert!(matches!(
        refused,
        Err(StoreError::UnknownDependency { needs: TaskNo(9) })
    ));
    assert_eq!(rig.store.last_seq(), 0);
}

#[test]
fn same_key_gives_the_open_task_and_a_new_one_after_its_end() {
    let rig = rig();
    let keyed = || with(|t| t.spawn_key = Some("k".into()));
    let first = rig.submit(keyed());
    let task = keyed();
    let again = rig
        .store
        .write_blocking(move |tx| tx.submit(&task))
        .unwrap();
    assert!(again.existing);
    assert_eq!(again.no, first);
    rig.event(first, TaskEvent::CancelRequested, None);
    let second = rig.submit(keyed());
    assert_ne!(second, first);
    let refused = rig.try_event(first, TaskEvent::Reopened { unmet: false }, None);
    assert!(
        matches!(refused, Err(StoreError::KeyTaken { by }) if by == second),
        "{refused:?}"
    );
}

#[test]
fn cancel_reaches_open_children_and_parent_wakes_when_the_last_has_ended() {
    let rig = rig();
    let parent = rig.submit(new());
    let lease = rig.run(parent);
    let child = |n: &str| {
        let n = n.to_owned();
        rig.submit(with(|t| {
            t.parent = Some(parent);
            t.spec.title = n;
        }))
    };
    let (a, b) = (child("a"), child("b"));
    rig.event(parent, TaskEvent::SubtasksAwaited { open: 0 }, Some(lease));
    assert!(matches!(
        rig.row(parent).task.state,
        ripieno_core::state::TaskState::Waiting {
            on: WaitOn::Subtasks
        }
    ));
    let lease = rig.run(a);
    rig.event(a, DONE, Some(lease));
    assert_eq!(rig.state(parent), "waiting");
    rig.event(b, TaskEvent::CancelRequested, None);
    assert_eq!(rig.state(parent), "queued");

    let c = child("c");
    rig.event(parent, TaskEvent::CancelRequested, None);
    assert_eq!(rig.state(c), "cancelled");
    assert_eq!(rig.row(c).root, parent);
}

#[test]
fn pause_of_a_parent_pauses_its_children_and_resume_undoes_it() {
    let rig = rig();
    let parent = rig.submit(new());
    let child = rig.submit(with(|t| t.parent = Some(parent)));
    rig.event(parent, TaskEvent::PauseRequested, None);
    assert!(rig.row(child).task.paused);
    let counts = rig.store.read_blocking(|r| r.counts()).unwrap();
    assert_eq!(counts.get(&ShownState::Paused), Some(&2));
    rig.event(parent, TaskEvent::ResumeRequested, None);
    assert!(!rig.row(child).task.paused);
}

#[test]
fn follow_up_shares_the_thread_of_what_it_continues() {
    let rig = rig();
    let a = rig.submit(new());
    let b = rig.submit(with(|t| t.spec.continues = Some(a)));
    let c = rig.submit(with(|t| t.spec.continues = Some(b)));
    assert_eq!(rig.row(c).thread, a);
    let thread = rig.store.read_blocking(move |r| r.thread(a)).unwrap();
    assert_eq!(thread, [a, b, c]);
}

#[test]
fn tries_used_up_end_dead_with_one_notification_and_the_text() {
    let rig = rig();
    let no = rig.submit(with(|t| {
        t.spec = ripieno_core::spec::TaskSpec {
            max_tries: 1,
            ..spec()
        }
    }));
    let lease = rig.run(no);
    let applied = rig
        .store
        .write_blocking(move |tx| {
            let event = TaskEvent::AttemptFailed {
                class: Class::ProcessCrashed,
                jitter: 0,
            };
            let extra = ripieno_store::Extra {
                failure_text: Some("exit 9".into()),
                data: None,
            };
            tx.transition(no, &event, Some(lease.token), extra)
        })
        .unwrap();
    assert_eq!(applied.task.state.kind().name(), "dead");
    let row = rig.row(no);
    assert_eq!(row.failure.as_ref().unwrap().class, "process_crashed");
    assert_eq!(row.failure.unwrap().text, "exit 9");
    let now = applied.task.finished_at.unwrap();
    let due = rig
        .store
        .read_blocking(move |r| r.outbox_due(now, 9))
        .unwrap();
    assert_eq!(due.len(), 1);
    assert!(due[0].idem_key.contains(":dead:"));
    assert_eq!(rig.store.read_blocking(|r| r.unseen_failures()).unwrap(), 1);
    assert_eq!(rig.store.write_blocking(|tx| tx.all_seen()).unwrap(), 1);
    assert_eq!(rig.store.read_blocking(|r| r.unseen_failures()).unwrap(), 0);
}

#[test]
fn retry_is_parked_until_its_moment() {
    let rig = rig();
    let no = rig.submit(new());
    let lease = rig.run(no);
    rig.event(
        no,
        TaskEvent::AttemptFailed {
            class: Class::ProcessCrashed,
            jitter: 999,
        },
        Some(lease),
    );
    assert_eq!(rig.row(no).parked_on.as_deref(), Some("time"));
    assert!(
        rig.store
            .read_blocking(|r| r.heads(&[crate::rig::shell()]))
            .unwrap()
            .is_empty()
    );
    let due = rig.store.read_blocking(|r| r.next_due()).unwrap();
    assert!(due.is_some());
    assert!(
        rig.store
            .write_blocking(|tx| tx.unpark_due(9))
            .unwrap()
            .is_empty()
    );
    rig.clock.advance(1500);
    assert_eq!(
        rig.store.write_blocking(|tx| tx.unpark_due(9)).unwrap(),
        [no]
    );
    assert_eq!(
        rig.store
            .read_blocking(|r| r.heads(&[crate::rig::shell()]))
            .unwrap()
            .len(),
        1
    );
    assert_eq!(rig.row(no).task.tries_used, 1);
}
