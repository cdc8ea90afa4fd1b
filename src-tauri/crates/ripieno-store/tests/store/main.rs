//! The rules of the store, against the real SQLite.

mod asks;
mod commits;
mod damage;
mod files;
mod lifecycle;
mod machine;
mod queue;
mod rig;
