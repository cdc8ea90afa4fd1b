//! What a banner says: our sentences from the catalogue, foreign text between quotation marks (H4, sec-16).

use std::time::Duration;

use fluent_bundle::FluentValue;
use jiff::tz::TimeZone;

use super::facts::{Ask, Choice, Kind, LaneHold, OpenAsk, Task};
use super::notice::{Button, Deed, Matter, Notice, Refusal, Tally, Urgency};
use super::plain::{LONGEST, Plain, plain};
use super::settings::Settings;
use crate::words::Words;

/// The most characters of a title that are not ours.
const FOREIGN: usize = 48;
/// The most characters of a question in a title, so that the task keeps some.
const QUESTION: usize = 30;
/// The most characters of a button.
const LABEL: usize = 30;
/// More options than these are chosen in the window: part of a choice misleads.
const OPTIONS: usize = 3;

/// Gives matters their words.
#[derive(Debug, Clone, Copy)]
pub struct Pen<'a> {
    /// The language.
    pub words: &'a Words,
    /// What may be said.
    pub settings: &'a Settings,
    /// Where times are shown.
    pub zone: &'a TimeZone,
}

/// Title and body.
type Said = (String, String);

impl Pen<'_> {
    /// Composes the banner.
    #[must_use]
    pub fn write(&self, matter: &Matter) -> Notice {
        let (title, body) = if self.settings.private {
            (self.private(matter), String::new())
        } else {
            self.said(matter)
        };
        Notice {
            subject: matter.subject(),
            urgency: urgency(matter),
            title,
            body,
            buttons: self.buttons(matter),
            opens: matter.route(),
        }
    }

    /// Words that name nothing.
    fn private(&self, matter: &Matter) -> String {
        match matter {
            Matter::Asked { .. } => self.words.say("notify-private-ask"),
            Matter::Failed(_) => self.words.say("notify-private-failed"),
            Matter::Done(_) => self.words.say("notify-private-done"),
            Matter::Held(_) => self.words.say("notify-private-held"),
            Matter::NotTaken { .. } => self.words.say("notify-private-not-taken"),
            Matter::Many(tally) => self.many(*tally).0,
            Matter::Trial => self.words.say("notify-trial"),
        }
    }

    fn said(&self, matter: &Matter) -> Said {
        match matter {
            Matter::Asked { open, again } => self.asked(open, *again),
            Matter::Failed(task) => self.failed(task),
            Matter::Done(task) => self.done(task),
            Matter::Held(hold) => self.held(hold),
            Matter::Many(tally) => self.many(*tally),
            Matter::NotTaken { open, refusal } => self.not_taken(open, refusal),
            Matter::Trial => (
                self.words.say("notify-trial"),
                self.words.say("notify-trial-body"),
            ),
        }
    }

    fn asked(&self, open: &OpenAsk, again: bool) -> Said {
        let ask = &open.ask;
        let question = |longest| plain(&ask.text, longest, open.folder());
        let whole = self.quote(&question(LONGEST));
        let Some(task) = &open.task else {
            return (self.asked_of_all(ask), whole);
        };
        let title = |id| self.fill(id, &[("task", name(task, FOREIGN))]);
        match ask.kind {
            Kind::Question | Kind::Other => self.question(open, task, again),
            Kind::Approval => (title("notify-approval"), whole),
            Kind::SignIn => (title("notify-sign-in-task"), whole),
            Kind::Budget => (title("notify-budget"), whole),
            Kind::Review => (title("notify-review"), String::new()),
            Kind::Drain => (title("notify-drain-task"), whole),
        }
    }

    /// The question is in the title where it fits, else in the body: never in both.
    fn question(&self, open: &OpenAsk, task: &Task, again: bool) -> Said {
        let all = plain(&open.ask.text, LONGEST, open.folder());
        let length = all.text.chars().count();
        let mut parts = Vec::new();
        let title = if length <= QUESTION {
            let id = if again { "notify-waits" } else { "notify-asks" };
            let task = name(task, FOREIGN - length);
            self.fill(id, &[("task", task), ("question", all.text.clone())])
        } else {
            let id = if again {
                "notify-waits-below"
            } else {
                "notify-asks-below"
            };
            parts.push(self.quote(&all));
            self.fill(id, &[("task", name(task, FOREIGN))])
        };
        let room = LONGEST.saturating_sub(length);
        parts.extend(self.choices(open, room));
        (title, parts.join(" · "))
    }

    /// The options, each in quotation marks, as far as they fit.
    fn choices(&self, open: &OpenAsk, mut room: usize) -> Vec<String> {
        let mut shown = Vec::new();
        for option in &open.ask.options {
            let label = plain(&option.label, LABEL, open.folder());
            let length = label.text.chars().count();
            if length > room {
                break;
            }
            room -= length;
            shown.push(self.quote(&label));
        }
        shown
    }

    /// An ask of a lane or of the worker: its words are ours.
    fn asked_of_all(&self, ask: &Ask) -> String {
        let lane = plain(ask.lane.as_deref().unwrap_or_default(), FOREIGN, None).text;
        match (ask.kind, lane.is_empty()) {
            (Kind::SignIn, false) => self.fill("notify-sign-in", &[("lane", lane)]),
            (_, false) => self.fill("notify-lane", &[("lane", lane)]),
            (_, true) => self.words.say("notify-worker"),
        }
    }

    fn failed(&self, task: &Task) -> Said {
        let title = self.fill("notify-failed", &[("task", name(task, FOREIGN))]);
        let why = task.failure.as_ref().map(|failure| {
            let first = failure.text.lines().find(|line| !line.trim().is_empty());
            plain(first.unwrap_or_default(), LONGEST, Some(&task.workdir))
        });
        let why = why.filter(|why| !why.text.is_empty());
        (title, why.map(|why| self.quote(&why)).unwrap_or_default())
    }

    fn done(&self, task: &Task) -> Said {
        let title = self.fill("notify-done", &[("task", name(task, FOREIGN))]);
        let minutes = FluentValue::from(minutes(task.took()));
        let body = match task.cost_usd() {
            Some(cost) => self.words.fill(
                "notify-done-cost",
                &[("minutes", minutes), ("cost", format!("{cost:.2}").into())],
            ),
            None => self.words.fill("notify-done-time", &[("minutes", minutes)]),
        };
        (title, body)
    }

    fn held(&self, hold: &LaneHold) -> Said {
        let lane = plain(&hold.lane, FOREIGN, None).text;
        let until = hold.until.to_zoned(self.zone.clone());
        let time = until.strftime("%H:%M").to_string();
        (
            self.fill("notify-held", &[("lane", lane)]),
            self.fill("notify-held-until", &[("time", time)]),
        )
    }

    fn many(&self, tally: Tally) -> Said {
        let count = |id, n: u32| self.words.fill(id, &[("n", n.into())]);
        if tally.pressing() == 0 {
            return (count("notify-many-done", tally.done), String::new());
        }
        let parts = [
            ("states-glance-questions", tally.asks),
            ("states-glance-failures", tally.failures),
        ];
        let parts = parts.into_iter().filter(|(_, n)| *n > 0);
        let body: Vec<String> = parts.map(|(id, n)| count(id, n)).collect();
        (count("notify-many", tally.pressing()), body.join(" · "))
    }

    fn not_taken(&self, open: &OpenAsk, refusal: &Refusal) -> Said {
        let question = self.quote(&plain(&open.ask.text, LONGEST, open.folder()));
        match refusal {
            Refusal::Answered { by } => (
                self.fill("notify-late", &[("by", self.surface(by))]),
                question,
            ),
            Refusal::Gone => (self.words.say("notify-gone"), question),
            Refusal::Other(why) => {
                let why = plain(why, LONGEST, open.folder());
                (self.words.say("notify-not-taken"), self.quote(&why))
            }
        }
    }

    /// Who answered, in words.
    fn surface(&self, by: &str) -> String {
        match by {
            "cli" => self.words.say("notify-by-command"),
            "window" => self.words.say("notify-by-window"),
            "web" => self.words.say("notify-by-page"),
            "tray" => self.words.say("notify-by-tray"),
            "notification" => self.words.say("notify-by-notification"),
            "default" => self.words.say("notify-by-deadline"),
            other => self.quote(&plain(other, LABEL, None)),
        }
    }

    /// Buttons for what can be done without a window, then the one that opens it.
    fn buttons(&self, matter: &Matter) -> Vec<Button> {
        let private = self.settings.private;
        let mut buttons = match matter {
            Matter::Asked { open, .. } if !private => self.answers(open),
            Matter::Failed(task) if !private => vec![Button {
                id: "retry".to_owned(),
                label: self.words.say("notify-retry"),
                deed: Deed::Retry(task.id.clone()),
            }],
            _ => Vec::new(),
        };
        buttons.push(Button {
            id: "open".to_owned(),
            label: self.open_label(matter),
            deed: Deed::Open,
        });
        buttons
    }

    fn open_label(&self, matter: &Matter) -> String {
        match matter {
            Matter::Asked { open, .. } if !self.settings.private => match open.ask.kind {
                Kind::Review => self.words.say("notify-review-open"),
                _ if open.ask.allows_text && open.ask.options.is_empty() => {
                    self.words.say("notify-reply")
                }
                _ => self.words.say("notify-open"),
            },
            _ => self.words.say("notify-open"),
        }
    }

    fn answers(&self, open: &OpenAsk) -> Vec<Button> {
        let ask = &open.ask;
        match ask.kind {
            Kind::Approval => self.leave(open),
            // Accepting work unseen, or saying that one has signed in, is done where it can be looked at.
            Kind::Review | Kind::SignIn | Kind::Drain | Kind::Other => Vec::new(),
            Kind::Question | Kind::Budget if ask.options.len() > OPTIONS => Vec::new(),
            Kind::Question | Kind::Budget => {
                let options = ask.options.iter().enumerate();
                let button = |(n, option): (usize, &Choice)| {
                    let label = plain(&option.label, LABEL, open.folder()).text;
                    (!label.is_empty())
                        .then(|| answer(ask, option, format!("option-{n}"), label, false))
                };
                options
                    .map(button)
                    .collect::<Option<_>>()
                    .unwrap_or_default()
            }
        }
    }

    /// Deny always; allow once only by setting, and only when the whole of what would be done is shown.
    fn leave(&self, open: &OpenAsk) -> Vec<Button> {
        let ask = &open.ask;
        let find = |id: &str| ask.options.iter().find(|option| option.id == id);
        let mut buttons = Vec::new();
        let seen_whole = plain(&ask.text, LONGEST, open.folder()).whole;
        if let Some(allow) = find("allow")
            && self.settings.allow_once
            && seen_whole
            && ask.scopes.iter().any(|scope| scope == "once")
        {
            let label = self.words.say("notify-allow-once");
            buttons.push(answer(ask, allow, "allow".to_owned(), label, true));
        }
        if let Some(deny) = find("deny") {
            let label = self.words.say("notify-deny");
            buttons.push(answer(ask, deny, "deny".to_owned(), label, false));
        }
        buttons
    }

    fn quote(&self, text: &Plain) -> String {
        self.fill("notify-quote", &[("text", text.text.clone())])
    }

    fn fill<const N: usize>(&self, id: &str, arguments: &[(&'static str, String); N]) -> String {
        let arguments: Vec<(&str, FluentValue<'_>)> = arguments
            .iter()
            .map(|(name, value)| (*name, FluentValue::from(value.as_str())))
            .collect();
        self.words.fill(id, &arguments)
    }
}

fn answer(ask: &Ask, option: &Choice, id: String, label: String, once: bool) -> Button {
    Button {
        id,
        label,
        deed: Deed::Answer {
            ask: ask.id.clone(),
            option: option.id.clone(),
            revision: ask.revision,
            once,
        },
    }
}

/// The task as people call it; its number where nothing readable is left.
fn name(task: &Task, longest: usize) -> String {
    let title = plain(&task.title, longest, None).text;
    if title.is_empty() {
        task.short_id.clone()
    } else {
        title
    }
}

fn urgency(matter: &Matter) -> Urgency {
    match matter {
        Matter::Asked { open, .. } if open.ask.kind == Kind::Review => Urgency::Low,
        Matter::Asked { .. } | Matter::Failed(_) | Matter::NotTaken { .. } => Urgency::Normal,
        Matter::Many(tally) if tally.pressing() > 0 => Urgency::Normal,
        Matter::Many(_) | Matter::Done(_) | Matter::Held(_) | Matter::Trial => Urgency::Low,
    }
}

/// Whole minutes, at least one.
fn minutes(took: Duration) -> u64 {
    (took.as_secs() / 60).max(1)
}

#[cfg(test)]
mod tests;
