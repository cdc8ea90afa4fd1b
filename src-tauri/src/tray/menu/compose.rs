//! The rows of the menu in their fixed order.

use super::{Action, Entry, Facts, Item, Menu, Pause, Role};
use crate::glance::Glance;
use crate::notify::plain::plain;
use crate::route::Route;
use crate::scene::{Ask, Scene, Task};
use crate::settings::KeepAwake;
use crate::status::{Status, WorkerState};
use crate::words::Words;

/// How many asks can be answered on the spot; the inbox has the others.
const ASKS: usize = 3;
/// How many options of one ask are offered; its place in the window has the others.
const OPTIONS: usize = 9;
/// How many tasks a submenu names.
const TASKS: usize = 5;
/// The longest foreign text of a row, in characters.
const LONGEST: usize = 48;

pub(super) fn menu(facts: &Facts<'_>, glance: &Glance, words: &Words) -> Menu {
    let status = facts.scene.map(|scene| &scene.status);
    let mut groups = vec![vec![Entry::Text(glance.text.clone())]];
    if facts.closed_to_tray {
        groups[0].push(Entry::Text(words.say("tray-goes-on")));
    }
    groups.push(
        facts
            .scene
            .map_or_else(Vec::new, |scene| news(scene, words)),
    );
    groups.push(vec![item(
        Action::Show(Route::New(Default::default())),
        words.say("tray-new-task"),
    )]);
    groups.push(control(facts, status, words));
    groups.push(status.map_or_else(Vec::new, |status| update(status, words)));
    groups.push(window(status, words));
    groups.push(vec![quit(status, facts.role, words)]);
    groups.retain(|group| !group.is_empty());
    Menu {
        entries: groups.join(&Entry::Separator),
    }
}

/// What needs the person, what runs, what failed.
fn news(scene: &Scene, words: &Words) -> Vec<Entry> {
    let mut rows: Vec<Entry> = scene
        .asks
        .iter()
        .take(ASKS)
        .map(|a| ask(a, words))
        .collect();
    let more = scene.asks.len().saturating_sub(ASKS);
    if more > 0 {
        rows.push(item(
            Action::Show(Route::Inbox(None)),
            words.fill("tray-more-asks", &[("n", more.into())]),
        ));
    }
    let seen = item(Action::SeenAll, words.say("tray-seen-all"));
    let counts = [
        ("tray-running", scene.status.busy(), &scene.working, None),
        (
            "tray-failed",
            scene.status.unseen_failures,
            &scene.failed,
            Some(seen),
        ),
    ];
    for (id, n, named, last) in counts {
        if n > 0 {
            let label = words.fill(id, &[("n", n.into())]);
            let named = tasks(named, words).into_iter().chain(last).collect();
            rows.push(Entry::Submenu(label, named));
        }
    }
    rows
}

fn ask(ask: &Ask, words: &Words) -> Entry {
    let answer = |id: &str, label: String| {
        item(
            Action::Answer {
                ask: ask.short_id.clone(),
                revision: ask.revision,
                option: id.to_owned(),
            },
            label,
        )
    };
    let mut rows: Vec<Entry> = match ask.kind.as_str() {
        // What allows something is read in full first, in the window (H4).
        "approval" => {
            let deny = ask.options.iter().filter(|option| option.id == "deny");
            deny.map(|option| answer(&option.id, words.say("tray-deny")))
                .collect()
        }
        _ => ask
            .options
            .iter()
            .take(OPTIONS)
            .map(|option| answer(&option.id, short(&option.label)))
            .collect(),
    };
    if let Some(route) = Route::ask(&ask.short_id) {
        if !rows.is_empty() {
            rows.push(Entry::Separator);
        }
        if ask.allows_text && ask.kind != "approval" {
            rows.push(item(Action::Show(route.clone()), words.say("tray-reply")));
        }
        rows.push(item(Action::Show(route), words.say("tray-open-ask")));
    }
    let label = words.fill("tray-answer", &[("ask", short(&ask.text).into())]);
    Entry::Submenu(label, rows)
}

fn tasks(named: &[Task], words: &Words) -> Vec<Entry> {
    let mut rows: Vec<Entry> = named
        .iter()
        .take(TASKS)
        .filter_map(|task| {
            let filled = [
                ("id", task.short_id.as_str().into()),
                ("title", short(&task.title).into()),
            ];
            let label = words.fill("tray-task", &filled);
            Some(item(Action::Show(Route::task(&task.short_id)?), label))
        })
        .collect();
    if !rows.is_empty() {
        rows.push(Entry::Separator);
    }
    rows.push(item(Action::Show(Route::Tasks), words.say("tray-show-all")));
    rows
}

/// Pause or resume, and keeping awake; starting a worker where none answers.
fn control(facts: &Facts<'_>, status: Option<&Status>, words: &Words) -> Vec<Entry> {
    let Some(status) = status else {
        return vec![item(Action::StartWorker, words.say("tray-start-worker"))];
    };
    let mut rows = match status.state {
        WorkerState::Running => vec![pause(words)],
        WorkerState::Paused => vec![item(Action::Resume, words.say("tray-resume"))],
        WorkerState::Starting | WorkerState::Updating | WorkerState::Stopping => Vec::new(),
    };
    rows.extend(facts.keep_awake.map(|now| keep_awake(now, words)));
    rows
}

/// An update that is ready, and what it waits for (U2).
fn update(status: &Status, words: &Words) -> Vec<Entry> {
    let Some(version) = &status.update else {
        return Vec::new();
    };
    let filled = [
        ("version", short(version).into()),
        ("n", status.update_waits_for.into()),
    ];
    let mut rows = vec![Entry::Text(words.fill("tray-update-ready", &filled))];
    if takes_wishes(status) {
        rows.push(item(Action::UpdateNow, words.say("tray-update-now")));
    }
    rows
}

/// The ways into the window; looking for updates where none is ready.
fn window(status: Option<&Status>, words: &Words) -> Vec<Entry> {
    let settings = Action::Show(Route::Settings(None));
    let mut rows = vec![
        item(Action::Open, words.say("tray-open")),
        item(settings, words.say("tray-settings")),
    ];
    if status.is_some_and(|status| status.update.is_none() && takes_wishes(status)) {
        rows.push(item(Action::LookForUpdates, words.say("tray-update-look")));
    }
    rows
}

/// Whether the worker is neither just beginning nor about to end.
fn takes_wishes(status: &Status) -> bool {
    matches!(status.state, WorkerState::Running | WorkerState::Paused)
}

fn pause(words: &Words) -> Entry {
    let way = |pause, id| item(Action::Pause(pause), words.say(id));
    let ways = vec![
        way(Pause::Finish, "tray-pause-finish"),
        way(Pause::Suspend, "tray-pause-suspend"),
        Entry::Separator,
        way(Pause::HalfHour, "tray-pause-half-hour"),
        way(Pause::Tomorrow, "tray-pause-tomorrow"),
        way(Pause::Open, "tray-pause-open"),
    ];
    Entry::Submenu(words.say("tray-pause"), ways)
}

fn keep_awake(now: KeepAwake, words: &Words) -> Entry {
    let ways = [
        (KeepAwake::Off, "tray-keep-awake-off"),
        (KeepAwake::Ac, "tray-keep-awake-ac"),
        (KeepAwake::Always, "tray-keep-awake-always"),
    ];
    let rows = ways.map(|(way, id)| {
        let item = Item {
            action: Action::KeepAwake(way),
            label: words.say(id),
            enabled: true,
        };
        Entry::Check(item, way == now)
    });
    Entry::Submenu(words.say("tray-keep-awake"), rows.to_vec())
}

fn quit(status: Option<&Status>, role: Role, words: &Words) -> Entry {
    let busy = status.map_or(0, Status::busy);
    let label = match (role, status, busy) {
        (Role::Client, Some(_), _) => words.say("tray-quit-client"),
        (Role::Host, _, 0) | (Role::Client, None, _) => words.say("tray-quit"),
        (Role::Host, _, n) => words.fill("tray-quit-busy", &[("n", n.into())]),
    };
    Entry::Item(Item {
        action: Action::Quit,
        label,
        enabled: status.is_none_or(|status| status.state != WorkerState::Stopping),
    })
}

fn item(action: Action, label: String) -> Entry {
    Entry::Item(Item {
        action,
        label,
        enabled: true,
    })
}

/// Foreign words in one short line that cannot look like ours.
fn short(text: &str) -> String {
    plain(text, LONGEST, None).text
}
