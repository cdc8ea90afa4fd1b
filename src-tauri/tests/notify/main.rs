//! Notifications of the true program: on a bus of its own, before a server that records what it is asked to show and can
//! press what it shows, and before a real one (dunst).
//!
//! Needs a display; `make test` starts one where there is none.
#![cfg(target_os = "linux")]
// A test may fail loudly anywhere, also in what several of them share.
#![allow(clippy::unwrap_used)]

mod app;
mod bus;
mod dunst;
mod rules;
mod server;
mod servers;
