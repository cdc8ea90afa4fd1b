//! Heads, parking and offers.

use crate::rig::{Rig, new, rig, shell, with};
use ripieno_core::{
    event::TaskEvent, hold::LaneChoice, id::TaskNo, lane::LaneId, state::Priority, time::Timestamp,
};

fn heads(rig: &Rig) -> Vec<TaskNo> {
    let heads = rig
        .store
        .read_blocking(|r| r.heads(&[shell(), agent()]))
        .unwrap();
    heads.into_iter().map(|head| head.candidate.no).collect()
}

fn agent() -> LaneId {
    LaneId::new("claude", "default").unwrap()
}

fn park(rig: &Rig, no: TaskNo, key: &'static str) {
    rig.store
        .write_blocking(move |tx| tx.park(no, key))
        .unwrap();
}

fn offer(rig: &Rig, key: &'static str) -> Vec<TaskNo> {
    rig.store.write_blocking(move |tx| tx.offer(key)).unwrap()
}

#[test]
fn heads_are_the_lowest_rank_of_each_lane_and_of_tasks_without_one() {
    let rig = rig();
    let low = rig.submit(with(|t| t.spec.priority = Priority::Low));
    let urgent = rig.submit(with(|t| t.spec.priority = Priority::Urgent));
    let any = rig.submit(with(|t| t.lane = LaneChoice::Any));
    let fixed = rig.submit(with(|t| t.lane = LaneChoice::Fixed(agent())));
    assert_eq!(heads(&rig), [urgent, any, fixed]);
    let shell_only = rig.store.read_blocking(|r| r.heads(&[shell()])).unwrap();
    assert_eq!(shell_only.len(), 2);
    let _ = low;
}

#[test]
fn parked_task_leaves_the_index_and_comes_back_by_its_key_only() {
    let rig = rig();
    let (a, b) = (rig.submit(new()), rig.submit(new()));
    park(&rig, a, "folder:/x");
    assert_eq!(heads(&rig), [b]);
    assert!(offer(&rig, "folder:/y").is_empty());
    assert_eq!(offer(&rig, "folder:/x"), [a]);
    assert_eq!(heads(&rig), [a]);
    assert!(
        rig.store
            .read_blocking(|r| r.parked_keys())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn offer_brings_back_one_task_per_lane() {
    let rig = rig();
    let shells: Vec<_> = (0..3).map(|_| rig.submit(new())).collect();
    let agents: Vec<_> = (0..2)
        .map(|_| rig.submit(with(|t| t.lane = LaneChoice::Fixed(agent()))))
        .collect();
    for no in shells.iter().chain(&agents) {
        park(&rig, *no, "piece:solo");
    }
    assert_eq!(offer(&rig, "piece:solo"), [agents[0], shells[0]]);
    assert_eq!(
        rig.store.read_blocking(|r| r.parked_keys()).unwrap(),
        ["piece:solo"]
    );
}

#[test]
fn offer_is_passed_on_when_its_task_leaves_the_queue_or_is_held_by_something_else() {
    let rig = rig();
    let tasks: Vec<_> = (0..4).map(|_| rig.submit(new())).collect();
    for no in &tasks {
        park(&rig, *no, "folder:/x");
    }
    assert_eq!(offer(&rig, "folder:/x"), [tasks[0]]);
    rig.event(tasks[0], TaskEvent::CancelRequested, None);
    assert_eq!(heads(&rig), [tasks[1]]);
    rig.event(tasks[1], TaskEvent::PauseRequested, None);
    assert_eq!(heads(&rig), [tasks[2]]);
    park(&rig, tasks[2], "thread:3");
    assert_eq!(heads(&rig), [tasks[3]]);
    park(&rig, tasks[3], "folder:/x");
    assert!(heads(&rig).is_empty());
}

#[test]
fn paused_task_is_not_claimed_and_comes_back_with_resume() {
    let rig = rig();
    let a = rig.submit(new());
    park(&rig, a, "folder:/x");
    rig.event(a, TaskEvent::PauseRequested, None);
    assert_eq!(rig.row(a).parked_on, None);
    assert!(heads(&rig).is_empty());
    let refused = rig
        .store
        .write_blocking(move |tx| tx.claim(a, &shell(), &crate::rig::owner()));
    assert!(refused.is_err());
    rig.event(a, TaskEvent::ResumeRequested, None);
    assert_eq!(heads(&rig), [a]);
}

#[test]
fn task_with_a_start_time_waits_outside_the_index() {
    let rig = rig();
    let at = Timestamp(1_700_000_000_000 + 60_000);
    let a = rig.submit(with(|t| t.spec.not_before = Some(at)));
    assert!(heads(&rig).is_empty());
    assert_eq!(rig.store.read_blocking(|r| r.next_due()).unwrap(), Some(at));
    assert_eq!(rig.store.write_blocking(|tx| tx.unpark_all()).unwrap(), 0);
    rig.clock.advance(60_000);
    assert_eq!(
        rig.store.write_blocking(|tx| tx.unpark_due(1)).unwrap(),
        [a]
    );
    assert_eq!(heads(&rig), [a]);
    rig.claim(a);
}

#[test]
fn unpark_all_brings_back_everything_that_is_due() {
    let rig = rig();
    let (a, b) = (rig.submit(new()), rig.submit(new()));
    park(&rig, a, "folder:/x");
    park(&rig, b, "thread:9");
    assert_eq!(rig.store.write_blocking(|tx| tx.unpark_all()).unwrap(), 2);
    assert_eq!(heads(&rig), [a]);
}

/// Steps of one claim, heads included, with the pages in memory.
fn claim_steps(rig: &Rig) -> u64 {
    let claim = |tx: &mut ripieno_store::Tx<'_>| {
        let (_, cost) = tx.measured(|tx| {
            let head = tx.heads(&[shell()])?.remove(0);
            tx.claim(head.candidate.no, &shell(), &crate::rig::owner())
        })?;
        Ok(cost.steps)
    };
    rig.store.write_blocking(claim).unwrap()
}

fn submit_many(rig: &Rig, count: usize) -> Vec<TaskNo> {
    let submit = move |tx: &mut ripieno_store::Tx<'_>| {
        (0..count)
            .map(|_| tx.submit(&new()).map(|s| s.no))
            .collect::<Result<Vec<_>, _>>()
    };
    rig.store.write_blocking(submit).unwrap()
}

#[test]
fn claim_takes_as_many_steps_with_ten_thousand_queued_ended_and_held_as_with_ten() {
    let small = rig();
    submit_many(&small, 10);
    let few = claim_steps(&small);

    let big = rig();
    let held = submit_many(&big, 3000);
    big.store
        .write_blocking(move |tx| held.into_iter().try_for_each(|no| tx.park(no, "folder:/x")))
        .unwrap();
    let ended = submit_many(&big, 3000);
    big.store
        .write_blocking(move |tx| {
            ended.into_iter().try_for_each(|no| {
                crate::rig::apply(tx, no, TaskEvent::CancelRequested, None).map(|_| ())
            })
        })
        .unwrap();
    submit_many(&big, 4000);
    let many = claim_steps(&big);
    assert!(few > 0);
    assert!(many * 10 <= few * 12, "{few} steps became {many}");

    let (offered, cost) = big
        .store
        .write_blocking(|tx| tx.measured(|tx| tx.offer("folder:/x")))
        .unwrap();
    assert_eq!(offered.len(), 1);
    assert!(cost.steps < 500, "{cost:?}");
}
