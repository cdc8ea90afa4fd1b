//! Effects: what a transition asks for, as values. The store carries out those that change rows in the same
//! transaction; what must leave the process becomes a row of the outbox (architecture 1.4).

use crate::{
    ask::{AskKind, AskPurpose},
    failure::Class,
};

/// How an attempt ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AttemptEnd {
    /// Its work was accepted.
    Completed,
    /// It failed, with this class.
    Failed(Class),
    /// It gave the task back.
    Yielded,
    /// It waits: for a person or for children.
    Suspended,
    /// A wish ended it.
    Stopped,
    /// Its lease was lost.
    Lost,
}

impl AttemptEnd {
    /// The name used in rows.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            AttemptEnd::Completed => "completed",
            AttemptEnd::Failed(_) => "failed",
            AttemptEnd::Yielded => "yielded",
            AttemptEnd::Suspended => "suspended",
            AttemptEnd::Stopped => "stopped",
            AttemptEnd::Lost => "lost",
        }
    }
}

/// One consequence of a transition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// An attempt row with the task's attempt number begins.
    OpenAttempt,
    /// The live attempt's row is closed.
    EndAttempt(AttemptEnd),
    /// The machine itself asks.
    OpenAsk {
        /// What kind.
        kind: AskKind,
        /// Who takes the answer.
        purpose: AskPurpose,
    },
    /// Open asks of the task are closed unanswered.
    CloseAsks,
    /// Open children are cancelled too.
    CascadeCancel,
    /// Open children get the mark too, or lose it.
    CascadePause {
        /// Set or cleared.
        paused: bool,
    },
    /// The parent may be waiting for this end.
    WakeParent,
    /// Tasks that depend on this one learn of its end.
    WakeDependants {
        /// Whether it ended `done`.
        done: bool,
    },
    /// Tasks that failed only because of this one wait for it again (T5).
    PutBackDependants,
    /// The folder is given back (D9).
    ReleaseFolder,
    /// The session may not be resumed: the next attempt starts fresh.
    DropSession,
    /// A person is told once: a final failure (H4).
    NotifyFailed,
    /// A person is told: something needs them.
    NotifyNeedsInput,
}
