//! The Anthropic Messages protocol: requests read, replies written as one message or as a stream of events.

use crate::{
    scenario::{Cut, Reply, Seen},
    sse::{Events, Stream},
};
use serde_json::{Value, json};

/// What matters of a request.
pub(crate) fn read(request: &Value) -> Seen {
    let names = |list: &Value| {
        let tools = list.as_array().cloned().unwrap_or_default();
        tools
            .iter()
            .filter_map(|tool| tool["name"].as_str().map(str::to_owned))
            .collect()
    };
    let messages = request["messages"].as_array().cloned().unwrap_or_default();
    let last = messages
        .iter()
        .rev()
        .find(|message| message["role"] == "user");
    let blocks = |message: &Value| match &message["content"] {
        Value::Array(blocks) => blocks.clone(),
        Value::String(text) => vec![json!({"type": "text", "text": text})],
        _ => Vec::new(),
    };
    let in_last = last.map(blocks).unwrap_or_default();
    let results: Vec<String> = in_last
        .iter()
        .filter(|block| block["type"] == "tool_result")
        .map(|block| text_of(&block["content"]))
        .collect();
    // Agents put reminders beside the person's words, in tags of their own.
    let prompt = in_last
        .iter()
        .filter_map(|block| block["text"].as_str())
        .rfind(|text| !text.trim_start().starts_with('<'));
    Seen {
        tools: names(&request["tools"]),
        results: (!results.is_empty()).then_some(results),
        prompt: prompt.unwrap_or_default().to_owned(),
        folder: folder(&request.to_string()),
    }
}

fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts: Vec<&str> = blocks
                .iter()
                .filter_map(|block| block["text"].as_str())
                .collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}

/// The working folder as the agent tells its model, in whatever place of the request.
fn folder(request: &str) -> Option<String> {
    let (_, rest) = request.split_once("orking directory: ")?;
    let end = rest.find(['\\', '"', '\n']).unwrap_or(rest.len());
    rest.get(..end).map(str::to_owned)
}

/// Tokens every answer counts; tests rely on them.
const INPUT: u64 = 100;
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
    let usage = json!({"input_tokens": INPUT, "cache_creation_input_tokens": 10,
        "cache_read_input_tokens": 50, "output_tokens": 1});
    send(
        0,
        json!({"type": "message_start", "message": {"id": format!("msg_{serial:08}"),
        "type": "message", "role": "assistant", "model": model, "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": usage}}),
    );
    let mut index = 0;
    if let Some(thought) = thinking {
        send(
            0,
            json!({"type": "content_block_start", "index": index,
            "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
        );
        send(
            0,
            json!({"type": "content_block_delta", "index": index,
            "delta": {"type": "thinking_delta", "thinking": thought}}),
        );
        send(
            0,
            json!({"type": "content_block_delta", "index": index,
            "delta": {"type": "signature_delta", "signature": "c2lnbmVk"}}),
        );
        send(0, json!({"type": "content_block_stop", "index": index}));
        index += 1;
    }
    send(
        0,
        json!({"type": "content_block_start", "index": index,
        "content_block": {"type": "text", "text": ""}}),
    );
    for word in text.split_inclusive(' ') {
        send(
            *pace_ms,
            json!({"type": "content_block_delta", "index": index,
            "delta": {"type": "text_delta", "text": word}}),
        );
    }
    if matches!(cut, Cut::InText | Cut::Reset) {
        return events.end(*cut == Cut::Reset);
    }
    send(0, json!({"type": "content_block_stop", "index": index}));
    if let Some((name, input)) = tool {
        index += 1;
        send(
            0,
            json!({"type": "content_block_start", "index": index, "content_block":
            {"type": "tool_use", "id": format!("toolu_{serial:08}"), "name": name, "input": {}}}),
        );
        send(
            0,
            json!({"type": "content_block_delta", "index": index,
            "delta": {"type": "input_json_delta", "partial_json": input.to_string()}}),
        );
        send(0, json!({"type": "content_block_stop", "index": index}));
    }
    if *cut == Cut::BeforeStop {
        return events.end(false);
    }
    let stop = if tool.is_some() {
        "tool_use"
    } else {
        "end_turn"
    };
    send(
        0,
        json!({"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": null},
        "usage": {"output_tokens": OUTPUT}}),
    );
    send(0, json!({"type": "message_stop"}));
    events.end(false)
}

/// The whole message, for requests that want no stream.
pub(crate) fn message(reply: &Reply, model: &str, serial: u64) -> Value {
    let Reply::Turn { text, tool, .. } = reply else {
        return Value::Null;
    };
    let mut content = vec![json!({"type": "text", "text": text})];
    if let Some((name, input)) = tool {
        let id = format!("toolu_{serial:08}");
        content.push(json!({"type": "tool_use", "id": id, "name": name, "input": input}));
    }
    let stop = if tool.is_some() {
        "tool_use"
    } else {
        "end_turn"
    };
    json!({"id": format!("msg_{serial:08}"), "type": "message", "role": "assistant", "model": model,
        "content": content, "stop_reason": stop, "stop_sequence": null,
        "usage": {"input_tokens": INPUT, "output_tokens": OUTPUT,
            "cache_creation_input_tokens": 10, "cache_read_input_tokens": 50}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_is_read_without_the_agents_reminders() {
        let seen = read(&json!({
            "system": [{"type": "text", "text": "Primary working directory: /a b/c\nmore"}],
            "tools": [{"name": "Bash"}],
            "messages": [{"role": "user", "content": [
                {"type": "text", "text": "<system-reminder>x</system-reminder>"},
                {"type": "text", "text": "do it"}]}],
        }));
        assert_eq!(
            (seen.prompt.as_str(), seen.folder.as_deref()),
            ("do it", Some("/a b/c"))
        );
        assert_eq!((seen.tools, seen.results), (vec!["Bash".to_owned()], None));
    }

    #[test]
    fn tool_results_of_the_last_message_are_seen() {
        let seen = read(&json!({"messages": [{"role": "user", "content": [
            {"type": "tool_result", "content": [{"type": "text", "text": "a"}]},
            {"type": "tool_result", "content": "b"}]}]}));
        assert_eq!(seen.results, Some(vec!["a".to_owned(), "b".to_owned()]));
    }
}
