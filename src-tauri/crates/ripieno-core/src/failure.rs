//! Failure taxonomy: what went wrong, and the one consequence each class has (architecture 1.5).

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What went wrong, decided once at the performer's edge from structured signals first (R8).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "class", rename_all = "snake_case")]
pub enum Class {
    /// Too many requests; the time is the provider's, when it gave one.
    RateLimited {
        /// When the limit ends.
        until: Option<Timestamp>,
    },
    /// The plan's allowance is used up.
    QuotaExhausted {
        /// When it is refilled.
        until: Option<Timestamp>,
    },
    /// No connection to the endpoint.
    ProviderUnreachable,
    /// The connection broke, or the network is down.
    ProviderNetwork,
    /// The program is gone.
    ExecutableMissing,
    /// The program is older than the minimum.
    VersionUnsupported,
    /// A setting, key or file the performer needs is not there, or is refused.
    ConfigMissing,
    /// The local server has not loaded the model.
    ModelNotLoaded,
    /// The endpoint does not know the model.
    ModelUnknown,
    /// The keyring is locked or absent.
    VaultLocked,
    /// No room to write.
    DiskFull,
    /// Another process holds the folder.
    DirectoryBusy,
    /// We stopped it ourselves: quit, suspend, lost lease.
    Interrupted,
    /// The login was rejected.
    AuthRejected,
    /// A browser profile has expired.
    ProfileExpired,
    /// A cap on tokens or money is reached.
    BudgetSpent,
    /// The limit on working time is reached (T10).
    Timeout,
    /// The performer reports that it cannot go on without help.
    Blocked,
    /// A loop that makes no progress.
    LoopUnproductive,
    /// A choice of outcomes and none named, after one repair prompt.
    OutcomeUnclear,
    /// 5xx, overloaded.
    ProviderServerError,
    /// The agent's process ended without a verdict.
    ProcessCrashed,
    /// Unreadable output or no final event.
    EmptyOutput,
    /// A watchdog ended it (R6).
    IdleStall,
    /// A skill could not be had.
    SkillUnavailable,
    /// The conversation no longer fits the model.
    ContextOverflow,
    /// The session cannot be resumed.
    UnresumableHistory,
    /// The performer says it failed, or a script's exit code does.
    ReportedFailed,
    /// The checks did not pass.
    VerificationFailed,
    /// The piece ended in ABORT.
    PieceAborted,
    /// The provider refuses the request as malformed.
    InvalidRequest,
    /// The piece cannot be read any more.
    PieceInvalid,
    /// `max_movements` or the agent's own turn limit.
    IterationLimit,
    /// A known "I gave up" text in place of an answer (T21).
    FallbackMessage,
    /// A task it depends on did not end `done`.
    DependencyFailed,
    /// Repeated tries to get round a scope (R8).
    ScopeViolation,
    /// The folder may not be worked in (D3).
    DirectoryRefused,
    /// The workspace could not be made.
    WorkspaceFailed,
    /// The setup script failed.
    SetupFailed,
    /// An ask passed its deadline without a default.
    AskExpired,
    /// Nothing above; the raw text is kept.
    Unknown,
}

/// The one consequence of a class.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Disposition {
    /// Back to the queue without using a try; the lane is held.
    HoldLane {
        /// Until then; unknown waits start at the class's own length and double.
        until: Option<Timestamp>,
    },
    /// Back to the queue; the endpoint is held until a probe or run succeeds.
    HoldEndpoint,
    /// Back to the queue; a hold names what is missing.
    HoldMissing,
    /// Back to the queue, nothing else.
    YieldOnly,
    /// Back to the queue; the lane is signed out and one ask opens for it (S11).
    SignOut,
    /// Suspended with an ask of this kind on the task.
    Ask(crate::ask::AskKind),
    /// Tried again after a pause; uses a try.
    Retry,
    /// Tried again once with a fresh session, without using a try; the second time it fails (R4).
    RetryFresh,
    /// Failed at once.
    Fail,
}

/// Every class once, with no time set; for exhaustive tests and tables.
#[must_use]
pub fn all_classes() -> Vec<Class> {
    use Class::*;
    vec![
        RateLimited { until: None },
        QuotaExhausted { until: None },
        ProviderUnreachable,
        ProviderNetwork,
        ExecutableMissing,
        VersionUnsupported,
        ConfigMissing,
        ModelNotLoaded,
        ModelUnknown,
        VaultLocked,
        DiskFull,
        DirectoryBusy,
        Interrupted,
        AuthRejected,
        ProfileExpired,
        BudgetSpent,
        Timeout,
        Blocked,
        LoopUnproductive,
        OutcomeUnclear,
        ProviderServerError,
        ProcessCrashed,
        EmptyOutput,
        IdleStall,
        SkillUnavailable,
        ContextOverflow,
        UnresumableHistory,
        ReportedFailed,
        VerificationFailed,
        PieceAborted,
        InvalidRequest,
        PieceInvalid,
        IterationLimit,
        FallbackMessage,
        DependencyFailed,
        ScopeViolation,
        DirectoryRefused,
        WorkspaceFailed,
        SetupFailed,
        AskExpired,
        Unknown,
    ]
}

impl Class {
    /// What this class leads to (architecture 1.5).
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        use crate::ask::AskKind;
        use Class::*;
        match self {
            RateLimited { until } | QuotaExhausted { until } => {
                Disposition::HoldLane { until: *until }
            }
            ProviderUnreachable | ProviderNetwork => Disposition::HoldEndpoint,
            ExecutableMissing | VersionUnsupported | ConfigMissing | ModelNotLoaded
            | ModelUnknown | VaultLocked | DiskFull => Disposition::HoldMissing,
            DirectoryBusy | Interrupted => Disposition::YieldOnly,
            AuthRejected => Disposition::SignOut,
            ProfileExpired => Disposition::Ask(AskKind::SignIn),
            BudgetSpent | Timeout => Disposition::Ask(AskKind::Budget),
            Blocked | LoopUnproductive => Disposition::Ask(AskKind::Question),
            OutcomeUnclear | ProviderServerError | ProcessCrashed | EmptyOutput | IdleStall
            | SkillUnavailable => Disposition::Retry,
            ContextOverflow | UnresumableHistory => Disposition::RetryFresh,
            ReportedFailed | VerificationFailed | PieceAborted | InvalidRequest | PieceInvalid
            | IterationLimit | FallbackMessage | DependencyFailed | ScopeViolation
            | DirectoryRefused | WorkspaceFailed | SetupFailed | AskExpired | Unknown => {
                Disposition::Fail
            }
        }
    }

    /// Whether a session that ended so may never be resumed (R4, architecture 1.5).
    #[must_use]
    pub fn poisons_session(&self) -> bool {
        use Class::*;
        matches!(
            self,
            ContextOverflow
                | UnresumableHistory
                | IterationLimit
                | FallbackMessage
                | InvalidRequest
        )
    }

    /// Whether the failure speaks about the lane itself and counts toward its drain (S6). A crash
    /// counts only before the first output, which the caller knows.
    #[must_use]
    pub fn speaks_of_lane(&self) -> bool {
        matches!(
            self,
            Class::ProcessCrashed | Class::EmptyOutput | Class::IdleStall
        )
    }

    /// The name used in rows, views and events.
    #[must_use]
    pub fn name(&self) -> &'static str {
        use Class::*;
        match self {
            RateLimited { .. } => "rate_limited",
            QuotaExhausted { .. } => "quota_exhausted",
            ProviderUnreachable => "provider_unreachable",
            ProviderNetwork => "provider_network",
            ExecutableMissing => "executable_missing",
            VersionUnsupported => "version_unsupported",
            ConfigMissing => "config_missing",
            ModelNotLoaded => "model_not_loaded",
            ModelUnknown => "model_unknown",
            VaultLocked => "vault_locked",
            DiskFull => "disk_full",
            DirectoryBusy => "directory_busy",
            Interrupted => "interrupted",
            AuthRejected => "auth_rejected",
            ProfileExpired => "profile_expired",
            BudgetSpent => "budget_spent",
            Timeout => "timeout",
            Blocked => "blocked",
            LoopUnproductive => "loop_unproductive",
            OutcomeUnclear => "outcome_unclear",
            ProviderServerError => "provider_server_error",
            ProcessCrashed => "process_crashed",
            EmptyOutput => "empty_output",
            IdleStall => "idle_stall",
            SkillUnavailable => "skill_unavailable",
            ContextOverflow => "context_overflow",
            UnresumableHistory => "unresumable_history",
            ReportedFailed => "reported_failed",
            VerificationFailed => "verification_failed",
            PieceAborted => "piece_aborted",
            InvalidRequest => "invalid_request",
            PieceInvalid => "piece_invalid",
            IterationLimit => "iteration_limit",
            FallbackMessage => "fallback_message",
            DependencyFailed => "dependency_failed",
            ScopeViolation => "scope_violation",
            DirectoryRefused => "directory_refused",
            WorkspaceFailed => "workspace_failed",
            SetupFailed => "setup_failed",
            AskExpired => "ask_expired",
            Unknown => "unknown",
        }
    }

    /// The class of that name, times unset; `None` when no class has it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Class> {
        all_classes().into_iter().find(|class| class.name() == name)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A class with the text that led to it; the text is kept raw, at most as long as the caller cut it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// What it is.
    #[serde(flatten)]
    pub class: Class,
    /// What was said.
    pub text: String,
}

impl Failure {
    /// Joins a class and its text.
    pub fn new(class: Class, text: impl Into<String>) -> Self {
        Failure {
            class,
            text: text.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_name_that_leads_back_to_it() {
        for class in all_classes() {
            assert_eq!(Class::from_name(class.name()), Some(class));
        }
    }

    #[test]
    fn names_in_json_are_those_of_the_rows() {
        for class in all_classes() {
            let json = serde_json::to_value(&class).unwrap();
            assert_eq!(json["class"], class.name());
        }
    }
}
