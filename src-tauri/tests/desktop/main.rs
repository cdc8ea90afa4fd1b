//! The true program in a true session: its icon is put on a bus of its own, its menu is read and clicked there.
//!
//! Needs a display and dbus-daemon; `make test` sees to both.
#![cfg(target_os = "linux")]
// A test may fail loudly anywhere, also in what several of them share.
#![allow(clippy::unwrap_used)]

mod menu;
mod rig;
mod screen;
mod session;
mod start;
