//! The agents that speak the protocol, one row each: what is special about a program stays here.

use crate::tools::{NAMES, SERVER};
use serde_json::{Value, json};

/// How an agent tells, in a request for leave, that the call is one of our own tools (A6). What its model words does not count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ours {
    /// In no way that is known: leave is asked for.
    Untold,
    /// By the title it makes for calls of servers: the tool's name between these.
    Title(&'static str, &'static str),
    /// By server and tool in an input it makes itself.
    Input,
    /// By the name of the tool beside the call (`_meta.toolName`), which it makes of server and tool.
    Meta,
}

/// How one program is started and spoken to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Profile {
    /// The runtime kind: `opencode`, ...
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Its fixed arguments.
    pub arguments: Vec<String>,
    /// Settings it gets at every run, by name and value: they make it ask before it acts.
    pub settings: Vec<(String, String)>,
    /// The variables it reads, taken from the worker's own environment.
    pub env_names: Vec<String>,
    /// The argument that chooses the model; without one the session is told.
    pub model_flag: Option<String>,
    /// The mode of a session in which it asks before it acts, where it has modes.
    pub mode: Option<String>,
    /// Whether it tells the tokens of every turn that called a model, whoever provides that: a turn without any is no success then.
    pub counts: bool,
    /// Whether it tells the tokens of its turns at all.
    pub tells_tokens: bool,
    /// Whether it tells what its session costs.
    pub tells_money: bool,
    /// What it says, as an answer, in place of one: the turn has failed although it calls it ended.
    pub complaints: Vec<String>,
    /// The words before a session's id that take it up again in a terminal.
    pub resume: Option<String>,
    /// The argument that names servers, where it takes programs as servers from there only.
    pub servers_flag: Option<String>,
    /// How it tells that a call is one of our tools.
    pub ours: Ours,
    /// Where it looks for skills, below the folder it works in.
    pub skills: String,
}

impl Profile {
    /// A program of somebody's own: nothing is known of it but how it is called.
    #[must_use]
    pub fn custom(kind: &str, name: &str, arguments: Vec<String>) -> Self {
        Profile {
            kind: kind.to_owned(),
            name: name.to_owned(),
            arguments,
            settings: Vec::new(),
            env_names: Vec::new(),
            model_flag: None,
            mode: None,
            counts: false,
            tells_tokens: false,
            tells_money: false,
            complaints: Vec::new(),
            resume: None,
            servers_flag: None,
            ours: Ours::Untold,
            skills: ".agents/skills".to_owned(),
        }
    }

    /// The profile of a known agent; `None` for a kind that does not speak the protocol.
    #[must_use]
    pub fn known(kind: &str) -> Option<Self> {
        let row = |name: &str, arguments: &[&str], env_names: &[&[&str]]| Profile {
            env_names: owned(env_names.concat().as_slice()),
            ..Self::custom(kind, name, owned(arguments))
        };
        let profile = match kind {
            "opencode" => Profile {
                settings: opencode_settings(),
                tells_tokens: true,
                tells_money: true,
                resume: Some("opencode --session".to_owned()),
                ..row("opencode", &["acp"], &[OPENCODE, PROVIDERS])
            },
            "gemini" => Profile {
                model_flag: Some("--model".to_owned()),
                counts: true,
                tells_tokens: true,
                mode: Some("default".to_owned()),
                resume: Some("gemini --resume".to_owned()),
                ours: Ours::Title("", " (ripieno MCP Server)"),
                skills: ".gemini/skills".to_owned(),
                ..row(
                    "Gemini CLI",
                    &["--acp", "--approval-mode=default"],
                    &[GEMINI],
                )
            },
            "qwen" => Profile {
                mode: Some("default".to_owned()),
                // Tools of a server that is there only after the session has begun are never shown to its model.
                settings: vec![("QWEN_CODE_LEGACY_MCP_BLOCKING".to_owned(), "1".to_owned())],
                resume: Some("qwen --resume".to_owned()),
                ours: Ours::Meta,
                skills: ".qwen/skills".to_owned(),
                ..row(
                    "Qwen Code",
                    // Without its search for tools the model sees ours at once.
                    &[
                        "--acp",
                        "--approval-mode=default",
                        "--exclude-tools=tool_search",
                    ],
                    &[QWEN, PROVIDERS],
                )
            },
            "copilot" => Profile {
                tells_tokens: true,
                complaints: owned(&[
                    "Error: Failed to get response from the AI model",
                    "Error: Authentication failed with provider",
                    "Error: The provider rejected",
                ]),
                resume: Some("copilot --resume".to_owned()),
                servers_flag: Some("--additional-mcp-config".to_owned()),
                skills: ".github/skills".to_owned(),
                ..row(
                    "GitHub Copilot CLI",
                    // It names a tool without its server when it asks: ours pass by its own rule.
                    &["--acp", "--no-auto-update", "--allow-tool=ripieno"],
                    &[COPILOT],
                )
            },
            "claude-acp" => Profile {
                tells_tokens: true,
                tells_money: true,
                mode: Some("default".to_owned()),
                resume: Some("claude --resume".to_owned()),
                // Its model sees our tools at once, as that of Claude Code itself does, instead of a search for them.
                settings: vec![("ENABLE_TOOL_SEARCH".to_owned(), "false".to_owned())],
                ours: Ours::Title("mcp__ripieno__", ""),
                skills: ".claude/skills".to_owned(),
                ..row("Claude Code", &[], &[crate::claude::ENV_NAMES])
            },
            "codex-acp" => Profile {
                tells_tokens: true,
                complaints: owned(&[
                    "{\"error\":{\"type\":",
                    "exceeded retry limit, last status:",
                    "stream disconnected before completion",
                    "currently experiencing high demand",
                ]),
                mode: Some("read-only".to_owned()),
                resume: Some("codex resume".to_owned()),
                ours: Ours::Input,
                ..row("Codex", &[], &[crate::codex::ENV_NAMES])
            },
            "goose" => row("Goose", &["acp"], &[GOOSE, PROVIDERS]),
            "kimi" => row("Kimi CLI", &["acp"], &[KIMI]),
            _ => return None,
        };
        Some(profile)
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// What opencode is told at every start: whatever it may ask about it asks about, whoever says otherwise. Its own settings and those
/// of the repository it works in come before these two.
fn opencode_settings() -> Vec<(String, String)> {
    let ask = [
        "*",
        "read",
        "edit",
        "glob",
        "grep",
        "list",
        "bash",
        "external_directory",
        "webfetch",
        "websearch",
        "codesearch",
        "lsp",
        "skill",
        "doom_loop",
    ];
    // Our own tools by their whole names (A6): a server of somebody else may be called nearly the same.
    let ours = NAMES.map(|name| format!("{SERVER}_{name}"));
    let own = ["task", "todowrite", "todoread"].map(str::to_owned);
    let rules: serde_json::Map<String, Value> = ask
        .iter()
        .map(|name| ((*name).to_owned(), Value::from("ask")))
        .chain(
            own.into_iter()
                .chain(ours)
                .map(|name| (name, Value::from("allow"))),
        )
        .collect();
    // The rules of an agent win over those of everything.
    let agents: serde_json::Map<String, Value> = ["build", "plan", "general", "explore"]
        .iter()
        .map(|name| ((*name).to_owned(), json!({"permission": rules})))
        .collect();
    let settings = json!({"default_agent": "build", "agent": agents});
    vec![
        ("OPENCODE_CONFIG_CONTENT".to_owned(), settings.to_string()),
        (
            "OPENCODE_PERMISSION".to_owned(),
            Value::from(rules).to_string(),
        ),
    ]
}

const OPENCODE: &[&str] = &[
    "OPENCODE_API_KEY",
    "OPENCODE_CONFIG",
    "OPENCODE_CONFIG_DIR",
    "OPENCODE_DISABLE_AUTOUPDATE",
    "OPENCODE_DISABLE_LSP_DOWNLOAD",
    "OPENCODE_DISABLE_MODELS_FETCH",
];

/// The keys of the providers that agents of any provider read.
const PROVIDERS: &[&str] = &[
    "ANTHROPIC_API_KEY",
    "AZURE_API_KEY",
    "DEEPSEEK_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "GROQ_API_KEY",
    "MISTRAL_API_KEY",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENROUTER_API_KEY",
    "XAI_API_KEY",
];

const GEMINI: &[&str] = &[
    "GEMINI_API_KEY",
    "GEMINI_CLI_TRUST_WORKSPACE",
    "GEMINI_MODEL",
    "GOOGLE_API_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_LOCATION",
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_GEMINI_BASE_URL",
    "GOOGLE_GENAI_USE_GCA",
    "GOOGLE_GENAI_USE_VERTEXAI",
];

const QWEN: &[&str] = &["DASHSCOPE_API_KEY", "OPENAI_MODEL", "QWEN_HOME"];

const COPILOT: &[&str] = &[
    "COPILOT_GITHUB_TOKEN",
    "COPILOT_HOME",
    "COPILOT_MODEL",
    "COPILOT_OFFLINE",
    "COPILOT_PROVIDER_API_KEY",
    "COPILOT_PROVIDER_BASE_URL",
    "COPILOT_PROVIDER_TYPE",
];

const GOOSE: &[&str] = &["GOOSE_MODEL", "GOOSE_PROVIDER"];

const KIMI: &[&str] = &["KIMI_API_KEY", "KIMI_BASE_URL", "KIMI_MODEL_NAME"];
