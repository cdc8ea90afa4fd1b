//! The rules of the gate (S4), one by one and under real threads.
#![cfg(not(loom))]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use ripieno_gate::{ClaimGate, CloseReason, CloseReasons, Closed, Counts, Signal};

fn heard(gate: &ClaimGate) -> mpsc::Receiver<Signal> {
    let (tell, hear) = mpsc::channel();
    gate.listen(move |signal| {
        let _ = tell.send(signal);
    });
    hear
}

#[test]
fn open_gate_lets_a_claim_enter_and_counts_it() {
    let gate = ClaimGate::new();
    let claim = gate.enter().unwrap();
    assert_eq!(gate.counts(), Counts { claims: 1, runs: 0 });
    let run = claim.register();
    assert_eq!(gate.counts(), Counts { claims: 0, runs: 1 });
    drop(run);
    assert!(gate.counts().is_idle());
}

#[test]
fn claim_dropped_without_a_run_is_given_up() {
    let gate = ClaimGate::new();
    drop(gate.enter().unwrap());
    assert!(gate.counts().is_idle());
}

#[test]
fn closed_gate_refuses_with_every_reason() {
    let gate = ClaimGate::closed_for(CloseReason::Starting);
    gate.close(CloseReason::UserPause);
    let expected = CloseReasons::from_iter([CloseReason::Starting, CloseReason::UserPause]);
    assert_eq!(gate.enter().unwrap_err(), Closed { reasons: expected });
    assert_eq!(
        gate.enter().unwrap_err().to_string(),
        "no new task is started: starting, paused"
    );
}

#[test]
fn gate_opens_only_when_the_last_reason_is_gone() {
    let gate = ClaimGate::new();
    for reason in CloseReason::ALL {
        assert!(gate.close(reason));
        assert!(!gate.close(reason), "{reason} twice is {reason} once");
    }
    for reason in CloseReason::ALL {
        assert!(gate.enter().is_err());
        assert!(gate.open(reason));
        assert!(!gate.open(reason));
    }
    assert!(gate.enter().is_ok());
}

#[test]
fn closing_leaves_what_is_under_way_alone() {
    let gate = ClaimGate::new();
    let claim = gate.enter().unwrap();
    gate.close(CloseReason::UserPause);
    let run = claim.register();
    assert_eq!(gate.counts().runs, 1);
    drop(run);
}

#[test]
fn barrier_is_refused_while_a_claim_or_a_run_lives() {
    let gate = ClaimGate::new();
    let claim = gate.enter().unwrap();
    assert!(gate.try_close().is_none());
    let run = claim.register();
    assert!(gate.try_close().is_none());
    drop(run);
    assert!(gate.try_close().is_some());
}

#[test]
fn barrier_keeps_claims_and_other_barriers_out_and_reopens_on_drop() {
    let gate = ClaimGate::new();
    let barrier = gate.try_close().unwrap();
    assert!(gate.reasons().contains(CloseReason::Update));
    assert!(gate.try_close().is_none());
    assert!(gate.enter().is_err());
    drop(barrier);
    assert!(gate.enter().is_ok());
}

#[test]
fn barrier_is_not_taken_back_by_opening_the_update_reason() {
    let gate = ClaimGate::new();
    let _barrier = gate.try_close().unwrap();
    gate.open(CloseReason::Update);
    assert!(gate.enter().is_err());
}

#[test]
fn committed_barrier_stays() {
    let gate = ClaimGate::new();
    gate.try_close().unwrap().commit();
    assert!(gate.enter().is_err());
    assert!(gate.try_close().is_none());
}

#[test]
fn barrier_dropped_under_a_pause_leaves_the_pause() {
    let gate = ClaimGate::new();
    gate.close(CloseReason::UserPause);
    drop(gate.try_close().unwrap());
    assert_eq!(
        gate.reasons(),
        CloseReasons::from_iter([CloseReason::UserPause])
    );
}

#[test]
fn barrier_reopens_when_its_owner_panics() {
    let gate = ClaimGate::new();
    let inner = gate.clone();
    let outcome = thread::spawn(move || {
        let _barrier = inner.try_close().unwrap();
        panic!("the installer broke");
    })
    .join();
    assert!(outcome.is_err());
    assert!(gate.enter().is_ok());
}

#[test]
fn listeners_hear_idle_opened_and_closed() {
    let gate = ClaimGate::new();
    let signals = heard(&gate);
    let run = gate.enter().unwrap().register();
    gate.close(CloseReason::Disk);
    gate.close(CloseReason::UserPause);
    drop(run);
    gate.open(CloseReason::Disk);
    gate.open(CloseReason::UserPause);
    drop(gate.try_close().unwrap());
    let all: Vec<_> = signals.try_iter().collect();
    use Signal::{Closed, Idle, Opened};
    assert_eq!(all, [Closed, Idle, Opened, Closed, Opened]);
}

#[test]
fn listener_may_use_the_gate() {
    let gate = ClaimGate::new();
    let (tell, hear) = mpsc::channel();
    let inner = gate.clone();
    gate.listen(move |signal| {
        if signal == Signal::Idle {
            let _ = tell.send(inner.try_close().is_some());
        }
    });
    drop(gate.enter().unwrap());
    assert_eq!(hear.try_recv(), Ok(true));
}

#[test]
fn barrier_never_coexists_with_work_under_eight_threads() {
    let gate = ClaimGate::new();
    let live = AtomicUsize::new(0);
    let barred = AtomicBool::new(false);
    let barriers = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..20_000 {
                    let Ok(claim) = gate.enter() else { continue };
                    live.fetch_add(1, Ordering::SeqCst);
                    assert!(!barred.load(Ordering::SeqCst));
                    let run = claim.register();
                    assert!(!barred.load(Ordering::SeqCst));
                    live.fetch_sub(1, Ordering::SeqCst);
                    drop(run);
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..20_000 {
                    let Some(barrier) = gate.try_close() else {
                        continue;
                    };
                    assert!(!barred.swap(true, Ordering::SeqCst), "two barriers at once");
                    assert_eq!(live.load(Ordering::SeqCst), 0);
                    barriers.fetch_add(1, Ordering::SeqCst);
                    barred.store(false, Ordering::SeqCst);
                    drop(barrier);
                }
            });
        }
    });
    assert!(gate.counts().is_idle());
    assert!(gate.enter().is_ok());
}
