//! One run of a real program: its home, its folder, its server, and what it has told.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

use super::{mark, marked, supervisor};
use ripieno_agents::{
    Access, Agent, Approvals, Control, Limits, Run, RunSpec, Session, Work,
    process::{Launcher, TASK_MARKER},
    stream::{AskRaised, Item, Outcome, RunEvent, Verdict},
};
use ripieno_core::{ask::Answer, failure::Class};
use ripieno_testkit::ModelServer;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;

/// One home, one folder, one server: what a test needs.
pub(crate) struct Bench<A> {
    pub(crate) agent: A,
    /// The environment in which the program talks to the server alone.
    env: fn(&Path, &str) -> BTreeMap<String, String>,
    pub(crate) server: ModelServer,
    pub(crate) root: TempDir,
    pub(crate) mark: String,
}

impl<A: Agent> Bench<A> {
    pub(crate) async fn new(
        agent: impl FnOnce(Launcher) -> A,
        env: fn(&Path, &str) -> BTreeMap<String, String>,
    ) -> Self {
        let agent = agent(Launcher::new(supervisor()));
        let root = tempfile::tempdir().unwrap();
        for name in ["home", "work", "spill"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        let server = ModelServer::start().await.unwrap();
        Bench {
            agent,
            env,
            server,
            root,
            mark: mark(),
        }
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    pub(crate) fn spec(&self, scenario: &str, prompt: &str) -> RunSpec {
        let text = |value: &str| value.to_owned();
        let home = self.root.path().join("home");
        let mut env = (self.env)(&home, &self.server.base_url(scenario));
        env.insert(text(TASK_MARKER), self.mark.clone());
        RunSpec {
            work: Work::Prompt(text(prompt)),
            folder: self.work(),
            env,
            session: Session::New(uuid::Uuid::from_u128(rand())),
            model: None,
            approvals: Approvals::Trusted,
            access: Access::Full,
            limits: Limits {
                idle: None,
                tool: None,
                working: None,
                grace: Duration::from_secs(5),
            },
            raw_log: self.root.path().join("raw.log"),
            spill: self.root.path().join("spill"),
            title: text("a test"),
        }
    }

    pub(crate) async fn start(&self, spec: RunSpec) -> Live {
        let run = self.agent.start(spec).await.unwrap();
        Live {
            run,
            items: Vec::new(),
            session: None,
            delivered: Vec::new(),
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
    pub(crate) outcome: Option<Outcome>,
}

impl Live {
    /// Goes on to the next ask; `None` when the run has ended.
    pub(crate) async fn next_ask(&mut self) -> Option<AskRaised> {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(30), self.run.events.recv());
            match next
                .await
                .expect("an event within 30 s")
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
            let next = tokio::time::timeout(Duration::from_secs(30), self.run.events.recv());
            match next.await.expect("an event within 30 s") {
                Some(RunEvent::Item(item)) => self.items.push(item),
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
            let next = tokio::time::timeout(Duration::from_secs(30), self.run.events.recv());
            match next.await.expect("an event within 30 s") {
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
