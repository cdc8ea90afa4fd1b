//! The lines we write to an agent: requests of ours, and answers to its requests.

use super::profile::Profile;
use crate::{
    dialogue::rpc,
    tools::{SERVER, TaskTools},
};
use agent_client_protocol_schema::{
    ProtocolVersion,
    v1::{
        AgentCapabilities, CancelNotification, ClientCapabilities, ContentBlock,
        ElicitationCapabilities, ElicitationFormCapabilities, ElicitationUrlCapabilities,
        EnvVariable, Implementation, InitializeRequest, LoadSessionRequest, McpServer,
        McpServerStdio, NewSessionRequest, PromptRequest, ResumeSessionRequest,
        SetSessionConfigOptionRequest, SetSessionModeRequest, TextContent,
    },
};
use serde::Serialize;
use serde_json::{Value, json};
use std::time::Duration;

/// How long a question waits within its call: these agents give a tool up after a minute, and the protocol cannot tell them
/// otherwise. The answer comes with a turn of its own then.
const PATIENCE: Duration = Duration::from_secs(45);

/// What a request of ours is for; the reply is known by its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Request {
    /// The handshake.
    Initialize,
    /// The session is begun, or taken up again.
    Session,
    /// The session asks before it acts.
    Mode,
    /// The model is chosen.
    Model,
    /// The reasoning level is chosen.
    Effort,
    /// A turn.
    Prompt(u64),
}

impl Request {
    /// The first number of a turn; each turn has its own.
    const TURNS: u64 = 10;

    /// The request that a reply belongs to.
    pub(super) fn of(id: &Value) -> Option<Self> {
        match id.as_u64()? {
            1 => Some(Self::Initialize),
            2 => Some(Self::Session),
            3 => Some(Self::Mode),
            4 => Some(Self::Model),
            5 => Some(Self::Effort),
            number => number.checked_sub(Self::TURNS).map(Self::Prompt),
        }
    }

    fn number(self) -> u64 {
        match self {
            Self::Initialize => 1,
            Self::Session => 2,
            Self::Mode => 3,
            Self::Model => 4,
            Self::Effort => 5,
            Self::Prompt(turn) => Self::TURNS.saturating_add(turn),
        }
    }
}

fn request(request: Request, method: &str, params: &impl Serialize) -> Vec<u8> {
    let line =
        json!({"jsonrpc": "2.0", "id": request.number(), "method": method, "params": params});
    rpc::line(&line)
}

/// Says who we are. Files and terminals are not offered: every agent then works on the disk itself, below our supervisor.
pub(super) fn initialize() -> Vec<u8> {
    let forms = ElicitationCapabilities::new()
        .form(ElicitationFormCapabilities::new())
        .url(ElicitationUrlCapabilities::new());
    let client =
        Implementation::new("ripieno", env!("CARGO_PKG_VERSION")).title("Ripieno".to_owned());
    let params = InitializeRequest::new(ProtocolVersion::V1)
        .client_capabilities(ClientCapabilities::new().elicitation(forms))
        .client_info(client);
    request(Request::Initialize, "initialize", &params)
}

/// Our server, for a session: beside those of the person's own settings. No secret goes over the protocol; the server is known by
/// its descent, and by the token where the agent passes its environment on.
fn servers(tools: Option<&TaskTools>) -> Vec<McpServer> {
    let server = tools.map(|tools| {
        let socket = EnvVariable::new("RIPIENO_SOCKET", tools.socket.display().to_string());
        McpServerStdio::new(SERVER, &tools.command)
            .args(tools.arguments(Some(PATIENCE)))
            .env(vec![socket])
    });
    server.map(McpServer::Stdio).into_iter().collect()
}

/// Begins a session.
pub(super) fn new_session(folder: &str, tools: Option<&TaskTools>) -> Vec<u8> {
    let params = NewSessionRequest::new(folder).mcp_servers(servers(tools));
    request(Request::Session, "session/new", &params)
}

/// Takes a session up again, without its history where the agent can; `None` where it cannot at all.
pub(super) fn old_session(
    can: &AgentCapabilities,
    id: &str,
    folder: &str,
    tools: Option<&TaskTools>,
) -> Option<Vec<u8>> {
    if can.session_capabilities.resume.is_some() {
        let params = ResumeSessionRequest::new(id.to_owned(), folder).mcp_servers(servers(tools));
        return Some(request(Request::Session, "session/resume", &params));
    }
    can.load_session.then(|| {
        let params = LoadSessionRequest::new(id.to_owned(), folder).mcp_servers(servers(tools));
        request(Request::Session, "session/load", &params)
    })
}

/// Chooses how freely the agent acts by itself.
pub(super) fn mode(session: &str, mode: &str) -> Vec<u8> {
    let params = SetSessionModeRequest::new(session.to_owned(), mode.to_owned());
    request(Request::Mode, "session/set_mode", &params)
}

/// Chooses the model by the option of the session that is for it.
pub(super) fn model(session: &str, option: &str, model: &str) -> Vec<u8> {
    let params = SetSessionConfigOptionRequest::new(session.to_owned(), option.to_owned(), model);
    request(Request::Model, "session/set_config_option", &params)
}

/// Chooses the reasoning level.
pub(super) fn effort(session: &str, option: &str, level: &str) -> Vec<u8> {
    let params = SetSessionConfigOptionRequest::new(session.to_owned(), option.to_owned(), level);
    request(Request::Effort, "session/set_config_option", &params)
}

/// Chooses the model as agents took it before sessions had options.
pub(super) fn older_model(session: &str, model: &str) -> Vec<u8> {
    let params = json!({"sessionId": session, "modelId": model});
    request(Request::Model, "session/set_model", &params)
}

/// Says something to the agent.
pub(super) fn prompt(session: &str, turn: u64, text: &str) -> Vec<u8> {
    let said = vec![ContentBlock::Text(TextContent::new(text.to_owned()))];
    let params = PromptRequest::new(session.to_owned(), said);
    request(Request::Prompt(turn), "session/prompt", &params)
}

/// Ends what the agent is doing; the session stays.
pub(super) fn cancel(session: &str) -> Vec<u8> {
    let params = CancelNotification::new(session.to_owned());
    rpc::line(&json!({"jsonrpc": "2.0", "method": "session/cancel", "params": params}))
}

/// Answers a request of the agent.
pub(super) fn answer(id: &Value, result: &Value) -> Vec<u8> {
    rpc::line(&json!({"jsonrpc": "2.0", "id": id, "result": result}))
}

/// Refuses a request of the agent.
pub(super) fn refuse(id: &Value, why: &str) -> Vec<u8> {
    let mut refusal = rpc::refusal(id, why);
    refusal["jsonrpc"] = Value::from("2.0");
    rpc::line(&refusal)
}

/// The outcome of a request for leave: one of its options, or none.
pub(super) fn outcome(option: Option<&str>) -> Value {
    match option {
        Some(id) => json!({"outcome": {"outcome": "selected", "optionId": id}}),
        None => json!({"outcome": {"outcome": "cancelled"}}),
    }
}

/// The arguments of the program (sec-8: what is said goes over the protocol).
pub(super) fn arguments(
    profile: &Profile,
    model: Option<&str>,
    tools: Option<&TaskTools>,
) -> Vec<std::ffi::OsString> {
    let mut args: Vec<std::ffi::OsString> = profile.arguments.iter().map(Into::into).collect();
    if let (Some(flag), Some(model)) = (&profile.model_flag, model) {
        args.push(format!("{flag}={model}").into());
    }
    if let (Some(flag), Some(tools)) = (&profile.servers_flag, tools) {
        let server = json!({
            "type": "local",
            "command": tools.program(),
            "args": tools.arguments(Some(PATIENCE)),
            "env": {"RIPIENO_SOCKET": tools.socket.display().to_string()},
            "tools": ["*"],
        });
        let servers = json!({"mcpServers": {SERVER: server}});
        args.extend([flag.into(), servers.to_string().into()]);
    }
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_one_line() {
        let text = "a\nb\r\n\u{2028}\"c\"";
        let can = AgentCapabilities::new().load_session(true);
        let tools = TaskTools {
            command: text.into(),
            socket: text.into(),
            window: Duration::ZERO,
        };
        for bytes in [
            initialize(),
            new_session(text, Some(&tools)),
            old_session(&can, text, text, Some(&tools)).unwrap(),
            mode(text, text),
            model(text, text, text),
            effort(text, text, text),
            older_model(text, text),
            prompt(text, 0, text),
            cancel(text),
            refuse(&Value::from(text), text),
        ] {
            assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 1);
            let value: Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(value["jsonrpc"], "2.0");
        }
    }

    #[test]
    fn reply_is_known_by_the_number_of_its_request() {
        for known in [
            Request::Initialize,
            Request::Model,
            Request::Effort,
            Request::Prompt(0),
            Request::Prompt(7),
        ] {
            assert_eq!(Request::of(&json!(known.number())), Some(known));
        }
        assert_eq!(Request::of(&json!("2")), None);
        assert_eq!(Request::of(&json!(9)), None);
    }
}
