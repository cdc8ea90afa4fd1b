//! The environment of the person's login shell: what a terminal would have, for a worker that was started from a
//! desktop launcher (R11).

use super::{
    places,
    probe::{Ask, Silent, ask},
};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How long the shell may take.
const LIMIT: Duration = Duration::from_secs(3);

/// Stands before and after what is wanted: shells greet, and their files print.
const MARK: &str = "ripieno-environment-9f2c";

/// The shells whose ways are known.
const KNOWN: [&str; 4] = ["bash", "zsh", "fish", "sh"];

/// What shells set for themselves; it means nothing to anybody else.
const SHELLS_OWN: [&str; 4] = ["_", "OLDPWD", "PWD", "SHLVL"];

/// Why the login shell's environment could not be had; the worker's own is used then.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LoginEnvError {
    /// It is none of those that are known: a strange program is not run with made-up options.
    #[error(
        "the login shell {shell} is none of bash, zsh, fish or sh: start Ripieno from a terminal to give it your environment"
    )]
    Unknown {
        /// The shell.
        shell: PathBuf,
    },
    /// It did not answer: too slow, or not to be started.
    #[error(
        "the login shell {shell} did not tell its environment: {problem}; check its start-up files"
    )]
    NoAnswer {
        /// The shell.
        shell: PathBuf,
        /// What was in the way.
        problem: String,
    },
    /// It printed something else.
    #[error("the login shell {shell} printed no environment; check its start-up files")]
    Unreadable {
        /// The shell.
        shell: PathBuf,
    },
}

/// What asking the login shell led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoginAnswer {
    /// The shell that was asked.
    pub shell: PathBuf,
    /// How long that took.
    pub took: Duration,
    /// Its environment.
    pub vars: Result<BTreeMap<String, String>, LoginEnvError>,
}

/// Asks the login shell for its environment; takes at most 3 s, after which its process
/// group is killed. `base` is the
/// worker's own environment; the shell is `SHELL` of it, else `/bin/sh`. Values that are no UTF-8 are left out.
pub async fn login_environment(base: &BTreeMap<String, String>) -> LoginAnswer {
    let begun = Instant::now();
    let named = base
        .get("SHELL")
        .filter(|shell| Path::new(shell).is_absolute());
    let shell = PathBuf::from(named.map_or("/bin/sh", String::as_str));
    let vars = asked(&shell, base, begun).await;
    LoginAnswer {
        shell,
        took: begun.elapsed(),
        vars,
    }
}

async fn asked(
    shell: &Path,
    base: &BTreeMap<String, String>,
    begun: Instant,
) -> Result<BTreeMap<String, String>, LoginEnvError> {
    let name = shell.file_name().and_then(|name| name.to_str());
    if !name.is_some_and(|name| KNOWN.contains(&name)) {
        return Err(LoginEnvError::Unknown {
            shell: shell.to_owned(),
        });
    }
    // `command` passes by what people have aliased; every known shell has it.
    let script =
        format!("command printf '%s\\0' {MARK}; command env -0; command printf '%s\\0' {MARK}");
    // Interactive first: that is where version managers are set up. `sh` knows no -i without a terminal everywhere.
    for flags in ["-lic", "-lc"] {
        let said = ask(Ask {
            program: shell,
            args: &[OsString::from(flags), OsString::from(&script)],
            env: base,
            limit: LIMIT.saturating_sub(begun.elapsed()),
            apart: true,
            // What start-up files leave in the background may keep the pipe open for good.
            enough: Some(|printed| between_marks(printed).is_some()),
        })
        .await
        .map_err(|silent: Silent| LoginEnvError::NoAnswer {
            shell: shell.to_owned(),
            problem: silent.to_string(),
        })?;
        if let Some(vars) = between_marks(&said.stdout) {
            return Ok(vars);
        }
    }
    Err(LoginEnvError::Unreadable {
        shell: shell.to_owned(),
    })
}

/// The variables between the two marks; `None` when they are not both there.
fn between_marks(printed: &[u8]) -> Option<BTreeMap<String, String>> {
    let entries: Vec<&[u8]> = printed.split(|byte| *byte == 0).collect();
    let mark = MARK.as_bytes();
    // Greetings stand before the first without an end of their own. A variable may hold the mark too: `_` does in dash.
    let first = entries.iter().position(|entry| entry.ends_with(mark))? + 1;
    let last = first + entries[first..].iter().position(|entry| *entry == mark)?;
    let vars = entries.get(first..last)?.iter().filter_map(|entry| {
        let (name, value) = std::str::from_utf8(entry).ok()?.split_once('=')?;
        let wanted = !name.is_empty() && !SHELLS_OWN.contains(&name);
        wanted.then(|| (name.to_owned(), value.to_owned()))
    });
    Some(vars.collect())
}

/// Adds the folders of package managers that exist and are not on the search path yet behind those that are, so that an
/// agent found there finds what it needs itself (`node`).
pub fn with_well_known_folders(vars: &mut BTreeMap<String, String>) {
    let path = vars.get("PATH").cloned().unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|folder| !folder.as_os_str().is_empty())
        .collect();
    for folder in places::well_known(vars) {
        if folder.is_dir() && !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    // One with a colon in its name cannot be on a search path.
    folders.retain(|folder| std::env::join_paths([folder]).is_ok());
    if let Ok(Ok(joined)) = std::env::join_paths(folders).map(std::ffi::OsString::into_string) {
        vars.insert("PATH".to_owned(), joined);
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
