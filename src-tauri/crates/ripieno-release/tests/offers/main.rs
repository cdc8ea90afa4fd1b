//! What the tool makes is what the updater believes; and everything else is refused, each with a sentence of its own.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod believed;
mod corpus;
mod fetched;
mod swapped;
