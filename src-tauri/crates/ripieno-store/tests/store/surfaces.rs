//! What surfaces keep beside the queue: asks put off, notices claimed once, where a comment landed.

use crate::rig::{ManualClock, Rig, new, options, rig};
use ripieno_core::{
    ask::{Answer, AskSpec},
    event::{TaskEvent, YieldReason},
    id::{AskNo, TaskNo},
    state::Lease,
    time::Timestamp,
};
use ripieno_store::{
    AskOn, AskOutcome, ChangesSum, NewEnd, NewMovement, NewRun, NewStart, NewUsage, Store,
    StoreError,
};
use serde_json::json;
use std::sync::Arc;

fn asked(rig: &Rig) -> (TaskNo, AskNo) {
    let no = rig.submit(new());
    let on = AskOn::Task {
        no,
        fence: rig.run(no).token,
        movement: "build".into(),
        in_place: true,
    };
    let outcome = rig
        .store
        .write_blocking(move |tx| tx.ask(&on, &AskSpec::question("go?")))
        .unwrap();
    match outcome {
        AskOutcome::Opened { ask, .. } => (no, ask.no),
        other => panic!("{other:?}"),
    }
}

fn snooze(rig: &Rig, no: AskNo, until: Option<i64>) -> Result<Option<i64>, StoreError> {
    let until = until.map(Timestamp);
    let ask = rig.store.write_blocking(move |tx| tx.snooze(no, until))?;
    Ok(ask.snoozed_until.map(|at| at.0))
}

#[test]
fn snoozed_ask_keeps_its_revision_and_tells_the_log_of_its_task_once() {
    let rig = rig();
    let (task, no) = asked(&rig);
    let before = rig.store.read_blocking(move |r| r.ask(no)).unwrap();
    assert_eq!(snooze(&rig, no, Some(99)).unwrap(), Some(99));
    assert_eq!(snooze(&rig, no, Some(99)).unwrap(), Some(99));
    let (ask, events) = rig
        .store
        .read_blocking(move |r| Ok((r.ask(no)?, r.events_of(task, 0, 100)?)))
        .unwrap();
    assert_eq!(ask.revision, before.revision);
    let told: Vec<_> = events.iter().filter(|e| e.kind == "ask_snoozed").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].data["until"], 99);
    assert_eq!(snooze(&rig, no, None).unwrap(), None);
}

#[test]
fn settled_ask_is_not_put_off_any_more() {
    let rig = rig();
    let (_, no) = asked(&rig);
    rig.store
        .write_blocking(move |tx| tx.answer(no, None, &Answer::Text("yes".into()), "cli"))
        .unwrap();
    let late = snooze(&rig, no, Some(99));
    assert!(
        matches!(late, Err(StoreError::AlreadyAnswered { .. })),
        "{late:?}"
    );
}

#[test]
fn notice_is_claimed_once_and_again_only_after_it_was_forgotten() {
    let folder = tempfile::TempDir::new().unwrap();
    let (path, clock) = (
        folder.path().join("ripieno.db"),
        Arc::<ManualClock>::default(),
    );
    let open = || Store::open(&path, folder.path(), options(&clock)).unwrap();
    let claim = |store: &Store, key: &'static str| {
        store
            .write_blocking(move |tx| tx.claim_notice(key))
            .unwrap()
    };
    let store = open();
    assert!(claim(&store, "ask:A-1"));
    assert!(!claim(&store, "ask:A-1"));
    assert!(claim(&store, "ask:A-10"));
    assert!(claim(&store, "ask:é"));
    assert!(claim(&store, "ask;A-1"));
    drop(store);
    let store = open();
    assert!(!claim(&store, "ask:A-1"));
    let forgotten = store
        .write_blocking(|tx| tx.forget_notices("ask:"))
        .unwrap();
    assert_eq!(forgotten, 3);
    assert!(!claim(&store, "ask;A-1"));
    assert!(claim(&store, "ask:A-1"));
}

#[test]
fn comment_says_which_attempt_and_movement_took_it_until_it_is_given_back() {
    let rig = rig();
    let no = rig.submit(new());
    let fence = rig.run(no).token;
    let comment = rig
        .store
        .write_blocking(move |tx| {
            let comment = tx.comment(no, "use tabs", false, "cli")?;
            tx.movement_started(
                no,
                fence,
                &NewMovement {
                    name: "build".into(),
                    on_interrupt: Default::default(),
                    checkpoint: None,
                },
            )?;
            tx.take_comments(no, fence, "build")?;
            Ok(comment)
        })
        .unwrap();
    let taken = |rig: &Rig| {
        let mut all = rig.store.read_blocking(move |r| r.comments(no)).unwrap();
        all.remove(0).taken
    };
    let at = taken(&rig).unwrap();
    assert_eq!((at.attempt, at.movement.as_deref()), (1, Some("build")));
    rig.store
        .write_blocking(move |tx| tx.untake_comments(no, &[comment]))
        .unwrap();
    assert_eq!(taken(&rig), None);
}

#[test]
fn usage_is_summed_per_attempt_and_model() {
    let rig = rig();
    let no = rig.submit(new());
    rig.run(no);
    let used = |model: &str, input, cost| NewUsage {
        model: model.into(),
        input,
        cost_micros: cost,
        ..NewUsage::default()
    };
    let reports = [
        used("a", 1, Some(5)),
        used("b", 2, None),
        used("a", 4, None),
    ];
    rig.store
        .write_blocking(move |tx| {
            for report in &reports {
                tx.add_usage(no, 1, report)?;
            }
            Ok(())
        })
        .unwrap();
    let sums = rig
        .store
        .read_blocking(move |r| r.usage_by_attempt(no))
        .unwrap();
    assert_eq!(sums, [(1, used("a", 5, Some(5))), (1, used("b", 2, None))]);
}

fn start(base: Result<&str, &str>) -> NewStart {
    NewStart {
        base: base.map(Into::into).map_err(Into::into),
        includes_earlier: false,
        apart: json!(["big"]),
    }
}

#[test]
fn first_start_stays_and_the_last_end_counts() {
    let rig = rig();
    let no = rig.submit(new());
    let fence = rig.run(no).token;
    let sum = |files| ChangesSum {
        files,
        insertions: 2,
        deletions: 1,
    };
    let end = |head: &str, files| NewEnd {
        head: head.into(),
        apart: json!([]),
        sum: sum(files),
    };
    assert_eq!(
        rig.store.read_blocking(move |r| r.changes(no)).unwrap(),
        None
    );
    let (first, last) = (end("one", 1), end("two", 3));
    rig.store
        .write_blocking(move |tx| {
            tx.put_start(no, fence, &start(Ok("base")))?;
            tx.put_start(no, fence, &start(Ok("later")))?;
            tx.put_end(no, fence, &first)?;
            tx.put_end(no, fence, &last)
        })
        .unwrap();
    let (kept, total) = rig
        .store
        .read_blocking(move |r| Ok((r.changes(no)?.unwrap(), r.changes_sum(no)?)))
        .unwrap();
    assert_eq!(kept.base, Ok("base".to_owned()));
    assert_eq!(kept.start_apart, json!(["big"]));
    assert_eq!(kept.head.as_deref(), Some("two"));
    assert_eq!((kept.sum, total), (Some(sum(3)), Some(sum(3))));
}

#[test]
fn task_without_a_base_has_a_reason_and_no_end() {
    let rig = rig();
    let no = rig.submit(new());
    let fence = rig.run(no).token;
    let end = NewEnd {
        head: "one".into(),
        apart: json!([]),
        sum: ChangesSum {
            files: 1,
            insertions: 1,
            deletions: 1,
        },
    };
    rig.store
        .write_blocking(move |tx| {
            tx.put_start(no, fence, &start(Err("no git")))?;
            tx.put_end(no, fence, &end)
        })
        .unwrap();
    let kept = rig
        .store
        .read_blocking(move |r| r.changes(no))
        .unwrap()
        .unwrap();
    assert_eq!((kept.base, kept.sum), (Err("no git".to_owned()), None));
    let stale = ripieno_core::state::LeaseToken(fence.0 + 100);
    let late = rig
        .store
        .write_blocking(move |tx| tx.put_start(no, stale, &start(Ok("x"))));
    assert!(matches!(late, Err(StoreError::Refused { .. })), "{late:?}");
}

#[test]
fn run_of_an_attempt_is_what_it_started_last_and_its_warnings_are_its_own() {
    let rig = rig();
    let no = rig.submit(new());
    let fence = rig.run(no).token;
    let run = |program: &str| NewRun {
        slot: 2,
        cwd: "/work".into(),
        program: program.into(),
        arguments: vec!["-eu".into(), "it's".into()],
        passed: vec!["PATH".into()],
        withheld: vec!["TOKEN".into()],
    };
    let (first, last) = (run("/bin/one"), run("/bin/two"));
    rig.store
        .write_blocking(move |tx| {
            tx.put_run(no, fence, &first)?;
            tx.put_run(no, fence, &last)?;
            tx.warn(no, "no git")
        })
        .unwrap();
    rig.event(
        no,
        TaskEvent::Yielded(YieldReason::Interrupted),
        Some(Lease { token: fence }),
    );
    let again = rig.run(no).token;
    rig.store
        .write_blocking(move |tx| {
            tx.warn(no, "later")
                .and(tx.put_run(no, again, &run("/bin/three")))
        })
        .unwrap();
    let (kept, warned, other) = rig
        .store
        .read_blocking(move |r| Ok((r.run(no, 1)?, r.warnings(no, 1)?, r.warnings(no, 2)?)))
        .unwrap();
    assert_eq!(kept, Some(run("/bin/two")));
    let texts = |list: Vec<(Timestamp, String)>| -> Vec<String> {
        list.into_iter().map(|(_, text)| text).collect()
    };
    assert_eq!(
        (texts(warned), texts(other)),
        (vec!["no git".to_owned()], vec!["later".to_owned()])
    );
}

#[test]
fn teardown_is_due_from_the_setup_on_and_taken_once() {
    let rig = rig();
    let (no, other) = (rig.submit(new()), rig.submit(new()));
    let set_up = |no, folder: &'static str| {
        rig.store
            .write_blocking(move |tx| tx.set_up_begun(no, folder))
            .unwrap();
    };
    let take = |no| {
        rig.store
            .write_blocking(move |tx| tx.teardown_begun(no))
            .unwrap()
    };
    let due = || rig.store.read_blocking(|r| r.teardowns_due()).unwrap();
    assert!(!take(no), "nothing was set up");
    set_up(no, "/a");
    set_up(other, "/b");
    assert_eq!(due(), [no, other]);
    assert!(take(no));
    assert!(!take(no), "somebody has taken it");
    assert_eq!(due(), [other]);
    // Set up again, somewhere else.
    set_up(no, "/c");
    let row = rig.store.read_blocking(move |r| r.teardown(no)).unwrap();
    assert_eq!(
        row.map(|row| (row.folder, row.due)),
        Some(("/c".into(), true))
    );
    assert!(take(no));
}
