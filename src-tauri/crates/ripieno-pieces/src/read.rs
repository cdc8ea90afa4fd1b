//! Reading movements: who works, with which texts, and what each outcome leads to.
//!
//! A mistake never stops the reading: a stand-in takes the place of what could not be read,
//! and the loader refuses the whole piece in the end.

use crate::condition::{self, Condition};
use crate::facets::{Facets, PulledFacet};
use crate::fields::{Fields, name_of, text_of};
use crate::name::{Name, shortened};
use crate::outcome;
use crate::problem::{At, Findings};
use crate::read_route;
use crate::schema::{Access, Child, ChildWork, Movement, OnInterrupt, Outcome, Route, Rule, Work};
use crate::yaml::{Node, Value};

pub(crate) const MOVEMENT_KEYS: &[&str] = &["name", "outcomes", "on_interrupt", "timeout"];
pub(crate) const AGENT_KEYS: &[&str] = &[
    "agent",
    "model",
    "effort",
    "persona",
    "policy",
    "instruction",
    "knowledge",
    "contract",
    "access",
    "session",
    "limits",
];
pub(crate) const LIMITS_KEYS: &[&str] = &["turns", "tokens"];
pub(crate) const RUN_KEYS: &[&str] = &["prompt"];

/// A movement with the places its routes are written at, before the routes are checked.
pub(crate) struct Draft {
    pub(crate) at: At,
    pub(crate) movement: Movement,
    pub(crate) targets: Vec<Target>,
    /// False when some route could not be read, so that the graph says nothing.
    pub(crate) sound: bool,
}

/// A movement some route names, and where it does.
pub(crate) struct Target {
    pub(crate) text: String,
    pub(crate) at: At,
    /// The special targets that could have been meant there.
    pub(crate) special: &'static [&'static str],
}

/// What is being read, what was found wrong, and which facets were pulled in.
pub(crate) struct Reader<'a> {
    pub(crate) found: Findings,
    pub(crate) facets: &'a dyn Facets,
    pub(crate) pulled: Vec<PulledFacet>,
}

/// The three kinds of a movement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Agent,
    Shell,
    Parallel,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(file: &str, facets: &'a dyn Facets) -> Self {
        Reader {
            found: Findings::new(file),
            facets,
            pulled: Vec::new(),
        }
    }

    pub(crate) fn finish(self) -> (Findings, Vec<PulledFacet>) {
        (self.found, self.pulled)
    }

    /// Reads `movements`; `ceiling` is the widest access the piece allows.
    pub(crate) fn movements(&mut self, top: &Fields<'_>, ceiling: Access) -> Vec<Draft> {
        let items = top.list("movements", &mut self.found);
        let list = top.get("movements").map(|node| (node.at, &node.value));
        if items.is_empty() && !matches!(&list, Some((_, value)) if !value.is_empty_list()) {
            let at = list.map_or(top.at(), |(at, _)| at);
            self.found.add(
                at,
                "a piece needs at least one movement under \"movements\"",
            );
        }
        let mut drafts: Vec<Draft> = Vec::new();
        for node in items {
            let Some(draft) = self.movement(node, ceiling) else {
                continue;
            };
            if drafts
                .iter()
                .any(|other| other.movement.name == draft.movement.name)
            {
                let name = &draft.movement.name;
                self.found
                    .add(draft.at, format!("there is another movement \"{name}\""));
            }
            drafts.push(draft);
        }
        drafts
    }

    fn movement(&mut self, node: &Node, ceiling: Access) -> Option<Draft> {
        let mut fields = Fields::open(node, "a movement", &mut self.found)?;
        let name = self.own_name(&mut fields, "movement");
        let kind = self.kind(&fields);
        self.movement_keys(&fields, kind);
        let mut draft = match kind {
            Kind::Parallel => self.parallel(&fields, name, ceiling),
            Kind::Agent | Kind::Shell => self.single(&fields, name, kind, ceiling),
        };
        let found = &mut self.found;
        let own = fields.word(
            "on_interrupt",
            OnInterrupt::WORDS,
            OnInterrupt::from_word,
            found,
        );
        if let Some(own) = own {
            draft.movement.on_interrupt = own;
        }
        draft.movement.timeout = fields.span("timeout", found);
        Some(draft)
    }

    /// Reads the name of a movement or performer; a stand-in when there is none.
    fn own_name(&mut self, fields: &mut Fields<'_>, noun: &str) -> Name {
        let given = fields.name("name", &mut self.found).map(|(name, _)| name);
        if !fields.has("name") {
            self.found
                .add(fields.at(), format!("a {noun} needs a \"name\""));
        }
        if let Some(name) = &given {
            fields.call(format!("the {noun} \"{name}\""));
        }
        given.unwrap_or_else(Name::stand_in)
    }

    fn kind(&mut self, fields: &Fields<'_>) -> Kind {
        match (fields.get("run"), fields.get("parallel")) {
            (Some(run), Some(_)) => {
                let message = format!("{} has both \"run\" and \"parallel\"", fields.what());
                self.found
                    .add_help(run.at, message, "make two movements of it");
                Kind::Parallel
            }
            (Some(_), None) => Kind::Shell,
            (None, Some(_)) => Kind::Parallel,
            (None, None) => Kind::Agent,
        }
    }

    fn movement_keys(&mut self, fields: &Fields<'_>, kind: Kind) {
        let agent: Vec<_> = [MOVEMENT_KEYS, AGENT_KEYS, &["gates"]].concat();
        let shell: Vec<_> = [MOVEMENT_KEYS, &["run"]].concat();
        let parallel: Vec<_> = [MOVEMENT_KEYS, &["parallel", "access"]].concat();
        let all: Vec<_> = [agent.as_slice(), &["run", "parallel"]].concat();
        let (known, kind) = match kind {
            Kind::Agent => (agent, "a movement of an agent"),
            Kind::Shell => (shell, "a shell movement"),
            // Both were told already by `kind`.
            Kind::Parallel if fields.has("run") => (
                [parallel.as_slice(), &["run"]].concat(),
                "a parallel movement",
            ),
            Kind::Parallel => (parallel, "a parallel movement"),
        };
        fields.only(&known, &all, kind, &mut self.found);
    }

    fn single(&mut self, fields: &Fields<'_>, name: Name, kind: Kind, ceiling: Access) -> Draft {
        let (outcomes, targets, sound) = self.outcomes(fields);
        let (work, on_interrupt) = if kind == Kind::Shell {
            let names: Vec<&Name> = outcomes.iter().map(|outcome| &outcome.when).collect();
            self.has_ok(fields, &names);
            (
                Work::Shell {
                    script: self.script(fields, ceiling),
                    outcomes,
                },
                OnInterrupt::Restart,
            )
        } else {
            let part = Box::new(self.agent_part(fields, ceiling));
            let gates = self.gates(fields);
            (
                Work::Agent {
                    part,
                    gates,
                    outcomes,
                },
                OnInterrupt::Resume,
            )
        };
        let movement = Movement {
            name,
            work,
            on_interrupt,
            timeout: None,
        };
        Draft {
            at: fields.at(),
            movement,
            targets,
            sound,
        }
    }

    /// A script that ends with exit code 0 reports `ok`; without it success leads nowhere.
    fn has_ok(&mut self, fields: &Fields<'_>, names: &[&Name]) {
        if !names.is_empty() && !names.iter().any(|name| **name == outcome::OK) {
            let at = fields.get("outcomes").map_or(fields.at(), |node| node.at);
            let message = format!("{} lacks the outcome \"ok\": exit code 0", fields.what());
            self.found.add(at, message);
        }
    }

    fn outcomes(&mut self, fields: &Fields<'_>) -> (Vec<Outcome>, Vec<Target>, bool) {
        let read = read_route::outcomes(fields, &mut self.found);
        let mut outcomes: Vec<Outcome> = Vec::new();
        let mut sound = read.sound;
        for (condition, at, route) in read.outcomes {
            match condition {
                Condition::Is(when) => outcomes.push(Outcome { when, route }),
                Condition::Together(aggregate) => {
                    sound = false;
                    self.found.add_help(
                        at,
                        format!("{aggregate} judges the performers of a parallel movement, and this is none"),
                        format!("write {}", aggregate.outcome()),
                    );
                }
            }
        }
        (outcomes, read.targets, sound)
    }

    fn parallel(&mut self, fields: &Fields<'_>, name: Name, ceiling: Access) -> Draft {
        let own = fields.word("access", Access::WORDS, Access::from_word, &mut self.found);
        if let (Some(own), Some(node)) = (own, fields.get("access")) {
            self.within(own, ceiling, node.at, fields.what());
        }
        let ceiling = own.map_or(ceiling, |own| own.min(ceiling));
        let mut children: Vec<Child> = Vec::new();
        for node in fields.list("parallel", &mut self.found) {
            let Some(child) = self.child(node, ceiling) else {
                continue;
            };
            if children.iter().any(|other| other.name == child.name) {
                let name = &child.name;
                self.found
                    .add(node.at, format!("there is another performer \"{name}\""));
            }
            children.push(child);
        }
        if children.len() < 2 {
            let message = format!("{} needs at least two performers", fields.what());
            self.found.add(
                fields.get("parallel").map_or(fields.at(), |n| n.at),
                message,
            );
        }
        let read = read_route::outcomes(fields, &mut self.found);
        let rules = self.rules(&read.outcomes, &children);
        let sound = read.sound && rules.len() == read.outcomes.len();
        read_route::every_case_is_covered(fields, &children, &rules, &mut self.found);
        let work = Work::Parallel { children, rules };
        let movement = Movement {
            name,
            work,
            on_interrupt: OnInterrupt::Resume,
            timeout: None,
        };
        Draft {
            at: fields.at(),
            movement,
            targets: read.targets,
            sound,
        }
    }

    fn rules(&mut self, outcomes: &[(Condition, At, Route)], children: &[Child]) -> Vec<Rule> {
        let mut rules = Vec::new();
        for (condition, at, route) in outcomes {
            match condition {
                Condition::Is(name) => self.found.add_help(
                    *at,
                    "a parallel movement is judged by all its performers together",
                    format!("write all({name}) or any({name})"),
                ),
                Condition::Together(when) => {
                    read_route::can_hold(when, *at, children, &mut self.found);
                    rules.push(Rule {
                        when: when.clone(),
                        route: route.clone(),
                    });
                }
            }
        }
        rules
    }

    fn child(&mut self, node: &Node, ceiling: Access) -> Option<Child> {
        let mut fields = Fields::open(node, "a performer", &mut self.found)?;
        let name = self.own_name(&mut fields, "performer");
        let shell = fields.has("run");
        let agent: Vec<_> = [&["name", "outcomes", "timeout"], AGENT_KEYS].concat();
        let elsewhere = ["run", "gates", "parallel", "on_interrupt"];
        let (known, kind) = if shell {
            (
                vec!["name", "outcomes", "timeout", "run"],
                "a shell performer",
            )
        } else {
            (agent.clone(), "a performer of a parallel movement")
        };
        fields.only(
            &known,
            &[agent.as_slice(), &elsewhere].concat(),
            kind,
            &mut self.found,
        );
        let work = if shell {
            ChildWork::Shell(self.script(&fields, ceiling))
        } else {
            ChildWork::Agent(Box::new(self.agent_part(&fields, ceiling)))
        };
        let outcomes = self.child_outcomes(&fields);
        if shell {
            self.has_ok(&fields, &outcomes.iter().collect::<Vec<_>>());
        }
        Some(Child {
            name,
            work,
            outcomes,
            timeout: fields.span("timeout", &mut self.found),
        })
    }

    fn child_outcomes(&mut self, fields: &Fields<'_>) -> Vec<Name> {
        let mut names: Vec<Name> = Vec::new();
        for node in fields.list("outcomes", &mut self.found) {
            if let Value::Map(_) = node.value {
                let message = format!("{} routes, but only its movement may", fields.what());
                self.found.add_help(
                    node.at,
                    message,
                    "list the names of its outcomes: [approved, needs-work]",
                );
                continue;
            }
            let what = format!("an outcome of {}", fields.what());
            let Some((name, at)) = name_of(node, &what, &mut self.found) else {
                continue;
            };
            if names.contains(&name) {
                self.found
                    .add(at, format!("{what}: \"{name}\" is there twice"));
            }
            names.push(name);
        }
        read_route::some_outcome(fields, &mut self.found);
        names
    }
}

/// Reads the `when` of an outcome.
pub(crate) fn read_when(node: &Node, what: &str, found: &mut Findings) -> Option<Condition> {
    let text = text_of(node, &format!("\"when\" of {what}"), found)?;
    match condition::parse(text) {
        Ok(condition) => Some(condition),
        Err(reason) => {
            found.add(
                node.at,
                format!("\"{}\" is no condition: {reason}", shortened(text)),
            );
            None
        }
    }
}
