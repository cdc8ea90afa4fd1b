//! The lines we write to Codex: requests of ours, and answers to its requests.

use crate::dialogue::rpc::{self, line};
use serde_json::{Value, json};

/// How many models are asked for at most.
const MODELS: u32 = 200;

/// The number of each request of ours: the reply carries it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Request {
    /// The handshake.
    Initialize = 1,
    /// The thread is begun, or taken up again.
    Thread = 2,
    /// A turn is begun.
    Turn = 3,
    /// The thread is named.
    Name = 4,
    /// The turn is ended.
    Interrupt = 5,
    /// Words in the middle of a turn.
    Steer = 6,
    /// The models there are.
    Models = 7,
}

impl Request {
    /// The request that a reply belongs to.
    pub(super) fn of(id: &Value) -> Option<Self> {
        [
            Self::Initialize,
            Self::Thread,
            Self::Turn,
            Self::Name,
            Self::Interrupt,
            Self::Steer,
            Self::Models,
        ]
        .into_iter()
        .find(|request| id.as_u64() == Some(*request as u64))
    }
}

fn request(id: Request, method: &str, params: &Value) -> Vec<u8> {
    line(&json!({"id": id as u64, "method": method, "params": params}))
}

/// Says who we are.
pub(super) fn initialize() -> Vec<u8> {
    let client =
        json!({"name": "ripieno", "title": "Ripieno", "version": env!("CARGO_PKG_VERSION")});
    let params = json!({"clientInfo": client, "capabilities": {"experimentalApi": true}});
    request(Request::Initialize, "initialize", &params)
}

/// The handshake is over.
pub(super) fn initialized() -> Vec<u8> {
    line(&json!({"method": "initialized"}))
}

/// Begins a thread, or takes one up again.
pub(super) fn thread(cwd: &str, model: Option<&str>, resume: Option<&str>) -> Vec<u8> {
    let mut params = json!({
        "cwd": cwd,
        "approvalPolicy": "untrusted",
        "sandbox": "danger-full-access",
    });
    if let Some(model) = model {
        params["model"] = Value::from(model);
    }
    match resume {
        Some(id) => {
            params["threadId"] = Value::from(id);
            params["excludeTurns"] = Value::from(true);
            request(Request::Thread, "thread/resume", &params)
        }
        None => request(Request::Thread, "thread/start", &params),
    }
}

/// Names the thread, for the person's own list of them (A9).
pub(super) fn name(thread: &str, name: &str) -> Vec<u8> {
    let params = json!({"threadId": thread, "name": name});
    request(Request::Name, "thread/name/set", &params)
}

/// Asks which models there are.
pub(super) fn models() -> Vec<u8> {
    request(Request::Models, "model/list", &json!({"limit": MODELS}))
}

/// Says something to the agent; with a reasoning level where one is asked for.
pub(super) fn turn(thread: &str, text: &str, effort: Option<&str>) -> Vec<u8> {
    let input = json!([{"type": "text", "text": text}]);
    let mut params = json!({"threadId": thread, "input": input});
    if let Some(effort) = effort {
        params["effort"] = Value::from(effort);
    }
    request(Request::Turn, "turn/start", &params)
}

/// Says something to the agent in the middle of its turn.
pub(super) fn steer(thread: &str, turn: &str, text: &str) -> Vec<u8> {
    let input = json!([{"type": "text", "text": text}]);
    let params = json!({"threadId": thread, "expectedTurnId": turn, "input": input});
    request(Request::Steer, "turn/steer", &params)
}

/// Ends what the agent is doing; the thread stays.
pub(super) fn interrupt(thread: &str, turn: &str) -> Vec<u8> {
    let params = json!({"threadId": thread, "turnId": turn});
    request(Request::Interrupt, "turn/interrupt", &params)
}

/// Answers a request of the agent.
pub(super) fn answer(id: &Value, result: &Value) -> Vec<u8> {
    line(&json!({"id": id, "result": result}))
}

/// Answers a request we do not know.
pub(super) fn refuse(id: &Value, why: &str) -> Vec<u8> {
    line(&rpc::refusal(id, why))
}

/// The decision about a command or a change.
pub(super) fn decision(allowed: bool) -> Value {
    json!({"decision": if allowed { "accept" } else { "decline" }})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_one_line() {
        let text = "a\nb\r\n\u{2028}\"c\"";
        for bytes in [
            initialize(),
            thread(text, Some(text), Some(text)),
            turn(text, text, Some(text)),
            models(),
            name(text, text),
            refuse(&Value::from(text), text),
        ] {
            assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 1);
            assert!(serde_json::from_slice::<Value>(&bytes).is_ok());
        }
    }

    #[test]
    fn reply_is_known_by_the_number_of_its_request() {
        assert_eq!(Request::of(&json!(2)), Some(Request::Thread));
        assert_eq!(Request::of(&json!("2")), None);
        assert_eq!(Request::of(&json!(9)), None);
    }
}
