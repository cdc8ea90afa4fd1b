//! The real command against a real worker: verbs, exit codes and JSON of the contract (cli.md).

#![allow(clippy::unwrap_used)]

mod asks;
mod bad_input;
mod daemon;
mod mcp;
mod rig;
mod settings;
mod tasks;
mod words;
