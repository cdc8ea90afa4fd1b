//! The gate, and the three values that stand for what goes on behind it.

use std::fmt;

use crate::reason::{CloseReason, CloseReasons};
use crate::sync::{Arc, Mutex, MutexGuard};

/// Tells a listener that something changed behind the gate.
///
/// A signal is a hint: by the time it is heard the state may have moved on, so a listener wakes
/// whoever asks [`ClaimGate::try_close`] or [`ClaimGate::enter`], and believes their answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The last claim or run ended: a barrier can be had.
    Idle,
    /// The last reason to be closed is gone: claims may enter.
    Opened,
    /// A first reason to be closed came up.
    Closed,
}

/// Counts what is under way behind the gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Claims that entered and are neither registered as a run nor given up.
    pub claims: usize,
    /// Live runs.
    pub runs: usize,
}

impl Counts {
    /// Tells whether nothing is under way.
    #[must_use]
    pub const fn is_idle(self) -> bool {
        self.claims == 0 && self.runs == 0
    }
}

/// Refuses a claim, with every reason in force at that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Why the gate is closed; never empty.
    pub reasons: CloseReasons,
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no new task is started: {}", self.reasons)
    }
}

impl std::error::Error for Closed {}

type Listener = std::sync::Arc<dyn Fn(Signal) + Send + Sync>;

#[derive(Default)]
struct State {
    reasons: CloseReasons,
    /// A [`Barrier`] exists, or one was committed.
    barred: bool,
    counts: Counts,
    listeners: Vec<Listener>,
}

impl State {
    fn reasons(&self) -> CloseReasons {
        if self.barred {
            self.reasons.with(CloseReason::Update)
        } else {
            self.reasons
        }
    }
}

/// Lets claims pass one by one, or none at all (S4). Clones share the same gate.
#[derive(Clone)]
pub struct ClaimGate {
    state: Arc<Mutex<State>>,
}

impl ClaimGate {
    /// Makes an open gate.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: Arc::new(Mutex::new(State::default())),
        }
    }

    /// Makes a gate that is closed for `reason`, as at start-up (C2).
    #[must_use]
    pub fn closed_for(reason: CloseReason) -> Self {
        let state = State {
            reasons: CloseReasons::none().with(reason),
            ..State::default()
        };
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Calls `listener` after each [`Signal`], on the thread that caused it and outside the lock.
    ///
    /// The listener should only wake somebody (`Notify::notify_one` and the like).
    pub fn listen(&self, listener: impl Fn(Signal) + Send + Sync + 'static) {
        self.lock().listeners.push(std::sync::Arc::new(listener));
    }

    /// Begins a claim.
    ///
    /// # Errors
    /// [`Closed`] with every reason in force.
    pub fn enter(&self) -> Result<ClaimGuard, Closed> {
        let mut state = self.lock();
        let reasons = state.reasons();
        if !reasons.is_empty() {
            return Err(Closed { reasons });
        }
        state.counts.claims += 1;
        drop(state);
        Ok(ClaimGuard {
            ticket: Ticket {
                gate: self.clone(),
                stage: Stage::Claim,
            },
        })
    }

    /// Takes the barrier: succeeds only with no claim in flight, no live run and no other barrier
    /// (U2). Whatever else closes the gate does not matter.
    #[must_use = "a barrier reopens the gate when dropped"]
    pub fn try_close(&self) -> Option<Barrier> {
        self.update(|state| {
            if state.barred || !state.counts.is_idle() {
                return (None, None);
            }
            let signal = state.reasons().is_empty().then_some(Signal::Closed);
            state.barred = true;
            (
                Some(Barrier {
                    gate: self.clone(),
                    committed: false,
                }),
                signal,
            )
        })
    }

    /// Closes the gate for `reason`, which stays in force until [`ClaimGate::open`] names it.
    ///
    /// Reasons are a set, not a count: closing twice is closing once. What is under way goes on.
    /// Returns whether the reason is new.
    pub fn close(&self, reason: CloseReason) -> bool {
        self.change(|reasons| reasons.with(reason))
    }

    /// Takes `reason` back; the gate opens when it was the last one. Returns whether it was in
    /// force. A [`Barrier`] is not taken back by this.
    pub fn open(&self, reason: CloseReason) -> bool {
        self.change(|reasons| reasons.without(reason))
    }

    /// Returns why the gate is closed; empty when it is open.
    #[must_use]
    pub fn reasons(&self) -> CloseReasons {
        self.lock().reasons()
    }

    /// Returns what is under way.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.lock().counts
    }

    fn change(&self, edit: impl FnOnce(CloseReasons) -> CloseReasons) -> bool {
        self.update(|state| {
            let before = state.reasons();
            let edited = edit(state.reasons);
            let changed = edited != state.reasons;
            state.reasons = edited;
            let signal = match (before.is_empty(), state.reasons().is_empty()) {
                (true, false) => Some(Signal::Closed),
                (false, true) => Some(Signal::Opened),
                _ => None,
            };
            (changed, signal)
        })
    }

    /// Applies `edit` to the counts and tells the listeners when it made the gate idle.
    fn count(&self, edit: impl FnOnce(&mut Counts)) {
        self.update(|state| {
            edit(&mut state.counts);
            ((), state.counts.is_idle().then_some(Signal::Idle))
        });
    }

    fn unbar(&self) {
        self.update(|state| {
            state.barred = false;
            ((), state.reasons().is_empty().then_some(Signal::Opened))
        });
    }

    /// Changes the state in one step, then tells the listeners outside the lock, so that they may
    /// use the gate.
    fn update<T>(&self, edit: impl FnOnce(&mut State) -> (T, Option<Signal>)) -> T {
        let mut state = self.lock();
        let (result, signal) = edit(&mut state);
        let Some(signal) = signal else { return result };
        let listeners = state.listeners.clone();
        drop(state);
        for listener in listeners {
            listener(signal);
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code of others runs under the lock, so a poisoned one is still consistent.
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Default for ClaimGate {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ClaimGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("ClaimGate")
            .field("reasons", &state.reasons())
            .field("counts", &state.counts)
            .finish()
    }
}

/// What a [`Ticket`] counts as at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Claim,
    Run,
}

/// Counts once behind the gate for as long as it lives.
#[derive(Debug)]
struct Ticket {
    gate: ClaimGate,
    stage: Stage,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.gate.count(|counts| match self.stage {
            Stage::Claim => counts.claims -= 1,
            Stage::Run => counts.runs -= 1,
        });
    }
}

/// Stands for one claim in flight; dropping it gives the claim up.
#[derive(Debug)]
#[must_use = "a claim ends when its guard is dropped"]
pub struct ClaimGuard {
    ticket: Ticket,
}

impl ClaimGuard {
    /// Turns the claim into a live run in one step, so that no moment in between shows idle (S4).
    pub fn register(self) -> RunGuard {
        let mut ticket = self.ticket;
        ticket.stage = Stage::Run;
        ticket.gate.count(|counts| {
            counts.claims -= 1;
            counts.runs += 1;
        });
        RunGuard { _ticket: ticket }
    }
}

/// Stands for one live run; dropping it ends the run.
#[derive(Debug)]
#[must_use = "a run ends when its guard is dropped"]
pub struct RunGuard {
    _ticket: Ticket,
}

/// Keeps every claim out while nothing is under way (U2).
///
/// Dropping it reopens the gate, so that no failure between taking it and installing can leave
/// the worker shut; [`Barrier::commit`] is the one way to keep it.
#[derive(Debug)]
#[must_use = "a barrier reopens the gate when dropped"]
pub struct Barrier {
    gate: ClaimGate,
    committed: bool,
}

impl Barrier {
    /// Keeps the gate shut for the rest of this process's life.
    pub fn commit(mut self) {
        self.committed = true;
    }
}

impl Drop for Barrier {
    fn drop(&mut self) {
        if !self.committed {
            self.gate.unbar();
        }
    }
}
