//! The environment of a performer: listed, never inherited (R10, sec-7).
//!
//! Owns which names pass, the task's own variables and the search path. Refuses to read the worker's environment by
//! itself, but for [`ambient`]: the plan is pure.

mod names;

pub use names::{BASICS, Refused, TOOLCHAIN, check_name};

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// The search path when the worker has none.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The task's own variables (cli.md, "Inside a task").
#[derive(Clone, Debug)]
pub struct TaskVars {
    /// `RIPIENO_TASK_ID`.
    pub task: String,
    /// `RIPIENO_ATTEMPT`, counted from 1.
    pub attempt: u32,
    /// `RIPIENO_SLOT`: a stable index, for choosing ports, GPUs and screens (S3).
    pub slot: u32,
    /// `RIPIENO_TASK_TOKEN`; none for a performer that gets no authority.
    pub token: Option<String>,
    /// `RIPIENO_SOCKET`.
    pub socket: PathBuf,
    /// `RIPIENO_INPUTS`.
    pub inputs: PathBuf,
    /// `RIPIENO_OUTPUTS`.
    pub outputs: PathBuf,
    /// `TMPDIR`: a folder of the attempt.
    pub tmp: PathBuf,
}

/// What decides the environment of one run.
#[derive(Clone, Copy, Debug)]
pub struct EnvPlan<'a> {
    /// The worker's own environment at the moment of the spawn, or the login shell's (R11).
    pub ambient: &'a BTreeMap<String, String>,
    /// The names the agent's adapter declares ([`crate::Agent::env_names`]).
    pub agent: &'a [&'a str],
    /// The names given by project, profile or `--env-name`.
    pub named: &'a [String],
    /// Values given by profile or vault; they win over the ambient ones.
    pub given: &'a BTreeMap<String, String>,
    /// The task's own.
    pub task: &'a TaskVars,
    /// The folder of our own command: first on `PATH`.
    pub command_folder: &'a Path,
}

/// The environment of one run, with what is to be told about it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ChildEnv {
    /// Everything the process gets.
    pub vars: BTreeMap<String, String>,
    /// The names in the worker's environment that were not passed and would be if somebody named them.
    pub withheld: Vec<String>,
    /// The names somebody gave that may not be passed, with the reason.
    pub refused: Vec<(String, Refused)>,
    /// The names somebody gave that are not set anywhere.
    pub unset: Vec<String>,
}

impl std::fmt::Debug for ChildEnv {
    /// Shows names only: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChildEnv")
            .field("names", &self.vars.keys())
            .field("withheld", &self.withheld)
            .field("refused", &self.refused)
            .field("unset", &self.unset)
            .finish()
    }
}

impl EnvPlan<'_> {
    /// Makes the environment.
    #[must_use]
    pub fn resolve(&self) -> ChildEnv {
        let mut child = ChildEnv::default();
        let own = |name: &str| self.agent.contains(&name) && names::may_declare(name);
        for (name, value) in self.ambient {
            if names::is_listed(name) || own(name) {
                child.vars.insert(name.clone(), value.clone());
            }
        }
        self.pass_named(&mut child, own);
        child.vars.extend(self.task.vars());
        child.vars.insert("PATH".to_owned(), self.search_path());
        // There is no terminal: nothing may try to draw on one.
        child.vars.insert("TERM".to_owned(), "dumb".to_owned());
        // No variable can hold a NUL; one that claims to would keep the program from starting.
        child.vars.retain(|_, value| !value.contains('\0'));
        let passed = |name: &String| child.vars.contains_key(name);
        child.withheld = self
            .ambient
            .keys()
            .filter(|name| !passed(name) && !is_shells_own(name) && check_name(name).is_ok())
            .cloned()
            .collect();
        child
    }

    /// Passes what people, projects and profiles named, as far as it may be.
    fn pass_named(&self, child: &mut ChildEnv, own: impl Fn(&str) -> bool) {
        let asked: BTreeSet<&String> = self.named.iter().chain(self.given.keys()).collect();
        for name in asked {
            match check_name(name) {
                // Naming what is passed anyway is no mistake.
                Err(_) if self.named.contains(name) && own(name) => {}
                Err(reason) => child.refused.push((name.clone(), reason)),
                Ok(()) => match self.given.get(name).or_else(|| self.ambient.get(name)) {
                    Some(value) => {
                        child.vars.insert(name.clone(), value.clone());
                    }
                    None => child.unset.push(name.clone()),
                },
            }
        }
    }

    /// Our command's folder, then the worker's own path without entries that depend on the working folder: there the
    /// workspace would decide what `git` is.
    fn search_path(&self) -> String {
        let ambient = self.ambient.get("PATH").filter(|path| !path.is_empty());
        let ambient = ambient.map_or(DEFAULT_PATH, String::as_str);
        let rest: Vec<PathBuf> = std::env::split_paths(ambient)
            .filter(|entry| entry.is_absolute() && entry != self.command_folder)
            .collect();
        let all = std::iter::once(self.command_folder).chain(rest.iter().map(PathBuf::as_path));
        // A folder with the separator in its name cannot be on a path at all.
        let joined = std::env::join_paths(all).or_else(|_| std::env::join_paths(&rest));
        joined
            .ok()
            .and_then(|path| path.into_string().ok())
            .unwrap_or_else(|| ambient.to_owned())
    }
}

impl TaskVars {
    fn vars(&self) -> impl Iterator<Item = (String, String)> {
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let token = self
            .token
            .clone()
            .map(|token| ("RIPIENO_TASK_TOKEN", token));
        [
            ("RIPIENO_TASK_ID", self.task.clone()),
            ("RIPIENO_ATTEMPT", self.attempt.to_string()),
            ("RIPIENO_SLOT", self.slot.to_string()),
            ("RIPIENO_SOCKET", path(&self.socket)),
            ("RIPIENO_INPUTS", path(&self.inputs)),
            ("RIPIENO_OUTPUTS", path(&self.outputs)),
            ("TMPDIR", path(&self.tmp)),
        ]
        .into_iter()
        .chain(token)
        .map(|(name, value)| (name.to_owned(), value))
    }
}

/// The worker's own environment, as far as it is text.
#[must_use]
pub fn ambient() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// What a shell keeps for itself and nobody would pass on.
fn is_shells_own(name: &str) -> bool {
    matches!(
        name,
        "_" | "OLDPWD" | "SHLVL" | "PS1" | "PS2" | "TERM_PROGRAM" | "COLORTERM"
    )
}

#[cfg(test)]
mod tests;
