//! The rules of the store, against the real SQLite.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod asks;
mod commits;
mod counts;
mod crashes;
mod damage;
mod files;
#[cfg(target_os = "linux")]
mod full;
mod lifecycle;
mod machine;
mod queue;
mod rig;
mod surfaces;
