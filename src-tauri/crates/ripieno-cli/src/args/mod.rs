//! The command line: verbs and options of the contract.

mod project;
mod repo;
mod task;
#[cfg(test)]
mod tests;
mod values;
mod worker;

pub(crate) use project::{GrantVerb, LockVerb, PolicyArgs, ProjectVerb};
pub(crate) use repo::RepoVerb;
pub(crate) use task::{AddArgs, AskVerb, DiffArgs, LogsArgs, RewindArgs, TaskVerb};
pub(crate) use worker::{ConfigVerb, DaemonVerb, PieceVerb, SkillVerb, UpdateVerb};

use clap::{Parser, Subcommand};
use std::{path::PathBuf, time::Duration};
use values::{seq, span, when};

/// Runs a queue of tasks with your AI agents and scripts, safely, on this machine.
#[derive(Debug, Parser)]
#[command(
    name = "ripieno",
    version = ripieno_daemon::version(),
    propagate_version = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// Print one JSON object, errors too
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print no messages
    #[arg(short = 'q', global = true)]
    pub(crate) quiet: bool,
    /// The same, written before the verb
    // Not global: `task comment --quiet` means something else.
    #[arg(long = "quiet")]
    pub(crate) quiet_in_full: bool,
    /// Print without colour
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run the worker
    #[command(subcommand)]
    Daemon(DaemonVerb),
    /// Show the worker at a glance
    Status,
    /// Add, show and steer tasks
    #[command(subcommand)]
    Task(TaskVerb),
    /// List and answer what waits for you
    #[command(subcommand)]
    Ask(AskVerb),
    /// Pause the whole worker
    Pause {
        /// Also suspend what runs
        #[arg(long)]
        suspend: bool,
        /// For so long: 45s, 10m, 2h, 1d
        #[arg(long = "for", value_name = "D", value_parser = span, conflicts_with = "until")]
        span: Option<Duration>,
        /// Until then: 18:30, tomorrow 08:00, or RFC 3339
        #[arg(long, value_name = "TIME", value_parser = when)]
        until: Option<String>,
    },
    /// Let the worker go on
    Resume,
    /// List, check and try pieces
    #[command(subcommand)]
    Piece(PieceVerb),
    /// List the skills that agents can be given
    #[command(subcommand)]
    Skill(SkillVerb),
    /// Agents found on this machine
    #[command(subcommand)]
    Runtime(RuntimeVerb),
    /// Lanes of agents
    #[command(subcommand)]
    Lane(LaneVerb),
    /// Folders of projects
    #[command(subcommand)]
    Project(ProjectVerb),
    /// Repositories that tasks share
    #[command(subcommand)]
    Repo(RepoVerb),
    /// Standing grants: what was allowed for every further time
    #[command(subcommand)]
    Grant(GrantVerb),
    /// Locks of folders
    #[command(subcommand)]
    Lock(LockVerb),
    /// Remove what is no longer needed from the data folder, and say what takes space
    Gc {
        /// Only say what would be removed
        #[arg(long)]
        dry_run: bool,
    },
    /// Print the event log as JSON lines
    Events {
        /// Events after this number; from the oldest kept when left out
        #[arg(long, value_name = "SEQ", default_value_t = 0, value_parser = seq)]
        since: i64,
        /// Go on with what comes
        #[arg(long)]
        follow: bool,
    },
    /// Look for the cause of trouble
    Doctor {
        /// Put the version back that was there before the last update; the worker must not run
        #[arg(long)]
        undo_update: bool,
    },
    /// Look for a new version, and say when it may be installed
    #[command(subcommand)]
    Update(UpdateVerb),
    /// Read and change settings
    #[command(subcommand)]
    Config(ConfigVerb),
    /// Write tasks and settings to a file
    Export {
        /// The file
        file: PathBuf,
    },
    /// Read tasks and settings from a file
    Import {
        /// The file
        file: PathBuf,
    },
    /// Copy the database, consistently, while the worker runs
    Backup {
        /// A file that does not exist yet; else one in the folder of backups
        file: Option<PathBuf>,
    },
    /// Serve MCP over stdio
    #[command(subcommand)]
    Mcp(McpVerb),
    /// Print the completion script of a shell
    Completion {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man {
        /// Write one page per verb into this folder instead
        #[arg(long)]
        dir: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RuntimeVerb {
    /// What was found, and whether it can be used
    List {
        /// Look again
        #[arg(long)]
        refresh: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum LaneVerb {
    /// Reopen a lane, whatever holds it
    Release {
        /// The lane: claude:default, llm:NAME, shell
        lane: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum McpVerb {
    /// For your own clients: the queue
    Serve,
    /// Inside a task: the tools its agent is given
    Task {
        /// How long a question waits within its call
        #[arg(long, value_name = "D", value_parser = span)]
        wait: Option<Duration>,
    },
}

/// The parser's refusal as a sentence, without usage and colours.
pub(crate) fn message(refused: &clap::Error) -> String {
    let text = refused.render().to_string();
    let lines = text
        .lines()
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let text: Vec<&str> = lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    text.join(" ").trim_start_matches("error: ").to_owned()
}
