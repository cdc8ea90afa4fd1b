//! A hold in words: one short English sentence, the same in every surface (cli.md, `task why`).

use super::Hold;
use crate::time::Timestamp;

impl Hold {
    /// Says in one sentence why the task waits; `show` writes a moment, since the core knows no calendar.
    pub fn text(&self, show: impl Fn(Timestamp) -> String) -> String {
        match self {
            Hold::NotBefore { until } => format!("It starts at {}.", show(*until)),
            Hold::Thread { task } => format!("{task} of the same thread is under way."),
            Hold::Slots { used, limit } => format!("All slots are taken ({used} of {limit})."),
            Hold::LaneFull { lane, used, limit } => {
                format!("All slots of {lane} are taken ({used} of {limit}).")
            }
            Hold::PieceFull { piece, used, limit } => {
                format!("As many tasks of the piece {piece} run as it allows ({used} of {limit}).")
            }
            Hold::ProjectFull { path, used, limit } => {
                format!("As many tasks of {path} run as it allows ({used} of {limit}).")
            }
            Hold::LaneHold {
                lane,
                until,
                reason,
            } => {
                let reason = in_brackets(reason);
                format!("{lane} is held until {}{reason}.", show(*until))
            }
            Hold::LaneSignedOut { lane } => format!("{lane} is signed out: sign in again."),
            Hold::LaneDrained { lane, failures } => format!(
                "{lane} failed {failures} times in a row: see its ask, or release the lane."
            ),
            Hold::EndpointDown { endpoint, since } => {
                format!("{endpoint} has not answered since {}.", show(*since))
            }
            Hold::Offline { since } => format!("There is no network since {}.", show(*since)),
            Hold::Budget { cap, until } => {
                format!("The budget {cap} is spent until {}.", show(*until))
            }
            Hold::Directory { path, holder, .. } => format!("{path} is in use by {holder}."),
            Hold::Untrusted { path } => format!("{path} is not trusted yet."),
            Hold::Paused { until: None } => "It is paused.".to_owned(),
            Hold::Paused { until: Some(until) } => {
                format!("The worker is paused until {}.", show(*until))
            }
            Hold::Updating => "An update is being installed.".to_owned(),
            Hold::OutsideSchedule { next } => {
                format!(
                    "It is outside its hours; the next begin at {}.",
                    show(*next)
                )
            }
            Hold::NoRuntime { what } => format!("There is no runtime for {what}."),
            Hold::ModelUnavailable { model } => format!("The model {model} is not available."),
            Hold::NotConfigured { what } => format!("Something it needs is missing: {what}."),
            Hold::VaultLocked => "The keyring is locked.".to_owned(),
            Hold::DiskSpace { free } => {
                format!("Too little disk space is left ({} MiB).", free >> 20)
            }
            Hold::Starting => "The worker is starting.".to_owned(),
            Hold::Stopping => "The worker is stopping.".to_owned(),
            Hold::Dependency { task } => format!("{task} must be done first."),
            Hold::Subtasks { open: 1 } => "It waits for 1 subtask.".to_owned(),
            Hold::Subtasks { open } => format!("It waits for {open} subtasks."),
            Hold::Ask { ask } => format!("It waits for your answer to {ask}."),
        }
    }
}

/// ` (reason)`, or nothing where none is known.
fn in_brackets(reason: &str) -> String {
    if reason.is_empty() {
        String::new()
    } else {
        format!(" ({reason})")
    }
}
