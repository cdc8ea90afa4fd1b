//! The menu as a value: computed from what the worker says, compared whole, rendered elsewhere.

mod compose;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::glance::{Clock, Glance};
use crate::route::Route;
use crate::scene::Scene;
use crate::settings::KeepAwake;
use crate::words::Words;

/// Who runs the tasks: this application, or a daemon it found at work (C4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// This process hosts the worker.
    Host,
    /// Another process does; quitting leaves it alone.
    Client,
}

/// How long and how thoroughly to pause (S4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pause {
    /// Take nothing new; what runs goes on to its end.
    Finish,
    /// Also suspend what runs.
    Suspend,
    /// Take nothing new for half an hour.
    HalfHour,
    /// Take nothing new until nine tomorrow.
    Tomorrow,
    /// Take nothing new until told otherwise.
    Open,
}

/// What a click asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Show a place in the window.
    Show(Route),
    /// Show the window as it is.
    Open,
    /// Answer an ask as it was when the menu was made (H2).
    Answer {
        /// The ask's short id.
        ask: String,
        /// Its revision then.
        revision: i64,
        /// The option's id.
        option: String,
    },
    /// Take every failure for seen.
    SeenAll,
    /// Close the gate.
    Pause(Pause),
    /// Take new tasks again.
    Resume,
    /// Host a worker here, when the one that was followed has gone.
    StartWorker,
    /// Keep the computer awake, or no longer.
    KeepAwake(KeepAwake),
    /// Ask whether there is an update, and show what comes of it.
    LookForUpdates,
    /// Install the update that is ready without waiting for idle (U2).
    UpdateNow,
    /// Leave; a hosted worker quits in order (C7).
    Quit,
}

impl Action {
    /// The menu item's id: the whole action, so that a click on a menu that was just replaced still means what was read.
    #[must_use]
    pub fn id(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Finds the action of a clicked item; `None` for one that does nothing.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        serde_json::from_str(id).ok()
    }
}

/// One thing that can be clicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What a click does.
    pub action: Action,
    /// What it is called now.
    pub label: String,
    /// Whether it can be clicked now.
    pub enabled: bool,
}

/// One row of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Words only.
    Text(String),
    /// A line between groups.
    Separator,
    /// Something to click.
    Item(Item),
    /// Something to click that shows whether it is on.
    Check(Item, bool),
    /// A menu of its own.
    Submenu(String, Vec<Entry>),
}

/// The whole menu, top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// Its rows, at most 20.
    pub entries: Vec<Entry>,
}

/// What the menu is made from.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// What the worker says; `None` while it is out of reach.
    pub scene: Option<&'a Scene>,
    /// Who runs the tasks.
    pub role: Role,
    /// The setting; `None` while it is not known.
    pub keep_awake: Option<KeepAwake>,
    /// The person closed the window and was not told yet that the program goes on.
    pub closed_to_tray: bool,
}

impl Menu {
    /// Composes the menu.
    #[must_use]
    pub fn new(facts: &Facts<'_>, glance: &Glance, words: &Words) -> Self {
        compose::menu(facts, glance, words)
    }

    /// Composes mark, status line and menu of the same moment.
    #[must_use]
    pub fn at(facts: &Facts<'_>, clock: &Clock, words: &Words) -> (Glance, Self) {
        let status = facts.scene.map(|scene| &scene.status);
        let glance = Glance::of(status, clock, words);
        let menu = Self::new(facts, &glance, words);
        (glance, menu)
    }
}
