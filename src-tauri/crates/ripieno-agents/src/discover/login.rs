//! Whether somebody is signed in, told without the network and without reading a secret into memory.

use std::{collections::BTreeMap, path::PathBuf};

/// Whether Claude Code has a login: a key in the environment, a credentials file, or a helper that makes keys.
/// `None` where the system's keyring may hold one.
pub(super) fn claude(env: &BTreeMap<String, String>) -> Option<bool> {
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
