//! A conversation with an agent's program over lines: what is the same whatever protocol it speaks.
//!
//! Owns the process, its pipes, the limits and the stop (R6, R9, R12). An adapter owns its protocol alone: it is a
//! [`Dialogue`], pure, and is given the time.

pub(crate) mod approval;
pub(crate) mod describe;
mod ending;
pub(crate) mod form;
mod outbox;
pub(crate) mod policy;
#[cfg(test)]
pub(crate) mod replay;
pub(crate) mod rpc;
mod run;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod stage;
mod underway;
mod unreadable;

pub(crate) use ending::{Cause, Ending, gave_up, head};
pub(crate) use underway::Underway;
pub(crate) use unreadable::Unreadable;

use crate::{
    Run, RunSpec, Session,
    offer::Offer,
    process::{LaunchError, LaunchSpec, Launcher, Stdin},
    raw_log::RawLog,
    stream::{AskRaised, Item, Outcome, RunEvent, Usage},
};
use ripieno_core::{
    ask::Answer,
    failure::{Class, Failure},
    time::Timestamp,
};
use sha2::{Digest, Sha256};
use std::{ffi::OsString, path::PathBuf};
use tokio::sync::mpsc;

/// How many events may wait for the worker before the program is held up.
const EVENTS: usize = 64;

/// How many words of the worker may wait for a run.
const CONTROLS: usize = 16;

/// What a line, or an answer, leads to.
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    /// To be written to the program, newline included.
    Write(Vec<u8>),
    /// The session's id is known (R3).
    Bound(String),
    /// What it lets people choose from (A4).
    Offers(Offer),
    /// A turn has begun: what was written for it was taken.
    TurnStarted,
    /// For the transcript.
    Item(Item),
    /// For live watchers.
    Delta {
        /// The piece.
        text: String,
        /// Whether it is thinking.
        thinking: bool,
    },
    /// A person is to be asked.
    Ask(AskRaised),
    /// An ask is no longer waited for.
    Withdraw(String),
    /// A turn has ended.
    TurnEnded,
    /// Trying again is of no use: the run is to be cut short (S5, S11).
    Hopeless,
}

/// The protocol of one agent.
pub(crate) trait Dialogue: Send + 'static {
    /// What is written before anything was read.
    fn open(&mut self) -> Vec<Vec<u8>>;
    /// Takes one whole line of its stdout, without the newline. Never fails: what cannot be read is noted.
    fn line(&mut self, line: &[u8], now: Timestamp) -> Vec<Step>;
    /// Takes a line that was too long to keep: its head, and how long it was.
    fn cut(&mut self, head: &[u8], bytes: u64) -> Vec<Step>;
    /// Takes a person's answer; one to an ask that is not open changes nothing.
    fn answer(&mut self, key: &str, answer: &Answer) -> Vec<Step>;
    /// Begins the next turn with this text, between two turns only.
    fn prompt(&mut self, text: &str) -> Vec<u8>;
    /// Asks it to end what it is doing; nothing where the protocol has no such word.
    fn cancel(&mut self) -> Vec<Vec<u8>>;
    /// How many asks wait for a person.
    fn open_asks(&self) -> usize;
    /// Whether a tool is at work (R6: the longer limit counts).
    fn tool_in_flight(&self) -> bool;
    /// Whether a turn is over and no other has begun.
    fn between_turns(&self) -> bool;
    /// Whether the last turn that ended was a failure: nothing is begun after it.
    fn turn_failed(&self) -> bool;
    /// Where it stands with work that goes on after a turn.
    fn background(&self) -> Background;
    /// What was used and has not been reported yet.
    fn late_usage(&mut self) -> Vec<Usage>;
    /// Decides how the run ended.
    fn conclude(&self, ending: &Ending) -> Outcome;
    /// Whether nothing more is said to it after the opening: its stdin ends then.
    fn is_told_once(&self) -> bool {
        false
    }
    /// Whether something is kept back, to be one entry with what follows soon.
    fn keeps_back(&self) -> bool {
        false
    }
    /// Gives out what was kept back; all of it when the program is `over`.
    fn give_out(&mut self, _over: bool) -> Vec<Step> {
        Vec::new()
    }
}

/// How a program is started.
pub(crate) struct Told {
    /// Its arguments.
    pub(crate) arguments: Vec<OsString>,
    /// The same as they may be on record and shown: without what is said (sec-8).
    pub(crate) shown: Vec<OsString>,
    /// What a person should know of the run from its beginning.
    pub(crate) notices: Vec<String>,
}

/// Work of the agent that outlives a turn and begins another one by itself when it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Background {
    /// There is none.
    None,
    /// Sub-agents are at work, and need us for their requests.
    Working,
    /// All have ended since the turn did; one more turn may follow.
    Ended,
}

/// Starts the program and serves the conversation to its end.
///
/// # Errors
/// The log cannot be written, or no process could be started.
pub(crate) async fn start(
    launcher: &Launcher,
    program: PathBuf,
    args: Vec<OsString>,
    spec: &RunSpec,
    dialogue: impl Dialogue,
) -> Result<Run, Failure> {
    let told = Told {
        shown: args.clone(),
        arguments: args,
        notices: Vec::new(),
    };
    start_told(launcher, program, told, spec, dialogue).await
}

/// The same for a program whose arguments may say what is on no record.
///
/// # Errors
/// As [`start`].
pub(crate) async fn start_told(
    launcher: &Launcher,
    program: PathBuf,
    told: Told,
    spec: &RunSpec,
    dialogue: impl Dialogue,
) -> Result<Run, Failure> {
    let log = RawLog::open(&spec.raw_log).await.map_err(|error| {
        let text = format!(
            "the log {} cannot be written: {error}",
            spec.raw_log.display()
        );
        Failure::new(Class::WorkspaceFailed, text)
    })?;
    let launched = launcher
        .launch(LaunchSpec {
            program: program.clone(),
            args: told.arguments,
            env: spec.env.clone(),
            cwd: spec.folder.clone(),
            stdin: Stdin::Piped,
        })
        .await
        .map_err(LaunchError::into_failure)?;
    let begun = match &spec.session {
        Session::New(_) => "started",
        Session::Resume(_) => "resumed",
    };
    let mut first = vec![
        RunEvent::Spawned {
            pid: launched.pid,
            started: launched.started,
        },
        RunEvent::Item(Item::Status {
            text: begun.to_owned(),
        }),
    ];
    let status = |text| RunEvent::Item(Item::Status { text });
    first.extend(told.notices.into_iter().map(status));
    let (events, received) = mpsc::channel(EVENTS);
    let (control, controls) = mpsc::channel(CONTROLS);
    run::serve(
        launched,
        spec.limits,
        log,
        events,
        first,
        dialogue,
        controls,
    );
    Ok(Run {
        events: received,
        control,
        program,
        arguments: told.shown,
    })
}

/// The text of a value that should be text, and its JSON otherwise.
pub(crate) fn plain(value: &serde_json::Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Names a call by what would run: leave for one is leave for no other.
pub(crate) fn fingerprint(tool: &str, input: &serde_json::Value) -> String {
    let mut hash = Sha256::new();
    hash.update(tool.as_bytes());
    hash.update([0]);
    hash.update(input.to_string().as_bytes());
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
