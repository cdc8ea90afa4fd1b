//! Refusals that a surface says in its own words and language: the sentence is the command's, the reason is for programs.

use crate::{
    error::Code,
    workspace::{Refused, RefusedBecause},
};
use serde::Serialize;
use std::path::PathBuf;

/// Why, with what a sentence about it needs; as JSON the `detail` of a refusal, `reason` being its name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, thiserror::Error)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// A task that any agent may do, and none is ready (S7).
    #[error(
        "no agent is ready on this machine: install one (`ripieno runtime list` says what was found), or \
         use --piece script"
    )]
    NoAgent,
    /// Nothing here has that name.
    #[error("there is no agent `{agent}` ({}); `ripieno runtime list` says what was found", ready_here(.ready))]
    AgentUnknown {
        /// The name.
        agent: String,
        /// Agents that can be used.
        ready: Vec<String>,
    },
    /// It is known, and cannot be used.
    #[error("the agent `{agent}` cannot be used: {why} ({})", ready_here(.ready))]
    AgentUnusable {
        /// Its name.
        agent: String,
        /// What is wrong with it.
        why: String,
        /// Agents that can be used.
        ready: Vec<String>,
    },
    /// No task may work in that folder (D3).
    #[error("{} cannot be worked in: {because}", .folder.display())]
    Folder {
        /// The folder as it was named.
        folder: PathBuf,
        /// Why.
        because: RefusedBecause,
    },
    /// The checkout to merge into has changes (D11).
    #[error("{branch} is checked out in {} with changes in it: commit or stash them, then merge again", .folder.display())]
    TargetDirty {
        /// The checkout.
        folder: PathBuf,
        /// Its branch.
        branch: String,
    },
    /// Both sides changed the same files, or untracked ones are in the way (D11).
    #[error(
        "{task} and {branch} both changed {}; nothing was merged. Let the task resolve it: \
         `ripieno task comment {task} \"merge {branch} into this branch and resolve the conflicts\"`",
        .files.join(", ")
    )]
    Conflict {
        /// The task's short id.
        task: String,
        /// The branch to merge into.
        branch: String,
        /// The files.
        files: Vec<String>,
    },
    /// A branch to discard is checked out somewhere (D11).
    #[error("the branch {branch} is checked out in {}: switch to another branch there, then discard it again", .folder.display())]
    BranchInUse {
        /// The checkout.
        folder: PathBuf,
        /// The branch.
        branch: String,
    },
}

impl Reason {
    /// The code of the contract.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Reason::NoAgent
            | Reason::AgentUnknown { .. }
            | Reason::AgentUnusable { .. }
            | Reason::Folder { .. } => Code::Invalid,
            Reason::TargetDirty { .. } | Reason::Conflict { .. } | Reason::BranchInUse { .. } => {
                Code::Conflict
            }
        }
    }
}

impl From<Refused> for Reason {
    fn from(Refused { path, because }: Refused) -> Self {
        Reason::Folder {
            folder: path,
            because,
        }
    }
}

fn ready_here(agents: &[String]) -> String {
    if agents.is_empty() {
        "none is ready here".to_owned()
    } else {
        format!("ready here: {}", agents.join(", "))
    }
}
