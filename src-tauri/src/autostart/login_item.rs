//! A login item of macOS, or an entry in the Run key of Windows.

use auto_launch::{AutoLaunch, AutoLaunchBuilder};

use super::{AutostartError, HIDDEN};

/// Whether the program starts at login.
pub(crate) fn is_set() -> Result<bool, AutostartError> {
    item()?.is_enabled().map_err(failed)
}

/// Adds or removes the item.
pub(crate) fn set(on: bool) -> Result<(), AutostartError> {
    let item = item()?;
    if on { item.enable() } else { item.disable() }.map_err(failed)
}

fn item() -> Result<AutoLaunch, AutostartError> {
    let program = crate::program::path().map_err(failed)?;
    AutoLaunchBuilder::new()
        .set_app_name("Ripieno")
        .set_app_path(&program.to_string_lossy())
        .set_args(&[HIDDEN])
        .build()
        .map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> AutostartError {
    AutostartError(error.to_string())
}
