//! What is told when: a machine without clock, bus or worker, stepped by what happens (H5, users 3.4).
//!
//! It is given the whole world each time and works out the difference, so that nothing depends on having seen every event.
//! Before anything is told its key is claimed from the worker: neither a restart nor a second surface repeats it.

mod bundle;
mod items;
mod limits;
mod retry;
#[cfg(test)]
mod rig;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod trouble;
#[cfg(test)]
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::facts::{OpenAsk, World};
use super::notice::{Matter, Refusal, Subject};
use super::screen::View;
use super::settings::Settings;
use bundle::Bundle;
use items::Item;
use limits::Limits;
use retry::Retry;

/// At most this many banners come one by one within [`BURST`].
const ONE_BY_ONE: usize = 3;
/// How close together banners are a burst.
const BURST: Duration = Duration::from_secs(10);
/// One task is heard once in this time (sec-16).
const PER_TASK: Duration = Duration::from_secs(30);

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// What there is to tell about, all of it; the worker is in reach.
    World(World),
    /// The worker is out of reach.
    Offline,
    /// The settings in force.
    Settings(Settings),
    /// What is on screen.
    View(View),
    /// Whether banners can be shown; those that were there are gone with their server.
    Server(bool),
    /// A claim was answered.
    Claimed {
        /// Its key.
        key: String,
        /// Whether nobody had claimed it before.
        first: bool,
    },
    /// A claim was not answered; the worker may be in reach all the same.
    Unclaimed(String),
    /// A banner could not be shown.
    Unshown(Subject),
    /// A banner is no longer there: pressed, dismissed or expired.
    Gone(Subject),
    /// An answer from a banner was not taken.
    NotTaken(Box<OpenAsk>, Refusal),
    /// The person wants to see one.
    Trial,
    /// Time has passed.
    Tick,
    /// The program ends.
    Quit,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Claim a key, and say whether it was the first time.
    Claim(String),
    /// Show a banner, in place of the one about the same subject.
    Show(Matter),
    /// Tell it within the window, where the person is.
    Toast(Matter),
    /// Take a banner back.
    Withdraw(Subject),
}

/// How far a key has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// The worker is being asked for it.
    Asked,
    /// It is ours to tell.
    Ours,
    /// It was told, was on screen, or is another's.
    Over,
}

/// The machine; it begins without knowing of anything.
#[derive(Debug, Default)]
pub struct Policy {
    settings: Settings,
    world: World,
    view: View,
    online: bool,
    server: bool,
    ended: bool,
    keys: BTreeMap<String, Progress>,
    retry: Retry,
    limits: Limits,
    /// Banners on screen, with the key each was shown under.
    live: BTreeMap<Subject, Option<String>>,
    /// What was told lately, for bursts.
    recent: Vec<(Timestamp, Subject)>,
    /// When each task was last heard.
    heard: BTreeMap<String, Timestamp>,
    bundle: Option<Bundle>,
    /// Something was held back by quiet hours.
    held_back: bool,
    due: Option<Timestamp>,
}

impl Policy {
    /// When time alone changes something; send [`Input::Tick`] then.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.due
    }

    /// Whether something is ours to tell and there is no server to show it.
    #[must_use]
    pub fn lacks_server(&self) -> bool {
        let has_news = !self.world.asks.is_empty() || !self.world.ended.is_empty();
        has_news && !self.server && !self.ended
    }

    /// Takes what happened and says what to do; quiet hours are by the clock of the zone that `now` is in.
    pub fn step(&mut self, now: &Zoned, input: Input) -> Vec<Output> {
        if self.ended {
            return Vec::new();
        }
        let (now, zone) = (now.timestamp(), now.time_zone());
        let mut out = Vec::new();
        match input {
            Input::World(world) => {
                self.limits.take(&world);
                self.world = world;
                self.online = true;
                self.retry.answered();
            }
            Input::Offline => self.offline(),
            Input::Settings(settings) => self.set(settings, &mut out),
            Input::View(view) => self.view = view,
            Input::Server(there) => self.server(there),
            Input::Claimed { key, first } => self.claimed(&key, first),
            Input::Unclaimed(key) => self.unclaimed(now, &key),
            Input::Unshown(subject) => self.unshown(&subject),
            Input::Gone(subject) => self.gone(&subject),
            Input::NotTaken(open, refusal) => {
                self.tell(Matter::NotTaken { open, refusal }, None, &mut out);
            }
            Input::Trial => out.push(self.show(Matter::Trial, None)),
            Input::Tick => {}
            Input::Quit => return self.quit(),
        }
        self.settle(now, zone, &mut out);
        out
    }

    fn offline(&mut self) {
        self.online = false;
        // What was asked for is asked again by whoever answers next.
        self.keys.retain(|_, progress| *progress != Progress::Asked);
    }

    /// Banners that name something are taken back when nothing may be named any more.
    fn set(&mut self, settings: Settings, out: &mut Vec<Output>) {
        if settings.private && !self.settings.private {
            let live = std::mem::take(&mut self.live);
            out.extend(live.into_keys().map(Output::Withdraw));
            self.bundle = None;
        }
        self.settings = settings;
    }

    fn server(&mut self, there: bool) {
        self.server = there;
        if !there {
            self.live.clear();
            self.bundle = None;
        }
    }

    fn claimed(&mut self, key: &str, first: bool) {
        self.retry.answered();
        if let Some(progress) = self.keys.get_mut(key)
            && *progress == Progress::Asked
        {
            *progress = if first {
                Progress::Ours
            } else {
                Progress::Over
            };
        }
    }

    /// It is claimed again before long: nothing else may happen that would lead to it.
    fn unclaimed(&mut self, now: Timestamp, key: &str) {
        if self.keys.get(key) == Some(&Progress::Asked) {
            self.keys.remove(key);
        }
        self.retry.failed(now);
    }

    /// It stays ours, and is shown when there is a server again.
    fn unshown(&mut self, subject: &Subject) {
        self.server = false;
        let bundle = self.bundle.take().filter(|_| *subject == Subject::Many);
        let of_bundle = bundle.map(Bundle::into_keys).unwrap_or_default();
        let own = self.live.remove(subject).flatten();
        for key in of_bundle.into_iter().chain(own) {
            self.keys.insert(key, Progress::Ours);
        }
        // Nobody has heard it.
        self.heard.clear();
        self.recent.clear();
        self.live.clear();
    }

    fn gone(&mut self, subject: &Subject) {
        self.live.remove(subject);
        if *subject == Subject::Many {
            self.bundle = None;
        }
    }

    fn quit(&mut self) -> Vec<Output> {
        self.ended = true;
        self.due = None;
        let live = std::mem::take(&mut self.live);
        live.into_keys().map(Output::Withdraw).collect()
    }

    /// Works out what is to be done about the world as it is.
    fn settle(&mut self, now: Timestamp, zone: &TimeZone, out: &mut Vec<Output>) {
        self.due = None;
        self.recent.retain(|(at, _)| now < later(*at, BURST));
        self.heard.retain(|_, at| now < later(*at, PER_TASK));
        let (items, changes_at) = items::of(&self.world, &self.limits, &self.settings, now);
        if let Some(at) = changes_at {
            self.wake_at(at);
        }
        self.keys
            .retain(|key, _| items.iter().any(|item| item.key == *key));
        self.withdraw(&items, out);
        self.follow_limits(&items, out);
        if !self.online
            || !(self.server || self.view.is_focused())
            || self.is_quiet(now, zone, &items)
        {
            return;
        }
        self.claim(now, &items, out);
        // All at once: what comes together is told together.
        if self.keys.values().any(|it| *it == Progress::Asked) {
            return;
        }
        let ready = self.ready(now, &items);
        self.tell_all(now, ready, &items, out);
        self.held_back = false;
    }

    /// Asks for what nobody has asked for yet.
    fn claim(&mut self, now: Timestamp, items: &[Item], out: &mut Vec<Output>) {
        let known = |item: &&Item| self.keys.contains_key(&item.key);
        let new = items.iter().filter(|item| !known(item));
        let new: Vec<String> = new.map(|item| item.key.clone()).collect();
        if new.is_empty() {
            return;
        }
        if let Some(at) = self.retry.waits(now) {
            self.wake_at(at);
            return;
        }
        for key in new {
            self.keys.insert(key.clone(), Progress::Asked);
            out.push(Output::Claim(key));
        }
    }

    /// Whether it is quiet now; remembers whether something waits for its end.
    fn is_quiet(&mut self, now: Timestamp, zone: &TimeZone, items: &[Item]) -> bool {
        let quiet = self.settings.quiet;
        let Some(end) = quiet.and_then(|quiet| quiet.ends(now, zone)) else {
            return false;
        };
        let waits = |item: &Item| self.keys.get(&item.key) != Some(&Progress::Over);
        self.held_back |= items.iter().any(waits);
        self.wake_at(end);
        true
    }

    /// Takes back what is over, and what the person is looking at.
    fn withdraw(&mut self, items: &[Item], out: &mut Vec<Output>) {
        let unseen = items.iter().filter(|item| !self.view.shows(&item.matter));
        let standing: BTreeSet<&Subject> = unseen.map(|item| &item.subject).collect();
        self.live.retain(|subject, _| {
            let of_world = matches!(
                subject,
                Subject::Ask(_) | Subject::Task(_) | Subject::Lane(_)
            );
            let stays = !of_world || standing.contains(subject);
            if !stays {
                out.push(Output::Withdraw(subject.clone()));
            }
            stays
        });
        let Some(bundle) = &mut self.bundle else {
            return;
        };
        if !bundle.keep(|subject| standing.contains(subject)) {
            return;
        }
        let tally = bundle.tally();
        if tally.is_empty() {
            self.bundle = None;
            self.live.remove(&Subject::Many);
            out.push(Output::Withdraw(Subject::Many));
        } else {
            out.push(self.show(Matter::Many(tally), None));
        }
    }

    /// Says the new end in the banner of a limit that was put off.
    fn follow_limits(&mut self, items: &[Item], out: &mut Vec<Output>) {
        for item in items {
            if let Matter::Held(hold) = &item.matter
                && self.live.contains_key(&item.subject)
                && self.limits.has_moved(hold)
            {
                out.push(self.show(item.matter.clone(), Some(item.key.clone())));
            }
        }
    }

    /// What is ours to tell now; what is on screen is over.
    fn ready(&mut self, now: Timestamp, items: &[Item]) -> Vec<Item> {
        let mut ready: Vec<Item> = Vec::new();
        for item in items {
            if self.keys.get(&item.key) != Some(&Progress::Ours) {
                continue;
            }
            let watched = matches!(item.matter, Matter::Done(_)) && self.view.is_focused();
            if watched || self.view.shows(&item.matter) {
                self.keys.insert(item.key.clone(), Progress::Over);
                continue;
            }
            let task = item.matter.task();
            let heard = task.and_then(|task| self.heard.get(task)).copied();
            let twice = task.is_some() && ready.iter().any(|other| other.matter.task() == task);
            match heard {
                Some(at) => self.wake_at(later(at, PER_TASK)),
                None if twice => self.wake_at(later(now, PER_TASK)),
                None => ready.push(item.clone()),
            }
        }
        ready
    }

    /// Tells one by one, or several in one.
    fn tell_all(
        &mut self,
        now: Timestamp,
        ready: Vec<Item>,
        items: &[Item],
        out: &mut Vec<Output>,
    ) {
        let is_hold = |item: &Item| matches!(item.matter, Matter::Held(_));
        let (holds, others): (Vec<Item>, Vec<Item>) = ready.into_iter().partition(is_hold);
        for item in holds {
            self.tell_item(now, item, out);
        }
        let bundle = self.bundle.as_ref();
        let fresh = bundle.is_some_and(|bundle| now < later(bundle.grown(), BURST));
        let burst = fresh || self.recent.len() + others.len() > ONE_BY_ONE;
        let together = burst || self.held_back && others.len() > 1;
        if !others.is_empty() && together {
            self.tell_together(now, others, items, out);
        } else {
            for item in others {
                self.tell_item(now, item, out);
            }
        }
    }

    fn tell_item(&mut self, now: Timestamp, item: Item, out: &mut Vec<Output>) {
        self.told(now, &item);
        self.tell(item.matter, Some(item.key), out);
    }

    /// Remembers that an item was told.
    fn told(&mut self, now: Timestamp, item: &Item) {
        self.keys.insert(item.key.clone(), Progress::Over);
        self.recent.push((now, item.subject.clone()));
        if let Some(task) = item.matter.task() {
            self.heard.insert(task.to_owned(), now);
        }
    }

    /// Puts the new ones, and those that came just before, into one banner.
    fn tell_together(
        &mut self,
        now: Timestamp,
        new: Vec<Item>,
        items: &[Item],
        out: &mut Vec<Output>,
    ) {
        let mut bundle = self.bundle.take().unwrap_or_else(|| Bundle::new(now));
        let before = self.recent.iter().map(|(_, subject)| subject.clone());
        for subject in before.collect::<BTreeSet<_>>() {
            let item = items.iter().find(|item| item.subject == subject);
            let bundled = item.is_some_and(|item| bundle.add(now, item));
            if bundled && self.live.remove(&subject).is_some() {
                out.push(Output::Withdraw(subject));
            }
        }
        for item in new {
            bundle.add(now, &item);
            self.told(now, &item);
        }
        let matter = Matter::Many(bundle.tally());
        // A toast cannot be taken back or counted down.
        self.bundle = (!self.view.is_focused()).then_some(bundle);
        self.tell(matter, None, out);
    }

    /// Tells where the person is: in the window, else by a banner.
    fn tell(&mut self, matter: Matter, key: Option<String>, out: &mut Vec<Output>) {
        if self.view.shows(&matter) {
            return;
        }
        out.push(if self.view.is_focused() {
            Output::Toast(matter)
        } else {
            self.show(matter, key)
        });
    }

    fn show(&mut self, matter: Matter, key: Option<String>) -> Output {
        if let Matter::Held(hold) = &matter {
            self.limits.told(hold);
        }
        self.live.insert(matter.subject(), key);
        Output::Show(matter)
    }

    fn wake_at(&mut self, at: Timestamp) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }
}

/// That much later; the end of time where there is no later.
fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
