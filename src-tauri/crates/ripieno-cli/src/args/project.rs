//! Verbs about projects, and about folders in use.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectVerb {
    /// Add a folder: naming it trusts it
    Add {
        /// The folder
        dir: PathBuf,
        #[command(flatten)]
        policy: PolicyArgs,
    },
    /// Change what is decided about a folder; what is left out stays
    Set {
        /// The folder
        dir: PathBuf,
        #[command(flatten)]
        policy: PolicyArgs,
    },
    /// List folders
    List,
    /// Show a folder with what is decided about it
    Show {
        /// The folder
        dir: PathBuf,
    },
    /// Let agents work in a folder and read what it configures for them
    Trust {
        /// The folder
        dir: PathBuf,
    },
    /// Take that back: the next task that wants the folder asks
    Untrust {
        /// The folder
        dir: PathBuf,
    },
    /// Forget a folder and its trust; the folder itself is not touched
    Remove {
        /// The folder
        dir: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct PolicyArgs {
    /// How tasks work there
    #[arg(long, value_parser = ["auto", "in_place", "worktree"])]
    pub(crate) mode: Option<String>,
    /// A script run before a task's first turn; "" for none
    #[arg(long, value_name = "SCRIPT")]
    pub(crate) setup: Option<String>,
    /// A script run when a task's work is done; "" for none
    #[arg(long, value_name = "SCRIPT")]
    pub(crate) teardown: Option<String>,
    /// A command of the gate `check` for tasks that name none; "" for none
    #[arg(long = "check", value_name = "CMD")]
    pub(crate) checks: Option<Vec<String>>,
    /// The highest approval level; "" for none
    #[arg(long, value_parser = ["ask_all", "ask_risky", "trusted", ""])]
    pub(crate) approvals: Option<String>,
    /// A variable that performers may see; "" for none
    #[arg(long = "env-name", value_name = "NAME", value_delimiter = ',')]
    pub(crate) env_names: Option<Vec<String>>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GrantVerb {
    /// What agents may do in a folder without being asked again, and how often that happened
    List {
        /// Of this folder only
        dir: Option<PathBuf>,
        /// Also what was taken back
        #[arg(long)]
        all: bool,
    },
    /// Take grants back: from then on it is asked again
    Revoke {
        /// Which
        #[arg(required = true)]
        ids: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum LockVerb {
    /// Which folders are in use, by which task and why
    List,
    /// Let others into the folder that a task keeps while it waits
    Release {
        /// The task
        task: String,
    },
}
