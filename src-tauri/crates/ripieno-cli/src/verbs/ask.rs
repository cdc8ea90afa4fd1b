//! Verbs about asks.

use super::{ask, read};
use crate::{
    args::AskVerb,
    out::{Out, line, plain},
};
use ripieno_api::{ApiError, command, view};
use ripieno_core::ask::AskScope;
use ripieno_daemon::quantity::format_duration;
use serde_json::Value;

/// A script that asked goes on only with the answer (H7).
const NEEDS_HUMAN: u8 = 6;

pub(super) async fn run(verb: AskVerb, out: &Out) -> Result<u8, ApiError> {
    match verb {
        AskVerb::List { all } => list(all, out).await,
        AskVerb::Answer {
            id,
            option,
            text,
            scope,
        } => {
            let scope = scope.as_deref().and_then(self::scope);
            let answer = command::Answer {
                id,
                option,
                text,
                scope,
                revision: None,
            };
            let answered = ask("ask.answer", answer).await?;
            out.show(&answered, String::new);
            Ok(0)
        }
        AskVerb::Create {
            text,
            option,
            text_ok,
            default,
            expires,
            key,
            wait,
        } => {
            let create = command::AskCreate {
                text,
                options: option,
                text_ok,
                default,
                expires: expires.map(format_duration),
                key,
                wait: wait.map(format_duration),
            };
            self::create(create, out).await
        }
    }
}

fn scope(word: &str) -> Option<AskScope> {
    serde_json::from_value(Value::String(word.to_owned())).ok()
}

async fn list(all: bool, out: &Out) -> Result<u8, ApiError> {
    let page = ask("ask.list", command::AskList { all }).await?;
    let asks: Vec<view::Ask> = read(page["asks"].clone())?;
    out.show(&page, || {
        if asks.is_empty() {
            "Nothing waits for you.".to_owned()
        } else {
            asks.iter().map(shown).collect()
        }
    });
    Ok(0)
}

fn shown(ask: &view::Ask) -> String {
    let whose = ask
        .task
        .as_ref()
        .or(ask.lane.as_ref())
        .map_or_else(|| "worker".to_owned(), |id| line(id, 40));
    let mut text = format!(
        "{}  {}  {whose}\n   {}\n",
        ask.short_id,
        ask.kind,
        plain(&ask.text).replace('\n', "\n   ")
    );
    for (n, option) in ask.options.iter().enumerate() {
        let detail = option
            .detail
            .as_ref()
            .map_or_else(String::new, |detail| format!("  ({})", line(detail, 80)));
        text.push_str(&format!(
            "   {}. {}  [{}]{detail}\n",
            n + 1,
            plain(&option.label),
            plain(&option.id)
        ));
    }
    if ask.allows_text {
        text.push_str("   --text \"...\" is an answer too\n");
    }
    if let Some(answered) = &ask.answered {
        text.push_str(&format!(
            "   answered by {}: {}\n",
            answered.by,
            line(&answered.value, 80)
        ));
    }
    text
}

/// Prints one line, the answer; without one the exit code ends a script under `sh -e`.
async fn create(create: command::AskCreate, out: &Out) -> Result<u8, ApiError> {
    let created = ask("ask.create", create).await?;
    let Some(answer) = created["answer"].as_str() else {
        if out.json {
            out.object(&created);
        }
        let id = created["ask"].as_str().unwrap_or_default();
        out.say(&match created["closed"] == true {
            true => format!("{id} was closed without an answer"),
            false => format!("{id} waits for the person; the task goes on with the answer"),
        });
        return Ok(NEEDS_HUMAN);
    };
    out.show(&created, || answer.lines().collect::<Vec<_>>().join(" "));
    Ok(0)
}
