//! The shown reason is true: a claim written independently succeeds exactly when `hold` is none (S2).

use crate::world::{NOW, Plain, Row, candidate, lane};
use proptest::prelude::*;
use ripieno_core::{
    hold::{Candidate, GateHold, LaneChoice, World, choose_lane, hold, own_hold},
    id::TaskNo,
    lane::{Lane, LaneId},
    state::StateKind,
    time::Timestamp,
};

const LANES: [&str; 4] = ["claude:default", "codex:work", "llm:home", "shell"];

/// The claim as a list of things it must be able to take; each is refused for a reason of its own.
fn reference_claim(task: &Candidate, world: &Plain) -> Option<LaneId> {
    let due = task.not_before.is_none_or(|at| at.0 <= NOW.0);
    let free_folder = match &task.folder {
        Some(folder) => !world
            .locked
            .iter()
            .any(|(path, by)| path == folder && *by != task.root),
        None => true,
    };
    let trusted = task
        .project
        .as_ref()
        .is_none_or(|path| !world.untrusted.contains(path));
    let free_thread = match world.thread_holder {
        Some(other) => other == task.no,
        None => true,
    };
    let free_piece = match world.piece {
        Some((used, limit)) => used < limit,
        None => true,
    };
    let takes = task.state == StateKind::Queued
        && !task.paused
        && due
        && free_folder
        && trusted
        && free_thread
        && free_piece
        && world.gate.is_none()
        && world.slots.0 < world.slots.1;
    if !takes {
        return None;
    }
    let allowed: Vec<&LaneId> = match &task.lane {
        LaneChoice::Fixed(lane) => vec![lane],
        LaneChoice::Any => world.automatic.iter().collect(),
    };
    let mut open: Vec<(u32, usize, &LaneId)> = Vec::new();
    for (place, id) in allowed.into_iter().enumerate() {
        let row = world.lanes.iter().find(|r| r.lane.id == *id)?;
        if is_open(row) {
            open.push((row.used, place, id));
        }
    }
    open.into_iter().min().map(|(_, _, id)| id.clone())
}

fn is_open(row: &Row) -> bool {
    let lane = &row.lane;
    let mut limit = row.limit.unwrap_or(u32::MAX);
    if lane.probing {
        limit = limit.min(1);
    }
    row.used < limit
        && lane.missing.is_none()
        && !lane.signed_out
        && lane.drained_at.is_none()
        && lane.down_since.is_none()
        && lane.held_until.is_none_or(|at| at.0 <= NOW.0)
}

/// Mostly no, so that free tasks are met often enough.
fn seldom() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.15)
}

fn moment() -> impl Strategy<Value = Timestamp> {
    prop_oneof![Just(NOW), (NOW.0 - 5..NOW.0 + 5).prop_map(Timestamp)]
}

fn lane_row(name: &'static str) -> impl Strategy<Value = Row> {
    let flags = (seldom(), seldom(), seldom(), seldom(), seldom());
    let held = prop::option::weighted(0.3, moment());
    let limit = prop::option::weighted(0.8, 1..4_u32);
    (flags, held, 0..4_u32, limit).prop_map(move |(flags, held_until, used, limit)| {
        let (missing, signed_out, drained, down, probing) = flags;
        let lane = Lane {
            held_until,
            hold_reason: held_until.map(|_| "429".to_owned()),
            probing,
            down_since: down.then_some(NOW),
            missing: missing.then(|| (NOW, name.to_owned())),
            signed_out,
            failures: 2 * u32::from(drained),
            drained_at: drained.then_some(NOW),
            ..Lane::fresh(lane(name))
        };
        Row { lane, used, limit }
    })
}

fn gate() -> impl Strategy<Value = Option<GateHold>> {
    let closed = prop_oneof![
        Just(GateHold::Starting),
        Just(GateHold::Stopping),
        Just(GateHold::Updating),
        Just(GateHold::Paused { until: None }),
        Just(GateHold::DiskSpace { free: 1 }),
    ];
    prop::option::weighted(0.1, closed)
}

fn world() -> impl Strategy<Value = Plain> {
    let lanes = LANES.map(lane_row);
    let locks = prop::collection::vec((0..3_u8, 1..4_i64), 0..2);
    let distrust = prop::collection::vec(0..3_u8, 0..2);
    let piece = prop::option::weighted(0.3, (0..3_u32, 1..3_u32));
    let thread = prop::option::weighted(0.15, 1..9_i64);
    let automatic = prop::sample::subsequence(LANES.to_vec(), 0..=LANES.len()).prop_shuffle();
    let slots = (0..5_u32, prop_oneof![4 => Just(4_u32), 1 => Just(1)]);
    (
        gate(),
        slots,
        lanes,
        automatic,
        piece,
        thread,
        locks,
        distrust,
    )
        .prop_map(
            |(gate, slots, lanes, automatic, piece, thread, locks, distrust)| Plain {
                gate,
                slots,
                lanes: lanes.into(),
                automatic: automatic.into_iter().map(lane).collect(),
                piece,
                thread_holder: thread.map(TaskNo),
                locked: locks
                    .into_iter()
                    .map(|(n, by)| (folder(n), TaskNo(by)))
                    .collect(),
                untrusted: distrust.into_iter().map(folder).collect(),
                ..Plain::default()
            },
        )
}

fn folder(number: u8) -> String {
    format!("/repo/{number}")
}

fn task() -> impl Strategy<Value = Candidate> {
    let choice = prop_oneof![
        Just(LaneChoice::Any),
        prop::sample::select(LANES.to_vec()).prop_map(|name| LaneChoice::Fixed(lane(name))),
    ];
    let states = prop_oneof![
        9 => Just(StateKind::Queued),
        1 => prop::sample::select(StateKind::ALL.to_vec()),
    ];
    let before = prop::option::weighted(0.3, moment());
    (
        choice,
        states,
        seldom(),
        before,
        prop::option::of(0..3_u8),
        1..9_i64,
    )
        .prop_map(|(lane, state, paused, not_before, at, root)| Candidate {
            lane,
            state,
            paused,
            not_before,
            folder: at.map(folder),
            project: at.map(folder),
            root: TaskNo(root),
            ..candidate()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_claim_succeeds_exactly_when_nothing_holds(task in task(), world in world()) {
        let claimed = reference_claim(&task, &world);
        let shown = hold(&task, &world);
        if task.state == StateKind::Queued {
            prop_assert_eq!(claimed.is_some(), shown.is_none(), "shown: {:?}", shown);
        } else {
            prop_assert!(claimed.is_none());
        }
        if claimed.is_some() {
            prop_assert_eq!(choose_lane(&task.lane, &world).ok(), claimed);
        }
    }

    #[test]
    fn a_parked_task_is_held_by_something_of_its_own(task in task(), world in world()) {
        let own = own_hold(&task, &world);
        if let Some(by) = hold(&task, &world).filter(|_| task.state == StateKind::Queued) {
            prop_assert_eq!(by.park_key(&task).is_some(), own.is_some() && !task.paused);
            prop_assert!(own.is_none_or(|own| own == by), "what is its own is shown first");
        }
    }

    #[test]
    fn opening_everything_frees_every_queued_task(task in task(), world in world()) {
        let mut open = world;
        open.gate = None;
        open.slots = (0, 1);
        open.piece = None;
        open.thread_holder = None;
        open.locked.clear();
        open.untrusted.clear();
        open.automatic = vec![lane(LANES[0])];
        for row in &mut open.lanes {
            row.lane.reopen();
            row.used = 0;
        }
        let task = Candidate { paused: false, not_before: None, state: StateKind::Queued, ..task };
        prop_assert_eq!(hold(&task, &open), None, "{:?}", open.now());
    }
}
