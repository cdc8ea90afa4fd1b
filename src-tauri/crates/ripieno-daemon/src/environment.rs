//! The environment that agents are looked for with, and that tasks' environments are made from (R11): the worker's own
//! when it was started from a terminal, else that of the person's login shell, asked once and again on demand.

use crate::config::LoginShell;
use ripieno_agents::discover::{login_environment, with_well_known_folders};
use std::{collections::BTreeMap, io::IsTerminal, path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::RwLock;

/// The environment with how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Every variable.
    pub vars: BTreeMap<String, String>,
    /// The shell that was asked; `None` where none was.
    pub shell: Option<PathBuf>,
    /// How long that took.
    pub took: Option<Duration>,
    /// Why the worker's own environment is used, or nothing.
    pub reason: Option<String>,
}

/// Resolves the environment when it is first needed.
#[derive(Debug)]
pub struct Environment {
    own: BTreeMap<String, String>,
    from_terminal: bool,
    found: RwLock<Option<Arc<Resolved>>>,
}

impl Environment {
    /// The worker's own environment, not resolved yet.
    #[must_use]
    pub fn new(own: BTreeMap<String, String>) -> Self {
        let from_terminal = is_from_terminal(&own);
        Environment {
            own,
            from_terminal,
            found: RwLock::new(None),
        }
    }

    /// The worker's own environment as it was started with.
    #[must_use]
    pub fn own(&self) -> &BTreeMap<String, String> {
        &self.own
    }

    /// The environment; the first call takes as long as the shell does, at most 3 s.
    pub async fn get(&self, choice: LoginShell) -> Arc<Resolved> {
        if let Some(found) = self.found.read().await.as_ref() {
            return Arc::clone(found);
        }
        let mut found = self.found.write().await;
        match found.as_ref() {
            Some(found) => Arc::clone(found),
            None => Arc::clone(found.insert(Arc::new(self.resolve(choice).await))),
        }
    }

    /// Asks again. Whoever needs the environment meanwhile waits.
    pub async fn refresh(&self, choice: LoginShell) {
        let mut found = self.found.write().await;
        *found = Some(Arc::new(self.resolve(choice).await));
    }

    async fn resolve(&self, choice: LoginShell) -> Resolved {
        let kept = |reason: &str| Resolved {
            vars: self.own.clone(),
            shell: None,
            took: None,
            reason: Some(reason.to_owned()),
        };
        match choice {
            LoginShell::Never => return kept("login_shell is never"),
            LoginShell::Auto if self.from_terminal => {
                return kept("started from a terminal, whose environment is used");
            }
            LoginShell::Auto | LoginShell::Always if cfg!(not(unix)) => {
                return kept("this system has no login shell");
            }
            LoginShell::Auto | LoginShell::Always => {}
        }
        let answer = login_environment(&self.own).await;
        let (mut vars, reason) = match answer.vars {
            Ok(vars) => (self.with_ours(vars), None),
            Err(error) => {
                tracing::warn!(%error, "the worker's own environment is used");
                (self.own.clone(), Some(error.to_string()))
            }
        };
        with_well_known_folders(&mut vars);
        Resolved {
            vars,
            shell: Some(answer.shell),
            took: Some(answer.took),
            reason,
        }
    }

    /// What was meant for this program stays, whatever the shell's files say.
    fn with_ours(&self, mut vars: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let ours = self
            .own
            .iter()
            .filter(|(name, _)| name.starts_with("RIPIENO_"));
        vars.extend(ours.map(|(name, value)| (name.clone(), value.clone())));
        vars
    }
}

/// Whether a terminal is at hand or was when the worker was started: desktop launchers and service managers set no `TERM`.
fn is_from_terminal(own: &BTreeMap<String, String>) -> bool {
    own.get("TERM")
        .is_some_and(|term| !term.is_empty() && term != "dumb")
        || std::io::stdin().is_terminal()
        || std::io::stderr().is_terminal()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    /// What a desktop launcher gives, with a shell whose files set something.
    fn launched() -> (tempfile::TempDir, Environment) {
        let home = tempfile::tempdir().unwrap();
        let profile = "echo x >> \"$HOME/asked\"\nexport MINE=1 RIPIENO_HOME=/theirs\n";
        std::fs::write(home.path().join(".profile"), profile).unwrap();
        let own = [
            ("HOME", home.path().to_str().unwrap()),
            ("PATH", "/usr/bin:/bin"),
            ("SHELL", "/bin/sh"),
            ("RIPIENO_HOME", "/ours"),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let environment = Environment {
            own: BTreeMap::from(own),
            from_terminal: false,
            found: RwLock::new(None),
        };
        (home, environment)
    }

    fn asked(home: &tempfile::TempDir) -> usize {
        let log = std::fs::read_to_string(home.path().join("asked")).unwrap_or_default();
        log.lines().count()
    }

    #[tokio::test]
    async fn launched_worker_has_what_the_login_shell_sets_asked_once() {
        let (home, environment) = launched();
        let (first, second) = tokio::join!(
            environment.get(LoginShell::Auto),
            environment.get(LoginShell::Auto)
        );
        assert_eq!(first, second);
        assert_eq!(first.vars["MINE"], "1");
        assert_eq!(first.vars["RIPIENO_HOME"], "/ours");
        assert_eq!(first.shell, Some(PathBuf::from("/bin/sh")));
        assert!(first.took.is_some() && first.reason.is_none());
        assert_eq!(asked(&home), 1);
        environment.refresh(LoginShell::Auto).await;
        assert_eq!(asked(&home), 2, "asked again on demand");
    }

    #[tokio::test]
    async fn terminal_or_setting_keeps_the_shell_from_being_asked() {
        let (home, mut environment) = launched();
        let kept = environment.get(LoginShell::Never).await;
        assert_eq!((kept.shell.as_ref(), &kept.vars), (None, environment.own()));
        environment.from_terminal = true;
        environment.refresh(LoginShell::Auto).await;
        let kept = environment.get(LoginShell::Auto).await;
        assert!(kept.reason.as_ref().unwrap().contains("terminal"));
        assert_eq!(asked(&home), 0);
        environment.refresh(LoginShell::Always).await;
        assert_eq!(asked(&home), 1);
    }

    #[tokio::test]
    async fn shell_that_fails_leaves_the_own_environment_with_well_known_folders() {
        let (home, mut environment) = launched();
        let bin = home.path().join(".cargo/bin");
        std::fs::create_dir_all(&bin).unwrap();
        environment
            .own
            .insert("SHELL".to_owned(), "/nowhere/bash".to_owned());
        let kept = environment.get(LoginShell::Auto).await;
        assert!(kept.vars["PATH"].contains(bin.to_str().unwrap()));
        assert!(kept.reason.as_ref().unwrap().contains("/nowhere/bash"));
        assert!(!kept.vars.contains_key("MINE"));
    }

    #[test]
    fn terminal_is_known_by_its_name() {
        let with = |term: &str| BTreeMap::from([("TERM".to_owned(), term.to_owned())]);
        assert!(is_from_terminal(&with("xterm-256color")));
    }
}
