//! One JSON object of a program, in the words of every performer (R2): read by the usual fields, whoever uses them.
//!
//! The forms are those that `codex exec --json`, `gemini -o stream-json`, `opencode run --format json`, Claude Code's and Qwen Code's
//! `stream-json`, Copilot's and pi's JSON modes print; a program of somebody's own needs one field, `text`.

use super::{
    fields::{Object, first, object_of, plain_word, status_in, text_of, words},
    tally::counts,
};
use crate::stream::Usage;
use serde_json::Value;

/// What an object says.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    /// Words of the agent, whole.
    Text(String),
    /// A piece of its words.
    Piece(String),
    /// What it thinks.
    Thinking(String),
    /// What it is at.
    Status(String),
    /// Its checklist.
    Plan(Value),
    /// A tool is called.
    Call {
        id: String,
        tool: String,
        input: Value,
    },
    /// A tool has ended.
    Returned {
        id: String,
        output: String,
        failed: bool,
    },
    /// The model it asks.
    Model(String),
    /// Tokens and money; of the message named, or of the whole run.
    Used {
        message: Option<String>,
        whole: bool,
        usage: Usage,
    },
    /// A turn has begun whose end is told too.
    Began,
    /// It has ended.
    Ended,
    /// Something went wrong.
    Trouble(Complaint),
    /// Something went wrong that it goes on after.
    Warning(String),
    /// The last word: the answer, where it is said again.
    Result(Option<String>),
}

/// What is known of something that went wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) status: Option<u16>,
    pub(super) code: Option<String>,
    /// Its own word for the end, such as `max_turns`.
    pub(super) reason: Option<String>,
    pub(super) text: String,
}

const ID: [&str; 9] = [
    "tool_id",
    "toolId",
    "tool_call_id",
    "toolCallId",
    "tool_use_id",
    "toolUseId",
    "call_id",
    "callID",
    "id",
];
const TOOL: [&str; 6] = [
    "tool_name",
    "toolName",
    "name",
    "tool",
    "function",
    "command",
];
const INPUT: [&str; 5] = ["input", "parameters", "arguments", "args", "params"];
const OUTPUT: [&str; 6] = [
    "output",
    "result",
    "aggregated_output",
    "content",
    "stdout",
    "error",
];
const TEXT: [&str; 7] = [
    "text", "message", "content", "response", "answer", "delta", "output",
];

/// Reads an object; nothing for one whose kind this version does not know, `None` for one that is no message at all.
pub(super) fn read(object: &Object) -> Option<Vec<Said>> {
    let Some(word) = word_of(object) else {
        return untyped(object);
    };
    // What is shown while it grows follows whole.
    if object.get("ephemeral") == Some(&Value::Bool(true))
        || word.ends_with("_update")
        || word.ends_with("_updated")
    {
        return Some(Vec::new());
    }
    let body = object_of(object, &["data", "part", "item", "message"]).unwrap_or(object);
    let mut said = Vec::new();
    said.extend(
        text_of(object, &["model"])
            .or_else(|| text_of(body, &["model"]))
            .map(|model| Said::Model(model.to_owned())),
    );
    let last = is_last_word(&word);
    said.extend(used(object, body, last));
    if opens(&word, object) {
        said.push(Said::Began);
    }
    if object.contains_key("item") && !std::ptr::eq(body, object) {
        item(&word, body, &mut said);
    } else {
        typed(&word, object, body, &mut said);
    }
    if last
        || [
            "turn_completed",
            "turn_complete",
            "turn_end",
            "turn_failed",
            "agent_end",
            "step_finish",
        ]
        .contains(&&*word)
    {
        said.push(Said::Ended);
    }
    Some(said)
}

/// The word for the kind of a message.
fn word_of(object: &Object) -> Option<String> {
    let word = text_of(object, &["type", "event", "kind"]).map(plain_word);
    match (word, text_of(object, &["subtype"])) {
        (Some(word), Some(subtype)) if word == "system" => {
            Some(format!("system_{}", plain_word(subtype)))
        }
        (Some(word), _) => Some(word),
        (None, _) => object.contains_key("role").then(|| "message".to_owned()),
    }
}

fn is_last_word(word: &str) -> bool {
    ["result", "final", "final_result", "done"].contains(&word)
}

/// Whether a turn begins here whose end is told too: an end that does not come is no success.
fn opens(word: &str, object: &Object) -> bool {
    match word {
        "turn_started" | "turn_start" | "agent_start" | "step_start" => true,
        "init" => object.contains_key("session_id"),
        "system_init" => true,
        _ => false,
    }
}

fn typed(word: &str, object: &Object, body: &Object, said: &mut Vec<Said>) {
    let role = text_of(object, &["role"]).or_else(|| text_of(body, &["role"]));
    let role = role.unwrap_or(word);
    if is_last_word(word) {
        result(object, body, said);
    } else if word.contains("retry") {
        said.push(Said::Status(retry(body)));
    } else if word.contains("error") || word.ends_with("_failed") || word == "failure" {
        said.push(Said::Trouble(complaint(object, body)));
    } else if word.contains("tool") || word.contains("function_call") {
        tool(word, body, said);
    } else if let Some(blocks) = first(body, &["content"]).and_then(Value::as_array) {
        blocks
            .iter()
            .filter_map(Value::as_object)
            .for_each(|inner| block(role, inner, said));
    } else if ["user", "system"].contains(&role) {
        // Its own prompt said again, or what it set up.
    } else if word.contains("think") || word.contains("reason") {
        said.extend(
            text_of(body, &["thinking", "reasoning", "text", "content"])
                .map(|text| Said::Thinking(text.to_owned())),
        );
    } else if let Some(text) = text_of(body, &TEXT) {
        said.push(text_said(word, object, text.to_owned()));
    }
}

fn text_said(word: &str, object: &Object, text: String) -> Said {
    let aside = [
        "status", "progress", "info", "log", "notice", "debug", "warning",
    ];
    if aside.iter().any(|aside| word.contains(aside)) {
        Said::Status(text)
    } else if word.ends_with("delta")
        || word.ends_with("chunk")
        || object.get("delta") == Some(&Value::Bool(true))
    {
        Said::Piece(text)
    } else {
        Said::Text(text)
    }
}

/// One block of a message.
fn block(role: &str, block: &Object, said: &mut Vec<Said>) {
    let word = text_of(block, &["type"])
        .map(plain_word)
        .unwrap_or_default();
    match word.as_str() {
        "tool_result" | "toolresult" => tool("tool_result", block, said),
        "tool_use" | "toolcall" | "tool_call" => tool("tool_use", block, said),
        _ if ["user", "system"].contains(&role) => {}
        "thinking" | "reasoning" => {
            said.extend(
                text_of(block, &["thinking", "reasoning", "text"])
                    .map(|text| Said::Thinking(text.to_owned())),
            );
        }
        "text" | "output_text" => {
            said.extend(text_of(block, &["text"]).map(|text| Said::Text(text.to_owned())));
        }
        _ => {}
    }
}

fn tool(word: &str, body: &Object, said: &mut Vec<Said>) {
    let state = object_of(body, &["state"]);
    let ends = [
        "result",
        "output",
        "complete",
        "completed",
        "end",
        "finish",
        "finished",
    ];
    let ended = ends.iter().any(|end| word.ends_with(end));
    let id = text_of(body, &ID).unwrap_or_default().to_owned();
    let inner = state.unwrap_or(body);
    if !ended {
        said.push(Said::Call {
            id: id.clone(),
            tool: name(body),
            input: first(inner, &INPUT).cloned().unwrap_or_default(),
        });
    }
    let status = text_of(inner, &["status"]).map(plain_word);
    // opencode tells call and result in one.
    let settled = state.is_some() && matches!(status.as_deref(), Some("completed" | "error"));
    if ended || settled {
        said.push(Said::Returned {
            id,
            output: first(inner, &OUTPUT).map(words).unwrap_or_default(),
            failed: tool_failed(inner, status.as_deref()),
        });
    }
}

fn tool_failed(body: &Object, status: Option<&str>) -> bool {
    let code = first(body, &["exit_code", "exitCode"]).and_then(Value::as_i64);
    matches!(status, Some("error" | "failed" | "declined" | "denied"))
        || first(body, &["is_error", "isError"]) == Some(&Value::Bool(true))
        || body.get("success") == Some(&Value::Bool(false))
        || first(body, &["error"]).is_some_and(|error| error != &Value::Bool(false))
        || code.is_some_and(|code| code != 0)
}

fn name(body: &Object) -> String {
    let told = first(body, &TOOL);
    let told = told.and_then(|value| value.as_str().or_else(|| value["name"].as_str()));
    told.unwrap_or("tool").to_owned()
}

/// An item of `codex exec --json`.
fn item(word: &str, item: &Object, said: &mut Vec<Said>) {
    let kind = text_of(item, &["type"]).map(plain_word).unwrap_or_default();
    let text = || text_of(item, &["text", "message"]).map(str::to_owned);
    let completed = word.ends_with("completed");
    match kind.as_str() {
        "agent_message" | "assistant_message" if completed => said.extend(text().map(Said::Text)),
        "reasoning" if completed => said.extend(text().map(Said::Thinking)),
        "error" => said.extend(text().map(Said::Warning)),
        "todo_list" => said.extend(first(item, &["items"]).cloned().map(Said::Plan)),
        "agent_message" | "assistant_message" | "reasoning" | "user_message" => {}
        _ => item_tool(&kind, completed, item, said),
    }
}

fn item_tool(kind: &str, completed: bool, item: &Object, said: &mut Vec<Said>) {
    let id = text_of(item, &["id"]).unwrap_or_default().to_owned();
    if completed {
        let status = text_of(item, &["status"]).map(plain_word);
        return said.push(Said::Returned {
            id,
            output: first(item, &["aggregated_output", "error", "result", "changes"])
                .map(words)
                .unwrap_or_default(),
            failed: tool_failed(item, status.as_deref()),
        });
    }
    let (tool, input) = match (kind, text_of(item, &["server"]), text_of(item, &["tool"])) {
        (_, Some(server), Some(tool)) => (
            format!("mcp__{server}__{tool}"),
            first(item, &INPUT).cloned(),
        ),
        ("command_execution", ..) => (
            "shell".to_owned(),
            item.get("command")
                .map(|line| serde_json::json!({"command": line})),
        ),
        _ => (kind.to_owned(), Some(Value::Object(item.clone()))),
    };
    said.push(Said::Call {
        id,
        tool,
        input: input.unwrap_or_default(),
    });
}

fn used(object: &Object, body: &Object, whole: bool) -> Option<Said> {
    let usage = counts(object).or_else(|| counts(body))?;
    let message = text_of(body, &["id"]).filter(|_| object.contains_key("message"));
    Some(Said::Used {
        message: message.map(str::to_owned),
        whole,
        usage,
    })
}

fn result(object: &Object, body: &Object, said: &mut Vec<Said>) {
    if failed(object) || failed(body) {
        said.push(Said::Trouble(complaint(object, body)));
        return;
    }
    let text = text_of(object, &["result"]).or_else(|| text_of(body, &TEXT));
    said.push(Said::Result(text.map(str::to_owned)));
}

/// Whether a last word says that it is none of success.
fn failed(object: &Object) -> bool {
    let named = |names: &[&str]| text_of(object, names).map(plain_word).unwrap_or_default();
    let code = first(object, &["exitCode", "exit_code"]).and_then(Value::as_i64);
    first(object, &["is_error", "isError"]) == Some(&Value::Bool(true))
        || object.get("success") == Some(&Value::Bool(false))
        || ["error", "failed", "failure"].contains(&&*named(&["status"]))
        || named(&["subtype"]).starts_with("error")
        || first(object, &["error"]).is_some_and(|error| error != &Value::Bool(false))
        || code.is_some_and(|code| code != 0)
}

fn retry(body: &Object) -> String {
    let why = text_of(body, &["error", "message", "reason"]).unwrap_or("the last call failed");
    format!("retrying: {}", why.replace('_', " "))
}

/// Everything an object tells of what went wrong.
fn complaint(object: &Object, body: &Object) -> Complaint {
    let mut found = Complaint::default();
    let error = first(object, &["error"]).or_else(|| first(body, &["error"]));
    if let Some(error) = error.and_then(Value::as_object) {
        found.take(error);
        if let Some(data) = object_of(error, &["data"]) {
            found.take(data);
        }
    } else if let Some(text) = error.and_then(Value::as_str) {
        text.clone_into(&mut found.text);
    }
    for more in [body, object] {
        found.take(more);
    }
    found.reason = reason(object);
    if found.text.is_empty() {
        found.text = match (&found.reason, first(object, &["errors"])) {
            (_, Some(errors)) if errors.as_array().is_some_and(|all| !all.is_empty()) => {
                words(errors)
            }
            (Some(reason), _) => reason.replace('_', " "),
            (None, _) => Value::Object(object.clone()).to_string(),
        };
    }
    found.status = found.status.or_else(|| status_in(&found.text));
    found
}

/// The word for the end of a last word: `terminal_reason`, or what follows `error_` in its subtype.
fn reason(object: &Object) -> Option<String> {
    let told = text_of(object, &["terminal_reason"]).filter(|reason| *reason != "completed");
    let subtype = text_of(object, &["subtype"]).and_then(|word| word.strip_prefix("error_"));
    let reason = subtype.or(told)?;
    Some(reason.trim_end_matches("_usd").to_owned())
}

impl Complaint {
    /// Takes what is not known yet from an object.
    fn take(&mut self, object: &Object) {
        const STATUS: [&str; 7] = [
            "statusCode",
            "status_code",
            "httpStatusCode",
            "http_status",
            "api_error_status",
            "status",
            "code",
        ];
        let numbers = STATUS.iter().filter_map(|name| object.get(*name)?.as_u64());
        let mut statuses = numbers.filter_map(|number| u16::try_from(number).ok());
        self.status = self
            .status
            .or_else(|| statuses.find(|status| (400..600).contains(status)));
        let code = text_of(object, &["code", "errorType", "error_code", "name"]);
        self.code = self.code.take().or_else(|| code.map(plain_word));
        if self.text.is_empty() {
            let text = text_of(
                object,
                &["message", "text", "result", "detail", "details", "reason"],
            );
            self.text = text.unwrap_or_default().to_owned();
        }
    }
}

/// An object without a kind: a whole answer in one, or one that has a text.
fn untyped(object: &Object) -> Option<Vec<Said>> {
    let answer = text_of(object, &["result", "response", "answer"]);
    let error = first(object, &["error"]).filter(|error| *error != &Value::Bool(false));
    let text = text_of(object, &["text", "message", "content"]);
    let mut said: Vec<Said> = used(object, object, answer.is_some()).into_iter().collect();
    match (error, answer, text) {
        (Some(_), ..) => said.push(Said::Trouble(complaint(object, object))),
        (None, Some(answer), _) => said.push(Said::Result(Some(answer.to_owned()))),
        (None, None, Some(text)) => said.push(Said::Text(text.to_owned())),
        (None, None, None) => {}
    }
    (!said.is_empty()).then_some(said)
}
