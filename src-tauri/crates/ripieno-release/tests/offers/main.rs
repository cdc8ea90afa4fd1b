//! What the tool makes is what the updater believes; and everything else is refused, each with a sentence of its own.

mod believed;
mod fetched;
mod swapped;
