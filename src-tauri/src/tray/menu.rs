//! The menu as a value: computed from what the worker says, compared whole, rendered elsewhere.

use crate::glance::Glance;
use crate::status::{Status, WorkerState};
use crate::words::Words;

/// Who runs the tasks: this application, or a daemon it found at work (C4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// This process hosts the worker.
    Host,
    /// Another process does; quitting leaves it alone.
    Client,
}

/// What a click asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Take nothing new; what runs goes on.
    Pause,
    /// Take new tasks again.
    Resume,
    /// Leave; a hosted worker quits in order (C7).
    Quit,
}

impl Action {
    const ALL: [Self; 3] = [Self::Pause, Self::Resume, Self::Quit];

    /// The menu item's stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Quit => "quit",
        }
    }

    /// Finds the action of a clicked item; `None` for one that does nothing.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.id() == id)
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
}

/// The whole menu, top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// Its rows.
    pub entries: Vec<Entry>,
}

impl Menu {
    /// Composes the menu; `status` is `None` while the worker is out of reach.
    #[must_use]
    pub fn new(glance: &Glance, status: Option<&Status>, role: Role, words: &Words) -> Self {
        Self {
            entries: vec![
                Entry::Text(glance.text.clone()),
                Entry::Separator,
                Entry::Item(gate_item(status, words)),
                Entry::Separator,
                Entry::Item(quit_item(status, role, words)),
            ],
        }
    }
}

fn gate_item(status: Option<&Status>, words: &Words) -> Item {
    let paused = status.is_some_and(|status| status.state == WorkerState::Paused);
    let (action, label) = if paused {
        (Action::Resume, "tray-resume")
    } else {
        (Action::Pause, "tray-pause-finish")
    };
    let enabled = status
        .is_some_and(|status| matches!(status.state, WorkerState::Running | WorkerState::Paused));
    Item {
        action,
        label: words.say(label),
        enabled,
    }
}

fn quit_item(status: Option<&Status>, role: Role, words: &Words) -> Item {
    let busy = status.map_or(0, Status::busy);
    let label = match (role, busy) {
        (Role::Client, _) => words.say("tray-quit-client"),
        (Role::Host, 0) => words.say("tray-quit"),
        (Role::Host, n) => words.fill("tray-quit-busy", &[("n", n.into())]),
    };
    Item {
        action: Action::Quit,
        label,
        enabled: status.is_none_or(|status| status.state != WorkerState::Stopping),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::glance::Clock;
    use crate::words::Language;

    fn menu(status: Option<&str>, role: Role) -> Menu {
        let status: Option<Status> = status.map(|text| serde_json::from_str(text).unwrap());
        let clock = Clock {
            now: Timestamp::UNIX_EPOCH,
            zone: TimeZone::UTC,
        };
        let words = Words::of(Language::En);
        let glance = Glance::of(status.as_ref(), &clock, &words);
        Menu::new(&glance, status.as_ref(), role, &words)
    }

    fn expected(line: &str, gate: (Action, &str, bool), quit: (&str, bool)) -> Menu {
        let item = |action, label: &str, enabled| {
            Entry::Item(Item {
                action,
                label: label.into(),
                enabled,
            })
        };
        Menu {
            entries: vec![
                Entry::Text(line.into()),
                Entry::Separator,
                item(gate.0, gate.1, gate.2),
                Entry::Separator,
                item(Action::Quit, quit.0, quit.1),
            ],
        }
    }

    const PAUSE: &str = "Finish running, take nothing new";

    #[test]
    fn idle_host_offers_pause_and_quit() {
        assert_eq!(
            menu(Some(r#"{"state": "running"}"#), Role::Host),
            expected("Idle", (Action::Pause, PAUSE, true), ("Quit", true)),
        );
    }

    #[test]
    fn busy_host_says_what_quitting_does() {
        assert_eq!(
            menu(
                Some(r#"{"state": "running", "counts": {"running": 3, "queued": 5}}"#),
                Role::Host
            ),
            expected(
                "3 running, 5 queued",
                (Action::Pause, PAUSE, true),
                ("Quit; 3 tasks will be suspended and resume later", true),
            ),
        );
    }

    #[test]
    fn paused_worker_offers_resume() {
        assert_eq!(
            menu(Some(r#"{"state": "paused"}"#), Role::Host),
            expected("Paused", (Action::Resume, "Resume", true), ("Quit", true)),
        );
    }

    #[test]
    fn client_leaves_the_worker_alone() {
        assert_eq!(
            menu(
                Some(r#"{"state": "running", "counts": {"running": 1}}"#),
                Role::Client
            ),
            expected(
                "1 running, 0 queued",
                (Action::Pause, PAUSE, true),
                ("Quit; the worker goes on", true),
            ),
        );
    }

    #[test]
    fn worker_out_of_reach_can_only_be_left() {
        assert_eq!(
            menu(None, Role::Client),
            expected(
                "Worker stopped",
                (Action::Pause, PAUSE, false),
                ("Quit; the worker goes on", true),
            ),
        );
    }

    #[test]
    fn stopping_worker_takes_no_second_quit() {
        assert_eq!(
            menu(Some(r#"{"state": "stopping"}"#), Role::Host),
            expected("Stopping", (Action::Pause, PAUSE, false), ("Quit", false)),
        );
    }

    #[test]
    fn every_action_is_found_by_its_id() {
        for action in Action::ALL {
            assert_eq!(Action::from_id(action.id()), Some(action));
        }
        assert_eq!(Action::from_id("text-0"), None);
    }
}
