//! The rules of the store, against the real SQLite.

mod lifecycle;
mod rig;
mod files;
