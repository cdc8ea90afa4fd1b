//! The Gemini protocol: requests read, replies written as one message or as a stream of them.

use crate::{
    scenario::{Cut, Fault, Reply, Seen},
    sse::{Events, Stream},
};
use serde_json::{Value, json};

/// What matters of a request.
pub(crate) fn read(request: &Value) -> Seen {
    let contents = request["contents"].as_array().cloned().unwrap_or_default();
    // Agents put what surrounds them beside the person's words, in tags of their own.
    let words = |content: &Value| {
        let parts = content["parts"].as_array().cloned().unwrap_or_default();
        let own = |part: &Value| {
            let text = part["text"].as_str().unwrap_or_default();
            let own = !text.trim().is_empty() && !text.trim_start().starts_with('<');
            own.then(|| text.to_owned())
        };
        let said: Vec<String> = parts.iter().filter_map(own).collect();
        (content["role"] == "user" && !said.is_empty()).then(|| said.join("\n"))
    };
    let last = contents
        .iter()
        .rposition(|content| words(content).is_some());
    let results: Vec<String> = contents[last.map_or(0, |at| at + 1)..]
        .iter()
        .flat_map(|content| content["parts"].as_array().cloned().unwrap_or_default())
        .filter(|part| part["functionResponse"].is_object())
        .map(|part| part["functionResponse"]["response"].to_string())
        .collect();
    let tools = request["tools"].as_array().cloned().unwrap_or_default();
    let names = tools.iter().flat_map(|group| {
        let list = group["functionDeclarations"].as_array().cloned();
        list.unwrap_or_default()
    });
    Seen {
        tools: names
            .filter_map(|tool| tool["name"].as_str().map(str::to_owned))
            .collect(),
        results: (!results.is_empty()).then_some(results),
        prompt: last.and_then(|at| words(&contents[at])).unwrap_or_default(),
        folder: folder(&request.to_string()),
    }
}

/// The working folder as the agent tells its model.
fn folder(request: &str) -> Option<String> {
    let marks = [
        "orking in the directory: ",
        "**Workspace Directories:**\\n  - ",
    ];
    let (_, rest) = marks.iter().find_map(|mark| request.split_once(mark))?;
    let end = rest.find(['\\', '"', '\n']).unwrap_or(rest.len());
    rest.get(..end).map(str::to_owned)
}

/// The model that the path names.
pub(crate) fn model(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split(':').next().unwrap_or_default()
}

/// Tokens every answer counts; tests rely on them.
const INPUT: u64 = 160;
const OUTPUT: u64 = 20;

fn part(parts: &[Value], finish: Option<&str>, model: &str) -> Value {
    json!({"modelVersion": model,
        "candidates": [{"index": 0, "content": {"role": "model", "parts": parts}, "finishReason": finish}],
        "usageMetadata": {"promptTokenCount": INPUT, "candidatesTokenCount": OUTPUT,
            "totalTokenCount": INPUT + OUTPUT}})
}

fn called(name: &str, input: &Value) -> Value {
    json!({"functionCall": {"name": name, "args": input}})
}

/// The messages of a stream.
pub(crate) fn stream(reply: &Reply, model: &str) -> Stream {
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
    if let Some(thought) = thinking {
        let thought = json!({"text": thought, "thought": true});
        events.send(0, None, &part(&[thought], None, model));
    }
    for word in text.split_inclusive(' ') {
        events.send(*pace_ms, None, &part(&[json!({"text": word})], None, model));
    }
    if matches!(cut, Cut::InText | Cut::Reset) {
        return events.end(*cut == Cut::Reset);
    }
    let calls: Vec<Value> = tool
        .iter()
        .map(|(name, input)| called(name, input))
        .collect();
    if *cut == Cut::BeforeStop {
        events.send(0, None, &part(&calls, None, model));
        return events.end(false);
    }
    events.send(0, None, &part(&calls, Some("STOP"), model));
    events.end(false)
}

/// The reply in one piece.
pub(crate) fn message(reply: &Reply, model: &str) -> Value {
    let Reply::Turn { text, tool, .. } = reply else {
        return Value::Null;
    };
    let mut parts = vec![json!({"text": text})];
    parts.extend(tool.iter().map(|(name, input)| called(name, input)));
    part(&parts, Some("STOP"), model)
}

/// The body of a refusal.
pub(crate) fn error(fault: &Fault) -> Value {
    let status = match fault.status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        400..=499 => "INVALID_ARGUMENT",
        _ => "INTERNAL",
    };
    json!({"error": {"code": fault.status, "message": fault.message, "status": status}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_is_read_without_what_surrounds_the_person() {
        let seen = read(&json!({
            "tools": [{"functionDeclarations": [{"name": "run_shell_command"}]}],
            "contents": [
                {"role": "user", "parts": [{"text": "<session_context>\n- **Workspace Directories:**\n  - /a b\n"}]},
                {"role": "user", "parts": [{"text": "do it"}]},
                {"role": "model", "parts": [{"functionCall": {"name": "x", "args": {}}}]},
                {"role": "user", "parts": [{"functionResponse": {"name": "x", "response": {"output": "done"}}}]},
            ],
        }));
        assert_eq!(
            (seen.prompt.as_str(), seen.folder.as_deref()),
            ("do it", Some("/a b"))
        );
        assert_eq!(seen.tools, ["run_shell_command"]);
        assert!(seen.results.unwrap()[0].contains("done"));
    }

    #[test]
    fn model_is_read_from_the_path() {
        assert_eq!(
            model("v1beta/models/gemini-2.5-flash:streamGenerateContent"),
            "gemini-2.5-flash"
        );
    }
}
