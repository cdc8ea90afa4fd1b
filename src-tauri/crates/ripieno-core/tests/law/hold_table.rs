//! Each reason to wait, one by one; the choice of a lane (S7); where held tasks are parked; the sentences.

use crate::world::{NOW, Plain, candidate, lane, row, waiting};
use ripieno_core::{
    hold::{Candidate, GateHold, Hold, LaneChoice, PARKED_ON_TIME, choose_lane, hold},
    id::{AskNo, TaskNo},
    state::{StateKind, WaitOn},
    time::Timestamp,
};
use std::time::Duration;

fn claude() -> ripieno_core::lane::LaneId {
    lane("claude:default")
}

fn later() -> Timestamp {
    NOW.after(Duration::from_secs(60))
}

/// A free world, changed.
fn with(change: impl FnOnce(&mut Plain)) -> Plain {
    let mut world = Plain::free();
    change(&mut world);
    world
}

#[test]
fn nothing_holds_a_task_in_a_free_world() {
    assert_eq!(hold(&candidate(), &Plain::free()), None);
    let due = Candidate {
        not_before: Some(NOW),
        ..candidate()
    };
    assert_eq!(hold(&due, &Plain::free()), None, "due at that very moment");
}

#[test]
fn what_is_the_tasks_own_holds_it() {
    let own = |task: Candidate, world: &Plain| hold(&task, world).unwrap();
    let free = Plain::free();
    assert_eq!(
        own(
            Candidate {
                paused: true,
                ..candidate()
            },
            &free
        ),
        Hold::Paused { until: None }
    );
    let until = later();
    let not_before = Some(until);
    assert_eq!(
        own(
            Candidate {
                not_before,
                ..candidate()
            },
            &free
        ),
        Hold::NotBefore { until }
    );
    let task = TaskNo(3);
    let world = with(|w| w.thread_holder = Some(task));
    assert_eq!(own(candidate(), &world), Hold::Thread { task });
    let world = with(|w| w.piece = Some((2, 2)));
    let piece = "solo".to_owned();
    assert_eq!(
        own(candidate(), &world),
        Hold::PieceFull {
            piece,
            used: 2,
            limit: 2
        }
    );
    let world = with(|w| w.locked = vec![("/repo".to_owned(), task)]);
    let (path, holder) = ("/repo".to_owned(), "T-3".to_owned());
    assert_eq!(
        own(candidate(), &world),
        Hold::Directory {
            path,
            holder,
            task: Some(task)
        }
    );
    let inside = Candidate {
        root: task,
        ..candidate()
    };
    assert_eq!(
        hold(&inside, &world),
        None,
        "the root's lock lets its own in (D9)"
    );
}

#[test]
fn a_folder_nobody_trusts_holds_before_its_holder_does() {
    let world = with(|w| {
        w.untrusted = vec!["/repo".to_owned()];
        w.locked = vec![("/repo".to_owned(), TaskNo(3))];
    });
    let held = Hold::Untrusted {
        path: "/repo".to_owned(),
    };
    assert_eq!(hold(&candidate(), &world), Some(held.clone()));
    let worktree = Candidate {
        folder: None,
        ..candidate()
    };
    assert_eq!(
        hold(&worktree, &world),
        Some(held),
        "a worktree of it counts as it"
    );
    let apart = Candidate {
        folder: None,
        project: None,
        ..candidate()
    };
    assert_eq!(hold(&apart, &world), None);
}

#[test]
fn a_closed_gate_holds_with_its_reason() {
    let until = Some(later());
    for (gate, reason) in [
        (GateHold::Starting, Hold::Starting),
        (GateHold::Stopping, Hold::Stopping),
        (GateHold::Updating, Hold::Updating),
        (GateHold::Paused { until }, Hold::Paused { until }),
        (GateHold::DiskSpace { free: 9 }, Hold::DiskSpace { free: 9 }),
    ] {
        assert_eq!(
            hold(&candidate(), &with(|w| w.gate = Some(gate))),
            Some(reason)
        );
    }
}

#[test]
fn a_lane_holds_with_its_reason() {
    let held = |change: fn(&mut ripieno_core::lane::Lane)| {
        hold(&candidate(), &with(|w| change(&mut w.lanes[0].lane)))
    };
    let lane = claude();
    let what = "claude is not installed".to_owned();
    assert_eq!(
        held(|l| l.missing = Some((NOW, "claude is not installed".to_owned()))),
        Some(Hold::NotConfigured { what })
    );
    assert_eq!(
        held(|l| l.signed_out = true),
        Some(Hold::LaneSignedOut { lane: lane.clone() })
    );
    assert_eq!(
        held(|l| (l.drained_at, l.failures) = (Some(NOW), 2)),
        Some(Hold::LaneDrained {
            lane: lane.clone(),
            failures: 2
        })
    );
    assert_eq!(
        held(|l| l.hold(NOW, Some(later()), false, "429")),
        Some(Hold::LaneHold {
            lane: lane.clone(),
            until: later(),
            reason: "429".to_owned()
        })
    );
    assert_eq!(
        held(|l| l.held_until = Some(NOW)),
        None,
        "a hold that is over"
    );
    assert_eq!(
        held(|l| l.down_since = Some(NOW)),
        Some(Hold::EndpointDown {
            endpoint: lane.to_string(),
            since: NOW
        })
    );
}

#[test]
fn full_slots_hold_globally_and_per_lane() {
    let world = with(|w| w.slots = (4, 4));
    assert_eq!(
        hold(&candidate(), &world),
        Some(Hold::Slots { used: 4, limit: 4 })
    );
    let world = with(|w| w.lanes[0].used = 2);
    let full = Hold::LaneFull {
        lane: claude(),
        used: 2,
        limit: 2,
    };
    assert_eq!(hold(&candidate(), &world), Some(full));
    let shell = Candidate {
        lane: LaneChoice::Fixed(lane("shell")),
        ..candidate()
    };
    let world = with(|w| w.lanes.push(row("shell", 99, None)));
    assert_eq!(
        hold(&shell, &world),
        None,
        "scripts have no limit of their own (S3)"
    );
}

#[test]
fn after_a_hold_one_task_goes_first() {
    let mut world = with(|w| w.lanes[0].lane.probing = true);
    assert_eq!(hold(&candidate(), &world), None);
    world.lanes[0].used = 1;
    let full = Hold::LaneFull {
        lane: claude(),
        used: 1,
        limit: 1,
    };
    assert_eq!(hold(&candidate(), &world), Some(full));
}

#[test]
fn a_waiting_or_asked_task_says_what_it_waits_for() {
    let task = TaskNo(4);
    let world = with(|w| (w.dependency, w.children, w.ask) = (Some(task), 2, Some(AskNo(5))));
    let on = |on| hold(&waiting(on), &world);
    assert_eq!(on(WaitOn::Dependencies), Some(Hold::Dependency { task }));
    assert_eq!(on(WaitOn::Subtasks), Some(Hold::Subtasks { open: 2 }));
    let asked = Candidate {
        state: StateKind::NeedsInput,
        ..candidate()
    };
    assert_eq!(hold(&asked, &world), Some(Hold::Ask { ask: AskNo(5) }));
}

#[test]
fn live_and_ended_tasks_wait_for_nothing() {
    let world = with(|w| (w.gate, w.slots) = (Some(GateHold::Stopping), (4, 4)));
    for state in StateKind::ALL {
        let waits = matches!(state, StateKind::Queued | StateKind::Waiting);
        assert_eq!(
            hold(
                &Candidate {
                    state,
                    ..candidate()
                },
                &world
            )
            .is_some(),
            waits,
            "{state:?}"
        );
    }
}

#[test]
fn an_open_choice_takes_the_least_busy_lane_ties_by_the_users_order() {
    let choose = |world: &Plain| choose_lane(&LaneChoice::Any, world);
    assert_eq!(choose(&Plain::free()), Ok(claude()));
    let world = with(|w| w.lanes[0].used = 1);
    assert_eq!(choose(&world), Ok(lane("codex:default")));
    let world = with(|w| w.automatic.reverse());
    assert_eq!(choose(&world), Ok(lane("codex:default")));
    let world = with(|w| {
        w.lanes[0].lane.signed_out = true;
        w.lanes[1].used = 1;
    });
    assert_eq!(
        choose(&world),
        Ok(lane("codex:default")),
        "a held lane is no choice"
    );
    let world = with(|w| w.automatic = vec![lane("codex:default")]);
    assert_eq!(
        choose(&world),
        Ok(lane("codex:default")),
        "only lanes the user allows"
    );
}

#[test]
fn when_all_lanes_are_held_the_earliest_end_is_the_reason() {
    let choose = |world: &Plain| choose_lane(&LaneChoice::Any, world).unwrap_err();
    let until = later();
    let world = with(|w| {
        w.lanes[0].lane.held_until = Some(until.after(Duration::from_secs(9)));
        w.lanes[1].lane.held_until = Some(until);
    });
    assert!(matches!(choose(&world), Hold::LaneHold { until: at, .. } if at == until));
    let world = with(|w| {
        w.lanes[0].lane.signed_out = true;
        w.lanes[1].lane.held_until = Some(until);
    });
    assert!(
        matches!(choose(&world), Hold::LaneHold { .. }),
        "a known end before an unknown one"
    );
    let world = with(|w| w.automatic.clear());
    assert_eq!(
        choose(&world),
        Hold::NoRuntime {
            what: "any agent".to_owned()
        }
    );
}

#[test]
fn only_what_is_the_tasks_own_parks_it_under_what_it_wants() {
    let task = candidate();
    let key = |hold: Hold| hold.park_key(&task);
    assert_eq!(
        key(Hold::NotBefore { until: NOW }).as_deref(),
        Some(PARKED_ON_TIME)
    );
    assert_eq!(
        key(Hold::Thread { task: TaskNo(3) }).as_deref(),
        Some("thread:7")
    );
    let full = Hold::PieceFull {
        piece: "solo".to_owned(),
        used: 1,
        limit: 1,
    };
    assert_eq!(key(full).as_deref(), Some("piece:solo"));
    let above = Hold::Directory {
        path: "/".to_owned(),
        holder: "T-3".to_owned(),
        task: None,
    };
    assert_eq!(
        key(above).as_deref(),
        Some("folder:/repo"),
        "what it wants, not what is held"
    );
    let distrusted = Hold::Untrusted {
        path: "/repo".to_owned(),
    };
    assert_eq!(key(distrusted).as_deref(), Some("trust:/repo"));
    for shared in sentences().into_iter().map(|(hold, _)| hold) {
        let own = matches!(
            shared,
            Hold::NotBefore { .. }
                | Hold::Thread { .. }
                | Hold::PieceFull { .. }
                | Hold::ProjectFull { .. }
                | Hold::Directory { .. }
                | Hold::Untrusted { .. }
        );
        assert_eq!(shared.park_key(&task).is_some(), own, "{shared:?}");
    }
}

fn sentences() -> Vec<(Hold, &'static str)> {
    let (until, since, next) = (Timestamp(5), Timestamp(5), Timestamp(5));
    let (lane, task) = (claude(), TaskNo(3));
    let s = str::to_owned;
    vec![
        (Hold::NotBefore { until }, "It starts at @5."),
        (
            Hold::Thread { task },
            "T-3 of the same thread is under way.",
        ),
        (
            Hold::Slots { used: 4, limit: 4 },
            "All slots are taken (4 of 4).",
        ),
        (
            Hold::LaneFull {
                lane: lane.clone(),
                used: 2,
                limit: 2,
            },
            "All slots of claude:default are taken (2 of 2).",
        ),
        (
            Hold::PieceFull {
                piece: s("solo"),
                used: 1,
                limit: 1,
            },
            "As many tasks of the piece solo run as it allows (1 of 1).",
        ),
        (
            Hold::ProjectFull {
                path: s("/repo"),
                used: 1,
                limit: 1,
            },
            "As many tasks of /repo run as it allows (1 of 1).",
        ),
        (
            Hold::LaneHold {
                lane: lane.clone(),
                until,
                reason: s("429"),
            },
            "claude:default is held until @5 (429).",
        ),
        (
            Hold::LaneHold {
                lane: lane.clone(),
                until,
                reason: s(""),
            },
            "claude:default is held until @5.",
        ),
        (
            Hold::LaneSignedOut { lane: lane.clone() },
            "claude:default is signed out: sign in again.",
        ),
        (
            Hold::LaneDrained { lane, failures: 2 },
            "claude:default failed 2 times in a row: see its ask, or release the lane.",
        ),
        (
            Hold::EndpointDown {
                endpoint: s("llm:home"),
                since,
            },
            "llm:home has not answered since @5.",
        ),
        (Hold::Offline { since }, "There is no network since @5."),
        (
            Hold::Budget {
                cap: s("per day"),
                until,
            },
            "The budget per day is spent until @5.",
        ),
        (
            Hold::Directory {
                path: s("/repo"),
                holder: s("T-3"),
                task: Some(task),
            },
            "/repo is in use by T-3.",
        ),
        (
            Hold::Untrusted { path: s("/repo") },
            "/repo is not trusted yet.",
        ),
        (Hold::Paused { until: None }, "It is paused."),
        (
            Hold::Paused { until: Some(until) },
            "The worker is paused until @5.",
        ),
        (Hold::Updating, "An update is being installed."),
        (
            Hold::OutsideSchedule { next },
            "It is outside its hours; the next begin at @5.",
        ),
        (
            Hold::NoRuntime {
                what: s("any agent"),
            },
            "There is no runtime for any agent.",
        ),
        (
            Hold::ModelUnavailable { model: s("m") },
            "The model m is not available.",
        ),
        (
            Hold::NotConfigured { what: s("claude") },
            "Something it needs is missing: claude.",
        ),
        (Hold::VaultLocked, "The keyring is locked."),
        (
            Hold::DiskSpace { free: 9 << 20 },
            "Too little disk space is left (9 MiB).",
        ),
        (Hold::Starting, "The worker is starting."),
        (Hold::Stopping, "The worker is stopping."),
        (Hold::Dependency { task }, "T-3 must be done first."),
        (Hold::Subtasks { open: 1 }, "It waits for 1 subtask."),
        (Hold::Subtasks { open: 2 }, "It waits for 2 subtasks."),
        (
            Hold::Ask { ask: AskNo(5) },
            "It waits for your answer to A-5.",
        ),
    ]
}

#[test]
fn every_hold_says_in_one_sentence_why() {
    for (hold, sentence) in sentences() {
        assert_eq!(hold.text(|at| format!("@{}", at.0)), sentence);
    }
}
