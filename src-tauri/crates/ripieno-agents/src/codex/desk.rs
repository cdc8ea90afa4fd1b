//! Where Codex's requests wait for a person: asks raised, answers taken, nothing answered by itself (A5, H3).

use super::{control, items};
use crate::{
    dialogue::{
        Step,
        approval::{self, Leave},
        describe, fingerprint, form, plain,
        policy::{Act, Decision, Policy},
    },
    stream::{AskRaised, Item},
    tools,
};
use ripieno_core::ask::{Answer, AskOption, AskSpec};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, path::Path};

/// A request that waits for a person, by the key of its ask.
enum Pending {
    /// Leave for something.
    Leave { id: Value, act: Act, shape: Shape },
    /// One of several questions of a request.
    Question { id: Value, question: String },
    /// A form of another server.
    Form {
        id: Value,
        schema: Value,
        spec: AskSpec,
    },
}

/// What the reply to a request for leave looks like.
#[derive(Clone, PartialEq)]
enum Shape {
    /// `accept` or `decline`.
    Decision,
    /// What is granted, and nothing when refused.
    Permissions(Value),
    /// The action of an elicitation.
    Elicitation,
}

/// Questions of one request, until all are answered.
struct Questions {
    open: usize,
    answers: Map<String, Value>,
}

/// Everything that waits.
pub(super) struct Desk {
    policy: Policy,
    pending: BTreeMap<String, Pending>,
    questions: BTreeMap<String, Questions>,
}

impl Desk {
    pub(super) fn new(policy: Policy) -> Self {
        Desk {
            policy,
            pending: BTreeMap::new(),
            questions: BTreeMap::new(),
        }
    }

    /// How many asks are open.
    pub(super) fn open(&self) -> usize {
        self.pending.len()
    }

    /// Takes a request of the agent; `item` is the one it is about, where that is known.
    pub(super) fn request(
        &mut self,
        id: &Value,
        method: &str,
        params: &Value,
        item: Option<&Value>,
    ) -> Vec<Step> {
        match method {
            "item/commandExecution/requestApproval" => self.command(id, params),
            "item/fileChange/requestApproval" => self.change(id, params, item),
            "item/permissions/requestApproval" => self.permissions(id, params),
            "item/tool/requestUserInput" => self.ask(id, params),
            "mcpServer/elicitation/request" => self.elicitation(id, params),
            other => {
                let why = format!("`{other}` is not supported");
                vec![Step::Write(control::refuse(id, &why))]
            }
        }
    }

    /// Takes a person's answer. What is to be told the agent in words comes beside the steps.
    pub(super) fn answer(&mut self, key: &str, answer: &Answer) -> (Vec<Step>, Option<String>) {
        match self.pending.remove(key) {
            Some(Pending::Leave { id, act, shape }) => self.leave(&id, &act, &shape, answer),
            Some(Pending::Question { id, question }) => {
                (self.answered(&id, question, answer), None)
            }
            Some(Pending::Form { id, schema, spec }) => {
                (self.filled(key, id, schema, spec, answer), None)
            }
            None => {
                let text = format!("an answer came for {key}, which is not open");
                (vec![Step::Item(Item::Status { text })], None)
            }
        }
    }

    /// The agent no longer waits for a request.
    pub(super) fn withdraw(&mut self, id: &Value) -> Vec<Step> {
        let of = |pending: &Pending| match pending {
            Pending::Leave { id, .. } | Pending::Question { id, .. } | Pending::Form { id, .. } => {
                id.clone()
            }
        };
        let keys: Vec<String> = self
            .pending
            .iter()
            .filter(|(_, pending)| of(pending) == *id)
            .map(|(key, _)| key.clone())
            .collect();
        self.questions.remove(&id.to_string());
        keys.into_iter()
            .map(|key| {
                self.pending.remove(&key);
                Step::Withdraw(key)
            })
            .collect()
    }

    fn command(&mut self, id: &Value, params: &Value) -> Vec<Step> {
        let host = params["networkApprovalContext"]["host"].as_str();
        let command = plain(&params["command"]);
        let act = match host {
            Some(host) => Act::Network(host.to_lowercase()),
            // Leave for it holds in that folder only.
            None => Act::Command(match params["cwd"].as_str() {
                Some(cwd) if Path::new(cwd) != self.policy.folder() => {
                    format!("in {cwd}: {command}")
                }
                _ => command.clone(),
            }),
        };
        let input = match host {
            Some(host) => json!({"host": host, "command": params["command"]}),
            None => json!({"command": command, "cwd": params["cwd"]}),
        };
        let tool = if host.is_some() { "network" } else { "Bash" };
        self.decide(id, act, tool, &input, Shape::Decision)
    }

    fn change(&mut self, id: &Value, params: &Value, item: Option<&Value>) -> Vec<Step> {
        let Some(item) = item else {
            // A change that was never shown cannot be allowed.
            let text = "denied: a change of files that was not described".to_owned();
            return vec![
                Step::Write(control::answer(id, &control::decision(false))),
                Step::Item(Item::Status { text }),
            ];
        };
        let mut paths: Vec<String> = items::paths(item);
        paths.extend(params["grantRoot"].as_str().map(str::to_owned));
        let folder = self.policy.folder();
        let act = Act::Edit(paths.iter().map(|path| folder.join(path)).collect());
        let mut input = json!({"changes": item["changes"]});
        if params["grantRoot"].is_string() {
            input["and every later change below"] = params["grantRoot"].clone();
        }
        self.decide(id, act, "apply_patch", &input, Shape::Decision)
    }

    fn permissions(&mut self, id: &Value, params: &Value) -> Vec<Step> {
        let wanted = params["permissions"].clone();
        let act = Act::Other(format!("permissions {wanted}"));
        let input = json!({"permissions": wanted, "reason": params["reason"]});
        self.decide(id, act, "permissions", &input, Shape::Permissions(wanted))
    }

    fn elicitation(&mut self, id: &Value, params: &Value) -> Vec<Step> {
        let meta = &params["_meta"];
        let server = plain(&params["serverName"]);
        if meta["codex_approval_kind"] == "mcp_tool_call" {
            let call = json!({"server": server, "tool": meta["tool_name"]});
            let tool = items::mcp_name(&call);
            let act = if tools::is_our_name(&tool) {
                Act::Ours
            } else {
                Act::Other(tool.clone())
            };
            return self.decide(id, act, &tool, &meta["tool_params"], Shape::Elicitation);
        }
        let schema = params["requestedSchema"].clone();
        let (message, url) = (plain(&params["message"]), params["url"].as_str());
        let spec = form::ask(&server, &message, url, &schema);
        let pending = Pending::Form {
            id: id.clone(),
            schema,
            spec: spec.clone(),
        };
        vec![self.raise(format!("form:{id}"), spec, pending)]
    }

    fn decide(
        &mut self,
        id: &Value,
        act: Act,
        tool: &str,
        input: &Value,
        shape: Shape,
    ) -> Vec<Step> {
        match self.policy.decide(&act) {
            Decision::Pass => vec![Step::Write(control::answer(id, &reply(&shape, true)))],
            Decision::Deny(_) => {
                let text = format!("denied: {}", describe::one_line(tool, input));
                vec![
                    Step::Write(control::answer(id, &reply(&shape, false))),
                    Step::Item(Item::Status { text }),
                ]
            }
            Decision::Ask => {
                let text = format!("Codex wants to {}", describe::whole(tool, input));
                let key = format!("approval:{}:{id}", fingerprint(tool, input));
                let pending = Pending::Leave {
                    id: id.clone(),
                    act,
                    shape,
                };
                let binding = describe::binding(tool, input, &text);
                vec![self.raise(key, approval::ask(text, Vec::new(), binding), pending)]
            }
        }
    }

    fn raise(&mut self, key: String, spec: AskSpec, pending: Pending) -> Step {
        self.pending.insert(key.clone(), pending);
        Step::Ask(AskRaised { key, spec })
    }

    fn leave(
        &mut self,
        id: &Value,
        act: &Act,
        shape: &Shape,
        answer: &Answer,
    ) -> (Vec<Step>, Option<String>) {
        let (allowed, told) = match approval::leave(answer) {
            Leave::Allowed { again } => {
                if again {
                    self.policy.grant(act);
                }
                (true, None)
            }
            Leave::Own(_) => (false, None),
            Leave::Denied(told) => (false, told),
        };
        let told = told.map(|text| format!("The person did not allow this and says: {text}"));
        (
            vec![Step::Write(control::answer(id, &reply(shape, allowed)))],
            told,
        )
    }

    fn ask(&mut self, id: &Value, params: &Value) -> Vec<Step> {
        let list = params["questions"].as_array().cloned().unwrap_or_default();
        let asked = Questions {
            open: list.len(),
            answers: Map::new(),
        };
        if list.is_empty() {
            return vec![Step::Write(control::answer(id, &json!({"answers": {}})))];
        }
        self.questions.insert(id.to_string(), asked);
        let raise = |(n, question): (usize, &Value)| {
            let pending = Pending::Question {
                id: id.clone(),
                question: plain(&question["id"]),
            };
            self.raise(format!("question:{id}/{n}"), question_of(question), pending)
        };
        list.iter().enumerate().map(raise).collect()
    }

    fn answered(&mut self, id: &Value, question: String, answer: &Answer) -> Vec<Step> {
        let key = id.to_string();
        let Some(asked) = self.questions.get_mut(&key) else {
            return Vec::new();
        };
        let said = match answer {
            Answer::Option { id, .. } => id,
            Answer::Text(text) => text,
        };
        asked.answers.insert(question, json!({"answers": [said]}));
        asked.open = asked.open.saturating_sub(1);
        if asked.open > 0 {
            return Vec::new();
        }
        let answers = self.questions.remove(&key).map(|asked| asked.answers);
        let reply = json!({"answers": answers.unwrap_or_default()});
        vec![Step::Write(control::answer(id, &reply))]
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

/// The reply to a request for leave.
fn reply(shape: &Shape, allowed: bool) -> Value {
    match (shape, allowed) {
        (Shape::Decision, allowed) => control::decision(allowed),
        (Shape::Permissions(wanted), true) => json!({"permissions": wanted, "scope": "turn"}),
        (Shape::Permissions(_), false) => json!({"permissions": {}}),
        (Shape::Elicitation, true) => json!({"action": "accept", "content": {}}),
        (Shape::Elicitation, false) => json!({"action": "decline"}),
    }
}

/// One question with its choices. The id of an option is its label: that is what the agent is told.
fn question_of(question: &Value) -> AskSpec {
    let mut spec = AskSpec::question(plain(&question["question"]));
    let options = question["options"].as_array().cloned().unwrap_or_default();
    spec.options = options
        .iter()
        .map(|option| AskOption {
            detail: option["description"].as_str().map(str::to_owned),
            ..AskOption::new(plain(&option["label"]), plain(&option["label"]))
        })
        .collect();
    spec.allows_text = spec.options.is_empty() || question["isOther"] == true;
    spec
}

#[cfg(test)]
mod tests;
