//! The real agents the tests drive: where they are installed, and the surroundings they need.

use std::{
    collections::BTreeMap,
    io::Write,
    path::{Path, PathBuf},
};

/// The pinned Claude Code, installed from `tests/agents`; `RIPIENO_TEST_CLAUDE` names another one. Without any, a
/// line says that the test is skipped and why.
#[must_use]
pub fn claude() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let chosen = std::env::var_os("RIPIENO_TEST_CLAUDE").map(PathBuf::from);
    let installed = ["tests/agents", ".cache/agents"]
        .map(|folder| root.join(folder).join("node_modules/.bin/claude"));
    let found = chosen
        .into_iter()
        .chain(installed)
        .find_map(|path| path.canonicalize().ok());
    if found.is_none() {
        // Written directly: what a passing test prints by macro is not shown.
        let line = "skipped: the real Claude Code is not installed; `npm ci --prefix tests/agents` does it\n";
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
