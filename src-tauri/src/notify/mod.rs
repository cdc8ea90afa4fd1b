//! What is told outside the window.

pub mod plain;
