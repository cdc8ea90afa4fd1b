//! What surfaces keep beside the queue: asks put off, notices claimed once, where a comment landed.

use crate::rig::{ManualClock, Rig, new, options, rig};
use ripieno_core::{
    ask::{Answer, AskSpec},
    id::{AskNo, TaskNo},
    time::Timestamp,
};
use ripieno_store::{AskOn, AskOutcome, NewMovement, NewUsage, Store, StoreError};
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
