//! What is known of the person's folders, in memory: asked at every look of the scheduler (D1).
//!
//! The nearest folder that is known decides, itself or one around it: whoever trusts a folder trusts what lies in it, and
//! may except a part of it.

use ripieno_core::{
    ask::{AskKind, AskOption, AskPurpose, AskSpec},
    project::{Project, ProjectPolicy, Trust},
    spec::FolderMode,
    time::Timestamp,
};
use ripieno_store::{AskOn, AskOutcome, NewOutbox, StoreError, Tx};
use serde_json::json;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

/// The option that trusts a folder.
const TRUST: &str = "trust";
/// The option that leaves it alone for good.
const REFUSE: &str = "refuse";
/// How the key of a trust ask begins; the folder follows.
const KEY: &str = "trust:";

/// Every project; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Projects {
    known: Arc<RwLock<HashMap<PathBuf, Project>>>,
}

impl Projects {
    /// Takes over what the rows say.
    pub fn replace(&self, projects: Vec<Project>) {
        let known = projects
            .into_iter()
            .map(|project| (PathBuf::from(&project.path), project))
            .collect();
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// Takes over one that was added or changed.
    pub fn put(&self, project: &Project) {
        self.known
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(PathBuf::from(&project.path), project.clone());
    }

    /// The project that a folder belongs to: its own, else the nearest around it.
    #[must_use]
    pub fn of(&self, folder: &Path) -> Option<Project> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        folder.ancestors().find_map(|path| known.get(path)).cloned()
    }

    /// Whether the person trusts the folder.
    #[must_use]
    pub fn trusts(&self, folder: &Path) -> bool {
        self.of(folder)
            .is_some_and(|project| project.trust.is_given())
    }

    /// Whether the person was asked about the folder, or took trust back: then naming it to look at it is no consent.
    #[must_use]
    pub fn distrusts(&self, folder: &Path) -> bool {
        self.of(folder)
            .is_some_and(|project| !project.trust.is_given())
    }

    /// How tasks of the folder work by the person's choice; `None` leaves it to what the folder is.
    #[must_use]
    pub fn mode_of(&self, folder: &Path) -> Option<FolderMode> {
        self.of(folder).and_then(|project| project.mode)
    }

    /// What tasks of the folder do beside their work; nothing while it is not trusted.
    #[must_use]
    pub fn policy_of(&self, folder: &Path) -> ProjectPolicy {
        self.of(folder)
            .filter(|project| project.trust.is_given())
            .map(|project| project.policy)
            .unwrap_or_default()
    }

    /// Stores and remembers a project, in one step for whoever looks.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn store(&self, tx: &mut Tx<'_>, project: &Project) -> Result<(), StoreError> {
        tx.put_project(project)?;
        self.put(project);
        tx.unpark_of_projects().map(drop)
    }

    /// Forgets one, with the leave that stands in it.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn forget(&self, tx: &mut Tx<'_>, folder: &str, by: &str) -> Result<(), StoreError> {
        self.take_leave_back(tx, folder, by)?;
        tx.drop_project(folder)?;
        self.remove(Path::new(folder));
        // Who waited for a place in it, or for its trust, is looked at by what holds now.
        tx.unpark_of_projects().map(drop)
    }

    fn remove(&self, path: &Path) {
        self.known
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(path);
    }

    /// Writes down that a folder is trusted no longer; the leave that stands in it goes.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn distrust(
        &self,
        tx: &mut Tx<'_>,
        folder: &str,
        trust: Trust,
        by: &str,
    ) -> Result<(), StoreError> {
        self.decide(tx, folder, trust)?;
        self.take_leave_back(tx, folder, by)
    }

    /// Also the leave in folders below goes, where it stood by the trust in this one.
    fn take_leave_back(&self, tx: &mut Tx<'_>, folder: &str, by: &str) -> Result<(), StoreError> {
        tx.revoke_grants(|project| self.decides_for(folder, project), by)
    }

    /// Whether a known folder is the one that decides about another.
    fn decides_for(&self, folder: &str, other: &str) -> bool {
        self.of(Path::new(other))
            .is_some_and(|nearest| nearest.path == folder)
    }

    /// The person named the folder for a task: that is the consent, unless it is given already.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn consent(&self, tx: &mut Tx<'_>, folder: &str) -> Result<(), StoreError> {
        if self.trusts(Path::new(folder)) {
            return Ok(());
        }
        self.decide(tx, folder, Trust::Trusted { since: tx.now() })
    }

    /// Writes down what the person decided about a folder, and closes the ask about it.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn decide(&self, tx: &mut Tx<'_>, folder: &str, trust: Trust) -> Result<(), StoreError> {
        let now: Timestamp = tx.now();
        let mut project = tx
            .project(folder)?
            .unwrap_or_else(|| Project::new(folder, now));
        project.trust = trust;
        let key = format!("{KEY}{folder}");
        let open = tx.asks(true)?;
        for ask in open
            .iter()
            .filter(|ask| ask.spec.key.as_ref() == Some(&key))
        {
            tx.withdraw(ask.no)?;
        }
        self.store(tx, &project)
    }

    /// Opens the one ask about a folder that nobody was asked about (D1), and tells a person.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn ask(&self, tx: &mut Tx<'_>, folder: &str) -> Result<(), StoreError> {
        let refused = self
            .of(Path::new(folder))
            .is_some_and(|project| matches!(project.trust, Trust::Refused { .. }));
        if refused {
            return Ok(());
        }
        let text = format!(
            "May agents work in {folder}? They read what it configures for them: pieces, skills, hooks, tool servers."
        );
        let spec = AskSpec {
            kind: AskKind::Approval,
            options: vec![
                AskOption::new(TRUST, "Trust this folder"),
                AskOption::new(REFUSE, "Keep out"),
            ],
            allows_text: false,
            key: Some(format!("{KEY}{folder}")),
            purpose: AskPurpose::Trust,
            binding: None,
            ..AskSpec::question(text)
        };
        if let AskOutcome::Opened { ask, .. } = tx.ask(&AskOn::Worker, &spec)? {
            tx.outbox_add(&NewOutbox {
                task: None,
                channel: "notify".to_owned(),
                idem_key: format!("ask:{}:{}", ask.id, ask.revision),
                payload: json!({ "kind": "ask", "ask": ask.no }),
                due_at: tx.now(),
            })?;
        }
        Ok(())
    }

    /// Carries out the answer to such an ask.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn answered(
        &self,
        tx: &mut Tx<'_>,
        key: &str,
        option: &str,
        by: &str,
    ) -> Result<(), StoreError> {
        let Some(folder) = key.strip_prefix(KEY) else {
            return Ok(());
        };
        let since = tx.now();
        if option == TRUST {
            self.decide(tx, folder, Trust::Trusted { since })
        } else {
            self.distrust(tx, folder, Trust::Refused { since }, by)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(list: &[(&str, bool)]) -> Projects {
        let projects = Projects::default();
        for (path, trusted) in list {
            let mut project = Project::new(*path, Timestamp(1));
            if *trusted {
                project.trust = Trust::Trusted {
                    since: Timestamp(1),
                };
            }
            projects.put(&project);
        }
        projects
    }

    #[test]
    fn nearest_known_folder_decides() {
        let projects = known(&[("/code", true), ("/code/vendor", false)]);
        for (path, trusted) in [
            ("/code", true),
            ("/code/a/b", true),
            ("/code/vendor", false),
            ("/code/vendor/x", false),
            ("/codecs", false),
            ("/", false),
        ] {
            assert_eq!(projects.trusts(Path::new(path)), trusted, "{path}");
        }
        assert!(!projects.distrusts(Path::new("/elsewhere")), "never asked");
        assert!(projects.distrusts(Path::new("/code/vendor/x")));
    }

    #[test]
    fn folder_decides_for_those_below_unless_a_nearer_one_is_known() {
        let projects = known(&[("/code", true), ("/code/vendor", true)]);
        for (other, decides) in [
            ("/code", true),
            ("/code/a/b", true),
            ("/code/vendor", false),
            ("/code/vendor/x", false),
            ("/codecs", false),
        ] {
            assert_eq!(projects.decides_for("/code", other), decides, "{other}");
        }
        assert!(!projects.decides_for("/elsewhere", "/elsewhere/x"));
    }

    #[test]
    fn policy_counts_only_while_the_folder_is_trusted() {
        let projects = known(&[("/code", true)]);
        let mut project = projects.of(Path::new("/code")).unwrap();
        project.policy.setup = Some("make".into());
        project.mode = Some(FolderMode::InPlace);
        projects.put(&project);
        let at = Path::new("/code/in");
        assert_eq!(projects.policy_of(at).setup.as_deref(), Some("make"));
        assert_eq!(projects.mode_of(at), Some(FolderMode::InPlace));
        project.trust = Trust::Unasked;
        projects.put(&project);
        assert_eq!(projects.policy_of(at), ProjectPolicy::default());
        projects.remove(Path::new("/code"));
        assert_eq!(projects.of(at), None);
    }
}
