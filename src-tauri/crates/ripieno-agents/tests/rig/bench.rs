//! One run of a real program: its home, its folder, its server, and what it has told.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

use super::{
    mark, marked,
    spec::{limits, prompted},
    supervisor,
};
use ripieno_agents::{
    Agent, Approvals, Control, Run, RunSpec, Session,
    process::{Launcher, TASK_MARKER},
    stream::{AskRaised, Item, Outcome, RunEvent, Verdict},
};
use ripieno_core::{ask::Answer, failure::Class};
use ripieno_testkit::{ModelServer, agents::Engine};
use std::{fs, path::PathBuf, time::Duration};
use tempfile::TempDir;

/// How long an event may take: some agents try for a minute before they say that a call has failed.
const PATIENCE: Duration = Duration::from_secs(150);

/// One home, one folder, one server: what a test needs.
pub(crate) struct Bench<A> {
    pub(crate) agent: A,
    pub(crate) engine: Engine,
    pub(crate) server: ModelServer,
    pub(crate) root: TempDir,
    pub(crate) mark: String,
}

impl<A: Agent> Bench<A> {
    /// The bench of an agent; `None` when its program is not installed.
    pub(crate) async fn of(
        engine: Engine,
        agent: impl FnOnce(PathBuf, Launcher) -> A,
    ) -> Option<Self> {
        let agent = agent(engine.program()?, Launcher::new(supervisor()));
        let root = tempfile::tempdir().unwrap();
        for name in ["home", "work", "spill"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        let server = ModelServer::start().await.unwrap();
        Some(Bench {
            agent,
            engine,
            server,
            root,
            mark: mark(),
        })
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    pub(crate) fn spec(&self, scenario: &str, prompt: &str) -> RunSpec {
        let home = self.root.path().join("home");
        let mut env = self
            .engine
            .env(&home, &self.server.base_url(scenario))
            .unwrap();
        env.insert(TASK_MARKER.to_owned(), self.mark.clone());
        RunSpec {
            env,
            session: Session::New(uuid::Uuid::from_u128(rand())),
            approvals: Approvals::Trusted,
            limits: limits(Duration::from_secs(5)),
            raw_log: self.root.path().join("raw.log"),
            spill: self.root.path().join("spill"),
            ..prompted(&self.work(), prompt)
        }
    }

    /// The same, with calls that fail tried as often as people's agents do.
    pub(crate) fn persistent(&self, scenario: &str, prompt: &str) -> RunSpec {
        let mut spec = self.spec(scenario, prompt);
        let home = self.root.path().join("home");
        self.engine.try_often(&home, &mut spec.env).unwrap();
        spec
    }

    pub(crate) async fn start(&self, spec: RunSpec) -> Live {
        let run = self.agent.start(spec).await.unwrap();
        Live {
            run,
            items: Vec::new(),
            session: None,
            delivered: Vec::new(),
            offer: None,
            outcome: None,
        }
    }

    /// Runs to the end; an ask on the way fails the test.
    pub(crate) async fn told(&self, spec: RunSpec) -> Live {
        let mut live = self.start(spec).await;
        if let Some(ask) = live.next_ask().await {
            panic!("nothing should be asked: {ask:?}");
        }
        assert_eq!(marked(&self.mark), [] as [i32; 0], "no process is left");
        live
    }
}

impl<A: Agent> Bench<A> {
    /// Runs each scenario; it ends in this class, and its session may be resumed or not.
    pub(crate) async fn end_in(&self, table: &[(&str, &str, bool)]) {
        for (scenario, class, resumable) in table {
            let live = self.told(self.spec(scenario, "hi")).await;
            let outcome = live.outcome();
            assert_eq!(live.class().name(), *class, "{scenario}: {outcome:?}");
            assert_eq!(outcome.resumable, *resumable, "{scenario}");
        }
    }
}

/// A new session id for every run.
fn rand() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    let one = || u128::from(RandomState::new().hash_one(std::time::Instant::now()));
    // A version 4 id, as the program wants it.
    ((one() << 64 | one()) & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62)
}

/// A run with what it has told so far.
pub(crate) struct Live {
    pub(crate) run: Run,
    pub(crate) items: Vec<Item>,
    pub(crate) session: Option<String>,
    pub(crate) delivered: Vec<i64>,
    pub(crate) offer: Option<ripieno_agents::offer::Offer>,
    pub(crate) outcome: Option<Outcome>,
}

impl Live {
    /// Goes on to the next ask; `None` when the run has ended.
    pub(crate) async fn next_ask(&mut self) -> Option<AskRaised> {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.run.events.recv());
            match next
                .await
                .expect("an event in time")
                .expect("the end comes before the channel's")
            {
                RunEvent::Asked(raised) => return Some(raised),
                RunEvent::Ended(outcome) => {
                    self.outcome = Some(outcome);
                    return None;
                }
                RunEvent::Item(item) => self.items.push(item),
                RunEvent::SessionBound { id } => self.session = Some(id),
                RunEvent::Delivered { comment } => self.delivered.push(comment),
                RunEvent::Offers(offer) => self.offer = Some(offer),
                RunEvent::Spawned { .. }
                | RunEvent::Delta { .. }
                | RunEvent::AskWithdrawn { .. } => {}
            }
        }
    }

    /// Goes on to an item that fits.
    pub(crate) async fn until(&mut self, fits: impl Fn(&Item) -> bool) {
        loop {
            if self.items.iter().any(&fits) {
                return;
            }
            let next = tokio::time::timeout(PATIENCE, self.run.events.recv());
            match next.await.expect("an event in time") {
                Some(RunEvent::Item(item)) => self.items.push(item),
                Some(RunEvent::SessionBound { id }) => self.session = Some(id),
                Some(RunEvent::Ended(outcome)) => {
                    panic!("it ended first: {outcome:?} {:?}", self.items)
                }
                _ => {}
            }
        }
    }

    /// Goes on until it has told more than so many items.
    pub(crate) async fn until_more(&mut self, seen: usize) {
        while self.items.len() <= seen {
            let next = tokio::time::timeout(PATIENCE, self.run.events.recv());
            match next.await.expect("an event in time") {
                Some(RunEvent::Item(item)) => self.items.push(item),
                Some(RunEvent::Asked(ask)) => panic!("nothing more should be asked: {ask:?}"),
                Some(RunEvent::Ended(outcome)) => panic!("it ended first: {outcome:?}"),
                _ => {}
            }
        }
    }

    pub(crate) async fn answer(&self, ask: &AskRaised, answer: Answer) {
        let control = Control::Answer {
            key: ask.key.clone(),
            answer,
        };
        self.run.control.send(control).await.unwrap();
    }

    pub(crate) fn outcome(&self) -> &Outcome {
        self.outcome.as_ref().expect("it has ended")
    }

    pub(crate) fn text(&self) -> &str {
        match &self.outcome().verdict {
            Verdict::Completed { text, .. } => text,
            other => panic!("completed: {other:?} {:?}", self.items),
        }
    }

    pub(crate) fn class(&self) -> Class {
        match &self.outcome().verdict {
            Verdict::Failed(failure) => failure.class.clone(),
            other => panic!("failed: {other:?} {:?}", self.items),
        }
    }
}

pub(crate) fn option(id: &str) -> Answer {
    Answer::Option {
        id: id.to_owned(),
        scope: None,
    }
}
