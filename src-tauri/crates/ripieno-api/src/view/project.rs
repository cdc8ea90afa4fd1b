//! Projects, and folders in use.

use super::time;
use ripieno_core::{project::Trust, spec::FolderMode};
use ripieno_daemon::handle::{FolderLock, ProjectFacts};
use serde::{Deserialize, Serialize};

/// A folder of the person with what is decided about it (D1).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Project {
    /// The folder, absolute, links resolved.
    pub path: String,
    /// Whether it is still there.
    pub exists: bool,
    /// Whether it lies in a checkout of git.
    pub repository: bool,
    /// How tasks work there: `auto` leaves it to what the folder is.
    #[cfg_attr(test, ts(type = "\"auto\" | \"in_place\" | \"worktree\""))]
    pub mode: String,
    /// Whether agents may work there; `unasked` asks when the first task wants it.
    #[cfg_attr(test, ts(type = "\"trusted\" | \"unasked\" | \"refused\""))]
    pub trust: String,
    /// When it was trusted.
    pub trusted_at: Option<String>,
    /// The script before a task's first turn.
    pub setup: Option<String>,
    /// The script after a task's work.
    pub teardown: Option<String>,
    /// Commands of the gate `check`.
    pub checks: Vec<String>,
    /// The highest approval level.
    pub approvals: Option<String>,
    /// Names of variables that performers may see.
    pub env_names: Vec<String>,
    /// Whether what a task changed in the folder itself is committed when it is done.
    #[serde(default)]
    pub commit: bool,
    /// Who commits name as co-author.
    #[serde(default)]
    pub co_author: Option<String>,
    /// How many tasks of it may be under way at a time; none for as many as there are slots.
    #[serde(default)]
    pub slots: Option<u32>,
    /// Since when it is known.
    pub added_at: String,
}

impl From<ProjectFacts> for Project {
    fn from(facts: ProjectFacts) -> Self {
        let project = facts.project;
        let policy = project.policy;
        let (trust, trusted_at) = match project.trust {
            Trust::Trusted { since } => ("trusted", Some(time(since))),
            Trust::Unasked => ("unasked", None),
            Trust::Refused { .. } => ("refused", None),
        };
        let mode = match project.mode {
            None => "auto",
            Some(FolderMode::InPlace) => "in_place",
            Some(FolderMode::Worktree) => "worktree",
        };
        Project {
            path: project.path,
            exists: facts.exists,
            repository: facts.repository,
            mode: mode.to_owned(),
            trust: trust.to_owned(),
            trusted_at,
            setup: policy.setup,
            teardown: policy.teardown,
            checks: policy.checks,
            approvals: policy.approvals,
            env_names: policy.env_names,
            commit: policy.commit,
            co_author: policy.co_author,
            slots: policy.slots,
            added_at: time(project.added_at),
        }
    }
}

/// A folder in use (D2, D9).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Lock {
    /// The folder.
    pub path: String,
    /// Device and file number, or what names it here; none for one of another home.
    pub identity: Option<String>,
    /// The task that holds it, by short id.
    pub holder: String,
    /// The other home whose worker has that task; none for this one.
    pub home: Option<String>,
    /// The process that holds the system's lock.
    pub pid: u32,
    /// Since when.
    pub acquired_at: String,
    /// Why it is held now: `work`, `answer`, `pause`, `subtasks` or `next_attempt`; none where another home knows.
    #[cfg_attr(
        test,
        ts(type = "\"work\" | \"answer\" | \"pause\" | \"subtasks\" | \"next_attempt\" | null")
    )]
    pub kept_for: Option<String>,
    /// How many files the task changed there so far; none where nobody can tell.
    pub changed: Option<u64>,
    /// Whether others can be let in now (`lock.release`).
    pub can_release: bool,
}

impl From<&FolderLock> for Lock {
    fn from(lock: &FolderLock) -> Self {
        let since = time(lock.since());
        match lock {
            FolderLock::Ours {
                row,
                kept_for,
                changed,
                can_let_in,
            } => Lock {
                path: row.path.clone(),
                identity: Some(row.identity.clone()),
                holder: row.holder.to_string(),
                home: None,
                pid: row.owner.pid,
                acquired_at: since,
                kept_for: Some(kept_for.word().to_owned()),
                changed: *changed,
                can_release: *can_let_in,
            },
            FolderLock::Elsewhere(holder) => Lock {
                path: holder.path.display().to_string(),
                identity: None,
                holder: holder.task.clone(),
                home: Some(holder.home.display().to_string()),
                pid: holder.process.pid,
                acquired_at: since,
                kept_for: None,
                changed: None,
                can_release: false,
            },
        }
    }
}
