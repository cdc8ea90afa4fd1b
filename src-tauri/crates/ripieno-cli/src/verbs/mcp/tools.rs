//! The tools by name: what the model reads of each, and the request it becomes.

use crate::verbs::ask;
use ripieno_agents::tools::{ASK_HUMAN, NAMES};
use ripieno_api::{ApiError, command};
use ripieno_core::{
    notes::{BRIEF_CHARS, ChecklistStep, STEPS},
    receipt::Receipt,
};
use ripieno_daemon::quantity::format_duration;
use rmcp::model::JsonObject;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::time::Duration;

/// One tool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tool {
    AskHuman,
    ReportProgress,
    UpdateChecklist,
    UpdateBrief,
    FinishMovement,
    SubmitResult,
}

/// What `ask_human` is given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    question: String,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    free_text: bool,
}

/// A tool that takes one text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: String,
}

/// What `update_checklist` is given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Steps {
    steps: Vec<ChecklistStep>,
}

impl Tool {
    /// All of them, in the order of [`NAMES`].
    pub(super) const ALL: [Tool; NAMES.len()] = [
        Tool::AskHuman,
        Tool::ReportProgress,
        Tool::UpdateChecklist,
        Tool::UpdateBrief,
        Tool::FinishMovement,
        Tool::SubmitResult,
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Tool::AskHuman => ASK_HUMAN,
            Tool::ReportProgress => "report_progress",
            Tool::UpdateChecklist => "update_checklist",
            Tool::UpdateBrief => "update_brief",
            Tool::FinishMovement => "finish_movement",
            Tool::SubmitResult => "submit_result",
        }
    }

    /// The tool as the model is told of it.
    pub(super) fn described(self) -> rmcp::model::Tool {
        rmcp::model::Tool::new(self.name(), self.description(), self.schema())
    }

    fn description(self) -> String {
        match self {
            Tool::AskHuman => "Asks the person who gave you the task one clear question and waits for the answer. Use it when you \
                cannot go on, or when a wrong guess would cost them much; decide small things yourself. When the answer takes long \
                the call returns `pending`: end your turn then, and the answer comes as your next message."
                .to_owned(),
            Tool::ReportProgress => "Says in one line what you are doing now. The person sees it beside the task.".to_owned(),
            Tool::UpdateChecklist => format!(
                "Puts your list of steps in place of the one there is: at most {STEPS}, each one line, each open, doing or done. \
                 The person sees it beside the task."
            ),
            Tool::UpdateBrief => format!(
                "Puts a new brief in place of the one there is, in at most {BRIEF_CHARS} characters: what the task is about and what was \
                 decided. The person sees it first, and everybody who works on the task later is given it. An empty text removes it."
            ),
            Tool::FinishMovement => "Names the outcome of this step of the workflow, where your instructions list several; it counts when \
                your turn ends. `lessons` are told to whoever takes the work up after a failure."
                .to_owned(),
            Tool::SubmitResult => "Reports the result of the whole task: completed, blocked or failed, with a summary of at most eight \
                lines and what can be checked. The last report counts. End your turn after it."
                .to_owned(),
        }
    }

    fn schema(self) -> JsonObject {
        let text = |what: &str| json!({"type": "string", "description": what});
        let texts =
            |what: &str| json!({"type": "array", "items": {"type": "string"}, "description": what});
        match self {
            Tool::AskHuman => object(
                json!({
                    "question": text("The question, with everything the person needs to answer it."),
                    "options": texts("Answers to choose from, where there are some."),
                    "free_text": {"type": "boolean", "description": "Whether words of their own are an answer beside the options."},
                }),
                &["question"],
            ),
            Tool::ReportProgress => object(json!({"text": text("One line.")}), &["text"]),
            Tool::UpdateChecklist => {
                let step = object(
                    json!({"text": text("One line."), "state": {"type": "string", "enum": ["open", "doing", "done"]}}),
                    &["text", "state"],
                );
                object(
                    json!({"steps": {"type": "array", "items": step}}),
                    &["steps"],
                )
            }
            Tool::UpdateBrief => object(json!({"text": text("The brief.")}), &["text"]),
            Tool::FinishMovement => object(
                json!({
                    "outcome": text("One of the outcomes your instructions list."),
                    "summary": text("What was done, in at most eight lines."),
                    "lessons": texts("What the next one should know, each in one line."),
                }),
                &["outcome"],
            ),
            Tool::SubmitResult => receipt_schema(&text),
        }
    }

    /// Sends the request; what the model is told.
    pub(super) async fn carry_out(
        self,
        input: Value,
        wait: Option<Duration>,
    ) -> Result<String, ApiError> {
        let name = self.name();
        match self {
            Tool::AskHuman => return question(read(name, input)?, wait).await,
            Tool::ReportProgress => {
                let Text { text } = read(name, input)?;
                ask("task.progress", command::Progress { text }).await?;
            }
            Tool::UpdateChecklist => {
                let Steps { steps } = read(name, input)?;
                ask("task.checklist", command::Checklist { steps }).await?;
            }
            Tool::UpdateBrief => {
                let Text { text } = read(name, input)?;
                ask("task.brief", command::Brief { text }).await?;
            }
            Tool::FinishMovement => {
                let finish: command::Finish = read(name, input)?;
                ask("task.finish", finish).await?;
                return Ok("Noted. End your turn now.".to_owned());
            }
            Tool::SubmitResult => {
                let receipt: Receipt = read(name, input)?;
                ask("task.result", command::ReportResult { receipt }).await?;
                return Ok("Noted. End your turn now.".to_owned());
            }
        }
        Ok("Noted.".to_owned())
    }
}

/// Asks and waits. The person chooses by number, the model is told the words.
async fn question(asked: Question, wait: Option<Duration>) -> Result<String, ApiError> {
    let numbered = asked.options.iter().enumerate();
    let create = command::AskCreate {
        text: asked.question,
        options: numbered
            .map(|(n, label)| format!("{}={label}", n + 1))
            .collect(),
        text_ok: asked.free_text,
        default: None,
        expires: None,
        key: None,
        wait: wait.map(format_duration),
    };
    let created = ask("ask.create", create).await?;
    if let Some(answer) = created["answer"].as_str() {
        // Words of their own may be a number too; a worker of an older version does not say which it is.
        let number = Some(answer).filter(|_| created["option"] != false);
        let chosen = number.and_then(|n| n.parse::<usize>().ok()?.checked_sub(1));
        let label = chosen.and_then(|n| asked.options.get(n));
        let words = label.map_or(answer, String::as_str);
        return Ok(format!("The person answers: {words}"));
    }
    let id = created["ask"].as_str().unwrap_or_default();
    Ok(if created["closed"] == true {
        format!("{id} was closed without an answer. Decide yourself, or report `blocked`.")
    } else {
        format!(
            "pending: nobody has answered {id} yet. Do nothing that depends on the answer; end your turn now. The answer comes \
             as your next message."
        )
    })
}

fn read<T: DeserializeOwned>(tool: &str, input: Value) -> Result<T, ApiError> {
    serde_json::from_value(input).map_err(|bad| ApiError::usage(format!("{tool}: {bad}")))
}

fn object(properties: Value, required: &[&str]) -> JsonObject {
    let fields = [
        ("type", Value::from("object")),
        ("properties", properties),
        ("required", Value::from(required)),
        ("additionalProperties", Value::from(false)),
    ];
    fields
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

fn receipt_schema(text: &impl Fn(&str) -> Value) -> JsonObject {
    let list =
        |item: JsonObject, what: &str| json!({"type": "array", "items": item, "description": what});
    let artifact = object(
        json!({"kind": text("file, url, branch, ..."), "ref": text("Where it is."), "text": text("What it is for.")}),
        &["kind", "ref"],
    );
    let blocker = object(
        json!({
            "kind": text("What kind."),
            "text": text("What it is."),
            "suggestion": text("What would help."),
            "needs_user": {"type": "boolean"},
        }),
        &["text"],
    );
    let check = object(
        json!({
            "kind": {"type": "string", "enum": ["command", "file", "url"]},
            "value": text("The command, path or address."),
            "expected": text("What it should show."),
        }),
        &["kind", "value"],
    );
    object(
        json!({
            "status": {"type": "string", "enum": ["completed", "blocked", "failed"]},
            "summary": text("What was done, in at most eight lines."),
            "artifacts": list(artifact, "What was delivered."),
            "blockers": list(blocker, "What stands in the way."),
            "verification": list(check, "What can be checked."),
            "no_verification": text("Why nothing can be checked."),
        }),
        &["status", "summary"],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_those_that_agents_are_told_of() {
        assert_eq!(Tool::ALL.map(Tool::name), NAMES);
        for tool in Tool::ALL {
            assert_eq!(Tool::named(tool.name()), Some(tool));
        }
    }

    #[test]
    fn every_required_field_is_described_and_unknown_ones_are_refused() {
        for tool in Tool::ALL {
            let schema = Value::Object(tool.schema());
            for field in schema["required"].as_array().unwrap() {
                let field = field.as_str().unwrap();
                assert!(schema["properties"][field].is_object(), "{tool:?} {field}");
            }
        }
        assert!(read::<Text>("x", json!({"text": "a", "more": 1})).is_err());
        assert!(read::<Question>("x", json!({"question": "a"})).is_ok());
    }
}
