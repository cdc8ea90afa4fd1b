//! The lines we write to Claude Code: requests of ours, user messages, answers to its requests.

use serde_json::{Value, json};

/// The id of the request that opens the conversation.
const INITIALIZE: &str = "ripieno-initialize";

/// One line, newline included.
fn line(value: &Value) -> Vec<u8> {
    let mut bytes = value.to_string().into_bytes();
    bytes.push(b'\n');
    bytes
}

/// Opens the conversation: from then on questions and permission requests come to us.
pub(super) fn initialize() -> Vec<u8> {
    line(&json!({"type": "control_request", "request_id": INITIALIZE,
        "request": {"subtype": "initialize", "hooks": null}}))
}

/// Says something to the agent.
pub(super) fn user(text: &str) -> Vec<u8> {
    line(
        &json!({"type": "user", "parent_tool_use_id": null, "session_id": "",
        "message": {"role": "user", "content": [{"type": "text", "text": text}]}}),
    )
}

/// Ends what the agent is doing; the conversation stays.
pub(super) fn interrupt() -> Vec<u8> {
    line(
        &json!({"type": "control_request", "request_id": "ripieno-interrupt",
        "request": {"subtype": "interrupt"}}),
    )
}

/// Answers a request of the agent.
pub(super) fn answer(request: &str, response: &Value) -> Vec<u8> {
    line(&json!({"type": "control_response",
        "response": {"subtype": "success", "request_id": request, "response": response}}))
}

/// Answers a request we do not know.
pub(super) fn refuse(request: &str, why: &str) -> Vec<u8> {
    line(&json!({"type": "control_response",
        "response": {"subtype": "error", "request_id": request, "error": why}}))
}

/// Leave for a call: with exactly the input that was shown.
pub(super) fn allow(input: &Value, updates: &[Value]) -> Value {
    let mut response = json!({"behavior": "allow", "updatedInput": input});
    if !updates.is_empty() {
        response["updatedPermissions"] = Value::from(updates.to_vec());
    }
    response
}

/// No leave for a call, with what the agent is told.
pub(super) fn deny(message: &str) -> Value {
    json!({"behavior": "deny", "message": message})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_one_line() {
        let text = "a\nb\r\n\u{2028}\"c\"";
        for bytes in [
            user(text),
            answer("1", &deny(text)),
            refuse("1", text),
            initialize(),
        ] {
            assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 1);
            assert!(serde_json::from_slice::<Value>(&bytes).is_ok());
        }
    }
}
