//! The real agents the tests drive: where they are installed, and the surroundings they need.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The pinned Claude Code, installed from `tests/agents`; `RIPIENO_TEST_CLAUDE` names another one. Without any, a
/// line says that the test is skipped and why.
#[must_use]
pub fn claude() -> Option<PathBuf> {
    installed("Claude Code", "claude", "RIPIENO_TEST_CLAUDE")
}

/// The pinned Codex, found like [`claude`]; `RIPIENO_TEST_CODEX` names another one.
#[must_use]
pub fn codex() -> Option<PathBuf> {
    installed("Codex", "codex", "RIPIENO_TEST_CODEX")
}

fn installed(title: &str, program: &str, variable: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let chosen = std::env::var_os(variable).map(PathBuf::from);
    let folders = ["tests/agents", ".cache/agents"];
    let installed = folders.map(|folder| root.join(folder).join("node_modules/.bin").join(program));
    let found = chosen
        .into_iter()
        .chain(installed)
        .find_map(|path| path.canonicalize().ok());
    if found.is_none() {
        // Written directly: what a passing test prints by macro is not shown.
        let line = format!(
            "skipped: the real {title} is not installed; `npm ci --prefix tests/agents` does it\n"
        );
        std::io::stderr().write_all(line.as_bytes()).ok();
    }
    found
}

/// The environment in which Claude Code talks to a scripted server and to nobody else.
#[must_use]
pub fn claude_env(home: &Path, base_url: &str) -> BTreeMap<String, String> {
    let home = home.display().to_string();
    let pairs = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("HOME", home.as_str()),
        ("ANTHROPIC_BASE_URL", base_url),
        ("ANTHROPIC_API_KEY", "dummy"),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        // Without this a rejected or limited call is tried for minutes.
        ("CLAUDE_CODE_MAX_RETRIES", "1"),
        ("DISABLE_AUTOUPDATER", "1"),
        ("DISABLE_ERROR_REPORTING", "1"),
        ("DISABLE_TELEMETRY", "1"),
    ];
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The environment in which Codex talks to a scripted server and to nobody else; writes its settings into the home.
///
/// # Errors
/// The settings cannot be written.
pub fn codex_env(home: &Path, base_url: &str) -> io::Result<BTreeMap<String, String>> {
    let folder = home.join(".codex");
    fs::create_dir_all(&folder)?;
    // A call that fails is tried once more: enough to see it, and quick.
    let settings = format!(
        "model = \"scripted\"\nmodel_provider = \"scripted\"\n\n[model_providers.scripted]\nname = \"scripted\"\n\
         base_url = \"{base_url}/v1\"\nenv_key = \"OPENAI_API_KEY\"\nwire_api = \"responses\"\n\
         request_max_retries = 1\nstream_max_retries = 1\n"
    );
    fs::write(folder.join("config.toml"), settings)?;
    let pairs = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("HOME", &home.display().to_string()),
        ("CODEX_HOME", &folder.display().to_string()),
        ("OPENAI_API_KEY", "dummy"),
    ];
    Ok(pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect())
}
