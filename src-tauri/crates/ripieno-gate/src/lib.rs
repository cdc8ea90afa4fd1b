//! The claim gate (S4): every claim passes it, and pause, update, shutdown, a full disk and the
//! start-up are ways to close it.
//!
//! This crate owns the one question "may a claim begin, and is anything under way?". It refuses
//! everything else: it knows no task, no clock and no runtime, and uses the standard library only,
//! so that loom can try every interleaving (`make loom`, tests in `tests/loom.rs`).
//!
//! Nothing here is counted by hand: a claim, a run and a barrier are values, and dropping one is
//! the only way to end it.

mod gate;
mod reason;
mod sync;

pub use gate::{Barrier, ClaimGate, ClaimGuard, Closed, Counts, RunGuard, Signal};
pub use reason::{CloseReason, CloseReasons};
