//! Torture: the worker is killed at random and at every named point, and nothing may be lost, doubled, stuck or left
//! over (rel-1, rel-2, rel-13). `RIPIENO_TORTURE` sets the number of rounds; the default is a short run.

#[path = "../rig/mod.rs"]
mod rig;

mod check;
mod kills;
mod owners;
mod points;
mod storage;
mod trees;
mod work;

/// Rounds of the long series, or the short default.
fn rounds(short: usize) -> usize {
    std::env::var("RIPIENO_TORTURE")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(short)
}
