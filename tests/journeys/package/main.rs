//! The package as a system sees it: where its files lie, what its desktop entry says, and what installing, upgrading
//! and removing it do to a machine.

#[path = "../rig/releases.rs"]
mod releases;
#[path = "../rig/mod.rs"]
mod rig;
#[path = "../session/mod.rs"]
mod session;

mod contents;
mod desktop_entry;
mod lifecycle;
mod update;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use session::installed::Package;

/// A rule by name, about one package.
type Rule = (&'static str, fn(&Package));

fn main() -> ExitCode {
    let Some(package) = Package::given() else {
        return ExitCode::SUCCESS;
    };
    let package = Arc::new(package);
    let rules: Vec<Rule> = [
        contents::rules(),
        desktop_entry::rules(),
        lifecycle::rules(),
        update::rules(),
    ]
    .concat();
    let trials = rules.into_iter().map(|(name, rule)| {
        let package = Arc::clone(&package);
        Trial::test(name, move || {
            rule(&package);
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}
