//! What there is to tell now, each under the key it is told by.

use std::time::Duration;

use jiff::Timestamp;

use super::limits::Limits;
use crate::notify::ended::is_fresh;
use crate::notify::facts::{OpenAsk, Task, World};
use crate::notify::moments;
use crate::notify::notice::{Matter, Subject};
use crate::notify::settings::Settings;

/// Success that comes sooner was watched.
const WATCHED: Duration = Duration::from_secs(60);

/// One thing to tell.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// Subject, revision and moment: told once, whoever tells it.
    pub(super) key: String,
    pub(super) subject: Subject,
    pub(super) matter: Matter,
}

impl Item {
    fn new(key: String, matter: Matter) -> Self {
        Self {
            key,
            subject: matter.subject(),
            matter,
        }
    }
}

/// Everything that may be told, and when time alone changes it.
pub(super) fn of(
    world: &World,
    limits: &Limits,
    settings: &Settings,
    now: Timestamp,
) -> (Vec<Item>, Option<Timestamp>) {
    let mut items = Vec::new();
    let mut next = Vec::new();
    for open in world.asks.iter().filter(|_| settings.asks) {
        let stage = moments::stage(&open.ask, now, settings.reminders);
        next.extend(stage.next);
        items.extend(stage.now.map(|moment| asked(open, &moment)));
    }
    items.extend(
        world
            .ended
            .iter()
            .filter_map(|task| ended(task, settings, now)),
    );
    for hold in world.holds.iter().filter(|_| settings.holds) {
        if now < hold.until {
            next.push(hold.until);
            items.push(Item::new(limits.key(hold), Matter::Held(hold.clone())));
        }
    }
    (items, next.into_iter().min())
}

fn asked(open: &OpenAsk, moment: &moments::Moment) -> Item {
    let (id, revision) = (&open.ask.id, open.ask.revision);
    let matter = Matter::Asked {
        open: Box::new(open.clone()),
        again: moment.again,
    };
    Item::new(format!("ask:{id}:{revision}:{}", moment.name), matter)
}

fn ended(task: &Task, settings: &Settings, now: Timestamp) -> Option<Item> {
    let (id, attempt) = (&task.id, task.attempt);
    if !is_fresh(task, now) {
        return None;
    }
    if settings.failures && task.is_news_of_failure() {
        let matter = Matter::Failed(Box::new(task.clone()));
        return Some(Item::new(format!("failed:{id}:{attempt}"), matter));
    }
    let long = task.took() >= WATCHED;
    (settings.done && long && task.is_news_of_success()).then(|| {
        let matter = Matter::Done(Box::new(task.clone()));
        Item::new(format!("done:{id}:{attempt}"), matter)
    })
}
