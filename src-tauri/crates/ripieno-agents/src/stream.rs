//! The stream model: the same for every performer (R2).

use crate::offer::Offer;
use ripieno_core::{ask::AskSpec, failure::Failure, receipt::Receipt};
use serde::{Deserialize, Serialize};

/// One thing a performer said or did. The transcript adds number, time, attempt and movement.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Item {
    /// What the run is at: `started`, `resumed`, `retrying`, `model`, ...
    Status {
        /// In words.
        text: String,
    },
    /// What the performer says. For scripts, with the stream it came from.
    Text {
        /// The text.
        text: String,
        /// `stdout` or `stderr`, for scripts; `agent:CALL` for a sub-agent, with the call that started it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stream: Option<String>,
    },
    /// What it thinks.
    Thinking {
        /// The text.
        text: String,
    },
    /// A tool is called.
    ToolCall {
        /// Pairs the call with its result.
        id: String,
        /// The tool's name.
        tool: String,
        /// In one line, at most 200 characters (O4).
        line: String,
        /// Its input: inline up to 8 KiB of JSON text, else see `spilled`.
        input: serde_json::Value,
        /// The file in the spill folder that holds the whole input.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        spilled: Option<String>,
        /// The call that started the sub-agent which makes this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<String>,
    },
    /// A tool has ended.
    ToolResult {
        /// Pairs it with the call.
        id: String,
        /// What it gave: inline up to 8 KiB, else its head and tail.
        output: String,
        /// The file in the spill folder that holds the whole output.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        spilled: Option<String>,
        /// Whether the tool failed.
        error: bool,
        /// How long it took, where both ends were seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ms: Option<u64>,
    },
    /// Tokens and money, for one model (R5).
    Usage(Usage),
    /// The performer's own checklist.
    Plan {
        /// As it gave it.
        items: serde_json::Value,
    },
    /// It asked a person; the ask row has the rest.
    Ask {
        /// The question.
        text: String,
    },
    /// Something went wrong.
    Error {
        /// What was said.
        text: String,
    },
}

/// Tokens and money of one model in one run (R5).
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Usage {
    /// The model's name as the performer gave it.
    pub model: String,
    /// Tokens read, caches apart.
    pub input: u64,
    /// Tokens written.
    pub output: u64,
    /// Tokens read from a cache.
    pub cache_read: u64,
    /// Tokens written to a cache.
    pub cache_write: u64,
    /// Millionths of a US dollar, where known.
    pub cost_micros: Option<u64>,
}

/// An ask of a live run.
#[derive(Clone, PartialEq, Debug)]
pub struct AskRaised {
    /// Names it within the run; the answer comes back with it.
    pub key: String,
    /// What is asked.
    pub spec: AskSpec,
}

/// How a run ended.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// An explicit completed verdict, the only success (R7).
    Completed {
        /// The last text: an agent's final message; of a script what R 3.4 calls its summary.
        text: String,
        /// A script's exit status when it is a script; outcomes `ok` and `failed` follow from it.
        exit: Option<i32>,
    },
    /// Stopped by [`crate::Control::Stop`].
    Stopped,
    /// Everything else.
    Failed(Failure),
}

impl Verdict {
    /// Whether the session that led here would only lead here again (R4).
    #[must_use]
    pub fn poisons_session(&self) -> bool {
        match self {
            Self::Failed(failure) => failure.class.poisons_session(),
            Self::Completed { .. } | Self::Stopped => false,
        }
    }
}

/// The end of a run: sent once, when no process of it is left.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    /// How it ended.
    pub verdict: Verdict,
    /// What the performer reported by itself, where the protocol carries it.
    pub receipt: Option<Receipt>,
    /// Whether the session may be resumed (R4).
    pub resumable: bool,
    /// Whether a resume was refused before any tool ran: one fresh start follows (R4).
    pub resume_rejected: bool,
    /// Whether anything at all was put out; a crash before that speaks about the lane (S6).
    pub had_output: bool,
    /// The usage of the run, per model; complete however it ended (R5).
    pub usage: Vec<Usage>,
    /// The calls that were denied, as the performer counts them.
    pub denials: u32,
}

/// What a run reports, in order.
#[derive(Clone, PartialEq, Debug)]
pub enum RunEvent {
    /// The supervisor and its tree exist; to be recorded before anything else (C2).
    Spawned {
        /// The supervisor's process id.
        pid: i32,
        /// Its start time in clock ticks since boot.
        started: u64,
    },
    /// The session's id is known: to be stored at once (R3).
    SessionBound {
        /// As the agent names it.
        id: String,
    },
    /// What it lets people choose from (A4).
    Offers(Offer),
    /// Something for the transcript, whole.
    Item(Item),
    /// Something for live watchers only; its whole follows as an item.
    Delta {
        /// The piece of text.
        text: String,
        /// Whether it is thinking.
        thinking: bool,
    },
    /// It waits for a person.
    Asked(AskRaised),
    /// It no longer waits for that one (the tool was cancelled, the process moved on).
    AskWithdrawn {
        /// Which.
        key: String,
    },
    /// A comment reached the performer (T13).
    Delivered {
        /// Which.
        comment: i64,
    },
    /// The last event.
    Ended(Outcome),
}
