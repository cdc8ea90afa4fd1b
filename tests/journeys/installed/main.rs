//! The installed application on a whole desktop: its icon in the tray, its notifications, its window; used as a person
//! does. Pictures of every step lie in `target/screenshots/installed`.

#[path = "../rig/mod.rs"]
mod rig;
#[path = "../session/mod.rs"]
mod session;

mod notifications;
mod pictures;
mod stage;
mod tray;
mod window;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use session::installed::{Installed, Package, Programs};
use stage::Stage;

/// A journey by name.
type Journey = (&'static str, fn(&Stage));

fn main() -> ExitCode {
    let Some(package) = Package::given() else {
        return ExitCode::SUCCESS;
    };
    let mut arguments = Arguments::from_args();
    // Each has a desktop of its own, but two cores carry one WebKit at a time.
    arguments.test_threads = Some(1);
    let installed = Installed::new(&package);
    let programs = Arc::new(installed.programs());
    let journeys: Vec<Journey> = [
        tray::journeys(),
        notifications::journeys(),
        window::journeys(),
        pictures::journeys(),
    ]
    .concat();
    let trials = journeys.into_iter().map(|(name, journey)| {
        let programs = Arc::clone(&programs);
        Trial::test(name, move || {
            play(name, journey, &programs);
            Ok(())
        })
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    drop(installed);
    conclusion.exit_code()
}

/// Plays one journey on a fresh desktop; what went wrong is photographed with everything that was on the screen.
fn play(name: &str, journey: fn(&Stage), programs: &Programs) {
    let stage = Stage::new(name, programs);
    let played = catch_unwind(AssertUnwindSafe(|| journey(&stage)));
    if let Err(panic) = played {
        stage.photograph_screen("failed");
        resume_unwind(panic);
    }
}
