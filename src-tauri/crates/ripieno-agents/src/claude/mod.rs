//! Claude Code over `stream-json`, both ways (A3): prompt, tools, usage, questions and permission requests.
//!
//! Owns the protocol of that program. Refuses any flag that switches its permissions off: what may run is
//! decided here, by the approval level, or by a person (A5).

mod describe;
mod reader;
mod tally;
mod verdict;
mod wire;

#[cfg(test)]
mod recordings;
