//! Crash points for the torture test (rel-2); nothing in release builds.

/// Dies at once, as by kill -9, when `RIPIENO_CRASH_AT=name[:n]` names this point and this is the n-th passing.
/// Does nothing in release builds.
pub fn point(name: &str) {
    let _ = name;
}

/// Every point of the store: each event of the machine and each other write, before and after the commit.
#[must_use]
pub fn points() -> Vec<&'static str> {
    Vec::new()
}
