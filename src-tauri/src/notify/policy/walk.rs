//! Random walks: whatever happens in whatever order, the promises hold.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use proptest::prelude::*;

use super::super::notice::{Matter, Subject};
use super::super::quiet::Quiet;
use super::super::screen::View;
use super::super::settings::Settings;
use super::rig::{Rig, ask, task};
use super::{Input, Output};

#[derive(Debug, Clone)]
enum Step {
    Open(usize),
    Settle(usize),
    Fail(usize),
    Seen(usize),
    Wait(i64),
    Server(bool),
    Offline,
    Answers(bool),
    See(&'static str, bool),
    Quiet(bool),
    Dismiss(usize),
    Unshown(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let n = || 0_usize..8;
    let routes = prop::sample::select(vec!["#/inbox", "#/tasks", "#/tasks/T-1", "#/inbox/A-2"]);
    let step = prop_oneof![
        4 => n().prop_map(Step::Open),
        2 => n().prop_map(Step::Settle),
        3 => n().prop_map(Step::Fail),
        1 => n().prop_map(Step::Seen),
        4 => (0_i64..2000).prop_map(Step::Wait),
        2 => (0_i64..6).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::Server),
        1 => Just(Step::Offline),
        2 => any::<bool>().prop_map(Step::Answers),
        2 => (routes, any::<bool>()).prop_map(|(route, focused)| Step::See(route, focused)),
        1 => any::<bool>().prop_map(Step::Quiet),
        1 => n().prop_map(Step::Dismiss),
        1 => n().prop_map(Step::Unshown),
    ];
    prop::collection::vec(step, 0..120)
}

/// The machine, and what a server and a person would know of it.
struct Walk {
    rig: Rig,
    next: usize,
    server: bool,
    quiet: bool,
    view: View,
    /// Banners on screen.
    live: BTreeSet<Subject>,
    /// When a single banner came.
    shown: Vec<(Timestamp, Subject)>,
    /// A banner was refused: it may come again.
    refused: bool,
}

impl Walk {
    fn new() -> Self {
        Self {
            rig: Rig::new(),
            next: 100,
            server: true,
            quiet: false,
            view: View::default(),
            live: BTreeSet::new(),
            shown: Vec::new(),
            refused: false,
        }
    }

    /// What the step is for the machine; `None` when only the world changes.
    fn input(&mut self, step: Step) -> Option<Input> {
        let world = &mut self.rig.world;
        match step {
            Step::Open(n) => {
                self.next += 10;
                world.asks.push(ask(self.next + n, self.rig.now));
            }
            Step::Fail(n) => {
                self.next += 10;
                world
                    .ended
                    .push(task(self.next + n, "failed", self.rig.now));
            }
            Step::Settle(n) if n < world.asks.len() => drop(world.asks.remove(n)),
            Step::Seen(n) if n < world.ended.len() => drop(world.ended.remove(n)),
            Step::Settle(_) | Step::Seen(_) => {}
            Step::Wait(seconds) => {
                self.rig.now += Span::new().seconds(seconds);
                return Some(Input::Tick);
            }
            Step::Server(there) => {
                self.server = there;
                if !there {
                    self.live.clear();
                }
                return Some(Input::Server(there));
            }
            Step::Offline => return Some(Input::Offline),
            Step::Answers(on) => self.rig.answers = on,
            Step::See(route, focused) => {
                self.view = View::new(route, focused);
                return Some(Input::View(self.view.clone()));
            }
            Step::Quiet(on) => {
                self.quiet = on;
                let quiet = Quiet::from_setting(if on { "00:00-23:59" } else { "" });
                return Some(Input::Settings(Settings {
                    quiet,
                    ..Settings::default()
                }));
            }
            Step::Dismiss(n) => {
                let subject = self.live.iter().nth(n)?.clone();
                self.live.remove(&subject);
                return Some(Input::Gone(subject));
            }
            Step::Unshown(n) => {
                let subject = self.live.iter().nth(n)?.clone();
                self.server = false;
                self.refused = true;
                // What was refused was not heard.
                self.shown.clear();
                self.live.clear();
                return Some(Input::Unshown(subject));
            }
        }
        None
    }

    fn take(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Claim(_) => unreachable!("claims are answered"),
                Output::Toast(matter) => assert!(self.view.is_focused(), "{matter:?}"),
                Output::Withdraw(subject) => {
                    assert!(self.live.remove(&subject), "{subject} is not there");
                }
                Output::Show(matter) => {
                    assert!(self.may_show(), "{matter:?} at a wrong time");
                    if !matches!(matter, Matter::Many(_)) {
                        self.shown.push((self.rig.now, matter.subject()));
                    }
                    self.live.insert(matter.subject());
                }
            }
        }
    }

    /// A summary may still count down while it is quiet or the person is at the window.
    fn may_show(&self) -> bool {
        let time = self.rig.now.to_zoned(TimeZone::UTC).time();
        let silent = self.quiet && time < jiff::civil::time(23, 59, 0, 0);
        let counts_down = self.live.contains(&Subject::Many);
        self.server && (counts_down || !silent && !self.view.is_focused())
    }

    fn check(&self) {
        let asks = self.rig.world.asks.iter();
        let ended = self.rig.world.ended.iter();
        let standing: BTreeSet<Subject> = asks
            .map(|open| Subject::Ask(open.ask.id.clone()))
            .chain(ended.map(|task| Subject::Task(task.id.clone())))
            .collect();
        let over = |subject: &&Subject| **subject != Subject::Many && !standing.contains(*subject);
        assert_eq!(
            self.live.iter().find(over),
            None,
            "it is over and still there"
        );
        let lately = |at: Timestamp| self.rig.now.duration_since(at).as_secs() < 10;
        let single = self.shown.iter().filter(|(at, _)| lately(*at)).count();
        assert!(single <= 3, "{single} one by one within ten seconds");
    }

    /// An ask is told with its two reminders, a failure once.
    fn check_repeats(&self) {
        let mut times: BTreeMap<&Subject, usize> = BTreeMap::new();
        for (_, subject) in &self.shown {
            *times.entry(subject).or_default() += 1;
        }
        for (subject, times) in times {
            let most = if matches!(subject, Subject::Ask(_)) {
                3
            } else {
                1
            };
            assert!(
                self.refused || times <= most,
                "{subject} came {times} times"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nothing_is_told_at_a_wrong_time_too_often_or_after_it_is_over(steps in steps()) {
        let mut walk = Walk::new();
        for step in steps {
            let online = !matches!(step, Step::Offline);
            if let Some(input) = walk.input(step) {
                let outputs = walk.rig.outputs(input);
                walk.take(outputs);
            }
            if online {
                let world = Input::World(walk.rig.world.clone());
                let outputs = walk.rig.outputs(world);
                walk.take(outputs);
                walk.check();
            }
        }
        walk.check_repeats();
    }
}
