//! The machine before a worker that remembers claims, with a clock that is set by hand.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::json;

use super::super::facts::{Ask, OpenAsk, Task, World};
use super::super::notice::Matter;
use super::super::screen::View;
use super::super::settings::Settings;
use super::{Input, Output, Policy};

pub(super) const START: &str = "2026-11-20T12:00:00Z";

pub(super) fn task(n: usize, state: &str, ended: Timestamp) -> Task {
    let view = json!({
        "id": format!("t{n}"), "short_id": format!("T-{n}"), "title": "Fix login", "state": state,
        "attempt": 1, "started_at": ended - Span::new().minutes(5), "ended_at": ended,
    });
    serde_json::from_value(view).unwrap()
}

/// A question of the task of the same number.
pub(super) fn ask(n: usize, created: Timestamp) -> OpenAsk {
    let view = json!({
        "id": format!("a{n}"), "short_id": format!("A-{n}"), "task": format!("t{n}"), "kind": "question",
        "text": "Which?", "options": [], "revision": 0, "created_at": created,
    });
    OpenAsk {
        ask: serde_json::from_value::<Ask>(view).unwrap(),
        task: Some(task(n, "needs_input", created)),
    }
}

/// The machine with a worker that remembers claims, and a clock.
pub(super) struct Rig {
    pub(super) policy: Policy,
    pub(super) now: Timestamp,
    pub(super) zone: TimeZone,
    pub(super) world: World,
    pub(super) claimed: BTreeSet<String>,
    /// Whether the worker answers claims.
    pub(super) answers: bool,
}

impl Rig {
    pub(super) fn new() -> Self {
        let mut rig = Self {
            policy: Policy::default(),
            now: START.parse().unwrap(),
            zone: TimeZone::UTC,
            world: World::default(),
            claimed: BTreeSet::new(),
            answers: true,
        };
        assert_eq!(rig.step(Input::Server(true)), Vec::<String>::new());
        rig
    }

    /// The program starts again on the same worker.
    pub(super) fn restart(&mut self) -> Vec<String> {
        self.policy = Policy::default();
        self.step(Input::Server(true));
        self.look()
    }

    pub(super) fn step(&mut self, input: Input) -> Vec<String> {
        let mut told = Vec::new();
        for output in self.outputs(input) {
            told.push(match output {
                Output::Claim(_) => unreachable!("claims are answered"),
                Output::Show(Matter::Many(tally)) => {
                    format!("show many {}+{}+{}", tally.asks, tally.failures, tally.done)
                }
                Output::Show(Matter::Asked { open, again: true }) => {
                    format!("remind {}", open.ask.id)
                }
                Output::Show(matter) => format!("show {}", matter.subject()),
                Output::Toast(matter) => format!("toast {}", matter.subject()),
                Output::Withdraw(subject) => format!("withdraw {subject}"),
            });
        }
        told
    }

    /// Everything but claims, which the worker answers at once.
    pub(super) fn outputs(&mut self, input: Input) -> Vec<Output> {
        let mut inputs = vec![input];
        let mut others = Vec::new();
        while let Some(input) = inputs.pop() {
            let now = self.now.to_zoned(self.zone.clone());
            for output in self.policy.step(&now, input) {
                match output {
                    Output::Claim(key) if !self.answers => inputs.push(Input::Unclaimed(key)),
                    Output::Claim(key) => {
                        let first = self.claimed.insert(key.clone());
                        inputs.push(Input::Claimed { key, first });
                    }
                    other => others.push(other),
                }
            }
        }
        others
    }

    /// The worker tells how the world is.
    pub(super) fn look(&mut self) -> Vec<String> {
        self.step(Input::World(self.world.clone()))
    }

    pub(super) fn open(&mut self, n: usize) -> Vec<String> {
        self.world.asks.push(ask(n, self.now));
        self.look()
    }

    pub(super) fn settle(&mut self, n: usize) -> Vec<String> {
        self.world
            .asks
            .retain(|open| open.ask.id != format!("a{n}"));
        self.look()
    }

    pub(super) fn end(&mut self, n: usize, state: &str) -> Vec<String> {
        self.world.ended.push(task(n, state, self.now));
        self.look()
    }

    pub(super) fn set(&mut self, settings: Settings) -> Vec<String> {
        self.step(Input::Settings(settings))
    }

    pub(super) fn see(&mut self, route: &str, focused: bool) -> Vec<String> {
        self.step(Input::View(View::new(route, focused)))
    }

    pub(super) fn wait(&mut self, seconds: i64) -> Vec<String> {
        self.now += Span::new().seconds(seconds);
        self.step(Input::Tick)
    }

    /// Sleeps until the machine wants to be woken.
    pub(super) fn wake(&mut self) -> (i64, Vec<String>) {
        let due = self.policy.due().unwrap();
        let slept = due.duration_since(self.now).as_secs();
        self.now = due;
        (slept, self.step(Input::Tick))
    }
}
