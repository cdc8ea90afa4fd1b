//! What the tests of the store share: a clock that stands still, ids that count, tasks that need nothing.

use ripieno_core::{
    hold::LaneChoice,
    id::TaskNo,
    lane::LaneId,
    spec::{PieceRef, TaskSpec},
    state::{Lease, Priority},
    time::{Clock, Random, Timestamp},
};
use ripieno_store::{Claimed, Extra, NewTask, Options, Owner, Store, Tx};
use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};
use uuid::Uuid;

#[derive(Default)]
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    pub(crate) fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000 + self.0.load(Ordering::SeqCst))
    }
}

/// Ids that count up over the whole process, so that a reopened store meets none twice.
#[derive(Default)]
pub(crate) struct Counting;

impl Random for Counting {
    fn uuid(&self, _: Timestamp) -> Uuid {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let n = NEXT.fetch_add(1, Ordering::SeqCst);
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(n))
    }
    fn permille(&self) -> u16 {
        500
    }
}

pub(crate) struct Rig {
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
}

pub(crate) fn options(clock: &Arc<ManualClock>) -> Options {
    let mut options = Options::new(clock.clone(), Arc::new(Counting));
    options.count_steps = true;
    options
}

pub(crate) fn rig() -> Rig {
    let clock = Arc::new(ManualClock::default());
    let store = Store::open_in_memory(options(&clock)).unwrap();
    Rig { store, clock }
}

pub(crate) fn owner() -> Owner {
    Owner {
        pid: 42,
        pid_started: 7,
        boot_id: "boot".into(),
    }
}

pub(crate) fn spec() -> TaskSpec {
    TaskSpec {
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
        priority: Priority::Normal,
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
    }
}

pub(crate) fn shell() -> LaneId {
    LaneId::shell()
}

pub(crate) fn new() -> NewTask {
    NewTask::new(spec(), LaneChoice::Fixed(shell()))
}

pub(crate) fn with(change: impl FnOnce(&mut NewTask)) -> NewTask {
    let mut task = new();
    change(&mut task);
    task
}

impl Rig {
    pub(crate) fn submit(&self, task: NewTask) -> TaskNo {
        self.store
            .write_blocking(move |tx| tx.submit(&task))
            .unwrap()
            .no
    }

    pub(crate) fn claim(&self, no: TaskNo) -> Claimed {
        self.store
            .write_blocking(move |tx| tx.claim(no, &shell(), &owner()))
            .unwrap()
    }

    /// Claims and starts.
    pub(crate) fn run(&self, no: TaskNo) -> Lease {
        self.store
            .write_blocking(move |tx| {
                let lease = tx.claim(no, &shell(), &owner())?.lease;
                apply(tx, no, ripieno_core::event::TaskEvent::Started, Some(lease))?;
                Ok(lease)
            })
            .unwrap()
    }

    pub(crate) fn event(
        &self,
        no: TaskNo,
        event: ripieno_core::event::TaskEvent,
        lease: Option<Lease>,
    ) -> ripieno_store::Applied {
        self.try_event(no, event, lease).unwrap()
    }

    pub(crate) fn try_event(
        &self,
        no: TaskNo,
        event: ripieno_core::event::TaskEvent,
        lease: Option<Lease>,
    ) -> Result<ripieno_store::Applied, ripieno_store::StoreError> {
        self.store
            .write_blocking(move |tx| apply(tx, no, event, lease))
    }

    pub(crate) fn row(&self, no: TaskNo) -> ripieno_store::TaskRow {
        self.store.read_blocking(move |r| r.task(no)).unwrap()
    }

    pub(crate) fn state(&self, no: TaskNo) -> &'static str {
        self.row(no).task.state.kind().name()
    }
}

pub(crate) fn apply(
    tx: &mut Tx<'_>,
    no: TaskNo,
    event: ripieno_core::event::TaskEvent,
    lease: Option<Lease>,
) -> Result<ripieno_store::Applied, ripieno_store::StoreError> {
    tx.transition(no, &event, lease.map(|l| l.token), Extra::default())
}

pub(crate) const DONE: ripieno_core::event::TaskEvent = ripieno_core::event::TaskEvent::Completed {
    to_verify: false,
    open_children: 0,
};
