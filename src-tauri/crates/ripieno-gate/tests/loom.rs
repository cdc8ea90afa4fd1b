//! Tries every interleaving of the gate (S4, U2).
//!
//! `RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom cargo test -p ripieno-gate --release`
#![cfg(loom)]

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;

use ripieno_gate::{ClaimGate, ClaimGuard, CloseReason, Counts, Signal};

/// Claims once, runs, and keeps `live` at one meanwhile.
fn work(gate: &ClaimGate, live: &AtomicUsize) {
    let Ok(claim) = gate.enter() else { return };
    live.fetch_add(1, Ordering::SeqCst);
    let run = claim.register();
    live.fetch_sub(1, Ordering::SeqCst);
    drop(run);
}

#[test]
fn no_barrier_while_a_claim_is_in_flight_or_a_run_lives() {
    loom::model(|| {
        let gate = ClaimGate::new();
        let live = Arc::new(AtomicUsize::new(0));
        let worker = {
            let (gate, live) = (gate.clone(), live.clone());
            thread::spawn(move || work(&gate, &live))
        };
        if let Some(barrier) = gate.try_close() {
            assert_eq!(live.load(Ordering::SeqCst), 0);
            assert!(gate.enter().is_err());
            assert_eq!(live.load(Ordering::SeqCst), 0);
            drop(barrier);
        }
        worker.join().unwrap();
        assert!(gate.counts().is_idle());
        assert!(gate.try_close().is_some());
    });
}

// Without counters of its own: every one of them multiplies the orders to try.
#[test]
fn two_workers_and_a_barrier_never_overlap() {
    loom::model(|| {
        let gate = ClaimGate::new();
        let workers: Vec<_> = (0..2)
            .map(|_| {
                let gate = gate.clone();
                thread::spawn(move || drop(gate.enter().map(ClaimGuard::register)))
            })
            .collect();
        if let Some(barrier) = gate.try_close() {
            assert!(gate.counts().is_idle());
            drop(barrier);
        }
        for worker in workers {
            worker.join().unwrap();
        }
        assert!(gate.enter().is_ok());
    });
}

#[test]
fn registering_shows_no_idle_moment() {
    loom::model(|| {
        let gate = ClaimGate::new();
        let claim = gate.enter().unwrap();
        let watcher = {
            let gate = gate.clone();
            thread::spawn(move || gate.counts())
        };
        let run = claim.register();
        let seen = watcher.join().unwrap();
        assert!(seen == Counts { claims: 1, runs: 0 } || seen == Counts { claims: 0, runs: 1 });
        drop(run);
    });
}

#[test]
fn barrier_is_exclusive() {
    loom::model(|| {
        let gate = ClaimGate::new();
        let held = Arc::new(AtomicBool::new(false));
        let close = |gate: ClaimGate, held: Arc<AtomicBool>| {
            if let Some(barrier) = gate.try_close() {
                assert!(!held.swap(true, Ordering::SeqCst), "two barriers at once");
                held.store(false, Ordering::SeqCst);
                drop(barrier);
            }
        };
        let other = {
            let (gate, held) = (gate.clone(), held.clone());
            thread::spawn(move || close(gate, held))
        };
        close(gate.clone(), held);
        other.join().unwrap();
        assert!(gate.enter().is_ok(), "reopened by the last drop");
    });
}

#[test]
fn commit_keeps_every_claim_out() {
    loom::model(|| {
        let gate = ClaimGate::new();
        let committed = Arc::new(AtomicBool::new(false));
        let worker = {
            let (gate, committed) = (gate.clone(), committed.clone());
            thread::spawn(move || {
                let after = committed.load(Ordering::SeqCst);
                let entered = gate.enter().is_ok();
                assert!(!(after && entered), "a claim passed a committed barrier");
            })
        };
        if let Some(barrier) = gate.try_close() {
            barrier.commit();
            committed.store(true, Ordering::SeqCst);
        }
        worker.join().unwrap();
        assert_eq!(gate.enter().is_err(), committed.load(Ordering::SeqCst));
    });
}

#[test]
fn pause_combines_with_a_barrier_in_every_order() {
    loom::model(|| {
        let gate = ClaimGate::new();
        let pauser = {
            let gate = gate.clone();
            thread::spawn(move || gate.close(CloseReason::UserPause))
        };
        drop(gate.try_close());
        assert!(pauser.join().unwrap());
        assert!(
            gate.enter().is_err(),
            "the barrier's drop took the pause with it"
        );
        gate.open(CloseReason::UserPause);
        assert!(gate.enter().is_ok());
    });
}

/// A waiter that was refused the barrier is always told when it can be had.
#[test]
fn idle_signal_is_never_missed() {
    loom::model(|| {
        let gate = ClaimGate::new();
        let idle = Arc::new(AtomicBool::new(false));
        {
            let idle = idle.clone();
            gate.listen(move |signal| {
                if signal == Signal::Idle {
                    idle.store(true, Ordering::SeqCst);
                }
            });
        }
        let run = gate.enter().unwrap().register();
        let worker = thread::spawn(move || drop(run));
        let refused = gate.try_close().is_none();
        worker.join().unwrap();
        if refused {
            assert!(idle.load(Ordering::SeqCst), "idle without a signal");
            assert!(gate.try_close().is_some());
        }
    });
}
