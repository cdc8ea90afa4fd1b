//! The one dispatcher: hands what happens to the policy, and carries out what it says, in order.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use ripieno_daemon::paths::Home;
use serde::Serialize;
use tauri::async_runtime::spawn;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::banners::{Ability, Banners, Heard, Mark};
use super::facts::OpenAsk;
use super::notice::{Deed, Matter, Notice, Subject};
use super::policy::{Input, Output, Policy};
use super::screen::{Screen, View};
use super::settings::Settings;
use super::text::Pen;
use super::worker::{self, Requests};
use crate::route::Route;
use crate::words::Words;

/// How many banners are remembered after they went: a press may cross its end.
const REMEMBERED: usize = 100;
/// The longest sleep: a computer that slept in between wakes to the right time.
const NAP: Duration = Duration::from_secs(60);
/// The shortest: whatever the clocks do, nothing spins.
const BLINK: Duration = Duration::from_millis(200);
/// How long the end of the program waits for banners to be taken back.
const TAKE_BACK: Duration = Duration::from_secs(2);

/// What is told within the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Toast {
    /// One line.
    pub title: String,
    /// One line more, or empty.
    pub body: String,
    /// Where a click leads.
    pub route: Route,
}

/// The ways from here to the person's window.
#[derive(Clone)]
pub struct Doors {
    /// Opens the window at a route.
    pub open: Arc<dyn Fn(Route) + Send + Sync>,
    /// Tells something in the open window.
    pub toast: Arc<dyn Fn(Toast) + Send + Sync>,
}

impl fmt::Debug for Doors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Doors")
    }
}

/// What reaches the dispatcher from within this program.
#[derive(Debug)]
enum Call {
    Happened(Input),
    /// Take everything back and say when it is done.
    Close(oneshot::Sender<()>),
}

/// The notifications of this program.
#[derive(Debug, Clone)]
pub struct Notifier {
    calls: UnboundedSender<Call>,
    ability: watch::Receiver<Ability>,
}

impl Notifier {
    /// Starts to tell what needs the person.
    #[must_use]
    pub fn start(
        home: Home,
        words: watch::Receiver<Arc<Words>>,
        screen: &Screen,
        doors: Doors,
    ) -> Self {
        let (calls, called) = unbounded_channel();
        let (heard, hears) = unbounded_channel();
        let (ability, shown) = watch::channel(Ability::default());
        let (news, happened) = unbounded_channel();
        drop(spawn(worker::follow(home.clone(), news)));
        let dispatcher = Dispatcher {
            policy: Policy::default(),
            banners: Banners::new(heard),
            requests: Requests::new(home.clone()),
            home,
            words,
            settings: Settings::default(),
            doors,
            ability,
            calls: calls.clone(),
            shown: VecDeque::new(),
            looked: None,
        };
        drop(spawn(dispatcher.run(
            called,
            happened,
            hears,
            screen.follow(),
        )));
        Self {
            calls,
            ability: shown,
        }
    }

    /// What can be shown now.
    #[must_use]
    pub fn ability(&self) -> Ability {
        *self.ability.borrow()
    }

    /// Shows the person how it looks.
    pub fn trial(&self) {
        drop(self.calls.send(Call::Happened(Input::Trial)));
    }

    /// Takes every banner back and tells nothing from then on. A server that hangs is not waited for longer than a moment.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.calls.send(Call::Close(done)).is_ok() && timeout(TAKE_BACK, closed).await.is_err() {
            tracing::warn!("the notification server does not answer: its banners stay");
        }
    }
}

/// A banner that was shown, with what it was about.
#[derive(Debug)]
struct Shown {
    mark: Mark,
    notice: Notice,
    open: Option<Box<OpenAsk>>,
}

struct Dispatcher {
    policy: Policy,
    banners: Banners,
    requests: Requests,
    home: Home,
    words: watch::Receiver<Arc<Words>>,
    settings: Settings,
    doors: Doors,
    ability: watch::Sender<Ability>,
    calls: UnboundedSender<Call>,
    /// The newest last.
    shown: VecDeque<Shown>,
    /// When a server was last looked for in vain.
    looked: Option<Instant>,
}

impl Dispatcher {
    async fn run(
        mut self,
        mut called: UnboundedReceiver<Call>,
        mut happened: UnboundedReceiver<Input>,
        mut heard: UnboundedReceiver<Heard>,
        mut view: watch::Receiver<View>,
    ) {
        self.look().await;
        loop {
            let due = self.due();
            let input = tokio::select! {
                Some(call) = called.recv() => match call {
                    Call::Happened(input) => input,
                    Call::Close(done) => {
                        self.take(Input::Quit).await;
                        // Nobody waits any more where the program is ending by force.
                        let _ = done.send(());
                        return;
                    }
                },
                Some(input) = happened.recv() => input,
                Some(news) = heard.recv() => {
                    self.hear(news).await;
                    continue;
                }
                Ok(()) = view.changed() => Input::View(view.borrow_and_update().clone()),
                () = sleep_until(due) => {
                    self.look_again().await;
                    Input::Tick
                }
            };
            if let Input::Settings(settings) = &input {
                self.settings = settings.clone();
            }
            self.take(input).await;
        }
    }

    /// When to look at the clock again.
    fn due(&self) -> Instant {
        let nap = Instant::now() + NAP;
        let Some(at) = self.policy.due() else {
            return nap;
        };
        let left = Duration::try_from(at.duration_since(Timestamp::now()));
        nap.min(Instant::now() + left.unwrap_or_default().max(BLINK))
    }

    /// Steps the policy, and does what it says until it says nothing more.
    async fn take(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            for output in self.policy.step(&Zoned::now(), input) {
                inputs.extend(self.carry_out(output).await);
            }
        }
    }

    /// Does one thing; what came of it goes back to the policy.
    async fn carry_out(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Claim(key) => Some(match self.requests.claim(&key).await {
                Some(first) => Input::Claimed { key, first },
                None => Input::Unclaimed(key),
            }),
            Output::Show(matter) => self.show(&matter).await,
            Output::Toast(matter) => {
                let notice = self.write(&matter);
                (self.doors.toast)(Toast {
                    title: notice.title,
                    body: notice.body,
                    route: notice.opens,
                });
                None
            }
            Output::Withdraw(subject) => {
                self.banners.withdraw(&subject).await;
                None
            }
        }
    }

    async fn show(&mut self, matter: &Matter) -> Option<Input> {
        let notice = self.write(matter);
        match self.banners.show(&notice).await {
            Ok(mark) => {
                self.remember(mark, notice, matter);
                None
            }
            Err(error) => {
                tracing::info!(subject = %notice.subject, "{error}");
                self.tell(Ability::default());
                Some(Input::Unshown(notice.subject))
            }
        }
    }

    fn write(&self, matter: &Matter) -> Notice {
        let words = Arc::clone(&self.words.borrow());
        let pen = Pen {
            words: &words,
            settings: &self.settings,
            // A person who travels reads the times of where they are.
            zone: &TimeZone::system(),
        };
        pen.write(matter)
    }

    fn remember(&mut self, mark: Mark, notice: Notice, matter: &Matter) {
        let open = match matter {
            Matter::Asked { open, .. } | Matter::NotTaken { open, .. } => Some(open.clone()),
            _ => None,
        };
        self.shown.push_back(Shown { mark, notice, open });
        if self.shown.len() > REMEMBERED {
            self.shown.pop_front();
        }
    }

    /// Takes what came back from a banner.
    async fn hear(&mut self, news: Heard) {
        match news {
            Heard::Server { owner } => {
                if owner.is_none() || owner.as_deref() != self.banners.owner() {
                    self.lose_server().await;
                }
                // One that the bus can start is back at once.
                self.look().await;
            }
            Heard::Gone(mark) => {
                if let Some(subject) = self.subject(mark) {
                    self.take(Input::Gone(subject)).await;
                }
            }
            Heard::Pressed(mark, pressed) => self.press(mark, &pressed).await,
        }
    }

    /// What was shown went with its server: the numbers of another are other programs' banners.
    async fn lose_server(&mut self) {
        self.banners.forget();
        self.shown.clear();
        self.take(Input::Server(false)).await;
    }

    /// The subject whose banner this is now.
    fn subject(&self, mark: Mark) -> Option<Subject> {
        let shown = self.shown.iter().rev().find(|shown| shown.mark == mark)?;
        let subject = &shown.notice.subject;
        self.banners.shows(subject, mark).then(|| subject.clone())
    }

    async fn press(&mut self, mark: Mark, pressed: &str) {
        let Some(shown) = self.shown.iter().rev().find(|shown| shown.mark == mark) else {
            return;
        };
        let Some(deed) = shown.notice.deed(pressed) else {
            return;
        };
        let route = shown.notice.opens.clone();
        let open = shown.open.clone();
        if let Some(subject) = self.subject(mark) {
            // Some servers leave it there.
            self.banners.withdraw(&subject).await;
            self.take(Input::Gone(subject)).await;
        }
        if deed == Deed::Open {
            (self.doors.open)(route);
        } else {
            self.carry(deed, open, route);
        }
    }

    /// Asks the worker beside everything else; a refusal is told, or shown where it can be looked at.
    fn carry(&self, deed: Deed, open: Option<Box<OpenAsk>>, route: Route) {
        let (home, calls) = (self.home.clone(), self.calls.clone());
        let doors = self.doors.clone();
        drop(spawn(async move {
            let Err(refusal) = Requests::carry_out(home, deed).await else {
                return;
            };
            match open {
                Some(open) => drop(calls.send(Call::Happened(Input::NotTaken(open, refusal)))),
                None => (doors.open)(route),
            }
        }));
    }

    /// Looks for a server that was missing, when there is something to show.
    async fn look_again(&mut self) {
        let waited = self.looked.is_none_or(|at| at.elapsed() >= NAP);
        if waited && self.policy.lacks_server() {
            self.look().await;
        }
    }

    async fn look(&mut self) {
        let ability = self.banners.look().await;
        self.looked = (!ability.available).then(Instant::now);
        if !ability.available {
            self.shown.clear();
        }
        self.tell(ability);
        self.take(Input::Server(ability.available)).await;
    }

    fn tell(&self, ability: Ability) {
        self.ability.send_replace(ability);
    }
}
