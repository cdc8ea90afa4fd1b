//! How many tasks each shown state has, kept in memory: counting rows would read every task at each look.
//!
//! Counted once, on a reader's snapshot, while the writer goes on: what it moves meanwhile is remembered by its place in
//! the log, and counts when the snapshot had not seen it.

use crate::{Counts, ShownState};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A task that came into a state, or went from one to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Move {
    /// The place of its event in the log.
    pub(crate) seq: i64,
    /// The state before; none for a new task.
    pub(crate) from: Option<ShownState>,
    /// The state afterwards.
    pub(crate) to: ShownState,
}

#[derive(Debug, Default)]
enum State {
    /// Nobody has asked.
    #[default]
    Unknown,
    /// Somebody counts; what was moved since that began.
    Counting(Vec<Move>),
    /// Known, with every move up to a place in the log and those the writer told since.
    Known { counts: Counts, seen: i64 },
}

/// The counts of one store.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<State>);

impl Tally {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what a commit moved.
    pub(crate) fn committed(&self, moves: &mut Vec<Move>) {
        match &mut *self.state() {
            State::Unknown => moves.clear(),
            State::Counting(since) => since.append(moves),
            State::Known { counts, seen } => {
                for moved in moves.drain(..).filter(|moved| moved.seq > *seen) {
                    apply(counts, moved);
                }
            }
        }
    }

    /// The counts, when they are known; else what is moved from now on is remembered, and the caller counts.
    pub(crate) fn known(&self) -> Option<Counts> {
        let mut state = self.state();
        match &*state {
            State::Known { counts, .. } => return Some(counts.clone()),
            State::Counting(_) => {}
            State::Unknown => *state = State::Counting(Vec::new()),
        }
        None
    }

    /// Takes what was counted on a snapshot that saw the log up to `seen`; gives the counts.
    pub(crate) fn counted(&self, mut counts: Counts, seen: i64) -> Counts {
        let mut state = self.state();
        match std::mem::take(&mut *state) {
            State::Counting(since) => {
                for moved in since.into_iter().filter(|moved| moved.seq > seen) {
                    apply(&mut counts, moved);
                }
                *state = State::Known {
                    counts: counts.clone(),
                    seen,
                };
            }
            // Another was quicker, and has heard of everything since.
            State::Known {
                counts: known,
                seen,
            } => {
                counts.clone_from(&known);
                *state = State::Known {
                    counts: known,
                    seen,
                };
            }
            State::Unknown => {}
        }
        counts
    }

    /// Nobody counts after all.
    pub(crate) fn gave_up(&self) {
        let mut state = self.state();
        if matches!(*state, State::Counting(_)) {
            *state = State::Unknown;
        }
    }
}

fn apply(counts: &mut Counts, moved: Move) {
    if let Some(from) = moved.from {
        let left = counts.entry(from).or_default();
        *left = left.saturating_sub(1);
        if *left == 0 {
            counts.remove(&from);
        }
    }
    *counts.entry(moved.to).or_default() += 1;
}
