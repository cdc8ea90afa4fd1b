//! What the tests inside this crate share.

use crate::{NewTask, Options};
use ripieno_core::{
    hold::LaneChoice,
    lane::LaneId,
    spec::{PieceRef, TaskSpec},
    time::{Clock, Random, Timestamp},
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000)
    }
}

struct Counting;

impl Random for Counting {
    fn uuid(&self, _: Timestamp) -> uuid::Uuid {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        uuid::Uuid::from_u128(u128::from(NEXT.fetch_add(1, Ordering::SeqCst)))
    }
    fn permille(&self) -> u16 {
        0
    }
}

pub(crate) fn options() -> Options {
    Options::new(Arc::new(Still), Arc::new(Counting))
}

pub(crate) fn task() -> NewTask {
    let spec = TaskSpec {
        title: "a task".into(),
        prompt: "do it".into(),
        labels: vec![],
        piece: PieceRef {
            name: "script".into(),
            digest: "d".into(),
        },
        agent: None,
        model: None,
        effort: None,
        dir: None,
        mode: Default::default(),
        approvals: "ask_risky".into(),
        checks: vec![],
        priority: Default::default(),
        depends_on: vec![],
        continues: None,
        inputs: vec![],
        not_before: None,
        max_tries: 3,
        timeout_ms: None,
        budget_tokens: None,
        budget_micros: None,
        env_names: vec![],
        skills: vec![],
    };
    NewTask::new(spec, LaneChoice::Fixed(LaneId::shell()))
}

pub(crate) fn big_task() -> NewTask {
    let mut task = task();
    task.spec.prompt = "p".repeat(40_000);
    task
}
