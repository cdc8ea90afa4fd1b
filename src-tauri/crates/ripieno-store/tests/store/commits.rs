//! The writer: batches, isolation, answers after the commit, the feed.

use crate::rig::{new, owner, rig, shell, with};
use ripieno_core::{event::TaskEvent, id::TaskNo};
use ripieno_store::{StoreError, TaskFilter};
use serde_json::json;
use std::{collections::BTreeSet, sync::mpsc, thread};

#[test]
fn operations_queued_together_share_one_commit() {
    let rig = rig();
    let (go, wait) = mpsc::channel::<()>();
    let first = rig.store.write(move |tx| {
        wait.recv().unwrap();
        tx.submit(&new())
    });
    let before = rig.store.commits();
    let rest: Vec<_> = (0..50)
        .map(|_| rig.store.write(|tx| tx.submit(&new())))
        .collect();
    go.send(()).unwrap();
    first.wait().unwrap();
    for reply in rest {
        reply.wait().unwrap();
    }
    // One, when the writer had not taken the first before the rest was there.
    assert!(rig.store.commits() - before <= 2);
}

#[test]
fn failing_and_panicking_operations_leave_the_others_of_their_batch_alone() {
    let rig = rig();
    let (go, wait) = mpsc::channel::<()>();
    let mut feed = rig.store.subscribe();
    let gate = rig.store.write(move |_| {
        wait.recv().unwrap();
        Ok(())
    });
    let good = rig.store.write(|tx| tx.submit(&new()));
    let bad = rig.store.write(|tx| {
        tx.submit(&new())?;
        tx.set_setting("k", Some(&json!(1)))?;
        Err::<(), _>(StoreError::NotFound {
            what: "nothing".into(),
        })
    });
    let broken = rig.store.write(|tx| {
        tx.submit(&new())?;
        if tx.now().0 > 0 {
            panic!("on purpose");
        }
        Ok(())
    });
    let last = rig.store.write(|tx| tx.submit(&new()));
    go.send(()).unwrap();
    gate.wait().unwrap();
    assert_eq!(good.wait().unwrap().no, TaskNo(1));
    assert!(matches!(bad.wait(), Err(StoreError::NotFound { .. })));
    let panicked = broken.wait();
    assert!(matches!(&panicked, Err(StoreError::Panicked { text }) if text == "on purpose"));
    last.wait().unwrap();
    let (tasks, setting, events) = rig
        .store
        .read_blocking(|r| {
            Ok((
                r.list(&TaskFilter::default())?.tasks.len(),
                r.setting("k")?,
                r.events_since(0, 99)?,
            ))
        })
        .unwrap();
    assert_eq!((tasks, setting), (2, None));
    let seqs: Vec<i64> = events.iter().map(|e| e.seq).collect();
    assert_eq!(seqs, [1, 2]);
    assert_eq!(*feed.try_recv().unwrap(), events[0]);
    assert_eq!(*feed.try_recv().unwrap(), events[1]);
    assert!(feed.try_recv().is_err());
}

#[test]
fn eight_claimers_never_get_the_same_task() {
    let rig = rig();
    for _ in 0..200 {
        rig.submit(new());
    }
    let claimers: Vec<_> = (0..8)
        .map(|_| {
            let store = rig.store.clone();
            thread::spawn(move || {
                let mut got = Vec::new();
                loop {
                    let claimed = store
                        .write_blocking(|tx| {
                            let Some(head) = tx.heads(&[shell()])?.into_iter().next() else {
                                return Ok(None);
                            };
                            let no = head.candidate.no;
                            let lease = tx.claim(no, &shell(), &owner())?.lease;
                            crate::rig::apply(tx, no, TaskEvent::Started, Some(lease))?;
                            Ok(Some((no, lease.token)))
                        })
                        .unwrap();
                    match claimed {
                        Some(claim) => got.push(claim),
                        None => return got,
                    }
                }
            })
        })
        .collect();
    let all: Vec<_> = claimers
        .into_iter()
        .flat_map(|c| c.join().unwrap())
        .collect();
    let tasks: BTreeSet<_> = all.iter().map(|(no, _)| *no).collect();
    let tokens: BTreeSet<_> = all.iter().map(|(_, token)| token.0).collect();
    assert_eq!((all.len(), tasks.len(), tokens.len()), (200, 200, 200));
    assert_eq!(rig.store.read_blocking(|r| r.live()).unwrap().len(), 200);
}

#[test]
fn feed_equals_the_log_without_a_gap() {
    let rig = rig();
    let mut feed = rig.store.subscribe();
    for n in 0..30 {
        let no = rig.submit(with(|t| t.spec.title = n.to_string()));
        let lease = rig.run(no);
        rig.event(no, crate::rig::DONE, Some(lease));
    }
    let log = rig
        .store
        .read_blocking(|r| r.events_since(0, 1000))
        .unwrap();
    assert_eq!(log.len(), 120);
    for (place, event) in (1..).zip(&log) {
        assert_eq!(event.seq, place);
        assert_eq!(*feed.try_recv().unwrap(), *event);
    }
    let later = rig.store.read_blocking(|r| r.events_since(100, 5)).unwrap();
    assert_eq!(
        later.iter().map(|e| e.seq).collect::<Vec<_>>(),
        [101, 102, 103, 104, 105]
    );
}

#[test]
fn log_cannot_be_changed() {
    let home = tempfile::TempDir::new().unwrap();
    let path = home.path().join("ripieno.db");
    let clock = std::sync::Arc::default();
    let store =
        ripieno_store::Store::open(&path, home.path(), crate::rig::options(&clock)).unwrap();
    store.write_blocking(|tx| tx.submit(&new())).unwrap();
    let raw = rusqlite::Connection::open(&path).unwrap();
    for sql in [
        "UPDATE task_events SET kind = 'x'",
        "DELETE FROM task_events",
    ] {
        let refused = raw.execute(sql, []).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
}

#[test]
fn writes_queued_before_the_last_handle_goes_are_carried_out() {
    let home = tempfile::TempDir::new().unwrap();
    let path = home.path().join("ripieno.db");
    let clock = std::sync::Arc::default();
    let open =
        || ripieno_store::Store::open(&path, home.path(), crate::rig::options(&clock)).unwrap();
    let store = open();
    for _ in 0..20 {
        drop(store.write(|tx| tx.submit(&new())));
    }
    drop(store);
    assert_eq!(open().last_seq(), 20);
}
