//! Updates: when to look for one, what to believe of it, how it gets onto the disk and into its place.
//!
//! Owns the checker (a machine without clocks and sockets), the signed manifest and every reason to refuse one, the
//! download, and the installers. Refuses to know tasks, the database and windows: who may install when is the worker's
//! to say.

pub mod checker;
pub mod download;
pub mod installer;
pub mod journal;
pub mod keys;
pub mod manifest;
pub mod place;
pub mod refusal;
pub mod source;
pub mod swap;
pub mod trust;
pub mod version;

pub use refusal::Refusal;
