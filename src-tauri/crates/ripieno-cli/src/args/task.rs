//! Verbs about tasks and asks.

use super::values::{dollars, span, when};
use clap::{ArgGroup, Args, Subcommand};
use std::{path::PathBuf, time::Duration};

#[derive(Debug, Subcommand)]
pub(crate) enum TaskVerb {
    /// Submit a task and print its id
    Add(Box<AddArgs>),
    /// List tasks, newest first
    List {
        /// Only those in a state: queued, running, paused, needs_input, done, failed, ...
        #[arg(long, value_name = "S", value_delimiter = ',')]
        state: Vec<String>,
        /// Only those with a label
        #[arg(long, value_name = "L", value_delimiter = ',')]
        label: Vec<String>,
        /// Only those with this text in title or prompt
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        /// Go on behind a page: its `next`
        #[arg(long, value_name = "CURSOR")]
        after: Option<String>,
        /// One JSON object per line and task
        #[arg(long, conflicts_with = "json")]
        jsonl: bool,
    },
    /// Show a task
    Show {
        /// T-41, 41, or the last digits of its id
        id: String,
    },
    /// Show the folder and files of what a task delivered
    Outputs {
        /// Which task
        id: String,
    },
    /// Show what happened, run by run: what was asked and answered, what was used, and why it ended
    History {
        /// Which task
        id: String,
    },
    /// Say why a task waits
    Why {
        /// Which task
        id: String,
    },
    /// Print a task's log
    Logs(LogsArgs),
    /// Cancel tasks; returns when no process of them is left
    Cancel {
        /// Which tasks
        #[arg(required = true)]
        ids: Vec<String>,
        /// Return as soon as the wish is stored
        #[arg(long)]
        no_wait: bool,
    },
    /// Pause tasks; they keep their session
    Pause {
        /// Which tasks
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Let paused tasks go on
    Resume {
        /// Which tasks
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Run failed, dead or cancelled tasks again
    Retry {
        /// Which tasks
        #[arg(required = true)]
        ids: Vec<String>,
        /// In a new session
        #[arg(long)]
        fresh: bool,
        /// Tell the performer this
        #[arg(long, value_name = "T")]
        text: Option<String>,
    },
    /// Clear the failed mark
    #[command(group = ArgGroup::new("which").required(true).args(["ids", "all"]))]
    Seen {
        /// Which tasks
        ids: Vec<String>,
        /// All of them
        #[arg(long)]
        all: bool,
    },
    /// Say something to a task; an ended one gets a follow-up
    Comment {
        /// Which task
        id: String,
        /// What to say
        text: String,
        /// With its next turn, starting none
        #[arg(long = "quiet")]
        with_next_turn: bool,
    },
    /// Show what changed in the task's folder
    Diff(DiffArgs),
    /// Go back to a checkpoint; without --to, list them
    Rewind(RewindArgs),
    /// Accept finished work
    Accept {
        /// Which task
        id: String,
    },
    /// Send finished work back
    Reject {
        /// Which task
        id: String,
        /// What should be different
        text: Option<String>,
    },
    /// Merge the task's branch where it came from
    Merge {
        /// Which task
        id: String,
    },
    /// Throw the task's branch away; that can be undone
    Discard {
        /// Which task
        id: String,
        /// Take it back
        #[arg(long)]
        undo: bool,
    },
    /// Inside a task: name the outcome of the movement
    Finish {
        /// The outcome
        outcome: String,
    },
    /// Inside a task: report the result
    Result {
        /// A file with the receipt as JSON; `-` reads it from the input
        #[arg(long, value_name = "JSON")]
        file: PathBuf,
    },
    /// Inside a task: say in a line what is going on
    Progress {
        /// The line
        text: String,
    },
    /// Inside a task: submit a subtask
    Spawn {
        /// As for `task add`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// What is to be done; `-` reads it from the input
    pub(crate) prompt: Option<String>,
    /// Read the prompt from a file
    #[arg(long, value_name = "F", conflicts_with = "prompt")]
    pub(crate) file: Option<PathBuf>,
    /// Else the first line of the prompt
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// The workflow: solo, script, fix-until-green, or your own
    #[arg(long)]
    pub(crate) piece: Option<String>,
    /// The agent: claude, llm:NAME, ...
    #[arg(long)]
    pub(crate) agent: Option<String>,
    /// The model
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// How hard the model is to think: a level the agent has, such as low, medium or high
    #[arg(long)]
    pub(crate) effort: Option<String>,
    /// The folder to work in; else one of its own
    #[arg(long)]
    pub(crate) dir: Option<PathBuf>,
    /// How it works there: `in_place` or `worktree`
    #[arg(long)]
    pub(crate) mode: Option<String>,
    /// How freely an agent may act: `ask_all`, `ask_risky`, trusted
    #[arg(long)]
    pub(crate) approvals: Option<String>,
    /// A command that must succeed; may be given several times
    #[arg(long, value_name = "CMD")]
    pub(crate) check: Vec<String>,
    /// How urgent: low, normal, high, urgent
    #[arg(long)]
    pub(crate) priority: Option<String>,
    /// Tasks that must be done first
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) depends_on: Vec<String>,
    /// While a task with this key is open, print that one
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// Go on in the thread of a task
    #[arg(long = "continue", value_name = "ID")]
    pub(crate) continues: Option<String>,
    /// Files to give it
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    pub(crate) input: Vec<PathBuf>,
    /// Archives (.tar, .tar.gz, .tgz, .zip) to unpack for it, each into a folder of its inputs
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    pub(crate) unpack: Vec<PathBuf>,
    /// Labels to filter by
    #[arg(long, value_name = "L", value_delimiter = ',')]
    pub(crate) label: Vec<String>,
    /// Not before: 18:30, tomorrow 08:00, or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = when)]
    pub(crate) not_before: Option<String>,
    /// Tries in all
    #[arg(long, value_name = "N")]
    pub(crate) max_tries: Option<u32>,
    /// The limit on working time: 45s, 10m, 2h, 1d
    #[arg(long, value_name = "D", value_parser = span)]
    pub(crate) timeout: Option<Duration>,
    /// The cap on tokens, those read from a cache apart; reaching it asks
    #[arg(long, value_name = "N")]
    pub(crate) budget_tokens: Option<u64>,
    /// The cap on money, in US dollars; reaching it asks
    #[arg(long, value_name = "X", value_parser = dollars)]
    pub(crate) budget_usd: Option<f64>,
    /// Names of variables it may see
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) env_name: Vec<String>,
    /// Skills to give its agent, by name: `ripieno skill list`
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) skill: Vec<String>,
    /// Give it no skills, whatever the piece names
    #[arg(long, conflicts_with = "skill")]
    pub(crate) no_skills: bool,
    /// Wait until it has ended (0 or 1) or needs you (6)
    #[arg(long)]
    pub(crate) wait: bool,
    /// Wait at most so long (5)
    #[arg(long, value_name = "D", value_parser = span, requires = "wait")]
    pub(crate) wait_limit: Option<Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// Which task
    pub(crate) id: String,
    /// One file only, below the task's folder
    #[arg(long, value_name = "FILE")]
    pub(crate) path: Option<String>,
    /// Leave changes of white space out
    #[arg(long)]
    pub(crate) ignore_space: bool,
    /// Write the whole patch to a new file, binary files included, for `git apply` in the folder
    #[arg(long, value_name = "FILE", conflicts_with_all = ["path", "ignore_space"])]
    pub(crate) patch: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RewindArgs {
    /// Which task
    pub(crate) id: String,
    /// List the checkpoints
    #[arg(long, conflicts_with_all = ["to", "as_of", "text"])]
    pub(crate) list: bool,
    /// The checkpoint
    #[arg(long, value_name = "N")]
    pub(crate) to: Option<u32>,
    /// Only if nothing happened since the list that says this
    #[arg(long, value_name = "SEQ", requires = "to")]
    pub(crate) as_of: Option<i64>,
    /// Say this instead of the task's text
    #[arg(long, value_name = "T", requires = "to")]
    pub(crate) text: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    /// Which task
    pub(crate) id: String,
    /// One attempt only
    #[arg(long, value_name = "N")]
    pub(crate) attempt: Option<u32>,
    /// Go on until the task has ended
    #[arg(long)]
    pub(crate) follow: bool,
    /// One JSON object per line and entry
    #[arg(long, conflicts_with = "raw")]
    pub(crate) jsonl: bool,
    /// What the performer itself printed
    #[arg(long, conflicts_with = "json")]
    pub(crate) raw: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AskVerb {
    /// List what waits for you
    List {
        /// Also what is settled
        #[arg(long)]
        all: bool,
    },
    /// Answer an ask
    Answer {
        /// A-3, 3, or the last digits of its id
        id: String,
        /// An option's id, its number, or its exact label
        #[arg(required_unless_present = "text", conflicts_with = "text")]
        option: Option<String>,
        /// Answer in your own words
        #[arg(long)]
        text: Option<String>,
        /// How far an approval reaches: once, task, project, always
        #[arg(long, conflicts_with = "text", value_parser = ["once", "task", "project", "always"])]
        scope: Option<String>,
    },
    /// Inside a task: ask the person, and print the answer
    Create {
        /// The question
        #[arg(long, value_name = "T")]
        text: String,
        /// An answer to choose from; may be given several times
        #[arg(long, value_name = "ID=LABEL")]
        option: Vec<String>,
        /// Take text as well
        #[arg(long)]
        text_ok: bool,
        /// The option that counts when it expires
        #[arg(long, value_name = "ID")]
        default: Option<String>,
        /// How long it stays open
        #[arg(long, value_name = "D", value_parser = span)]
        expires: Option<Duration>,
        /// Makes two questions one
        #[arg(long, value_name = "K")]
        key: Option<String>,
        /// Wait at most so long; 0 returns at once
        #[arg(long, value_name = "D", value_parser = span)]
        wait: Option<Duration>,
    },
}
