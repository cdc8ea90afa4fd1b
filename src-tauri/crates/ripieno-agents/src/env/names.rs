//! Which names may reach a performer, and which never do (R10, sec-7).

/// The basics every program expects. `LC_*` goes with them; `TERM`, `PATH` and `TMPDIR` are made, not taken.
pub const BASICS: &[&str] = &[
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "all_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    // Behind a proxy of a company these say whom to trust.
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NIX_SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    // Without these a program on Windows does not start.
    "SystemRoot",
    "SystemDrive",
    "windir",
    "ComSpec",
    "PATHEXT",
    "APPDATA",
    "LOCALAPPDATA",
    "USERPROFILE",
    "ProgramData",
    "ProgramFiles",
    "NUMBER_OF_PROCESSORS",
];

/// The published list of toolchain variables of the login shell: where compilers, interpreters and package stores are.
/// No name here carries a secret or code to run.
pub const TOOLCHAIN: &[&str] = &[
    "ANDROID_HOME",
    "ANDROID_NDK_HOME",
    "ANDROID_SDK_ROOT",
    "ASDF_DATA_DIR",
    "ASDF_DIR",
    "BUN_INSTALL",
    "CARGO_HOME",
    "CARGO_TARGET_DIR",
    "CC",
    "CMAKE_PREFIX_PATH",
    "COMPOSER_HOME",
    "CONDA_DEFAULT_ENV",
    "CONDA_PREFIX",
    "COREPACK_HOME",
    "CUDA_HOME",
    "CUDA_PATH",
    "CXX",
    "DENO_DIR",
    "DENO_INSTALL",
    "DOTNET_ROOT",
    "FNM_DIR",
    "FNM_MULTISHELL_PATH",
    "GEM_HOME",
    "GEM_PATH",
    "GOBIN",
    "GOCACHE",
    "GOMODCACHE",
    "GOPATH",
    "GOROOT",
    "GRADLE_HOME",
    "GRADLE_USER_HOME",
    "HOMEBREW_CELLAR",
    "HOMEBREW_PREFIX",
    "HOMEBREW_REPOSITORY",
    "JAVA_HOME",
    "JDK_HOME",
    "M2_HOME",
    "MAVEN_HOME",
    "MISE_DATA_DIR",
    "NIX_PATH",
    "NIX_PROFILES",
    "NVM_BIN",
    "NVM_DIR",
    "N_PREFIX",
    "OPAM_SWITCH_PREFIX",
    "PIPX_HOME",
    "PIP_CACHE_DIR",
    "PKG_CONFIG_PATH",
    "PNPM_HOME",
    "POETRY_HOME",
    "PYENV_ROOT",
    "RBENV_ROOT",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "SDKMAN_DIR",
    "SDKROOT",
    "UV_CACHE_DIR",
    "VIRTUAL_ENV",
    "VOLTA_HOME",
    "YARN_CACHE_FOLDER",
];

/// Names nobody may pass: they load or run code in every program that starts.
const LOADERS: &[&str] = &[
    "BASH_ENV",
    "ENV",
    "GCONV_PATH",
    "GIT_ASKPASS",
    "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF",
    "GIT_PROXY_COMMAND",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "IFS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "NODE_OPTIONS",
    "NODE_REPL_EXTERNAL_MODULE",
    "PERL5LIB",
    "PERL5OPT",
    "PROMPT_COMMAND",
    "PS4",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "RUBYLIB",
    "RUBYOPT",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "SSH_ASKPASS",
    "ZDOTDIR",
    "_JAVA_OPTIONS",
];

/// The same by how they begin. `BASH_FUNC_` is a function a shell would take over.
const LOADER_PREFIXES: &[&str] = &["LD_", "DYLD_", "BASH_FUNC_", "GIT_CONFIG_"];

/// Names we make ourselves.
const OURS: &[&str] = &[
    "HOME", "PATH", "USER", "LOGNAME", "SHELL", "TERM", "TMPDIR", "PWD",
];

/// Where agents keep accounts and sessions: passed by the adapter that declares them, to no other agent.
const PROVIDER_HOMES: &[&str] = &[
    "CLAUDE_CONFIG_DIR",
    "CODEX_HOME",
    "COPILOT_HOME",
    "CURSOR_CONFIG_DIR",
    "GEMINI_CLI_HOME",
    "GEMINI_DIR",
    "GOOSE_CONFIG_DIR",
    "KIMI_SHARE_DIR",
    "OPENCODE_CONFIG",
    "OPENCODE_CONFIG_DIR",
    "QWEN_HOME",
];

/// What an agent tells those it starts about itself; a nested one would take itself for part of it.
const MARKERS: &[&str] = &[
    "AGENT",
    "AI_AGENT",
    "CLAUDECODE",
    "CLAUDE_EFFORT",
    "CLAUDE_ENV_FILE",
    "CLAUDE_PROJECT_DIR",
    "CURSOR_AGENT",
    "CURSOR_TRACE_ID",
    "GEMINI_CLI",
    "OPENCODE",
    "QWEN_CODE",
];

/// The same by how they begin, but for the names the agent of the run declares.
const MARKER_PREFIXES: &[&str] = &[
    "CLAUDE_CODE_",
    "CODEX_SANDBOX",
    "CODEX_INTERNAL_",
    "CODEX_THREAD_",
    "OPENCODE_",
];

/// Why a name may not be passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// It cannot be the name of a variable.
    #[error("it is not a variable name: letters, digits and _ only, no digit first")]
    Malformed,
    /// One of the task's own variables.
    #[error("names that begin with RIPIENO_ are the task's own")]
    Ripieno,
    /// Made by us for every run.
    #[error("it is set for every run and cannot be replaced")]
    Ours,
    /// Loads code into every program.
    #[error("it makes programs load or run code")]
    Loader,
    /// An agent's own folder.
    #[error("it names an agent's account folder, which only that agent's adapter passes")]
    ProviderHome,
    /// Says that we are inside another agent.
    #[error("it marks the session of another agent")]
    Marker,
}

/// Tells whether a person, project or profile may name this variable to be passed (R10).
///
/// # Errors
/// The reason, to be shown.
pub fn check_name(name: &str) -> Result<(), Refused> {
    let mut characters = name.chars();
    let first = characters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if !first || !characters.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        // A function of bash has a name of its own kind, and the reason is the same as for loaders.
        let function = LOADER_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix));
        return Err(if function {
            Refused::Loader
        } else {
            Refused::Malformed
        });
    }
    // Some systems do not tell the cases apart.
    let upper = name.to_ascii_uppercase();
    let one_of = |names: &[&str]| names.contains(&upper.as_str());
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| upper.starts_with(prefix));
    match () {
        () if begins(&["RIPIENO_"]) => Err(Refused::Ripieno),
        () if one_of(OURS) => Err(Refused::Ours),
        () if one_of(LOADERS) || begins(LOADER_PREFIXES) => Err(Refused::Loader),
        () if one_of(PROVIDER_HOMES) => Err(Refused::ProviderHome),
        () if one_of(MARKERS) || begins(MARKER_PREFIXES) => Err(Refused::Marker),
        () => Ok(()),
    }
}

/// Whether an adapter may declare this name: also account folders and the agent's own settings, never a loader or ours.
pub(super) fn may_declare(name: &str) -> bool {
    matches!(
        check_name(name),
        Ok(()) | Err(Refused::ProviderHome | Refused::Marker)
    )
}

/// Whether a name is passed without anybody naming it.
pub(super) fn is_listed(name: &str) -> bool {
    BASICS.contains(&name) || TOOLCHAIN.contains(&name) || name.starts_with("LC_")
}
