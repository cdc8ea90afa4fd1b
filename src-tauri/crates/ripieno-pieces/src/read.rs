//! Reading movements: who works, with which texts, and what each outcome leads to.
//!
//! A mistake never stops the reading: a stand-in takes the place of what could not be read,
//! and the loader refuses the whole piece in the end.

use crate::condition::{self, Condition};
use crate::facets::{FacetKind, Facets, PulledFacet};
use crate::fields::{Fields, name_of, text_of};
use crate::gate::Gate;
use crate::load::read_agent;
use crate::name::{Name, shortened};
use crate::problem::{At, Findings};
use crate::read_route;
use crate::schema::{
    Access, AgentPart, Child, ChildWork, Contract, Facet, Limits, Movement, OnInterrupt, Outcome,
    Rule, Script, Session, Work,
};
use crate::suggest::did_you_mean;
use crate::yaml::{Node, Value};

pub(crate) const MOVEMENT_KEYS: &[&str] = &["name", "outcomes", "on_interrupt", "timeout"];
pub(crate) const AGENT_KEYS: &[&str] = &[
    "agent",
    "model",
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
    facets: &'a dyn Facets,
    pulled: Vec<PulledFacet>,
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
        if items.is_empty() {
            let at = top.get("movements").map_or(top.at(), |node| node.at);
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

    fn rules(
        &mut self,
        outcomes: &[(Condition, At, crate::schema::Route)],
        children: &[Child],
    ) -> Vec<Rule> {
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

    fn agent_part(&mut self, fields: &Fields<'_>, ceiling: Access) -> AgentPart {
        let own = fields.word("access", Access::WORDS, Access::from_word, &mut self.found);
        if let (Some(own), Some(node)) = (own, fields.get("access")) {
            self.within(own, ceiling, node.at, fields.what());
        }
        if !fields.has("instruction") {
            let message = format!("{} needs an \"instruction\"", fields.what());
            self.found
                .add_help(fields.at(), message, "or \"run\" for a script");
        }
        let instruction = self
            .facets(fields, FacetKind::Instruction)
            .into_iter()
            .next();
        AgentPart {
            agent: read_agent(fields, &mut self.found),
            model: fields.text("model", &mut self.found).map(str::to_owned),
            persona: self.facets(fields, FacetKind::Persona).into_iter().next(),
            policies: self.facets(fields, FacetKind::Policy),
            instruction: instruction.unwrap_or(Facet {
                name: None,
                text: String::new(),
            }),
            knowledge: self.facets(fields, FacetKind::Knowledge),
            contract: self.contract(fields),
            access: own.unwrap_or(Access::Read),
            session: fields
                .word(
                    "session",
                    Session::WORDS,
                    Session::from_word,
                    &mut self.found,
                )
                .unwrap_or(Session::Fresh),
            limits: self.limits(fields),
        }
    }

    fn within(&mut self, own: Access, ceiling: Access, at: At, what: &str) {
        if own > ceiling {
            let (own, ceiling) = (own.word(), ceiling.word());
            self.found.add_help(
                at,
                format!("{what} wants access \"{own}\", but it stands under \"access: {ceiling}\""),
                "narrow the one or widen the other",
            );
        }
    }

    /// Reads a key that holds facet names or texts. Persona and instruction take one.
    fn facets(&mut self, fields: &Fields<'_>, kind: FacetKind) -> Vec<Facet> {
        let key = kind.word();
        let one = matches!(kind, FacetKind::Persona | FacetKind::Instruction);
        if one
            && matches!(
                fields.get(key),
                Some(Node {
                    value: Value::List(_),
                    ..
                })
            )
        {
            fields.text(key, &mut self.found);
            return Vec::new();
        }
        let texts = fields.texts(key, &mut self.found);
        texts
            .into_iter()
            .map(|(text, at)| self.facet(kind, text, at))
            .collect()
    }

    /// One word in the shape of a name is a facet; anything else is the text itself.
    fn facet(&mut self, kind: FacetKind, text: &str, at: At) -> Facet {
        let Ok(name) = Name::new(text) else {
            return Facet {
                name: None,
                text: text.to_owned(),
            };
        };
        let found = match self.facets.find(kind, &name) {
            Ok(Some(text)) if text.trim().is_empty() => {
                self.found.add(
                    at,
                    format!("the {} \"{name}\" is an empty file", kind.word()),
                );
                None
            }
            Ok(Some(text)) => Some(text),
            Ok(None) => {
                self.missing(kind, &name, at);
                None
            }
            Err(reason) => {
                self.found.add(
                    at,
                    format!("the {} \"{name}\" cannot be used: {reason}", kind.word()),
                );
                None
            }
        };
        let text = found.unwrap_or_default();
        self.pulled.push(PulledFacet {
            kind,
            name: name.clone(),
            text: text.clone(),
        });
        Facet {
            name: Some(name),
            text,
        }
    }

    fn missing(&mut self, kind: FacetKind, name: &Name, at: At) {
        let names = self.facets.names(kind);
        let help = did_you_mean(name.as_str(), names.iter().map(String::as_str))
            .unwrap_or_else(|| "several words are taken as the text itself".to_owned());
        let places = self.facets.searched();
        let word = kind.word();
        self.found.add_help(
            at,
            format!("there is no {word} \"{name}\" (searched: {places})"),
            help,
        );
    }

    fn contract(&mut self, fields: &Fields<'_>) -> Option<Contract> {
        let node = fields.get("contract")?;
        if let Value::Map(_) = node.value {
            return Some(Contract::Schema(node.value.to_json()));
        }
        let text = fields.text("contract", &mut self.found)?;
        Some(Contract::Text(self.facet(
            FacetKind::Contract,
            text,
            node.at,
        )))
    }

    fn limits(&mut self, fields: &Fields<'_>) -> Limits {
        let found = &mut self.found;
        let Some(node) = fields.get("limits") else {
            return Limits::default();
        };
        let what = format!("\"limits\" of {}", fields.what());
        let Some(limits) = Fields::open(node, &what, found) else {
            return Limits::default();
        };
        limits.only(LIMITS_KEYS, &[], "limits", found);
        let turns = limits.whole("turns", 1, u32::MAX.into(), found);
        Limits {
            turns: turns.and_then(|turns| u32::try_from(turns).ok()),
            tokens: limits.whole("tokens", 1, u64::MAX, found),
        }
    }

    fn gates(&mut self, fields: &Fields<'_>) -> Vec<Gate> {
        let texts = fields.texts("gates", &mut self.found);
        let gate = |text: &str| match text {
            "check" => Gate::Check,
            command => Gate::Command(command.to_owned()),
        };
        texts.into_iter().map(|(text, _)| gate(text)).collect()
    }

    fn script(&mut self, fields: &Fields<'_>, ceiling: Access) -> Script {
        let nothing = Script::Text(String::new());
        let Some(node) = fields.get("run") else {
            return nothing;
        };
        if ceiling < Access::Full {
            let ceiling = ceiling.word();
            let message = format!(
                "{} runs a script, but it stands under \"access: {ceiling}\"",
                fields.what()
            );
            self.found.add(node.at, message);
        }
        let what = format!("\"run\" in {}", fields.what());
        let Value::Map(_) = node.value else {
            return text_of(node, &what, &mut self.found)
                .map_or(nothing, |text| Script::Text(text.to_owned()));
        };
        let Some(run) = Fields::open(node, &what, &mut self.found) else {
            return nothing;
        };
        run.only(RUN_KEYS, &[], "run", &mut self.found);
        match run.get("prompt").map(|n| &n.value) {
            Some(Value::Bool(true)) => Script::Prompt,
            _ => {
                let message =
                    format!("{what} is the script, or {{ prompt: true }} to run the task's prompt");
                self.found.add(node.at, message);
                nothing
            }
        }
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
