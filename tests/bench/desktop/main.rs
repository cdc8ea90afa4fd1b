//! What the desktop application costs and how fast it is there, written to docs/benchmarks.md.
//!
//! Runs the programs of `target/release` on a desktop of its own; see "The desktop application" there for what each
//! figure means. Needs `make build` and the bare tray of `tests/bench/peers`; `make bench-desktop` does it all.

#[path = "../../journeys/rig/mod.rs"]
mod rig;
#[path = "../../journeys/session/mod.rs"]
mod session;

mod pixels;
mod report;
mod runs;

use std::path::{Path, PathBuf};

/// The folder of the repository.
fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("tests/ lies in it").to_owned()
}

fn main() {
    let figures = runs::all(&root());
    let text = report::section(&figures);
    println!("{text}");
    report::write(&root().join("docs/benchmarks.md"), &text);
}
