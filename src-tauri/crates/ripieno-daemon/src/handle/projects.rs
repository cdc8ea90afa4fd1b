//! Projects: added, trusted, changed and forgotten by the person alone (D1).

use super::{Authority, Handle, folders::is_repository};
use crate::error::DaemonError;
use ripieno_core::{
    project::{Project, Trust},
    spec::FolderMode,
};
use std::path::PathBuf;

/// A project as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProjectFacts {
    /// What is stored.
    pub project: Project,
    /// Whether the folder is still there.
    pub exists: bool,
    /// Whether it lies in a checkout of git.
    pub repository: bool,
}

/// What changes of a project; what is `None` stays.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProjectChange {
    /// How tasks work there; the inner `None` leaves it to what the folder is.
    pub mode: Option<Option<FolderMode>>,
    /// The script before a task's first turn; empty for none.
    pub setup: Option<String>,
    /// The script after a task's work; empty for none.
    pub teardown: Option<String>,
    /// Commands of the gate `check`.
    pub checks: Option<Vec<String>>,
    /// The highest approval level; empty for none.
    pub approvals: Option<String>,
    /// Names of variables that performers may see.
    pub env_names: Option<Vec<String>>,
    /// Whether work in the folder itself is committed.
    pub commit: Option<bool>,
    /// Who commits name as co-author; empty for nobody.
    pub co_author: Option<String>,
    /// How many tasks may be under way at a time; 0 for as many as there are slots.
    pub slots: Option<u32>,
}

impl Handle {
    /// Adds a folder; naming it is the consent to work in it. One that is known already is changed.
    ///
    /// # Errors
    /// Forbidden for a task; Invalid for a folder no task may work in (D3), and for values that cannot be.
    pub async fn add_project(
        &self,
        by: &Authority,
        dir: PathBuf,
        change: ProjectChange,
    ) -> Result<ProjectFacts, DaemonError> {
        by.person("add projects")?;
        let folder = self.named_folder(dir).await?;
        let now = self.ctx.now();
        let known = self.known(&folder).await?;
        let mut project = known.unwrap_or_else(|| Project::new(folder, now));
        project.trust = Trust::Trusted { since: now };
        self.change(project, change).await
    }

    /// Changes a project.
    ///
    /// # Errors
    /// Forbidden for a task; NotFound for a folder that is no project; Invalid for values that cannot be.
    pub async fn change_project(
        &self,
        by: &Authority,
        dir: PathBuf,
        change: ProjectChange,
    ) -> Result<ProjectFacts, DaemonError> {
        by.person("change projects")?;
        let project = self.stored(dir).await?;
        self.change(project, change).await
    }

    async fn change(
        &self,
        mut project: Project,
        change: ProjectChange,
    ) -> Result<ProjectFacts, DaemonError> {
        apply(&mut project, change)?;
        let (projects, new) = (self.ctx.floor.projects().clone(), project.clone());
        let trusted = new.trust;
        self.ctx
            .store
            .write(move |tx| {
                projects.store(tx, &new)?;
                projects.decide(tx, &new.path, trusted)
            })
            .await?;
        self.ctx.wake.notify_one();
        self.facts(project).await
    }

    /// Every project, by path.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn projects(&self) -> Result<Vec<ProjectFacts>, DaemonError> {
        let projects = self.ctx.store.read(|r| r.projects()).await?;
        let mut facts = Vec::with_capacity(projects.len());
        for project in projects {
            facts.push(self.facts(project).await?);
        }
        Ok(facts)
    }

    /// One project.
    ///
    /// # Errors
    /// NotFound for a folder that is none.
    pub async fn project(&self, dir: PathBuf) -> Result<ProjectFacts, DaemonError> {
        let project = self.stored(dir).await?;
        self.facts(project).await
    }

    /// Trusts a folder, or takes that back: then the next task that wants it asks.
    ///
    /// # Errors
    /// Forbidden for a task; Invalid for a folder no task may work in.
    pub async fn trust(
        &self,
        by: &Authority,
        dir: PathBuf,
        trusted: bool,
    ) -> Result<ProjectFacts, DaemonError> {
        let surface = by.person("trust folders")?.to_owned();
        let folder = match self.stored(dir.clone()).await {
            Ok(project) => project.path,
            Err(_) => self.named_folder(dir).await?,
        };
        let trust = if trusted {
            Trust::Trusted {
                since: self.ctx.now(),
            }
        } else {
            Trust::Unasked
        };
        let (projects, named) = (self.ctx.floor.projects().clone(), folder.clone());
        self.ctx
            .store
            .write(move |tx| {
                if trusted {
                    projects.decide(tx, &named, trust)
                } else {
                    projects.distrust(tx, &named, trust, &surface)
                }
            })
            .await?;
        self.ctx.wake.notify_one();
        self.project(PathBuf::from(folder)).await
    }

    /// Forgets a project and its trust; the folder itself is not touched.
    ///
    /// # Errors
    /// Forbidden for a task; NotFound for a folder that is no project.
    pub async fn remove_project(&self, by: &Authority, dir: PathBuf) -> Result<(), DaemonError> {
        let surface = by.person("remove projects")?.to_owned();
        let project = self.stored(dir).await?;
        let projects = self.ctx.floor.projects().clone();
        self.ctx
            .store
            .write(move |tx| projects.forget(tx, &project.path, &surface))
            .await?;
        Ok(())
    }

    async fn known(&self, path: &str) -> Result<Option<Project>, DaemonError> {
        let path = path.to_owned();
        Ok(self.ctx.store.read(move |r| r.project(&path)).await?)
    }

    /// The project of exactly that folder, which may be gone by now.
    async fn stored(&self, dir: PathBuf) -> Result<Project, DaemonError> {
        let named = dir.display().to_string();
        let real = tokio::task::spawn_blocking(move || std::fs::canonicalize(&dir).unwrap_or(dir))
            .await
            .map_err(|broken| DaemonError::Internal(broken.to_string()))?;
        match self.known(&real.display().to_string()).await? {
            Some(project) => Ok(project),
            None => self.known(&named).await?.ok_or_else(|| {
                DaemonError::NotFound(format!(
                    "{named} is no project: `ripieno project list` shows those there are"
                ))
            }),
        }
    }

    async fn named_folder(&self, dir: PathBuf) -> Result<String, DaemonError> {
        let real = self.checked_folder(Some(dir)).await?.unwrap_or_default();
        Ok(real.display().to_string())
    }

    async fn facts(&self, project: Project) -> Result<ProjectFacts, DaemonError> {
        let path = PathBuf::from(&project.path);
        let (exists, repository) =
            tokio::task::spawn_blocking(move || (path.is_dir(), is_repository(&path)))
                .await
                .map_err(|broken| DaemonError::Internal(broken.to_string()))?;
        Ok(ProjectFacts {
            project,
            exists,
            repository,
        })
    }
}

fn apply(project: &mut Project, change: ProjectChange) -> Result<(), DaemonError> {
    let said = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    if let Some(mode) = change.mode {
        project.mode = mode;
    }
    let policy = &mut project.policy;
    if let Some(setup) = change.setup {
        policy.setup = said(setup);
    }
    if let Some(teardown) = change.teardown {
        policy.teardown = said(teardown);
    }
    if let Some(checks) = change.checks {
        policy.checks = checks.into_iter().filter_map(said).collect();
    }
    if let Some(approvals) = change.approvals {
        policy.approvals = said(approvals);
        if let Some(word) = &policy.approvals {
            super::submit::check_approvals(word)?;
        }
    }
    if let Some(names) = change.env_names {
        policy.env_names = names.into_iter().filter_map(said).collect();
        super::submit::check_env_names(&policy.env_names)?;
    }
    if let Some(commit) = change.commit {
        policy.commit = commit;
    }
    if let Some(co_author) = change.co_author {
        policy.co_author = said(co_author).map(checked_co_author).transpose()?;
    }
    if let Some(slots) = change.slots {
        policy.slots = Some(slots).filter(|slots| *slots > 0);
    }
    Ok(())
}

/// A co-author as git writes one, in one line.
fn checked_co_author(text: String) -> Result<String, DaemonError> {
    let text = text.trim().to_owned();
    let parts = text
        .strip_suffix('>')
        .and_then(|rest| rest.split_once(" <"));
    let good = parts.is_some_and(|(name, address)| {
        let plain = |part: &str| !part.contains(['<', '>']) && !part.chars().any(char::is_control);
        !name.trim().is_empty() && address.contains('@') && plain(name) && plain(address)
    });
    if good {
        return Ok(text);
    }
    Err(DaemonError::Invalid(format!(
        "`{}` is no co-author: write `Name <address>`",
        text.chars().take(80).collect::<String>()
    )))
}
