//! A report of a lease that is over changes nothing (architecture 1.3).

use ripieno_core::{
    apply::{Refused, apply},
    coverage::{every_event, every_task},
    state::LeaseToken,
    task::Policy,
    time::Timestamp,
};

#[test]
fn every_report_with_a_wrong_or_no_lease_is_stale() {
    for task in every_task() {
        let expected = task.state.lease().map(|lease| lease.token);
        for event in every_event(LeaseToken(2))
            .iter()
            .filter(|e| e.kind().is_fenced())
        {
            for got in [None, Some(LeaseToken(0)), Some(LeaseToken(2))] {
                assert_eq!(
                    apply(&task, event, got, Timestamp(0), &Policy::default()),
                    Err(Refused::StaleLease { expected, got }),
                    "{event:?} on {:?}",
                    task.state
                );
            }
        }
    }
}

#[test]
fn a_report_on_a_task_without_a_lease_is_stale_and_never_illegal() {
    let rest = every_task()
        .into_iter()
        .filter(|t| t.state.lease().is_none());
    for task in rest {
        for event in every_event(LeaseToken(2))
            .iter()
            .filter(|e| e.kind().is_fenced())
        {
            let got = Some(LeaseToken(1));
            assert_eq!(
                apply(&task, event, got, Timestamp(0), &Policy::default()),
                Err(Refused::StaleLease {
                    expected: None,
                    got
                })
            );
        }
    }
}

#[test]
fn events_of_others_need_no_lease_and_are_never_stale() {
    for task in every_task() {
        for event in every_event(LeaseToken(2))
            .iter()
            .filter(|e| !e.kind().is_fenced())
        {
            let with = |fence| apply(&task, event, fence, Timestamp(0), &Policy::default());
            assert!(!matches!(with(None), Err(Refused::StaleLease { .. })));
            assert_eq!(with(None), with(Some(LeaseToken(9))));
        }
    }
}

#[test]
fn an_illegal_event_names_both_and_says_so_in_words() {
    let done = every_task()
        .into_iter()
        .find(|t| t.state.kind().name() == "done")
        .unwrap();
    let claim = &every_event(LeaseToken(2))[3];
    let refused = apply(&done, claim, None, Timestamp(0), &Policy::default()).unwrap_err();
    assert_eq!(refused.to_string(), "a task that is done cannot be claimed");
}
