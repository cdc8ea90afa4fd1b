//! The rules of the store, against the real SQLite.

mod files;
mod lifecycle;
mod rig;
