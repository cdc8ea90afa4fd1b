//! What tests need and programs do not: a scripted model server that real agent command lines talk to.
//!
//! Owns the scenarios and the log of requests. Refuses to be linked into a release build, to listen anywhere but on
//! loopback, and to keep state between requests: the scenario is the first path segment, the rest is in the request.

pub mod agents;
mod anthropic;
mod chat;
mod gemini;
mod responses;
mod scenario;
mod server;
mod sse;

pub use scenario::{Cut, Fault, Reply, Scenario};
pub use server::{Logged, ModelServer};
