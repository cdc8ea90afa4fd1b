//! The real agents the tests drive: where they are installed, and the surroundings they need.

use serde_json::json;
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// A real agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// Claude Code.
    Claude,
    /// Codex.
    Codex,
    /// opencode.
    Opencode,
    /// Gemini CLI.
    Gemini,
    /// Qwen Code.
    Qwen,
    /// GitHub Copilot CLI.
    Copilot,
    /// Claude Code behind its adapter.
    ClaudeAcp,
    /// Codex behind its adapter.
    CodexAcp,
}

impl Engine {
    /// All of them.
    pub const ALL: [Engine; 8] = [
        Engine::Claude,
        Engine::Codex,
        Engine::Opencode,
        Engine::Gemini,
        Engine::Qwen,
        Engine::Copilot,
        Engine::ClaudeAcp,
        Engine::CodexAcp,
    ];

    /// Its runtime kind.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Engine::Claude => "claude",
            Engine::Codex => "codex",
            Engine::Opencode => "opencode",
            Engine::Gemini => "gemini",
            Engine::Qwen => "qwen",
            Engine::Copilot => "copilot",
            Engine::ClaudeAcp => "claude-acp",
            Engine::CodexAcp => "codex-acp",
        }
    }

    /// The name of its program.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Engine::ClaudeAcp => "claude-agent-acp",
            other => other.kind(),
        }
    }

    /// Where npm installed the pinned version: from `tests/agents`, or for those that only `make test-agents` drives from
    /// `tests/agents/others`. `RIPIENO_TEST_CODEX` and so on name another program. Without any, a line says that the test
    /// is skipped and why.
    #[must_use]
    pub fn program(self) -> Option<PathBuf> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
        let variable = format!(
            "RIPIENO_TEST_{}",
            self.kind().replace('-', "_").to_uppercase()
        );
        let chosen = std::env::var_os(variable).map(PathBuf::from);
        let folders = ["tests/agents", "tests/agents/others", ".cache/agents"];
        let bin = |folder| {
            root.join(folder)
                .join("node_modules/.bin")
                .join(self.command())
        };
        let found = chosen
            .into_iter()
            .chain(folders.map(bin))
            .find_map(|path| path.canonicalize().ok());
        if found.is_none() {
            // Written directly: what a passing test prints by macro is not shown.
            let line = format!(
                "skipped: the real {} is not installed; `make test-agents` does it\n",
                self.command()
            );
            std::io::stderr().write_all(line.as_bytes()).ok();
        }
        found
    }

    /// The environment in which it talks to a scripted server and to nobody else; writes its settings into the home.
    ///
    /// # Errors
    /// The settings cannot be written.
    pub fn env(self, home: &Path, base_url: &str) -> io::Result<BTreeMap<String, String>> {
        let pairs: Vec<(&str, String)> = match self {
            Engine::Claude | Engine::ClaudeAcp => claude(base_url),
            Engine::Codex | Engine::CodexAcp => codex(home, base_url)?,
            Engine::Opencode => opencode(home, base_url)?,
            Engine::Gemini => gemini(home, base_url)?,
            Engine::Qwen => qwen(home, base_url)?,
            Engine::Copilot => copilot(base_url),
        };
        let common = [
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("HOME", home.display().to_string()),
        ];
        let own = |(name, value): (&str, String)| (name.to_owned(), value);
        Ok(common.into_iter().chain(pairs).map(own).collect())
    }

    /// Changes surroundings made by [`Engine::env`] so that a call that fails is tried as often as people's agents do.
    ///
    /// # Errors
    /// The settings cannot be written.
    pub fn try_often(self, home: &Path, env: &mut BTreeMap<String, String>) -> io::Result<()> {
        env.remove("CLAUDE_CODE_MAX_RETRIES");
        if matches!(self, Engine::Codex | Engine::CodexAcp) {
            let file = home.join(".codex/config.toml");
            let often = fs::read_to_string(&file)?.replace("_max_retries = 1", "_max_retries = 9");
            fs::write(file, often)?;
        }
        Ok(())
    }
}

fn claude(base_url: &str) -> Vec<(&'static str, String)> {
    vec![
        ("ANTHROPIC_BASE_URL", base_url.to_owned()),
        ("ANTHROPIC_API_KEY", "dummy".to_owned()),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1".to_owned()),
        // Without this a rejected or limited call is tried for minutes.
        ("CLAUDE_CODE_MAX_RETRIES", "1".to_owned()),
        ("DISABLE_AUTOUPDATER", "1".to_owned()),
        ("DISABLE_ERROR_REPORTING", "1".to_owned()),
        ("DISABLE_TELEMETRY", "1".to_owned()),
    ]
}

fn codex(home: &Path, base_url: &str) -> io::Result<Vec<(&'static str, String)>> {
    let folder = home.join(".codex");
    // A call that fails is tried once more: enough to see it, and quick.
    let settings = format!(
        "model = \"scripted\"\nmodel_provider = \"scripted\"\n\n[model_providers.scripted]\nname = \"scripted\"\n\
         base_url = \"{base_url}/v1\"\nenv_key = \"OPENAI_API_KEY\"\nwire_api = \"responses\"\n\
         request_max_retries = 1\nstream_max_retries = 1\n"
    );
    put(&folder.join("config.toml"), &settings)?;
    // Its own sandbox does not work from a home below the system's folder for temporary files.
    let temporary = home.join("tmp");
    fs::create_dir_all(&temporary)?;
    Ok(vec![
        ("TMPDIR", temporary.display().to_string()),
        ("CODEX_HOME", folder.display().to_string()),
        ("OPENAI_API_KEY", "dummy".to_owned()),
    ])
}

fn opencode(home: &Path, base_url: &str) -> io::Result<Vec<(&'static str, String)>> {
    let settings = json!({
        "provider": {"scripted": {
            "npm": "@ai-sdk/openai-compatible",
            "options": {"baseURL": format!("{base_url}/v1"), "apiKey": "dummy"},
            "models": {"scripted": {"name": "scripted", "limit": {"context": 128_000, "output": 8000},
                "cost": {"input": 1, "output": 2}}}}},
        "model": "scripted/scripted",
        "small_model": "scripted/scripted",
        "autoupdate": false,
        "share": "disabled",
    });
    put(
        &home.join(".config/opencode/opencode.json"),
        &settings.to_string(),
    )?;
    let quiet = [
        "OPENCODE_DISABLE_AUTOUPDATE",
        "OPENCODE_DISABLE_LSP_DOWNLOAD",
        "OPENCODE_DISABLE_MODELS_FETCH",
    ];
    Ok(quiet.map(|name| (name, "1".to_owned())).to_vec())
}

fn gemini(home: &Path, base_url: &str) -> io::Result<Vec<(&'static str, String)>> {
    let settings = json!({
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "model": {"name": "gemini-2.5-flash"},
        "privacy": {"usageStatisticsEnabled": false},
        "telemetry": {"enabled": false},
        "general": {"enableAutoUpdate": false, "enableAutoUpdateNotification": false},
    });
    put(&home.join(".gemini/settings.json"), &settings.to_string())?;
    Ok(vec![
        ("GEMINI_API_KEY", "dummy".to_owned()),
        ("GOOGLE_GEMINI_BASE_URL", base_url.to_owned()),
        ("GEMINI_CLI_TRUST_WORKSPACE", "true".to_owned()),
    ])
}

fn qwen(home: &Path, base_url: &str) -> io::Result<Vec<(&'static str, String)>> {
    let settings = json!({
        "security": {"auth": {"selectedType": "openai"}},
        "privacy": {"usageStatisticsEnabled": false},
        "telemetry": {"enabled": false},
        "general": {"disableAutoUpdate": true},
    });
    put(&home.join(".qwen/settings.json"), &settings.to_string())?;
    Ok(vec![
        ("OPENAI_API_KEY", "dummy".to_owned()),
        ("OPENAI_BASE_URL", format!("{base_url}/v1")),
        ("OPENAI_MODEL", "scripted".to_owned()),
    ])
}

fn copilot(base_url: &str) -> Vec<(&'static str, String)> {
    vec![
        ("COPILOT_OFFLINE", "true".to_owned()),
        ("COPILOT_PROVIDER_BASE_URL", format!("{base_url}/v1")),
        ("COPILOT_PROVIDER_API_KEY", "dummy".to_owned()),
        ("COPILOT_MODEL", "scripted".to_owned()),
    ]
}

fn put(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text)
}
