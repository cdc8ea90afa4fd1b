//! Starting at login, hidden: the system's own entry, not a setting of ours.

#[cfg_attr(target_os = "linux", path = "entry.rs")]
#[cfg_attr(not(target_os = "linux"), path = "login_item.rs")]
mod platform;

pub(crate) use platform::{is_set, set};

/// What the program is started with at login.
const HIDDEN: &str = "--hidden";

/// The entry cannot be read or changed.
#[derive(Debug, thiserror::Error)]
#[error("starting at login cannot be changed: {0}")]
pub(crate) struct AutostartError(String);
