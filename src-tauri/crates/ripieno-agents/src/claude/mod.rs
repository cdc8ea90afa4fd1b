//! Claude Code over `stream-json`, both ways (A3): prompt, tools, usage, questions and permission requests.
//!
//! Owns the protocol of that program. Refuses any flag that switches its permissions off: what may run is
//! decided here, by the approval level, or by a person (A5).

mod control;
mod conversation;
mod desk;
mod reader;
mod tally;
mod tools;
mod verdict;
mod wire;

#[cfg(test)]
mod recordings;

use crate::{
    Agent, Capabilities, Run, RunSpec, Session, Work,
    dialogue::{self, policy::Policy},
    process::Launcher,
    tools::{SERVER, TaskTools},
};
use conversation::Conversation;
use ripieno_core::failure::{Class, Failure};
use serde_json::json;
use std::{ffi::OsString, path::PathBuf};

/// How much of the task's title names the session (A9), in characters.
const TITLE: usize = 80;

/// The oldest version this adapter was driven with.
pub const MINIMUM_VERSION: &str = "2.1.197";

/// Every tool that reads, changes, runs or reaches out is asked for, whatever the person's own settings of the
/// program allow: the approval level decides, in one place (A5). Its own sandbox lets commands pass before these rules are
/// looked at, where the person has switched that on.
const ASK_FOR: &str = r#"{"permissions":{"ask":["Bash","PowerShell","Monitor","Read","Glob","Grep","LSP","Edit","Write","NotebookEdit","WebFetch","WebSearch","Workflow","EnterWorktree","CronCreate","mcp__*"]},"sandbox":{"autoAllowBashIfSandboxed":false}}"#;

/// Runs Claude Code.
#[derive(Clone, Debug)]
pub struct Claude {
    program: PathBuf,
    launcher: Launcher,
}

impl Claude {
    /// Runs this program below supervisors of this launcher; [`crate::discover`] finds it.
    #[must_use]
    pub fn new(program: PathBuf, launcher: Launcher) -> Self {
        Claude { program, launcher }
    }
}

/// A conversation that no process holds.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn dialogue_of(spec: &RunSpec) -> impl dialogue::Dialogue {
    Conversation::new("write a file", Policy::new(spec))
}

impl Agent for Claude {
    fn kind(&self) -> &str {
        "claude"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            resume: true,
            answer_in_place: true,
            comments: true,
            tells_tokens: true,
            tells_money: true,
        }
    }

    fn env_names(&self) -> Vec<&str> {
        ENV_NAMES.to_vec()
    }

    fn skills_folder(&self) -> Option<&str> {
        Some(".claude/skills")
    }

    async fn start(&self, mut spec: RunSpec) -> Result<Run, Failure> {
        let Work::Prompt(prompt) = &spec.work else {
            let text = "Claude Code takes prompts: a script needs the shell";
            return Err(Failure::new(Class::InvalidRequest, text));
        };
        let conversation = Conversation::new(prompt, Policy::new(&spec));
        let surroundings = spec.tools.as_ref().map(surroundings);
        spec.env.extend(surroundings.into_iter().flatten());
        let program = self.program.clone();
        dialogue::start(
            &self.launcher,
            program,
            arguments(&spec),
            &spec,
            conversation,
        )
        .await
    }
}

/// The program's arguments. The prompt is never among them (sec-8).
fn arguments(spec: &RunSpec) -> Vec<OsString> {
    let fixed = [
        "-p",
        "--output-format",
        "stream-json",
        "--input-format",
        "stream-json",
        "--verbose",
        "--include-partial-messages",
        "--permission-prompt-tool",
        "stdio",
        // Against a mode of the person's own settings that asks for less.
        "--permission-mode",
        "default",
        "--settings",
        ASK_FOR,
    ];
    let mut args: Vec<OsString> = fixed.iter().map(OsString::from).collect();
    match &spec.session {
        Session::New(id) => args.extend(["--session-id".into(), id.to_string().into()]),
        // One word: an id that begins with a dash stays an id.
        Session::Resume(id) => args.push(format!("--resume={id}").into()),
    }
    if let Some(most) = spec.most_micros {
        // It alone knows what a call costs before the turn is over.
        let dollars = format!("{}.{:06}", most / 1_000_000, most % 1_000_000);
        args.push(format!("--max-budget-usd={dollars}").into());
    }
    if let Some(tools) = &spec.tools {
        args.extend(["--mcp-config".into(), servers(tools).into()]);
    }
    if let Some(model) = &spec.model {
        args.push(format!("--model={model}").into());
    }
    if let Some(effort) = &spec.effort {
        args.push(format!("--effort={effort}").into());
    }
    let title: String = spec
        .title
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(TITLE)
        .collect();
    if !title.is_empty() {
        args.push(format!("--name={title}").into());
    }
    args
}

/// Our server, beside those of the person's own settings. It inherits the program's environment, the token among it: no
/// secret is an argument.
fn servers(tools: &TaskTools) -> String {
    let server =
        json!({"type": "stdio", "command": tools.program(), "args": tools.arguments(None)});
    json!({"mcpServers": {SERVER: server}}).to_string()
}

/// With our tools the program shows its model every tool at once, instead of a search for them, and has patience for a
/// question.
fn surroundings(tools: &TaskTools) -> [(String, String); 2] {
    let timeout = tools.timeout().as_millis().to_string();
    [
        ("ENABLE_TOOL_SEARCH".to_owned(), "false".to_owned()),
        ("MCP_TOOL_TIMEOUT".to_owned(), timeout),
    ]
}

/// What the program reads of its surroundings.
pub(crate) const ENV_NAMES: &[&str] = &[
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_BEDROCK_BASE_URL",
    "ANTHROPIC_CUSTOM_HEADERS",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL",
    "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "ANTHROPIC_MODEL",
    "ANTHROPIC_SMALL_FAST_MODEL",
    "ANTHROPIC_VERTEX_PROJECT_ID",
    "API_TIMEOUT_MS",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_PROFILE",
    "AWS_REGION",
    "BASH_DEFAULT_TIMEOUT_MS",
    "BASH_MAX_TIMEOUT_MS",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    "CLAUDE_CODE_MAX_OUTPUT_TOKENS",
    "CLAUDE_CODE_MAX_RETRIES",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CONFIG_DIR",
    "CLOUD_ML_REGION",
    "DISABLE_AUTOUPDATER",
    "DISABLE_ERROR_REPORTING",
    "DISABLE_TELEMETRY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "MAX_THINKING_TOKENS",
    "NO_PROXY",
    "NODE_EXTRA_CA_CERTS",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];
