//! Discovery: which agents this machine has, where, which version, and why one cannot be used (A1).
//!
//! Owns looking. Refuses the network beyond loopback: whether somebody is signed in is told by what lies on the disk and in the
//! environment, or not at all.

mod login;
mod places;
mod probe;
mod servers;
mod shell_env;
mod trace;

pub use servers::{LocalServer, ServerKind, USUAL, local_servers};
pub use shell_env::{LoginAnswer, LoginEnvError, login_environment, with_well_known_folders};

pub use trace::{Change, Trace};

use places::{find, is_program};
use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsString,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use trace::Stamp;

/// How long a program may take to tell its version.
const VERSION_LIMIT: Duration = Duration::from_secs(10);

/// The word for agents that speak no protocol.
const LINES: &str = "lines";

/// A program that was looked for.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Discovered {
    /// The runtime kind: `claude`, `codex`, ...
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// What it is called on the search path.
    pub program: String,
    /// Where it was found.
    pub path: Option<PathBuf>,
    /// Its version as it tells it.
    pub version: Option<String>,
    /// Whether it can be used.
    pub usable: bool,
    /// Why not, with the remedy; or what is noteworthy about one that can.
    pub reason: Option<String>,
    /// Whether a login is there, where that can be told without the network.
    pub signed_in: Option<bool>,
    /// How we talk to it.
    pub protocol: Option<String>,
}

/// An agent of the person's own, to be looked for (A2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Own {
    /// The runtime kind, by which tasks name it.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Its program: absolute, or a name on the search path.
    pub command: String,
    /// How we talk to it.
    pub protocol: String,
}

/// What is known of a program before it is looked for.
struct Known {
    kind: &'static str,
    name: &'static str,
    programs: &'static [&'static str],
    /// How we talk to it.
    protocol: &'static str,
    minimum: Option<&'static str>,
    /// Whether it is an agent, not a tool that agents and pieces need.
    agent: bool,
    asks_version: bool,
}

/// An agent that speaks the Agent Client Protocol, as most do.
const fn agent(kind: &'static str, name: &'static str, programs: &'static [&'static str]) -> Known {
    Known {
        kind,
        name,
        programs,
        protocol: "acp",
        minimum: None,
        agent: true,
        asks_version: true,
    }
}

const KNOWN: [Known; 12] = [
    Known {
        protocol: "stream-json",
        minimum: Some(crate::claude::MINIMUM_VERSION),
        ..agent("claude", "Claude Code", &["claude"])
    },
    Known {
        protocol: "app-server",
        minimum: Some(crate::codex::MINIMUM_VERSION),
        ..agent("codex", "Codex", &["codex"])
    },
    agent("gemini", "Gemini CLI", &["gemini"]),
    agent("opencode", "opencode", &["opencode"]),
    agent("qwen", "Qwen Code", &["qwen"]),
    agent("copilot", "GitHub Copilot CLI", &["copilot"]),
    agent(
        "claude-acp",
        "Claude Code by its adapter",
        &["claude-agent-acp"],
    ),
    agent("codex-acp", "Codex by its adapter", &["codex-acp"]),
    agent("goose", "Goose", &["goose"]),
    agent("kimi", "Kimi CLI", &["kimi"]),
    Known {
        agent: false,
        protocol: "command",
        ..agent("git", "Git", &["git"])
    },
    // A POSIX shell tells no version.
    Known {
        agent: false,
        protocol: "command",
        asks_version: false,
        ..agent("sh", "POSIX shell", &["sh"])
    },
];

/// Looks for programs, and remembers the version of each by its path and the state of its file.
#[derive(Debug, Default)]
pub struct Discovery {
    versions: Mutex<HashMap<PathBuf, (Stamp, String)>>,
}

impl Discovery {
    /// Looks for every known agent and for the person's own, with nothing chosen.
    pub async fn everything(&self, env: &BTreeMap<String, String>, own: &[Own]) -> Vec<Discovered> {
        let nothing = BTreeMap::new();
        let (mut known, own) = tokio::join!(self.agents(env, &nothing), self.own(env, own));
        known.extend(own);
        known
    }

    /// Looks for every known agent, all at once. `env` is the resolved environment (R11); `overrides` gives the
    /// path of a kind where somebody chose one (A2).
    pub async fn agents(
        &self,
        env: &BTreeMap<String, String>,
        overrides: &BTreeMap<String, PathBuf>,
    ) -> Vec<Discovered> {
        self.all(true, env, overrides).await
    }

    /// Looks for agents of the person's own, all at once. One that does not tell its version is used all the same.
    pub async fn own(&self, env: &BTreeMap<String, String>, own: &[Own]) -> Vec<Discovered> {
        let looks = own.iter().map(|own| self.look_for_own(own, env));
        futures_util::future::join_all(looks).await
    }

    async fn look_for_own(&self, own: &Own, env: &BTreeMap<String, String>) -> Discovered {
        let named = Path::new(&own.command);
        let path = if named.is_absolute() {
            Some(named.to_owned()).filter(|path| is_program(path))
        } else {
            find(&[own.command.as_str()], env)
        };
        let mut found = Discovered {
            kind: own.kind.clone(),
            name: own.name.clone(),
            program: own.command.clone(),
            usable: path.is_some(),
            path,
            version: None,
            reason: None,
            signed_in: None,
            protocol: Some(own.protocol.clone()),
        };
        let Some(path) = &found.path else {
            let note = format!("its command {} is no program, or not on PATH", own.command);
            return reasoned(found, vec![note]);
        };
        // Nothing is known of a program that speaks no protocol: it could take any argument for a prompt.
        if own.protocol == LINES {
            return reasoned(found, vec!["it acts without asking for leave".to_owned()]);
        }
        let told = self.version(path, env).await;
        let note = match told {
            Ok(version) => {
                found.version = Some(version);
                None
            }
            Err(problem) => Some(format!("it does not tell its version: {problem}")),
        };
        reasoned(found, note.into_iter().collect())
    }

    /// Looks for the tools that pieces and agents need: `git` and `sh`.
    pub async fn tools(&self, env: &BTreeMap<String, String>) -> Vec<Discovered> {
        self.all(false, env, &BTreeMap::new()).await
    }

    async fn all(
        &self,
        agents: bool,
        env: &BTreeMap<String, String>,
        overrides: &BTreeMap<String, PathBuf>,
    ) -> Vec<Discovered> {
        let wanted = KNOWN.iter().filter(|known| known.agent == agents);
        let looks = wanted.map(|known| self.look(known, env, overrides.get(known.kind)));
        futures_util::future::join_all(looks).await
    }

    async fn look(
        &self,
        known: &Known,
        env: &BTreeMap<String, String>,
        chosen: Option<&PathBuf>,
    ) -> Discovered {
        let mut found = Discovered {
            kind: known.kind.to_owned(),
            name: known.name.to_owned(),
            program: known.programs.join(" or "),
            path: None,
            version: None,
            usable: false,
            reason: None,
            signed_in: None,
            protocol: Some(known.protocol.to_owned()),
        };
        let mut notes = Vec::new();
        found.path = match chosen {
            Some(path) if is_program(path) => Some(path.clone()),
            Some(path) => {
                notes.push(format!(
                    "the path chosen for it, {}, is no program",
                    path.display()
                ));
                find(known.programs, env)
            }
            None => find(known.programs, env),
        };
        let Some(path) = found.path.clone() else {
            notes.push(format!(
                "{} is not installed, or not on PATH",
                found.program
            ));
            return reasoned(found, notes);
        };
        if known.asks_version {
            match self.version(&path, env).await {
                Ok(version) => found.version = Some(version),
                Err(problem) => {
                    notes.push(format!(
                        "{} does not tell its version: {problem}",
                        path.display()
                    ));
                    return reasoned(found, notes);
                }
            }
        }
        if let Some(old) = too_old(known.minimum, found.version.as_deref()) {
            notes.push(old);
            return reasoned(found, notes);
        }
        if let Some(login) = login::of(known.kind) {
            found.signed_in = (login.found)(env);
            if found.signed_in == Some(false) {
                notes.push(format!("no login was found: {}", login.remedy));
            }
        }
        found.usable = true;
        reasoned(found, notes)
    }

    async fn version(&self, path: &Path, env: &BTreeMap<String, String>) -> Result<String, String> {
        let stamp = Stamp::of(path).ok();
        if let Some(version) = stamp.and_then(|stamp| self.known_version(path, stamp)) {
            return Ok(version);
        }
        let said = probe::ask(probe::Ask {
            program: path,
            args: &[OsString::from("--version")],
            env,
            limit: VERSION_LIMIT,
            apart: false,
            enough: None,
        })
        .await
        .map_err(|silent| silent.to_string())?;
        let text = [said.stdout, said.stderr]
            .iter()
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            .find_map(|text| version_in(&text));
        let version = match text {
            Some(version) if said.success => version,
            _ => return Err("--version gives no version".to_owned()),
        };
        if let Some(stamp) = stamp {
            let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
            versions.insert(path.to_owned(), (stamp, version.clone()));
        }
        Ok(version)
    }

    fn known_version(&self, path: &Path, stamp: Stamp) -> Option<String> {
        let versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let known = versions.get(path).filter(|(known, _)| *known == stamp);
        known.map(|(_, version)| version.clone())
    }
}

/// Looks for every known agent and for the person's own once, with nothing remembered and nothing chosen.
pub async fn discover(env: &BTreeMap<String, String>, own: &[Own]) -> Vec<Discovered> {
    Discovery::default().everything(env, own).await
}

fn reasoned(mut found: Discovered, notes: Vec<String>) -> Discovered {
    found.reason = (!notes.is_empty()).then(|| notes.join("; "));
    found
}

/// The first word that looks like a version: digits, a dot, digits.
fn version_in(text: &str) -> Option<String> {
    text.split(|c: char| c.is_whitespace() || "(),".contains(c))
        .map(|word| word.trim_start_matches('v').trim_end_matches('.'))
        .find(|word| {
            let mut parts = word.split('.');
            let number = |part: Option<&str>| {
                part.is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()))
            };
            number(parts.next()) && number(parts.next())
        })
        .map(str::to_owned)
}

fn too_old(minimum: Option<&str>, version: Option<&str>) -> Option<String> {
    let wanted = semver::Version::parse(minimum?).ok()?;
    // A version of another form is not held against it: the first run shows.
    let have = semver::Version::parse(version?).ok()?;
    (have < wanted).then(|| format!("version {have} is too old: install {wanted} or newer"))
}

#[cfg(test)]
mod tests;
