//! Where the agent's requests wait for a person: asks raised, answers taken, nothing answered by itself (A5, H3).

use super::{control, reader::TOO_LONG, tools, wire::Request};
use crate::{
    dialogue::{
        approval::{self, Leave},
        describe, fingerprint, form,
        policy::{Act, Decision, Policy},
    },
    stream::AskRaised,
};
use ripieno_core::ask::{Answer, AskOption, AskSpec};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a request or an answer leads to.
#[derive(Debug, PartialEq)]
pub(super) enum Move {
    /// To be written to the agent.
    Write(Vec<u8>),
    /// A person is to be asked.
    Ask(AskRaised),
    /// An ask is no longer waited for.
    Withdraw(String),
    /// To be noted in the transcript.
    Note(String),
}

/// A request that waits for a person.
enum Pending {
    Approval {
        input: Value,
        act: Act,
        suggestions: Vec<Value>,
    },
    Questions {
        input: Value,
        asked: Vec<Asked>,
    },
    Form {
        schema: Value,
        spec: AskSpec,
    },
}

/// One question of a request with several.
struct Asked {
    question: String,
    spec: AskSpec,
    multi: bool,
    answer: Option<String>,
}

/// Everything that waits, by request id.
pub(super) struct Desk {
    policy: Policy,
    pending: BTreeMap<String, Pending>,
    /// The request of each open ask, by the ask's key.
    keys: BTreeMap<String, String>,
}

const SUGGESTION: &str = "suggestion-";

impl Desk {
    pub(super) fn new(policy: Policy) -> Self {
        Desk {
            policy,
            pending: BTreeMap::new(),
            keys: BTreeMap::new(),
        }
    }

    /// How many asks are open.
    pub(super) fn open(&self) -> usize {
        self.keys.len()
    }

    /// Takes a request of the agent.
    pub(super) fn request(&mut self, id: &str, request: Request) -> Vec<Move> {
        match request.subtype.as_str() {
            "can_use_tool" => self.call(id, request),
            "elicitation" => self.form(id, request),
            TOO_LONG => {
                let text = "The call is too long to be shown to a person: do it in smaller parts.";
                vec![Move::Write(control::answer(id, &control::deny(text)))]
            }
            other => vec![Move::Write(control::refuse(
                id,
                &format!("`{other}` is not supported"),
            ))],
        }
    }

    /// Takes a person's answer; an ask that is not open is none of this run.
    pub(super) fn answer(&mut self, key: &str, answer: &Answer) -> Vec<Move> {
        let Some(id) = self.keys.remove(key) else {
            return vec![Move::Note(format!(
                "an answer came for {key}, which is not open"
            ))];
        };
        match self.pending.remove(&id) {
            Some(Pending::Approval {
                input,
                act,
                suggestions,
            }) => {
                let response = self.leave(&input, &act, &suggestions, answer);
                vec![Move::Write(control::answer(&id, &response))]
            }
            Some(Pending::Questions { input, asked }) => {
                self.question(id, key, input, asked, answer)
            }
            Some(Pending::Form { schema, mut spec }) => match form::response(&schema, answer) {
                Ok(response) => vec![Move::Write(control::answer(&id, &response))],
                Err(wrong) => {
                    spec.text = format!("{}\n({wrong}: please answer again.)", spec.text);
                    let key = format!("{key}+");
                    let pending = Pending::Form {
                        schema,
                        spec: spec.clone(),
                    };
                    vec![self.raise(&id, key, spec, Some(pending))]
                }
            },
            None => Vec::new(),
        }
    }

    /// The agent no longer waits for a request.
    pub(super) fn withdraw(&mut self, id: &str) -> Vec<Move> {
        self.pending.remove(id);
        let keys: Vec<String> = self
            .keys
            .iter()
            .filter(|(_, request)| *request == id)
            .map(|(key, _)| key.clone())
            .collect();
        keys.into_iter()
            .map(|key| {
                self.keys.remove(&key);
                Move::Withdraw(key)
            })
            .collect()
    }

    fn call(&mut self, id: &str, request: Request) -> Vec<Move> {
        let act = tools::act(
            &self.policy,
            &request.tool_name,
            &request.input,
            request.blocked_path.as_deref(),
        );
        match self.policy.decide(&act) {
            Decision::Pass => {
                vec![Move::Write(control::answer(
                    id,
                    &control::allow(&request.input, &[]),
                ))]
            }
            Decision::Deny(why) => vec![
                Move::Write(control::answer(id, &control::deny(&why))),
                Move::Note(format!(
                    "denied: {}",
                    describe::one_line(&request.tool_name, &request.input)
                )),
            ],
            Decision::Ask if act == Act::Question => self.questions(id, request),
            Decision::Ask => {
                let spec = approval_of(&request);
                let key = format!(
                    "approval:{}:{id}",
                    fingerprint(&request.tool_name, &request.input)
                );
                let pending = Pending::Approval {
                    input: request.input,
                    act,
                    suggestions: request.permission_suggestions,
                };
                vec![self.raise(id, key, spec, Some(pending))]
            }
        }
    }

    fn raise(&mut self, id: &str, key: String, spec: AskSpec, pending: Option<Pending>) -> Move {
        self.keys.insert(key.clone(), id.to_owned());
        if let Some(pending) = pending {
            self.pending.insert(id.to_owned(), pending);
        }
        Move::Ask(AskRaised { key, spec })
    }

    fn leave(&mut self, input: &Value, act: &Act, suggestions: &[Value], answer: &Answer) -> Value {
        match approval::leave(answer) {
            Leave::Allowed { again } => {
                if again {
                    self.policy.grant(act);
                }
                control::allow(input, &[])
            }
            Leave::Own(id) => {
                let number = id
                    .strip_prefix(SUGGESTION)
                    .and_then(|n| n.parse::<usize>().ok());
                match number.and_then(|n| suggestions.get(n)) {
                    Some(update) => control::allow(input, std::slice::from_ref(update)),
                    None => control::deny("The person did not allow this."),
                }
            }
            Leave::Denied(None) => control::deny("The person did not allow this."),
            Leave::Denied(Some(text)) => {
                control::deny(&format!("The person did not allow this and says: {text}"))
            }
        }
    }

    fn questions(&mut self, id: &str, request: Request) -> Vec<Move> {
        let list = request.input["questions"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        if list.is_empty() {
            let text = "The call asks nothing: give at least one question.";
            return vec![Move::Write(control::answer(id, &control::deny(text)))];
        }
        let asked: Vec<Asked> = list.iter().map(question).collect();
        let moves = asked
            .iter()
            .enumerate()
            .map(|(n, asked)| self.raise(id, format!("{id}/{n}"), asked.spec.clone(), None))
            .collect();
        self.pending.insert(
            id.to_owned(),
            Pending::Questions {
                input: request.input,
                asked,
            },
        );
        moves
    }

    fn question(
        &mut self,
        id: String,
        key: &str,
        mut input: Value,
        mut asked: Vec<Asked>,
        answer: &Answer,
    ) -> Vec<Move> {
        let number = key
            .rsplit_once('/')
            .and_then(|(_, n)| n.parse::<usize>().ok());
        if let Some(this) = number.and_then(|n| asked.get_mut(n)) {
            this.answer = Some(said(this, answer));
        }
        if asked.iter().any(|asked| asked.answer.is_none()) {
            self.pending.insert(id, Pending::Questions { input, asked });
            return Vec::new();
        }
        let answers: Map<String, Value> = asked
            .into_iter()
            .map(|asked| {
                (
                    asked.question,
                    Value::from(asked.answer.unwrap_or_default()),
                )
            })
            .collect();
        if let Some(fields) = input.as_object_mut() {
            fields.insert("answers".to_owned(), Value::Object(answers));
        }
        vec![Move::Write(control::answer(
            &id,
            &control::allow(&input, &[]),
        ))]
    }

    fn form(&mut self, id: &str, request: Request) -> Vec<Move> {
        let schema = request.requested_schema;
        let spec = form::ask(
            &request.mcp_server_name,
            &request.message,
            request.url.as_deref(),
            &schema,
        );
        let pending = Pending::Form {
            schema,
            spec: spec.clone(),
        };
        vec![self.raise(id, id.to_owned(), spec, Some(pending))]
    }
}

fn approval_of(request: &Request) -> AskSpec {
    let mut text = format!(
        "Claude wants to {}",
        describe::whole(&request.tool_name, &request.input)
    );
    if let Some(path) = &request.blocked_path {
        text.push_str(&format!("\n(it touches {path})"));
    }
    let own = request
        .permission_suggestions
        .iter()
        .enumerate()
        .map(|(n, suggestion)| AskOption {
            detail: Some(suggestion.to_string()),
            ..AskOption::new(format!("{SUGGESTION}{n}"), suggested(suggestion))
        });
    let binding = describe::binding(&request.tool_name, &request.input, &text);
    approval::ask(text, own.collect(), binding)
}

/// A suggestion of the agent in words; its exact form is the option's detail.
fn suggested(suggestion: &Value) -> String {
    let place = match suggestion["destination"].as_str().unwrap_or_default() {
        "session" => "for this session",
        "localSettings" => "always in this folder (its local settings)",
        "projectSettings" => "always in this project (its shared settings)",
        "userSettings" => "always (your own settings)",
        _ => "as the agent suggests",
    };
    let list = |key: &str| suggestion[key].as_array().cloned().unwrap_or_default();
    let what = match suggestion["type"].as_str().unwrap_or_default() {
        "addRules" => {
            let rule = |rule: &Value| match rule["ruleContent"].as_str() {
                Some(content) => {
                    format!("{}({content})", rule["toolName"].as_str().unwrap_or("tool"))
                }
                None => rule["toolName"].as_str().unwrap_or("tool").to_owned(),
            };
            list("rules")
                .iter()
                .map(rule)
                .collect::<Vec<_>>()
                .join(", ")
        }
        "addDirectories" => {
            let folders: Vec<String> = list("directories")
                .iter()
                .map(crate::dialogue::plain)
                .collect();
            format!("work in {}", folders.join(", "))
        }
        "setMode" => format!("mode {}", suggestion["mode"].as_str().unwrap_or("unknown")),
        other => other.to_owned(),
    };
    format!("Allow, and {what} {place}")
}

fn question(question: &Value) -> Asked {
    let text = question["question"].as_str().unwrap_or_default().to_owned();
    let multi = question["multiSelect"].as_bool().unwrap_or(false);
    let mut spec = AskSpec::question(text.clone());
    if multi {
        spec.text
            .push_str("\n(Several may be chosen: their numbers or labels as text, with commas.)");
    }
    let options = question["options"].as_array().cloned().unwrap_or_default();
    spec.options = options
        .iter()
        .enumerate()
        .map(|(n, option)| AskOption {
            id: (n + 1).to_string(),
            label: option["label"].as_str().unwrap_or_default().to_owned(),
            detail: detail(option),
        })
        .collect();
    Asked {
        question: text,
        spec,
        multi,
        answer: None,
    }
}

fn detail(option: &Value) -> Option<String> {
    let parts = ["description", "preview"].map(|key| option[key].as_str().unwrap_or_default());
    let text = parts.join("\n").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// What the agent is told: labels for options, else the person's own words.
fn said(asked: &Asked, answer: &Answer) -> String {
    let label = |given: &str| asked.spec.choose(given).map(|option| option.label.clone());
    match answer {
        Answer::Option { id, .. } => label(id).unwrap_or_else(|_| id.clone()),
        Answer::Text(text) if asked.multi => {
            let chosen: Result<Vec<String>, _> =
                text.split(',').map(|part| label(part.trim())).collect();
            chosen.map_or_else(|_| text.clone(), |labels| labels.join(", "))
        }
        Answer::Text(text) => text.clone(),
    }
}

#[cfg(test)]
mod tests;
