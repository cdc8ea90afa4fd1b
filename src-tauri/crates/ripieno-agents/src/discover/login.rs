//! Whether somebody is signed in, told without the network and without reading a secret into memory.

use std::{collections::BTreeMap, path::PathBuf};

/// How the login of an agent is told.
pub(super) struct Login {
    /// Whether one is there; `None` where that cannot be told.
    pub(super) found: fn(&BTreeMap<String, String>) -> Option<bool>,
    /// What to do when there is none.
    pub(super) remedy: &'static str,
}

/// How the login of this kind of agent is told; `None` where nobody knows how.
pub(super) fn of(kind: &str) -> Option<Login> {
    let login = match kind {
        "claude" => Login {
            found: claude,
            remedy: "start claude once in a terminal to sign in, or set ANTHROPIC_API_KEY",
        },
        "codex" => Login {
            found: codex,
            remedy: "run `codex login` once in a terminal, or set OPENAI_API_KEY",
        },
        _ => return None,
    };
    Some(login)
}

/// Whether Codex has a login: a key in the environment or its own file. `None` where its settings name a provider
/// that has a login of its own.
fn codex(env: &BTreeMap<String, String>) -> Option<bool> {
    let set = |name: &&str| env.get(*name).is_some_and(|value| !value.is_empty());
    if ["OPENAI_API_KEY", "CODEX_API_KEY"].iter().any(set) {
        return Some(true);
    }
    let chosen = env.get("CODEX_HOME").filter(|folder| !folder.is_empty());
    let folder = chosen.map(PathBuf::from).or_else(|| {
        env.get("HOME")
            .map(|home| PathBuf::from(home).join(".codex"))
    })?;
    if folder.join("auth.json").exists() {
        return Some(true);
    }
    let settings = std::fs::read_to_string(folder.join("config.toml")).unwrap_or_default();
    (!settings.contains("model_provider")).then_some(false)
}

/// Whether Claude Code has a login: a key in the environment, a credentials file, or a helper that makes keys.
/// `None` where the system's keyring may hold one.
fn claude(env: &BTreeMap<String, String>) -> Option<bool> {
    const NAMES: [&str; 5] = [
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "CLAUDE_CODE_OAUTH_TOKEN",
        "CLAUDE_CODE_USE_BEDROCK",
        "CLAUDE_CODE_USE_VERTEX",
    ];
    let set = |name: &&str| env.get(*name).is_some_and(|value| !value.is_empty());
    if NAMES.iter().any(set) {
        return Some(true);
    }
    let home = env.get("HOME").map(PathBuf::from);
    let chosen = env
        .get("CLAUDE_CONFIG_DIR")
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from);
    let folder = chosen
        .clone()
        .or_else(|| home.as_ref().map(|home| home.join(".claude")))?;
    let says = |file: PathBuf, word: &str| {
        std::fs::read_to_string(file).is_ok_and(|text| text.contains(word))
    };
    let account = chosen.or(home).map(|folder| folder.join(".claude.json"));
    let here = folder.join(".credentials.json").exists()
        || says(folder.join("settings.json"), "\"apiKeyHelper\"")
        || account.is_some_and(|file| says(file, "\"primaryApiKey\""));
    match here {
        true => Some(true),
        // macOS keeps the login in its keychain.
        false if cfg!(target_os = "macos") => None,
        false => Some(false),
    }
}
