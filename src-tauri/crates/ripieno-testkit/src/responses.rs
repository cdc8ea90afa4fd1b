//! The OpenAI Responses protocol: requests read, replies written as a stream of events.

use crate::{
    scenario::{Cut, Fault, Reply, Seen},
    sse::{Events, Stream},
};
use serde_json::{Value, json};

/// What matters of a request.
pub(crate) fn read(request: &Value) -> Seen {
    let input = request["input"].as_array().cloned().unwrap_or_default();
    // Agents put what surrounds them beside the person's words, in tags of their own.
    let words = |item: &Value| {
        let said = (item["role"] == "user").then(|| text_of(&item["content"]))?;
        (!said.trim_start().starts_with('<')).then_some(said)
    };
    let last = input.iter().rposition(|item| words(item).is_some());
    let after = last.map_or(0, |at| at + 1);
    let results: Vec<String> = input[after..]
        .iter()
        .filter(|item| {
            item["type"]
                .as_str()
                .is_some_and(|kind| kind.ends_with("_output"))
        })
        .map(|item| text_of(&item["output"]))
        .collect();
    Seen {
        tools: tools(&request["tools"]),
        results: (!results.is_empty()).then_some(results),
        prompt: last.and_then(|at| words(&input[at])).unwrap_or_default(),
        folder: folder(&request.to_string()),
    }
}

/// The tools offered, those of a namespace with its name before them.
fn tools(list: &Value) -> Vec<String> {
    let list = list.as_array().cloned().unwrap_or_default();
    let name = |tool: &Value| tool["name"].as_str().map(str::to_owned);
    list.iter()
        .flat_map(|tool| match tool["type"].as_str() {
            Some("namespace") => {
                let space = name(tool).unwrap_or_default();
                let inner = tool["tools"].as_array().cloned().unwrap_or_default();
                let full = |tool: &Value| name(tool).map(|name| format!("{space}__{name}"));
                inner.iter().filter_map(full).collect()
            }
            _ => name(tool).into_iter().collect::<Vec<_>>(),
        })
        .collect()
}

fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts
                .iter()
                .filter_map(|part| part["text"].as_str())
                .collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}

/// The working folder as the agent tells its model.
fn folder(request: &str) -> Option<String> {
    let (_, rest) = request.split_once("<cwd>")?;
    rest.split_once("</cwd>").map(|(path, _)| path.to_owned())
}

/// Tokens every answer counts, caches included; tests rely on them.
const INPUT: u64 = 160;
const CACHED: u64 = 50;
const OUTPUT: u64 = 20;

/// The events of a stream.
pub(crate) fn stream(reply: &Reply, model: &str, serial: u64) -> Stream {
    let Reply::Turn {
        thinking,
        text,
        tool,
        pace_ms,
        cut,
    } = reply
    else {
        return (Vec::new(), true);
    };
    let mut events = Events::default();
    let mut send = |pause: u64, data: Value| events.send(pause, data["type"].as_str(), &data);
    let id = format!("resp_{serial:08}");
    send(
        0,
        json!({"type": "response.created", "response": {"id": id, "model": model}}),
    );
    if let Some(thought) = thinking {
        let item = json!({"type": "reasoning", "id": format!("rs_{serial:08}"),
            "summary": [{"type": "summary_text", "text": thought}]});
        send(
            0,
            json!({"type": "response.output_item.done", "item": item}),
        );
    }
    let message = |text: &str| {
        json!({"type": "message", "id": format!("msg_{serial:08}"), "role": "assistant",
            "content": [{"type": "output_text", "text": text}]})
    };
    send(
        0,
        json!({"type": "response.output_item.added", "item": message("")}),
    );
    for word in text.split_inclusive(' ') {
        send(
            *pace_ms,
            json!({"type": "response.output_text.delta", "delta": word}),
        );
    }
    if matches!(cut, Cut::InText | Cut::Reset) {
        return events.end(*cut == Cut::Reset);
    }
    send(
        0,
        json!({"type": "response.output_item.done", "item": message(text)}),
    );
    if let Some((name, input)) = tool {
        send(
            0,
            json!({"type": "response.output_item.done", "item": called(name, input, serial)}),
        );
    }
    if *cut == Cut::BeforeStop {
        return events.end(false);
    }
    let usage = json!({"input_tokens": INPUT, "input_tokens_details": {"cached_tokens": CACHED},
        "output_tokens": OUTPUT, "output_tokens_details": {"reasoning_tokens": 5},
        "total_tokens": INPUT + OUTPUT});
    send(
        0,
        json!({"type": "response.completed", "response": {"id": id, "usage": usage}}),
    );
    events.end(false)
}

/// A call; a tool of a namespace is called with both names.
fn called(name: &str, input: &Value, serial: u64) -> Value {
    let (space, name) = match name.rsplit_once("__") {
        Some((space, name)) => (Some(space), name),
        None => (None, name),
    };
    let mut item = json!({"type": "function_call", "id": format!("fc_{serial:08}"),
        "call_id": format!("call_{serial:08}"), "name": name, "arguments": input.to_string()});
    if let Some(space) = space {
        item["namespace"] = Value::from(space);
    }
    item
}

/// The body of a refusal.
pub(crate) fn error(fault: &Fault) -> Value {
    let code = match fault.status {
        400 | 413 if fault.message.contains("too long") => "context_length_exceeded",
        404 => "model_not_found",
        _ => fault.kind,
    };
    json!({"error": {"type": fault.kind, "code": code, "message": fault.message}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_is_read_without_what_surrounds_the_person() {
        let seen = read(&json!({
            "tools": [{"type": "function", "name": "exec_command"},
                {"type": "namespace", "name": "mcp__human", "tools": [{"name": "ask_human"}]}],
            "input": [
                {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "do it"}]},
                {"type": "message", "role": "user",
                    "content": [{"type": "input_text", "text": "<environment_context><cwd>/a b</cwd>"}]}],
        }));
        assert_eq!(
            (seen.prompt.as_str(), seen.folder.as_deref()),
            ("do it", Some("/a b"))
        );
        assert_eq!(seen.tools, ["exec_command", "mcp__human__ask_human"]);
        assert_eq!(seen.results, None);
    }

    #[test]
    fn results_after_the_persons_last_words_are_seen() {
        let seen = read(&json!({"input": [
            {"type": "function_call_output", "output": "old"},
            {"role": "user", "content": "again"},
            {"type": "function_call", "name": "x"},
            {"type": "function_call_output", "output": "new"}]}));
        assert_eq!(seen.results, Some(vec!["new".to_owned()]));
    }
}
