//! Crash points for the torture test (rel-2); nothing in release builds.
//!
//! Names are `store.<event>.before_commit` and `store.<event>.after_commit`, the second before anybody is answered.
//! `<event>` is an event of the machine, or one of [`OTHER`].

use ripieno_core::event::EventKind;

/// Writes with points of their own beside the events of the machine.
pub const OTHER: [&str; 4] = ["submitted", "answered", "withdrawn", "comment_added"];

/// Events whose edges no performer of this version takes yet: their points exist and are passed only by tests.
pub const NOT_DRIVEN: [EventKind; 5] = [
    EventKind::SubtasksAwaited,
    EventKind::SubtasksSettled,
    EventKind::Verified,
    EventKind::Rejected,
    EventKind::VerificationImpossible,
];

/// Dies at once, as by kill -9, when `RIPIENO_CRASH_AT=name[:n]` names this point and this is the n-th passing.
/// Does nothing in release builds.
pub fn point(name: &str) {
    #[cfg(debug_assertions)]
    armed::pass(name);
    #[cfg(not(debug_assertions))]
    let _ = name;
}

/// Every point of the store: each event of the machine and each of [`OTHER`], before and after the commit.
#[must_use]
pub fn points() -> Vec<String> {
    let events = EventKind::ALL.into_iter().map(EventKind::name);
    events
        .chain(OTHER)
        .flat_map(|name| [before(name), after(name)])
        .collect()
}

pub(crate) fn before(event: &str) -> String {
    format!("store.{event}.before_commit")
}

pub(crate) fn after(event: &str) -> String {
    format!("store.{event}.after_commit")
}

/// Passes the points of a batch; free when nothing is armed.
pub(crate) fn pass_all(events: &[&'static str], name: fn(&str) -> String) {
    if cfg!(debug_assertions) && is_armed() {
        for event in events {
            point(&name(event));
        }
    }
}

fn is_armed() -> bool {
    #[cfg(debug_assertions)]
    return armed::target().is_some();
    #[cfg(not(debug_assertions))]
    false
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    };

    static PASSED: AtomicU32 = AtomicU32::new(0);

    /// The point to die at, and at which passing of it.
    pub(super) fn target() -> Option<&'static (String, u32)> {
        static TARGET: OnceLock<Option<(String, u32)>> = OnceLock::new();
        TARGET
            .get_or_init(|| {
                let text = std::env::var("RIPIENO_CRASH_AT").ok()?;
                Some(match text.rsplit_once(':') {
                    Some((name, n)) => (name.to_owned(), n.parse().ok()?),
                    None => (text, 1),
                })
            })
            .as_ref()
    }

    pub(super) fn pass(name: &str) {
        let Some((_, nth)) = target().filter(|(target, _)| target == name) else {
            return;
        };
        if PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *nth {
            die();
        }
    }

    fn die() {
        #[cfg(unix)]
        {
            use rustix::process::{Signal, getpid, kill_process};
            // Only a refused signal comes back from here, and then the abort below ends us.
            let _ = kill_process(getpid(), Signal::KILL);
        }
        std::process::abort();
    }
}
