//! Where an agent's requests wait for a person: asks raised, answers taken, nothing answered by itself (A5, H3).

use super::{
    call::Call,
    control,
    profile::{Ours, Profile},
};
use crate::{
    dialogue::{
        Step,
        approval::{self, Leave},
        describe, fingerprint, form, plain,
        policy::{Act, Decision, Policy},
    },
    stream::{AskRaised, Item},
};
use agent_client_protocol_schema::v1::{PermissionOption, PermissionOptionKind, ToolKind};
use ripieno_core::ask::{Answer, AskOption, AskSpec};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A request that waits for a person, by the key of its ask.
enum Pending {
    /// Leave for a call.
    Leave {
        id: Value,
        act: Act,
        options: Vec<PermissionOption>,
    },
    /// A form to fill in.
    Form {
        id: Value,
        schema: Value,
        spec: AskSpec,
    },
}

/// What a person's answer leads to.
#[derive(Default)]
pub(super) struct Answered {
    pub(super) steps: Vec<Step>,
    /// What the agent is to be told in words: the protocol carries none with a refusal.
    pub(super) told: Option<String>,
    pub(super) denied: bool,
}

/// Everything that waits.
pub(super) struct Desk {
    /// What people call the agent.
    name: String,
    /// How it tells that a call is one of our tools.
    ours: Ours,
    policy: Policy,
    pending: BTreeMap<String, Pending>,
}

impl Desk {
    pub(super) fn new(profile: &Profile, policy: Policy) -> Self {
        Desk {
            name: profile.name.clone(),
            ours: profile.ours,
            policy,
            pending: BTreeMap::new(),
        }
    }

    /// How many asks are open.
    pub(super) fn open(&self) -> usize {
        self.pending.len()
    }

    /// Takes a request for leave. The flag says that it was refused at once.
    pub(super) fn leave(
        &mut self,
        id: &Value,
        call: &Call,
        options: Vec<PermissionOption>,
    ) -> (Vec<Step>, bool) {
        let act = if call.is_ours(self.ours) {
            Act::Ours
        } else {
            call.act(self.policy.folder())
        };
        let (tool, input) = call.shown();
        match self.policy.decide(&act) {
            Decision::Pass => {
                let reply = control::outcome(allowing(&options));
                (vec![Step::Write(control::answer(id, &reply))], false)
            }
            Decision::Deny(_) => {
                let reply = control::outcome(refusing(&options));
                let text = format!("denied: {}", describe::one_line(&tool, &input));
                let steps = vec![
                    Step::Write(control::answer(id, &reply)),
                    Step::Item(Item::Status { text }),
                ];
                (steps, true)
            }
            Decision::Ask => {
                let text = format!("{} wants to {}", self.name, describe::whole(&tool, &input));
                let key = format!("approval:{}:{id}", fingerprint(&tool, &input));
                let binding = describe::binding(&tool, &input, &text);
                let own = own_options(&options, call.call.kind);
                let pending = Pending::Leave {
                    id: id.clone(),
                    act,
                    options,
                };
                (
                    vec![self.raise(key, approval::ask(text, own, binding), pending)],
                    false,
                )
            }
        }
    }

    /// Takes a form: a question of the agent, or of a server it uses.
    pub(super) fn form(&mut self, id: &Value, params: &Value) -> Vec<Step> {
        let schema = params["requestedSchema"].clone();
        let (message, url) = (plain(&params["message"]), params["url"].as_str());
        let spec = form::ask(&self.name, &message, url, &schema);
        let pending = Pending::Form {
            id: id.clone(),
            schema,
            spec: spec.clone(),
        };
        vec![self.raise(format!("form:{id}"), spec, pending)]
    }

    /// Takes a person's answer.
    pub(super) fn answer(&mut self, key: &str, answer: &Answer) -> Answered {
        match self.pending.remove(key) {
            Some(Pending::Leave { id, act, options }) => self.decided(&id, &act, &options, answer),
            Some(Pending::Form { id, schema, spec }) => Answered {
                steps: self.filled(key, id, schema, spec, answer),
                ..Answered::default()
            },
            None => {
                let text = format!("an answer came for {key}, which is not open");
                Answered {
                    steps: vec![Step::Item(Item::Status { text })],
                    ..Answered::default()
                }
            }
        }
    }

    /// The agent no longer waits for a request.
    pub(super) fn withdraw(&mut self, id: &Value) -> Vec<Step> {
        let of = |pending: &Pending| match pending {
            Pending::Leave { id, .. } | Pending::Form { id, .. } => id.clone(),
        };
        let keys: Vec<String> = self
            .pending
            .iter()
            .filter(|(_, pending)| of(pending) == *id)
            .map(|(key, _)| key.clone())
            .collect();
        let gone = keys.into_iter().map(|key| {
            self.pending.remove(&key);
            Step::Withdraw(key)
        });
        gone.collect()
    }

    /// The lines that end every wait: an agent that is told to stop is not left waiting. The asks themselves stay open.
    pub(super) fn cancelled(&self) -> Vec<Vec<u8>> {
        let lines = self.pending.values().map(|pending| match pending {
            Pending::Leave { id, .. } => control::answer(id, &control::outcome(None)),
            Pending::Form { id, .. } => control::answer(id, &json!({"action": "cancel"})),
        });
        lines.collect()
    }

    fn raise(&mut self, key: String, spec: AskSpec, pending: Pending) -> Step {
        self.pending.insert(key.clone(), pending);
        Step::Ask(AskRaised { key, spec })
    }

    fn decided(
        &mut self,
        id: &Value,
        act: &Act,
        options: &[PermissionOption],
        answer: &Answer,
    ) -> Answered {
        let leave = approval::leave(answer);
        let chosen = match &leave {
            Leave::Allowed { again } => {
                if *again {
                    self.policy.grant(act);
                }
                allowing(options)
            }
            Leave::Own(option) => options
                .iter()
                .map(|known| &*known.option_id.0)
                .find(|known| *known == option),
            Leave::Denied(_) => refusing(options),
        };
        let denied = match &leave {
            Leave::Allowed { .. } => false,
            Leave::Own(option) => options.iter().any(|known| {
                &*known.option_id.0 == option.as_str()
                    && known.kind == PermissionOptionKind::RejectAlways
            }),
            Leave::Denied(_) => true,
        };
        let told = match leave {
            Leave::Denied(told) => told,
            Leave::Allowed { .. } | Leave::Own(_) => None,
        };
        Answered {
            steps: vec![Step::Write(control::answer(id, &control::outcome(chosen)))],
            told: told.map(|text| format!("The person did not allow this and says: {text}")),
            denied,
        }
    }

    fn filled(
        &mut self,
        key: &str,
        id: Value,
        schema: Value,
        mut spec: AskSpec,
        answer: &Answer,
    ) -> Vec<Step> {
        match form::response(&schema, answer) {
            Ok(response) => vec![Step::Write(control::answer(&id, &response))],
            Err(wrong) => {
                spec.text = format!("{}\n({wrong}: please answer again.)", spec.text);
                let pending = Pending::Form {
                    id,
                    schema,
                    spec: spec.clone(),
                };
                vec![self.raise(format!("{key}+"), spec, pending)]
            }
        }
    }
}

/// The agent's narrowest option that allows.
fn allowing(options: &[PermissionOption]) -> Option<&str> {
    of_kind(options, PermissionOptionKind::AllowOnce)
        .or_else(|| of_kind(options, PermissionOptionKind::AllowAlways))
}

/// The agent's narrowest option that refuses; without one the request is cancelled.
fn refusing(options: &[PermissionOption]) -> Option<&str> {
    of_kind(options, PermissionOptionKind::RejectOnce)
}

fn of_kind(options: &[PermissionOption], kind: PermissionOptionKind) -> Option<&str> {
    let found = options.iter().find(|option| option.kind == kind);
    found.map(|option| &*option.option_id.0)
}

/// The options that are the agent's own, beside allowing and refusing once. A change of its mode has none: it could
/// end its asking.
fn own_options(options: &[PermissionOption], kind: ToolKind) -> Vec<AskOption> {
    if kind == ToolKind::SwitchMode {
        return Vec::new();
    }
    let lasting = |option: &&PermissionOption| {
        matches!(
            option.kind,
            PermissionOptionKind::AllowAlways | PermissionOptionKind::RejectAlways
        )
    };
    options
        .iter()
        .filter(lasting)
        .map(|option| AskOption {
            detail: Some("the agent's own rule, as long as its session lives".to_owned()),
            ..AskOption::new(option.option_id.0.to_string(), option.name.clone())
        })
        .collect()
}

#[cfg(test)]
mod tests;
