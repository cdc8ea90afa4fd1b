//! Reading outcomes: what may be reported and where it leads.

use crate::condition::Condition;
use crate::fields::{Fields, text_of};
use crate::name::Name;
use crate::problem::{At, Findings};
use crate::read::{Target, read_when};
use crate::schema::{Aggregate, Child, Route, Rule};
use crate::yaml::{Node, Value};

pub(crate) const OUTCOME_KEYS: &[&str] = &["when", "next", "ask", "then"];
pub(crate) const SPECIAL: &[&str] = &["COMPLETE", "ABORT", "WAIT_SUBTASKS"];

/// Up to how many combinations of outcomes are tried one by one.
const MOST_CASES: usize = 4_096;

/// The outcomes of one movement as far as they could be read.
pub(crate) struct Outcomes {
    pub(crate) outcomes: Vec<(Condition, At, Route)>,
    pub(crate) targets: Vec<Target>,
    pub(crate) sound: bool,
}

/// Reads the `outcomes` of a movement.
pub(crate) fn outcomes(fields: &Fields<'_>, found: &mut Findings) -> Outcomes {
    let mut read = Outcomes {
        outcomes: Vec::new(),
        targets: Vec::new(),
        sound: true,
    };
    let items = fields.list("outcomes", found);
    read.sound &= some_outcome(fields, found);
    for node in items {
        match outcome(node, fields.what(), &mut read.targets, found) {
            Some((condition, at, route)) => {
                if read
                    .outcomes
                    .iter()
                    .any(|(other, _, _)| *other == condition)
                {
                    found.add(at, format!("{} has this outcome twice", fields.what()));
                }
                read.outcomes.push((condition, at, route));
            }
            None => read.sound = false,
        }
    }
    read
}

/// Reports a movement or performer without outcomes.
pub(crate) fn some_outcome(fields: &Fields<'_>, found: &mut Findings) -> bool {
    let node = fields.get("outcomes");
    let none = match node.map(|node| &node.value) {
        None | Some(Value::Null) => true,
        Some(Value::List(items)) => items.is_empty(),
        // Told already: it must be a list.
        Some(_) => false,
    };
    if none {
        let at = node.map_or(fields.at(), |node| node.at);
        found.add(
            at,
            format!(
                "{} has no outcomes, so nothing can follow it",
                fields.what()
            ),
        );
    }
    !none
}

fn outcome(
    node: &Node,
    what: &str,
    targets: &mut Vec<Target>,
    found: &mut Findings,
) -> Option<(Condition, At, Route)> {
    if let Value::Text(text) = &node.value {
        found.add_help(
            node.at,
            format!("an outcome of {what} must say where it leads"),
            format!("write {{ when: {text}, next: ... }}"),
        );
        return None;
    }
    let label = format!("an outcome of {what}");
    let fields = Fields::open(node, &label, found)?;
    fields.only(OUTCOME_KEYS, &[], "an outcome", found);
    let condition = match fields.get("when") {
        Some(when) => read_when(when, what, found).map(|condition| (condition, when.at)),
        None => {
            found.add(
                fields.at(),
                format!("{label} needs a \"when\": the name it is reported by"),
            );
            None
        }
    };
    let route = route(&fields, targets, found);
    let (condition, at) = condition?;
    Some((condition, at, route?))
}

fn route(fields: &Fields<'_>, targets: &mut Vec<Target>, found: &mut Findings) -> Option<Route> {
    let what = fields.what();
    match (fields.get("next"), fields.get("ask")) {
        (Some(_), Some(ask)) => {
            found.add_help(
                ask.at,
                format!("{what} has both \"next\" and \"ask\""),
                "keep one of them",
            );
            None
        }
        (None, None) => {
            found.add_help(
                fields.at(),
                format!("{what} leads nowhere"),
                "add \"next\", or \"ask\" with \"then\"",
            );
            None
        }
        (None, Some(ask)) => {
            let text = text_of(ask, &format!("\"ask\" in {what}"), found);
            let then = then(
                fields,
                "\"ask\" needs a \"then\": the movement that gets the answer",
                targets,
                found,
            );
            Some(Route::Ask {
                text: text?.trim().to_owned(),
                then: then?,
            })
        }
        (Some(next), None) => next_route(fields, next, targets, found),
    }
}

fn next_route(
    fields: &Fields<'_>,
    next: &Node,
    targets: &mut Vec<Target>,
    found: &mut Findings,
) -> Option<Route> {
    let text = text_of(next, &format!("\"next\" in {}", fields.what()), found)?;
    if text == "WAIT_SUBTASKS" {
        let lacking = "WAIT_SUBTASKS needs a \"then\": the movement that goes on afterwards";
        return then(fields, lacking, targets, found).map(Route::WaitSubtasks);
    }
    if let Some(extra) = fields.get("then") {
        found.add_help(
            extra.at,
            "\"then\" belongs to \"ask\" and WAIT_SUBTASKS only",
            "remove it",
        );
    }
    match text {
        "COMPLETE" => Some(Route::Complete),
        "ABORT" => Some(Route::Abort),
        _ => target(text, next.at, SPECIAL, targets).map(Route::Enter),
    }
}

fn then(
    fields: &Fields<'_>,
    lacking: &str,
    targets: &mut Vec<Target>,
    found: &mut Findings,
) -> Option<Name> {
    let Some(node) = fields.get("then") else {
        found.add(fields.at(), lacking);
        return None;
    };
    let text = text_of(node, &format!("\"then\" in {}", fields.what()), found)?;
    target(text, node.at, &[], targets)
}

/// Notes a target; whether it exists is known when all movements are read.
fn target(
    text: &str,
    at: At,
    special: &'static [&'static str],
    targets: &mut Vec<Target>,
) -> Option<Name> {
    targets.push(Target {
        text: text.to_owned(),
        at,
        special,
    });
    Name::new(text).ok()
}

/// Reports an `all` or `any` that no report of the performers can ever make true.
pub(crate) fn can_hold(when: &Aggregate, at: At, children: &[Child], found: &mut Findings) {
    let name = when.outcome();
    let can = |child: &&Child| child.outcomes.contains(name);
    let lacking = match when {
        Aggregate::All(_) => children.iter().find(|child| !can(child)),
        Aggregate::Any(_) if children.iter().any(|child| can(&child)) => None,
        Aggregate::Any(_) => children.first(),
    };
    let Some(child) = lacking else { return };
    let who = match when {
        Aggregate::All(_) => format!("\"{}\" never reports it", child.name),
        Aggregate::Any(_) => "no performer ever reports it".to_owned(),
    };
    found.add(at, format!("{when} can never hold: {who}"));
}

/// Reports a combination of outcomes that no rule of a parallel movement speaks about, so
/// that the run would stop there.
pub(crate) fn every_case_is_covered(
    fields: &Fields<'_>,
    children: &[Child],
    rules: &[Rule],
    found: &mut Findings,
) {
    let cases = children
        .iter()
        .try_fold(1_usize, |n, c| n.checked_mul(c.outcomes.len()));
    let Some(cases) = cases.filter(|cases| (1..=MOST_CASES).contains(cases)) else {
        return;
    };
    // Neither can be so in a piece that is sound: it is told elsewhere.
    if rules.is_empty() || children.is_empty() {
        return;
    }
    for case in 0..cases {
        let mut rest = case;
        let mut reported = Vec::new();
        for child in children {
            reported.push(&child.outcomes[rest % child.outcomes.len()]);
            rest /= child.outcomes.len();
        }
        if rules
            .iter()
            .any(|rule| rule.when.holds(reported.iter().copied()))
        {
            continue;
        }
        let named: Vec<String> = children
            .iter()
            .zip(&reported)
            .map(|(c, o)| format!("{}: {o}", c.name))
            .collect();
        let at = fields.get("outcomes").map_or(fields.at(), |node| node.at);
        let message = format!(
            "no outcome of {} covers the case {}",
            fields.what(),
            named.join(", ")
        );
        found.add_help(at, message, format!("add one such as any({})", reported[0]));
        return;
    }
}
