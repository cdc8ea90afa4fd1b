//! Coverage: every edge the machine allows, which of them nothing drives yet and why, and which a run has
//! taken (architecture 1.4). The journeys assert with it that they take every edge.

mod sample;

pub use sample::{every_event, every_policy, every_task};

use crate::{
    apply::apply,
    event::EventKind::{self, self as E},
    state::{
        LeaseToken,
        StateKind::{self, self as S},
    },
    time::Timestamp,
};
use std::{collections::BTreeSet, fmt};

/// One edge of the machine: an event took a task from one state to another, or left it where it was.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Edge {
    /// Where the task stood.
    pub from: StateKind,
    /// What happened.
    pub event: EventKind,
    /// Where it stands now.
    pub to: StateKind,
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, event, to) = (self.from.name(), self.event.name(), self.to.name());
        write!(f, "{from} --{event}--> {to}")
    }
}

/// Every edge the machine allows, found by applying every event to every task of [`every_task`].
#[must_use]
pub fn legal_edges() -> BTreeSet<Edge> {
    let mut edges = BTreeSet::new();
    for policy in every_policy() {
        for task in every_task() {
            let fence = task.state.lease().map(|lease| lease.token);
            for event in every_event(LeaseToken(2)) {
                if let Ok(taken) = apply(&task, &event, fence, Timestamp(0), &policy) {
                    edges.insert(Edge {
                        from: task.state.kind(),
                        event: event.kind(),
                        to: taken.next.state.kind(),
                    });
                }
            }
        }
    }
    edges
}

/// Why no journey is expected to take an edge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Undriven {
    /// What drives it does not exist yet: taking it unlisted is an error of this list.
    Later(&'static str),
    /// It needs a race that no journey can force: it may be taken, and the random walks prove it.
    Race(&'static str),
}

impl Undriven {
    /// The reason in words.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Undriven::Later(reason) | Undriven::Race(reason) => reason,
        }
    }
}

const VERIFICATION: Undriven = Undriven::Later("verification is not built yet (T15)");
const REVIEW: Undriven = Undriven::Later("review is not built yet (T16)");
const SUBTASKS: Undriven = Undriven::Later("subtasks are not built yet (T6)");
const EARLY_ASK: Undriven =
    Undriven::Later("nothing asks while a task is being prepared yet (L11, V4)");
const EARLY_RETRY: Undriven =
    Undriven::Later("nothing that is tried again fails while a task is being prepared yet (A7)");
const SETTLED_DEPENDENCIES: Undriven = Undriven::Later(
    "a task that has run depends on done tasks only, and nothing undoes those yet (R13)",
);
const CANCEL_RACE: Undriven =
    Undriven::Race("the attempt ends by itself between a cancel and its stop (T11)");

/// One line of [`NOT_DRIVEN_YET`]: the edges it covers, `None` standing for every state.
#[derive(Clone, Copy, Debug)]
pub struct NotDriven {
    /// Where the task stands.
    pub from: Option<StateKind>,
    /// What happens.
    pub event: EventKind,
    /// Where it leads.
    pub to: Option<StateKind>,
    /// Why nothing takes it.
    pub why: Undriven,
}

const fn line(
    from: Option<StateKind>,
    event: EventKind,
    to: Option<StateKind>,
    why: Undriven,
) -> NotDriven {
    NotDriven {
        from,
        event,
        to,
        why,
    }
}

/// The edges that no journey drives yet, with the reason. [`Edge::undriven`] also counts every edge out of
/// `needs_verification`. Whoever builds what a line waits for removes the line.
pub const NOT_DRIVEN_YET: &[NotDriven] = &[
    line(
        Some(S::Dead),
        E::Reopened,
        Some(S::Waiting),
        SETTLED_DEPENDENCIES,
    ),
    line(None, E::Completed, Some(S::NeedsVerification), VERIFICATION),
    line(None, E::Verified, None, VERIFICATION),
    line(None, E::Rejected, None, VERIFICATION),
    line(None, E::VerificationImpossible, None, VERIFICATION),
    line(None, E::Completed, Some(S::NeedsInput), REVIEW),
    line(None, E::AsksSettled, Some(S::Done), REVIEW),
    line(None, E::SubtasksAwaited, None, SUBTASKS),
    line(None, E::SubtasksSettled, None, SUBTASKS),
    line(None, E::Completed, Some(S::Waiting), SUBTASKS),
    line(Some(S::Waiting), E::Rewound, None, SUBTASKS),
    line(
        Some(S::Leased),
        E::AttemptFailed,
        Some(S::NeedsInput),
        EARLY_ASK,
    ),
    line(
        Some(S::Leased),
        E::AttemptFailed,
        Some(S::Dead),
        EARLY_RETRY,
    ),
    line(
        Some(S::Leased),
        E::Started,
        Some(S::Leased),
        Undriven::Race("a cancel arrives between the claim and the start (T11)"),
    ),
    line(
        Some(S::NeedsInput),
        E::AsksSettled,
        Some(S::NeedsInput),
        Undriven::Race("an answer arrives between a cancel and the stop (T11)"),
    ),
    line(None, E::Completed, Some(S::Cancelled), CANCEL_RACE),
    line(None, E::Yielded, Some(S::Cancelled), CANCEL_RACE),
    line(None, E::AttemptFailed, Some(S::Cancelled), CANCEL_RACE),
    line(None, E::WindowClosed, Some(S::Cancelled), CANCEL_RACE),
];

impl Edge {
    /// Why no journey is expected to take this edge; `None` for those they must take.
    #[must_use]
    pub fn undriven(&self) -> Option<Undriven> {
        if self.from == StateKind::NeedsVerification {
            return Some(VERIFICATION);
        }
        let covers = |of: Option<StateKind>, state| of.is_none_or(|given| given == state);
        NOT_DRIVEN_YET
            .iter()
            .find(|l| l.event == self.event && covers(l.from, self.from) && covers(l.to, self.to))
            .map(|l| l.why)
    }
}

/// An event row that no edge can be read from.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{name}` is no state of a task, in a row of the event `{event}`")]
pub struct UnknownState {
    /// What stood in place of a state.
    pub name: String,
    /// The event of the row.
    pub event: String,
}

/// The edges a run has taken.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Coverage {
    taken: BTreeSet<Edge>,
}

impl Coverage {
    /// Records an edge.
    pub fn record(&mut self, edge: Edge) {
        self.taken.insert(edge);
    }

    /// Records a row of the event log by its names; false when the row is no transition: a fact
    /// (`comment_added`, ...), or `submitted`, which has no `from`.
    ///
    /// # Errors
    /// [`UnknownState`] when a transition names a state that does not exist.
    pub fn record_row(
        &mut self,
        kind: &str,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<bool, UnknownState> {
        let (Some(event), Some(from), Some(to)) = (EventKind::from_name(kind), from, to) else {
            return Ok(false);
        };
        let state = |name: &str| {
            StateKind::from_name(name).ok_or_else(|| UnknownState {
                name: name.to_owned(),
                event: kind.to_owned(),
            })
        };
        self.record(Edge {
            from: state(from)?,
            event,
            to: state(to)?,
        });
        Ok(true)
    }

    /// Adds what another run has taken.
    pub fn merge(&mut self, other: &Coverage) {
        self.taken.extend(other.taken.iter().copied());
    }

    /// What was taken.
    #[must_use]
    pub fn taken(&self) -> &BTreeSet<Edge> {
        &self.taken
    }

    /// Legal edges that were not taken although something drives them.
    #[must_use]
    pub fn missing(&self) -> Vec<Edge> {
        legal_edges()
            .into_iter()
            .filter(|edge| edge.undriven().is_none() && !self.taken.contains(edge))
            .collect()
    }

    /// Edges that were taken although the list says nothing drives them: the list is out of date.
    #[must_use]
    pub fn unlisted(&self) -> Vec<Edge> {
        self.taken
            .iter()
            .filter(|edge| matches!(edge.undriven(), Some(Undriven::Later(_))))
            .copied()
            .collect()
    }

    /// Edges that were taken although the machine does not allow them.
    #[must_use]
    pub fn illegal(&self) -> Vec<Edge> {
        self.taken.difference(&legal_edges()).copied().collect()
    }
}
