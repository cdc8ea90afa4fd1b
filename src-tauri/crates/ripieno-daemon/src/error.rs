//! What a request of a person, a script or an agent is answered with when it cannot be done.

use crate::{config::ConfigError, paths::PathError, reason::Reason};
use ripieno_core::{apply::Refused, ask::Answered, event::EventKind, state::StateKind};
use ripieno_store::StoreError;

/// The codes of the contract (cli.md, exit codes).
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A malformed request; exit 2.
    Usage,
    /// A value that cannot be; exit 2.
    Invalid,
    /// Nothing has that name; exit 1.
    NotFound,
    /// No worker answers; exit 3.
    Offline,
    /// The other side does not know the request; exit 4.
    Incompatible,
    /// It took too long; exit 5.
    Timeout,
    /// Something else is in the way; exit 7.
    Conflict,
    /// Somebody was quicker; exit 7.
    AlreadyAnswered,
    /// Not in this state; exit 8.
    NotPossibleNow,
    /// Not with this authority; exit 8.
    Forbidden,
    /// There is no keyring; exit 8.
    KeychainMissing,
    /// The keyring is locked; exit 8.
    KeychainLocked,
    /// A fault of ours; exit 1.
    Internal,
}

/// Why a request was not carried out. Each says what and what to do.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// A value that cannot be: unknown piece, agent or option, bad folder, cycle.
    #[error("{0}")]
    Invalid(String),
    /// Nothing has that name.
    #[error("{0}")]
    NotFound(String),
    /// The feature exists in the contract, not yet in this version.
    #[error("{0}")]
    Incompatible(String),
    /// It did not happen in time.
    #[error("{0}")]
    Timeout(String),
    /// Something else is in the way.
    #[error("{0}")]
    Conflict(String),
    /// Somebody was quicker (H2).
    #[error("already answered by {} with `{}`", .0.by, .0.value.line())]
    AlreadyAnswered(Answered),
    /// One of the refusals that surfaces say in their own words.
    #[error(transparent)]
    Reason(#[from] Reason),
    /// Not in this state.
    #[error("{0}")]
    NotPossibleNow(String),
    /// Not with this authority (cli.md, "Transport and authority").
    #[error("{0}")]
    Forbidden(String),
    /// The store refused or failed.
    #[error(transparent)]
    Store(StoreError),
    /// A folder or file of ours cannot be used.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A fault of ours.
    #[error("{0}")]
    Internal(String),
}

impl DaemonError {
    /// The code of the contract.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            DaemonError::Invalid(_) | DaemonError::Config(_) => Code::Invalid,
            DaemonError::NotFound(_) => Code::NotFound,
            DaemonError::Incompatible(_) => Code::Incompatible,
            DaemonError::Timeout(_) => Code::Timeout,
            DaemonError::Conflict(_) => Code::Conflict,
            DaemonError::AlreadyAnswered(_) => Code::AlreadyAnswered,
            DaemonError::Reason(reason) => reason.code(),
            DaemonError::NotPossibleNow(_) => Code::NotPossibleNow,
            DaemonError::Forbidden(_) => Code::Forbidden,
            DaemonError::Store(_) | DaemonError::Path(_) | DaemonError::Internal(_) => {
                Code::Internal
            }
        }
    }
}

/// What is said when there is no room to write to (C6).
pub(crate) const DISK_FULL: &str = "the disk that holds Ripieno's data is full; free some space and try again, work that is under way goes on by itself";

impl From<StoreError> for DaemonError {
    fn from(error: StoreError) -> Self {
        match error {
            full if full.is_disk_full() => DaemonError::NotPossibleNow(DISK_FULL.to_owned()),
            StoreError::Refused {
                source: Refused::Illegal { state, event },
                ..
            } => refused(state, event),
            over @ StoreError::NoMoreQuestions { .. } => {
                DaemonError::NotPossibleNow(over.to_string())
            }
            StoreError::Refused { source, .. } => DaemonError::NotPossibleNow(source.to_string()),
            other => DaemonError::Store(other),
        }
    }
}

/// The sentence for a request that makes no sense in a state.
fn refused(state: StateKind, event: EventKind) -> DaemonError {
    let verb = match event {
        EventKind::PauseRequested => "paused",
        EventKind::ResumeRequested => "resumed",
        EventKind::CancelRequested => "cancelled",
        EventKind::Reopened => "retried",
        EventKind::Rewound => "rewound",
        other => other.name(),
    };
    let remedy = match (event, state) {
        (EventKind::Reopened, StateKind::Done) => "; comment on it to start a follow-up",
        (EventKind::Reopened, _) => "; it has not ended",
        (_, StateKind::Done) => "; it has ended",
        (_, state) if state.is_terminal() => "; it has ended (`ripieno task retry` reopens it)",
        (_, _) => "",
    };
    DaemonError::NotPossibleNow(format!(
        "a task that is {} cannot be {verb}{remedy}",
        state.name()
    ))
}
