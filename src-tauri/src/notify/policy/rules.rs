//! What is told when, case by case.

use jiff::Span;
use jiff::tz::TimeZone;

use super::super::facts::LaneHold;
use super::super::notice::Subject;
use super::super::quiet::Quiet;
use super::super::screen::{Screen, View};
use super::super::settings::Settings;
use super::Input;
use super::rig::{Rig, ask, task};

const NOTHING: [&str; 0] = [];

#[test]
fn ask_is_told_once_and_taken_back_when_it_is_settled() {
    let mut rig = Rig::new();
    assert_eq!(rig.open(1), ["show ask:a1"]);
    assert_eq!(rig.look(), NOTHING);
    assert_eq!(rig.settle(1), ["withdraw ask:a1"]);
    assert_eq!(rig.look(), NOTHING);
}

#[test]
fn restart_and_a_second_surface_repeat_nothing() {
    let mut rig = Rig::new();
    rig.open(1);
    rig.end(2, "failed");
    assert_eq!(rig.restart(), NOTHING);
    let mut second = Rig::new();
    second.claimed.clone_from(&rig.claimed);
    second.world = rig.world.clone();
    assert_eq!(second.look(), NOTHING);
}

#[test]
fn unanswered_ask_is_told_again_at_fifteen_minutes_and_two_hours_and_then_no_more() {
    let mut rig = Rig::new();
    rig.open(1);
    assert_eq!(rig.wake(), (15 * 60, vec!["remind a1".into()]));
    assert_eq!(rig.wake(), (105 * 60, vec!["remind a1".into()]));
    assert_eq!(rig.policy.due(), None);
}

#[test]
fn reminders_survive_a_restart_and_those_missed_come_once() {
    let mut rig = Rig::new();
    rig.open(1);
    rig.now += Span::new().minutes(10);
    assert_eq!(rig.restart(), NOTHING);
    assert_eq!(rig.wake(), (5 * 60, vec!["remind a1".into()]));
    rig.now += Span::new().hours(20);
    assert_eq!(rig.restart(), ["remind a1"]);
    assert_eq!(rig.restart(), NOTHING);
}

#[test]
fn without_reminders_there_is_none() {
    let mut rig = Rig::new();
    rig.set(Settings {
        reminders: false,
        ..Settings::default()
    });
    rig.open(1);
    assert_eq!(rig.wait(3 * 3600), NOTHING);
}

#[test]
fn ask_that_is_put_off_is_taken_back_and_told_when_the_time_comes() {
    let mut rig = Rig::new();
    rig.open(1);
    rig.world.asks[0].ask.snoozed_until = Some(rig.now + Span::new().minutes(60));
    assert_eq!(rig.look(), ["withdraw ask:a1"]);
    assert_eq!(rig.wait(20 * 60), NOTHING);
    assert_eq!(rig.wake(), (40 * 60, vec!["remind a1".into()]));
}

#[test]
fn final_failure_is_told_once_until_it_is_seen_and_again_after_a_retry() {
    let mut rig = Rig::new();
    assert_eq!(rig.end(1, "failed"), ["show task:t1"]);
    rig.world.ended.clear();
    assert_eq!(rig.look(), ["withdraw task:t1"]);
    rig.wait(60);
    let mut again = task(1, "dead", rig.now);
    again.attempt = 2;
    rig.world.ended.push(again);
    assert_eq!(rig.look(), ["show task:t1"]);
}

#[test]
fn failures_that_are_no_news_are_silent() {
    let mut rig = Rig::new();
    let mut seen = task(1, "failed", rig.now);
    seen.seen_at = Some(rig.now);
    let mut child = task(2, "failed", rig.now);
    child.parent = Some("t9".into());
    let old = task(3, "failed", rig.now - Span::new().hours(25));
    rig.world.ended = vec![seen, child, old];
    assert_eq!(rig.look(), NOTHING);
}

#[test]
fn success_is_told_only_by_setting_when_it_took_long_and_nobody_is_at_the_window() {
    let mut rig = Rig::new();
    assert_eq!(rig.end(1, "done"), NOTHING);
    let on = Settings {
        done: true,
        ..Settings::default()
    };
    assert_eq!(rig.set(on), ["show task:t1"]);
    let mut quick = task(2, "done", rig.now);
    quick.started_at = Some(rig.now - Span::new().seconds(59));
    rig.world.ended.push(quick);
    assert_eq!(rig.look(), NOTHING);
    rig.see("#/settings", true);
    assert_eq!(rig.end(3, "done"), NOTHING);
    rig.see("#/settings", false);
    assert_eq!(rig.look(), NOTHING);
}

#[test]
fn every_kind_can_be_switched_off_and_goes_at_once() {
    let mut rig = Rig::new();
    rig.open(1);
    rig.end(2, "failed");
    rig.world.holds.push(LaneHold {
        lane: "claude:default".into(),
        until: rig.now + Span::new().minutes(30),
    });
    assert_eq!(rig.look(), ["show lane:claude:default"]);
    let off = Settings {
        asks: false,
        failures: false,
        holds: false,
        ..Settings::default()
    };
    let expected = [
        "withdraw ask:a1",
        "withdraw task:t2",
        "withdraw lane:claude:default",
    ];
    assert_eq!(rig.set(off), expected);
}

#[test]
fn limit_of_a_lane_is_told_once_and_taken_back_when_it_ends() {
    let mut rig = Rig::new();
    rig.world.holds.push(LaneHold {
        lane: "claude:default".into(),
        until: rig.now + Span::new().minutes(30),
    });
    assert_eq!(rig.look(), ["show lane:claude:default"]);
    assert_eq!(rig.look(), NOTHING);
    assert_eq!(
        rig.wake(),
        (30 * 60, vec!["withdraw lane:claude:default".into()])
    );
}

#[test]
fn limit_that_is_put_off_again_and_again_is_told_once_until_the_lane_was_free() {
    let lane = "claude:default";
    let held = |rig: &mut Rig, minutes| {
        rig.world.limited = [lane.to_owned()].into();
        rig.world.holds = vec![LaneHold {
            lane: lane.into(),
            until: rig.now + Span::new().minutes(minutes),
        }];
        rig.look()
    };
    let mut rig = Rig::new();
    assert_eq!(held(&mut rig, 1), ["show lane:claude:default"]);
    // Tried again at its end, and refused again.
    assert_eq!(
        rig.wake(),
        (60, vec!["withdraw lane:claude:default".into()])
    );
    for minutes in [2, 4] {
        rig.world.holds.clear();
        assert_eq!(rig.look(), NOTHING);
        assert_eq!(held(&mut rig, minutes), NOTHING);
        assert_eq!(rig.wake(), (minutes * 60, vec![]));
    }
    rig.world.limited.clear();
    rig.world.holds.clear();
    assert_eq!(rig.look(), NOTHING);
    assert_eq!(held(&mut rig, 1), ["show lane:claude:default"]);
    assert_eq!(
        held(&mut rig, 5),
        ["show lane:claude:default"],
        "in its place"
    );
    assert_eq!(rig.look(), NOTHING);
}

#[test]
fn fourth_within_ten_seconds_makes_one_of_all_that_counts_down() {
    let mut rig = Rig::new();
    for n in 1..=3 {
        assert_eq!(rig.open(n), [format!("show ask:a{n}")]);
        rig.wait(2);
    }
    let all = [
        "withdraw ask:a1",
        "withdraw ask:a2",
        "withdraw ask:a3",
        "show many 3+1+0",
    ];
    assert_eq!(rig.end(4, "failed"), all);
    assert_eq!(rig.open(5), ["show many 4+1+0"]);
    assert_eq!(rig.settle(1), ["show many 3+1+0"]);
    for n in [2, 3] {
        rig.settle(n);
    }
    rig.world.ended.clear();
    rig.look();
    assert_eq!(rig.settle(5), ["withdraw many"]);
}

#[test]
fn what_comes_slower_comes_one_by_one() {
    let mut rig = Rig::new();
    for n in 1..=6 {
        assert_eq!(rig.open(n), [format!("show ask:a{n}")]);
        rig.wait(5);
    }
}

#[test]
fn many_at_the_start_come_in_one_and_later_ones_alone() {
    let mut rig = Rig::new();
    rig.world.asks = (1..=50).map(|n| ask(n, rig.now)).collect();
    assert_eq!(rig.look(), ["show many 50+0+0"]);
    rig.wait(11);
    assert_eq!(rig.open(51), ["show ask:a51"]);
}

#[test]
fn summary_that_was_dismissed_does_not_come_back() {
    let mut rig = Rig::new();
    rig.world.asks = (1..=5).map(|n| ask(n, rig.now)).collect();
    rig.look();
    assert_eq!(rig.step(Input::Gone(Subject::Many)), NOTHING);
    assert_eq!(rig.settle(1), NOTHING);
}

#[test]
fn one_task_is_heard_once_in_thirty_seconds() {
    let mut rig = Rig::new();
    let mut second = ask(2, rig.now);
    second.ask.task = Some("t1".into());
    rig.world.asks = vec![ask(1, rig.now), second];
    assert_eq!(rig.look(), ["show ask:a1"]);
    assert_eq!(rig.wait(10), NOTHING);
    assert_eq!(rig.wake(), (20, vec!["show ask:a2".into()]));
    assert_eq!(rig.end(1, "failed"), NOTHING);
    assert_eq!(rig.wake(), (30, vec!["show task:t1".into()]));
}

#[test]
fn what_was_settled_while_it_waited_its_turn_is_never_told() {
    let mut rig = Rig::new();
    rig.open(1);
    let mut second = ask(2, rig.now);
    second.ask.task = Some("t1".into());
    rig.world.asks.push(second);
    assert_eq!(rig.look(), NOTHING);
    rig.settle(2);
    assert_eq!(rig.wait(60), NOTHING);
}

#[test]
fn what_is_on_screen_is_silent_and_taken_back() {
    for route in [
        "#/inbox",
        "#/inbox/A-1",
        "#/tasks/T-1",
        "/tasks/T-1/changes?x",
    ] {
        let mut rig = Rig::new();
        rig.see(route, true);
        assert_eq!(rig.open(1), NOTHING, "{route}");
        rig.see(route, false);
        assert_eq!(rig.look(), NOTHING, "it was seen at {route}");
        assert_eq!(rig.wake(), (15 * 60, vec!["remind a1".into()]));
        assert_eq!(rig.see(route, true), ["withdraw ask:a1"]);
    }
}

#[test]
fn at_the_window_but_elsewhere_it_is_told_there() {
    for route in ["#/tasks", "#/inbox/A-2", "#/tasks/T-2", "#/settings/notify"] {
        let mut rig = Rig::new();
        rig.see(route, true);
        assert_eq!(rig.open(1), ["toast ask:a1"], "{route}");
    }
    let mut rig = Rig::new();
    rig.see("#/tasks", false);
    assert_eq!(rig.open(1), ["show ask:a1"]);
}

#[test]
fn window_that_is_not_in_use_shows_nothing_whatever_its_page_says() {
    let (mut rig, screen) = (Rig::new(), Screen::default());
    let mut view = screen.follow();
    let mut look = |rig: &mut Rig| rig.step(Input::View(view.borrow_and_update().clone()));
    screen.attend(true);
    screen.tell("#/tasks/T-1", true);
    look(&mut rig);
    assert_eq!(rig.end(1, "failed"), NOTHING, "it was before the person");

    assert!(screen.attend(false));
    assert!(!screen.attend(false), "told once");
    screen.tell("#/tasks/T-2", true);
    look(&mut rig);
    assert_eq!(rig.end(2, "failed"), ["show task:t2"]);
    screen.attend(true);
    assert_eq!(look(&mut rig), ["withdraw task:t2"], "back at its page");
}

#[test]
fn window_that_is_gone_shows_nothing() {
    let mut rig = Rig::new();
    rig.see("#/inbox", true);
    rig.step(Input::View(View::default()));
    assert_eq!(rig.open(1), ["show ask:a1"]);
}

#[test]
fn quiet_hours_hold_back_and_then_sum_up() {
    let quiet = |rig: &mut Rig| {
        rig.set(Settings {
            quiet: Quiet::from_setting("11:00-13:00"),
            ..Settings::default()
        })
    };
    let mut rig = Rig::new();
    quiet(&mut rig);
    rig.open(1);
    assert_eq!(rig.end(2, "failed"), NOTHING);
    assert!(rig.claimed.is_empty());
    assert_eq!(
        rig.restart(),
        ["show ask:a1", "show task:t2"],
        "a start without quiet hours"
    );

    let mut rig = Rig::new();
    quiet(&mut rig);
    rig.open(1);
    rig.end(2, "failed");
    assert_eq!(rig.wake(), (15 * 60, vec![]));
    rig.now = "2026-11-20T13:00:00Z".parse().unwrap();
    assert_eq!(rig.step(Input::Tick), ["show many 1+1+0"]);

    let mut rig = Rig::new();
    quiet(&mut rig);
    rig.open(1);
    rig.now = "2026-11-20T13:00:00Z".parse().unwrap();
    assert_eq!(
        rig.step(Input::Tick),
        ["remind a1"],
        "one alone is told as it is"
    );
}

#[test]
fn quiet_hours_still_take_back() {
    let mut rig = Rig::new();
    rig.open(1);
    rig.set(Settings {
        quiet: Quiet::from_setting("11:00-13:00"),
        ..Settings::default()
    });
    assert_eq!(rig.settle(1), ["withdraw ask:a1"]);
}

#[test]
fn quiet_hours_are_by_the_clock_of_where_the_person_is_now() {
    let mut rig = Rig::new();
    rig.set(Settings {
        quiet: Quiet::from_setting("11:00-13:00"),
        ..Settings::default()
    });
    assert_eq!(rig.open(1), NOTHING, "noon in UTC");
    rig.zone = TimeZone::get("Asia/Tokyo").unwrap();
    assert_eq!(rig.step(Input::Tick), ["show ask:a1"], "nine in Tokyo");
}

#[test]
fn private_mode_takes_back_what_names_something() {
    let mut rig = Rig::new();
    rig.open(1);
    let private = Settings {
        private: true,
        ..Settings::default()
    };
    assert_eq!(rig.set(private), ["withdraw ask:a1"]);
}

#[test]
fn end_takes_everything_back_and_says_nothing_more() {
    let mut rig = Rig::new();
    rig.open(1);
    rig.end(2, "failed");
    rig.step(Input::Trial);
    let all = ["withdraw ask:a1", "withdraw task:t2", "withdraw trial"];
    assert_eq!(rig.step(Input::Quit), all);
    assert_eq!(rig.open(3), NOTHING);
    assert_eq!(rig.policy.due(), None);
}
