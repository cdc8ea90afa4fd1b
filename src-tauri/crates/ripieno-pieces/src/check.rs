//! Checks over the whole piece: every target exists, every movement is reached, every loop
//! has a way out.

use std::collections::BTreeSet;

use crate::name::{Name, shortened};
use crate::problem::{At, Findings};
use crate::read::Draft;
use crate::schema::{Monitor, Route};
use crate::suggest::did_you_mean;

/// Reports a movement that is named but does not exist.
pub(crate) fn unknown_movement(
    at: At,
    text: &str,
    what: &str,
    drafts: &[Draft],
    special: &[&'static str],
    found: &mut Findings,
) {
    let names: Vec<&str> = drafts
        .iter()
        .map(|draft| draft.movement.name.as_str())
        .chain(special.iter().copied())
        .collect();
    let help = did_you_mean(text, names.iter().copied())
        .unwrap_or_else(|| format!("there are: {}", names.join(", ")));
    let text = shortened(text);
    found.add_help(
        at,
        format!("{what} names \"{text}\", and there is no such movement"),
        help,
    );
}

/// Checks targets, reachability, ways out and monitors.
///
/// What the graph says is only told when every route could be read: one misspelt target
/// would otherwise be reported as a dozen unreachable movements.
pub(crate) fn routes(
    drafts: &[Draft],
    start: Option<&Name>,
    monitors: &[(Monitor, At)],
    found: &mut Findings,
) {
    let mut sound = drafts.iter().all(|draft| draft.sound);
    for target in drafts.iter().flat_map(|draft| &draft.targets) {
        if !drafts
            .iter()
            .any(|draft| draft.movement.name == target.text.as_str())
        {
            sound = false;
            unknown_movement(
                target.at,
                &target.text,
                "the route",
                drafts,
                target.special,
                found,
            );
        }
    }
    let Some(start) = start else { return };
    let names: BTreeSet<&Name> = drafts.iter().map(|draft| &draft.movement.name).collect();
    if !sound || names.len() != drafts.len() {
        return;
    }
    let reached = reachable(drafts, start);
    for draft in drafts {
        let name = &draft.movement.name;
        if !reached.contains(name) {
            found.add_help(
                draft.at,
                format!("the movement \"{name}\" can never be reached from \"{start}\""),
                "lead to it from an outcome, or remove it",
            );
        }
    }
    ways_out(drafts, &reached, found);
    for (monitor, at) in monitors {
        monitor_is_a_loop(monitor, *at, drafts, found);
    }
}

fn reachable<'a>(drafts: &'a [Draft], start: &'a Name) -> BTreeSet<&'a Name> {
    let mut reached = BTreeSet::from([start]);
    let mut open = vec![start];
    while let Some(name) = open.pop() {
        let draft = drafts.iter().find(|draft| draft.movement.name == *name);
        for next in draft
            .iter()
            .flat_map(|d| d.movement.routes())
            .filter_map(Route::leads_to)
        {
            if reached.insert(next) {
                open.push(next);
            }
        }
    }
    reached
}

/// Reports, once for each group, movements from which no end can be reached.
fn ways_out(drafts: &[Draft], reached: &BTreeSet<&Name>, found: &mut Findings) {
    let mut ending: BTreeSet<&Name> = BTreeSet::new();
    loop {
        let before = ending.len();
        for draft in drafts {
            let leads_out = draft
                .movement
                .routes()
                .any(|route| route.leads_to().is_none_or(|next| ending.contains(next)));
            if leads_out {
                ending.insert(&draft.movement.name);
            }
        }
        if ending.len() == before {
            break;
        }
    }
    let mut told: BTreeSet<&Name> = BTreeSet::new();
    for draft in drafts {
        let name = &draft.movement.name;
        if ending.contains(name) || !reached.contains(name) || told.contains(name) {
            continue;
        }
        let group = reachable(drafts, name);
        let names: Vec<&str> = drafts
            .iter()
            .map(|draft| &draft.movement.name)
            .filter(|name| group.contains(name))
            .map(Name::as_str)
            .collect();
        found.add_help(
            draft.at,
            format!("from \"{name}\" neither COMPLETE nor ABORT can be reached: the run would go round in {}", names.join(", ")),
            "give one of them an outcome that ends",
        );
        told.extend(group);
    }
}

fn monitor_is_a_loop(monitor: &Monitor, at: At, drafts: &[Draft], found: &mut Findings) {
    for (index, from) in monitor.cycle.iter().enumerate() {
        let to = &monitor.cycle[(index + 1) % monitor.cycle.len()];
        let draft = drafts.iter().find(|draft| draft.movement.name == *from);
        let leads = draft
            .iter()
            .flat_map(|d| d.movement.routes())
            .any(|route| route.leads_to() == Some(to));
        if !leads {
            found.add(
                at,
                format!(
                    "the cycle of this monitor is no loop: \"{from}\" does not lead to \"{to}\""
                ),
            );
        }
    }
}
