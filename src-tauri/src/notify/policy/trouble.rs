//! What becomes of it when worker or server do not answer, case by case.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::facts::World;
use super::super::notice::{Refusal, Subject};
use super::rig::{Rig, START, ask};
use super::{Input, Output, Policy};

const NOTHING: [&str; 0] = [];

#[test]
fn without_a_server_nothing_is_claimed_and_all_comes_with_it() {
    let mut rig = Rig::new();
    rig.step(Input::Server(false));
    assert_eq!(rig.open(1), NOTHING);
    assert!(rig.claimed.is_empty() && rig.policy.lacks_server());
    assert_eq!(rig.step(Input::Server(true)), ["show ask:a1"]);
    assert!(!rig.policy.lacks_server());
}

#[test]
fn banner_that_could_not_be_shown_comes_when_there_is_a_server_again() {
    let mut rig = Rig::new();
    rig.open(1);
    assert_eq!(rig.step(Input::Unshown(Subject::Ask("a1".into()))), NOTHING);
    assert_eq!(rig.step(Input::Server(true)), ["show ask:a1"]);
    rig.wait(11);
    rig.world.asks.extend((2..=6).map(|n| ask(n, rig.now)));
    assert_eq!(rig.look(), ["show many 5+0+0"]);
    assert_eq!(rig.step(Input::Unshown(Subject::Many)), NOTHING);
    rig.wait(60);
    assert_eq!(rig.step(Input::Server(true)), ["show many 5+0+0"]);
}

#[test]
fn banners_that_died_with_their_server_are_not_repeated_but_reminded() {
    let mut rig = Rig::new();
    rig.open(1);
    rig.step(Input::Server(false));
    assert_eq!(rig.step(Input::Server(true)), NOTHING);
    assert_eq!(rig.settle(1), NOTHING, "there is none to take back");
    rig.open(2);
    assert_eq!(rig.wake(), (15 * 60, vec!["remind a2".into()]));
}

#[test]
fn worker_out_of_reach_claims_nothing_and_banners_stay() {
    let mut rig = Rig::new();
    rig.open(1);
    assert_eq!(rig.step(Input::Offline), NOTHING);
    assert_eq!(rig.wait(20 * 60), NOTHING);
    assert_eq!(rig.look(), ["remind a1"]);
}

#[test]
fn claim_that_was_not_answered_is_made_again() {
    let mut policy = Policy::default();
    let start: Timestamp = START.parse().unwrap();
    let now = start.to_zoned(TimeZone::UTC);
    let world = World {
        asks: vec![ask(1, start)],
        ..World::default()
    };
    policy.step(&now, Input::Server(true));
    let claim = [Output::Claim("ask:a1:0:new".into())];
    assert_eq!(policy.step(&now, Input::World(world.clone())), claim);
    assert_eq!(policy.step(&now, Input::Offline), []);
    assert_eq!(policy.step(&now, Input::World(world)), claim);
}

#[test]
fn claim_that_fails_is_made_again_by_the_clock_alone() {
    let mut rig = Rig::new();
    rig.answers = false;
    assert_eq!(rig.open(1), NOTHING);
    for wait in [2, 4, 8, 16, 32, 60, 60] {
        assert_eq!(rig.wake(), (wait, vec![]));
    }
    rig.answers = true;
    assert_eq!(rig.wake(), (60, vec!["show ask:a1".into()]));
}

#[test]
fn failed_claim_waits_for_no_reminder_and_not_longer_once_the_worker_answers() {
    let mut rig = Rig::new();
    rig.open(1);
    rig.answers = false;
    assert_eq!(rig.wake(), (15 * 60, vec![]));
    rig.answers = true;
    assert_eq!(rig.wake(), (2, vec!["remind a1".into()]));
    rig.answers = false;
    rig.open(2);
    rig.answers = true;
    assert_eq!(rig.look(), ["show ask:a2"], "an event is reason enough");
}

#[test]
fn answer_that_was_not_taken_is_told_whatever_the_limits_say() {
    let mut rig = Rig::new();
    rig.open(1);
    let open = Box::new(ask(1, rig.now));
    let late = Refusal::Answered { by: "cli".into() };
    assert_eq!(rig.step(Input::NotTaken(open, late)), ["show answer:a1"]);
}
