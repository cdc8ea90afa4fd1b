//! Counts and lists at a glance: as true as the rows, and as cheap with many tasks as with few.

use crate::rig::{DONE, ManualClock, Rig, apply, new, options, rig, with};
use ripieno_core::{event::TaskEvent, failure::Class, id::TaskNo, state::StateKind};
use ripieno_store::{Counts, ShownState, Store, StoreError, TaskFilter};
use std::sync::{Arc, Barrier};

fn told(store: &Store) -> Counts {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(store.counts())
        .unwrap()
}

fn rows(store: &Store) -> Counts {
    store.read_blocking(|r| r.counts()).unwrap()
}

fn failed() -> TaskEvent {
    TaskEvent::AttemptFailed {
        class: Class::ReportedFailed,
        jitter: 500,
    }
}

#[test]
fn counts_follow_every_move_and_forget_what_was_undone() {
    let rig = rig();
    let first = rig.submit(new());
    assert_eq!(told(&rig.store), rows(&rig.store));
    let second = rig.submit(with(|t| t.spec.depends_on = vec![first]));
    rig.event(second, TaskEvent::PauseRequested, None);
    assert_eq!(told(&rig.store), rows(&rig.store));
    assert_eq!(told(&rig.store).get(&ShownState::Paused), Some(&1));
    let lease = rig.run(first);
    assert_eq!(told(&rig.store), rows(&rig.store));
    let undone = rig.store.write_blocking(move |tx| {
        tx.submit(&new())?;
        apply(tx, first, DONE, Some(lease))?;
        Err::<(), _>(StoreError::Closed)
    });
    assert!(undone.is_err());
    assert_eq!(told(&rig.store), rows(&rig.store));
    rig.event(first, failed(), Some(lease));
    let counts = told(&rig.store);
    assert_eq!(counts, rows(&rig.store));
    assert_eq!(
        counts.get(&ShownState::Is(StateKind::Failed)),
        Some(&2),
        "its dependant with it"
    );
    rig.event(first, TaskEvent::Reopened { unmet: false }, None);
    assert_eq!(told(&rig.store), rows(&rig.store));
}

#[test]
fn counts_asked_for_while_others_write_are_true_in_the_end() {
    let folder = tempfile::TempDir::new().unwrap();
    let clock = Arc::<ManualClock>::default();
    let path = folder.path().join("ripieno.db");
    for _ in 0..5 {
        let store = Store::open(&path, folder.path(), options(&clock)).unwrap();
        let start = Arc::new(Barrier::new(4));
        std::thread::scope(|scope| {
            for n in 0..3 {
                let (store, start) = (store.clone(), start.clone());
                scope.spawn(move || {
                    start.wait();
                    for _ in 0..20 {
                        let no = store.write_blocking(|tx| tx.submit(&new())).unwrap().no;
                        if n == 0 {
                            let cancel = TaskEvent::CancelRequested;
                            store
                                .write_blocking(move |tx| apply(tx, no, cancel, None))
                                .unwrap();
                        }
                    }
                });
            }
            let (store, start) = (store.clone(), start.clone());
            scope.spawn(move || {
                start.wait();
                for _ in 0..20 {
                    told(&store);
                }
            });
        });
        assert_eq!(told(&store), rows(&store));
    }
}

/// The steps of everything a status and a page of a list read.
fn steps(rig: &Rig) -> (u64, u64) {
    let measure = |rig: &Rig| {
        rig.store
            .write_blocking(|tx| {
                let (_, status) = tx.measured(|tx| Ok((tx.open_asks()?, tx.unseen_failures()?)))?;
                let page = TaskFilter {
                    limit: 100,
                    ..TaskFilter::default()
                };
                let (page, list) = tx.measured(|tx| tx.list(&page))?;
                assert_eq!(page.tasks.len(), 100);
                Ok((status.steps, list.steps))
            })
            .unwrap()
    };
    // The first look prepares the statements.
    measure(rig);
    measure(rig)
}

fn end_many(rig: &Rig, many: usize, event: TaskEvent) -> Vec<TaskNo> {
    let run = move |tx: &mut ripieno_store::Tx<'_>| {
        let mut all = Vec::new();
        for _ in 0..many {
            let no = tx.submit(&new())?.no;
            let lease = tx
                .claim(no, &crate::rig::shell(), &crate::rig::owner())?
                .lease;
            apply(tx, no, TaskEvent::Started, Some(lease))?;
            apply(tx, no, event.clone(), Some(lease))?;
            all.push(no);
        }
        Ok(all)
    };
    rig.store.write_blocking(run).unwrap()
}

#[test]
fn status_and_a_page_take_as_many_steps_with_ten_thousand_tasks_as_with_a_hundred() {
    let few = rig();
    end_many(&few, 101, DONE);
    told(&few.store);
    let small = steps(&few);

    let many = rig();
    end_many(&many, 4000, DONE);
    let seen = end_many(&many, 4000, failed());
    many.store.write_blocking(move |tx| tx.seen(&seen)).unwrap();
    for _ in 0..2000 {
        many.submit(new());
    }
    end_many(&many, 101, DONE);
    let big = steps(&many);
    assert_eq!(told(&many.store), rows(&many.store));
    assert!(small.0 > 0 && small.1 > 0);
    assert!(
        big.0 * 10 <= small.0 * 12,
        "status: {small:?} became {big:?}"
    );
    assert!(big.1 * 10 <= small.1 * 12, "list: {small:?} became {big:?}");
}
