//! The OpenAI Chat Completions protocol, spoken by most providers: requests read, replies written as one message or as a
//! stream of chunks.

use crate::{
    scenario::{Cut, Reply, Seen, own_words},
    sse::{Events, Stream},
};
use serde_json::{Value, json};

/// What matters of a request.
pub(crate) fn read(request: &Value) -> Seen {
    let messages = request["messages"].as_array().cloned().unwrap_or_default();
    // Agents put what surrounds them beside the person's words, in tags of their own.
    let words = |message: &Value| {
        let said = (message["role"] == "user").then(|| own(&message["content"]))?;
        (!said.is_empty()).then_some(said)
    };
    let last = messages
        .iter()
        .rposition(|message| words(message).is_some());
    let results: Vec<String> = messages[last.map_or(0, |at| at + 1)..]
        .iter()
        .filter(|message| message["role"] == "tool")
        .map(|message| text_of(&message["content"]))
        .collect();
    let tools = request["tools"].as_array().cloned().unwrap_or_default();
    let name = |tool: &Value| tool["function"]["name"].as_str().map(str::to_owned);
    Seen {
        tools: tools.iter().filter_map(name).collect(),
        results: (!results.is_empty()).then_some(results),
        prompt: last.and_then(|at| words(&messages[at])).unwrap_or_default(),
        folder: folder(&request.to_string()),
    }
}

fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part["text"].as_str());
            texts.collect::<Vec<&str>>().join("\n")
        }
        _ => String::new(),
    }
}

/// The person's own words.
fn own(content: &Value) -> String {
    match content {
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part["text"].as_str());
            let own = texts.map(own_words).filter(|text| !text.is_empty());
            own.collect::<Vec<String>>().join("\n")
        }
        other => own_words(&text_of(other)),
    }
}

/// The working folder as the agents tell their model.
fn folder(request: &str) -> Option<String> {
    let marks = ["orking directory: ", "orking in the directory: "];
    let (_, rest) = marks.iter().find_map(|mark| request.split_once(mark))?;
    let end = rest.find(['\\', '"', '\n']).unwrap_or(rest.len());
    rest.get(..end).map(str::to_owned)
}

/// Tokens every answer counts, caches included; tests rely on them.
const INPUT: u64 = 160;
const CACHED: u64 = 50;
const OUTPUT: u64 = 20;

fn usage() -> Value {
    json!({"prompt_tokens": INPUT, "completion_tokens": OUTPUT, "total_tokens": INPUT + OUTPUT,
        "prompt_tokens_details": {"cached_tokens": CACHED}})
}

fn called(name: &str, input: &Value, serial: u64) -> Value {
    json!({"index": 0, "id": format!("call_{serial:08}"), "type": "function",
        "function": {"name": name, "arguments": input.to_string()}})
}

/// The chunks of a stream.
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
    let chunk = |delta: Value, finish: Option<&str>| {
        json!({"id": format!("chatcmpl-{serial:08}"), "object": "chat.completion.chunk", "created": 1,
            "model": model, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
    };
    events.send(
        0,
        None,
        &chunk(json!({"role": "assistant", "content": ""}), None),
    );
    if let Some(thought) = thinking {
        events.send(0, None, &chunk(json!({"reasoning_content": thought}), None));
    }
    for word in text.split_inclusive(' ') {
        events.send(*pace_ms, None, &chunk(json!({"content": word}), None));
    }
    if matches!(cut, Cut::InText | Cut::Reset) {
        return events.end(*cut == Cut::Reset);
    }
    if let Some((name, input)) = tool {
        let calls = json!({"tool_calls": [called(name, input, serial)]});
        events.send(0, None, &chunk(calls, None));
    }
    if *cut == Cut::BeforeStop {
        return events.end(false);
    }
    let finish = if tool.is_some() { "tool_calls" } else { "stop" };
    let mut last = chunk(json!({}), Some(finish));
    last["usage"] = usage();
    events.send(0, None, &last);
    events.line(0, "data: [DONE]\n\n".to_owned());
    events.end(false)
}

/// The reply in one piece.
pub(crate) fn message(reply: &Reply, model: &str, serial: u64) -> Value {
    let Reply::Turn { text, tool, .. } = reply else {
        return Value::Null;
    };
    let mut message = json!({"role": "assistant", "content": text});
    if let Some((name, input)) = tool {
        message["tool_calls"] = json!([called(name, input, serial)]);
    }
    let finish = if tool.is_some() { "tool_calls" } else { "stop" };
    json!({"id": format!("chatcmpl-{serial:08}"), "object": "chat.completion", "created": 1, "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": usage()})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_is_read_without_what_surrounds_the_person() {
        let seen = read(&json!({
            "tools": [{"type": "function", "function": {"name": "bash"}}],
            "messages": [
                {"role": "system", "content": "<env>\n  Working directory: /a b\n"},
                {"role": "user", "content": [{"type": "text", "text": "<reminder>"}, {"type": "text", "text": "do it"}]},
                {"role": "assistant", "tool_calls": []},
                {"role": "tool", "tool_call_id": "1", "content": "done"},
            ],
        }));
        assert_eq!(
            (seen.prompt.as_str(), seen.folder.as_deref()),
            ("do it", Some("/a b"))
        );
        assert_eq!(seen.tools, ["bash"]);
        assert_eq!(seen.results, Some(vec!["done".to_owned()]));
    }
}
