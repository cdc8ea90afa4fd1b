//! Reading what one performer is given: its texts, bounds, gates or script.

use crate::facets::{FacetKind, PulledFacet};
use crate::fields::{Fields, text_of};
use crate::gate::Gate;
use crate::load::read_agent;
use crate::name::Name;
use crate::problem::At;
use crate::read::{LIMITS_KEYS, RUN_KEYS, Reader};
use crate::schema::{Access, AgentPart, Contract, Facet, Limits, Script, Session};
use crate::suggest::did_you_mean;
use crate::yaml::{Node, Value};

impl Reader<'_> {
    pub(crate) fn agent_part(&mut self, fields: &Fields<'_>, ceiling: Access) -> AgentPart {
        let own = fields.word("access", Access::WORDS, Access::from_word, &mut self.found);
        if let (Some(own), Some(node)) = (own, fields.get("access")) {
            self.within(own, ceiling, node.at, fields.what());
        }
        if !fields.has("instruction") && !fields.has("persona") {
            let message = format!("{} does not say what to do", fields.what());
            let help = "give it an \"instruction\" or a \"persona\", or \"run\" for a script";
            self.found.add_help(fields.at(), message, help);
        }
        AgentPart {
            agent: read_agent(fields, &mut self.found),
            model: fields.text("model", &mut self.found).map(str::to_owned),
            effort: fields.text("effort", &mut self.found).map(str::to_owned),
            persona: self.facets(fields, FacetKind::Persona).into_iter().next(),
            policies: self.facets(fields, FacetKind::Policy),
            instruction: self
                .facets(fields, FacetKind::Instruction)
                .into_iter()
                .next(),
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

    pub(crate) fn within(&mut self, own: Access, ceiling: Access, at: At, what: &str) {
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

    /// One word is the name of a facet; several words are the text itself.
    fn facet(&mut self, kind: FacetKind, text: &str, at: At) -> Facet {
        if text.trim().contains(char::is_whitespace) {
            return Facet {
                name: None,
                text: text.to_owned(),
            };
        }
        let name = match Name::new(text) {
            Ok(name) => name,
            Err(refused) => {
                let message = format!("a {}: {refused}", kind.word());
                self.found
                    .add_help(at, message, "several words are taken as the text itself");
                return Facet {
                    name: None,
                    text: String::new(),
                };
            }
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

    pub(crate) fn gates(&mut self, fields: &Fields<'_>) -> Vec<Gate> {
        let texts = fields.texts("gates", &mut self.found);
        let gate = |text: &str| match text {
            "check" => Gate::Check,
            command => Gate::Command(command.to_owned()),
        };
        texts.into_iter().map(|(text, _)| gate(text)).collect()
    }

    pub(crate) fn script(&mut self, fields: &Fields<'_>, ceiling: Access) -> Script {
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
