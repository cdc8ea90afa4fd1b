//! Codex over its app-server: JSON-RPC by lines, both ways (A3).
//!
//! Owns the protocol of that program. Its own sandbox is off: every command that it does not hold for harmless, every
//! change of a file and every call of another server's tool comes to us, and the approval level or a person decides (A5).

mod control;
mod conversation;
mod desk;
mod items;
mod verdict;
mod wire;

#[cfg(test)]
mod recordings;

use crate::{
    Agent, Capabilities, Run, RunSpec, Work,
    dialogue::{self, policy::Policy},
    process::Launcher,
    tools::{SERVER, TaskTools, VARIABLES},
};
use conversation::Conversation;
use ripieno_core::failure::{Class, Failure};
use serde_json::Value;
use std::{ffi::OsString, path::PathBuf};

/// The oldest version this adapter was driven with.
pub const MINIMUM_VERSION: &str = "0.169.0";

/// How long our server may take to start, in seconds: a busy machine is no broken server.
const STARTUP: u64 = 30;

/// Runs Codex.
#[derive(Clone, Debug)]
pub struct Codex {
    program: PathBuf,
    launcher: Launcher,
}

impl Codex {
    /// Runs this program below supervisors of this launcher; [`crate::discover`] finds it.
    #[must_use]
    pub fn new(program: PathBuf, launcher: Launcher) -> Self {
        Codex { program, launcher }
    }
}

/// A conversation that no process holds.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn dialogue_of(spec: &RunSpec) -> impl dialogue::Dialogue {
    Conversation::new(spec, "write a file", Policy::new(spec))
}

impl Agent for Codex {
    fn kind(&self) -> &str {
        "codex"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            resume: true,
            answer_in_place: true,
            comments: true,
            tells_tokens: true,
            tells_money: false,
        }
    }

    fn env_names(&self) -> Vec<&str> {
        ENV_NAMES.to_vec()
    }

    fn skills_folder(&self) -> Option<&str> {
        Some(".agents/skills")
    }

    async fn start(&self, spec: RunSpec) -> Result<Run, Failure> {
        let Work::Prompt(prompt) = &spec.work else {
            let text = "Codex takes prompts: a script needs the shell";
            return Err(Failure::new(Class::InvalidRequest, text));
        };
        let conversation = Conversation::new(&spec, prompt, Policy::new(&spec));
        let program = self.program.clone();
        let arguments = arguments(spec.tools.as_ref());
        dialogue::start(&self.launcher, program, arguments, &spec, conversation).await
    }
}

/// The program's arguments: what is said goes over the protocol (sec-8).
fn arguments(tools: Option<&TaskTools>) -> Vec<OsString> {
    // It neither looks for a newer version of itself nor reports home while it works for somebody.
    let quiet = [
        "check_for_update_on_startup=false",
        "analytics.enabled=false",
        "feedback.enabled=false",
    ];
    let servers = tools.map(server).into_iter().flatten();
    let mut args = vec![OsString::from("app-server")];
    for setting in quiet.map(str::to_owned).into_iter().chain(servers) {
        args.extend(["-c".into(), setting.into()]);
    }
    args
}

/// The settings of our server. The program gives a server nothing of its environment but what is named: names only, so that
/// no secret is an argument.
fn server(tools: &TaskTools) -> [String; 5] {
    // A JSON text or list of texts is one of TOML too.
    let set = |key: &str, value: Value| format!("mcp_servers.{SERVER}.{key}={value}");
    [
        set("command", tools.program().into()),
        set("args", tools.arguments(None).into()),
        set("env_vars", VARIABLES.as_slice().into()),
        set("startup_timeout_sec", STARTUP.into()),
        set("tool_timeout_sec", tools.timeout().as_secs().into()),
    ]
}

/// What the program reads of its surroundings.
pub(crate) const ENV_NAMES: &[&str] = &[
    "AZURE_OPENAI_API_KEY",
    "CODEX_API_KEY",
    "CODEX_CA_CERTIFICATE",
    "CODEX_HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_ORGANIZATION",
    "OPENAI_PROJECT",
    "SSL_CERT_FILE",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];
