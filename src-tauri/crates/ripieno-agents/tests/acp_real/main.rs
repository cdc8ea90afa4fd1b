//! The real agents that speak the Agent Client Protocol against the scripted model server: offline, dummy key, loopback
//! only.
//!
//! `npm ci --prefix tests/agents` installs the pinned opencode, as `make test` does; without it every test here says that it
//! was skipped.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod asks;
mod bench;
mod ends;
#[path = "../rig/mod.rs"]
mod rig;
mod runs;
