//! The law of Ripieno: states, events and their one transition function, holds, failure classes, ranks,
//! asks and receipts.
//!
//! Pure: it never reads a clock, a file, the environment or a random source, and cannot fail for outside reasons.

#![deny(missing_docs, clippy::wildcard_enum_match_arm)]

pub mod apply;
pub mod ask;
pub mod budget;
pub mod coverage;
pub mod effect;
pub mod event;
pub mod failure;
pub mod grant;
pub mod hold;
pub mod id;
pub mod lane;
pub mod notes;
pub mod project;
pub mod receipt;
pub mod retry;
pub mod spec;
pub mod state;
pub mod task;
pub mod time;
