//! Whether there is a screen to live on; the toolkit would panic without one.

/// Why the application cannot start here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoDisplay {
    /// Neither X11 nor Wayland is announced to this process.
    #[error(
        "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set): \
         run the worker without one by `ripieno daemon run`"
    )]
    Unset,
    /// One is announced, but does not answer.
    #[error(
        "the display of DISPLAY or WAYLAND_DISPLAY does not answer: check that it is yours, \
         or run the worker without one by `ripieno daemon run`"
    )]
    Unreachable,
}

/// Opens the display, from the main thread.
///
/// # Errors
/// There is none, or it does not answer.
#[cfg(target_os = "linux")]
pub fn open() -> Result<(), NoDisplay> {
    announced(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))?;
    gtk::init().map_err(|_| NoDisplay::Unreachable)
}

/// Succeeds: the other systems always have one.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn open() -> Result<(), NoDisplay> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn announced(is_set: impl Fn(&str) -> bool) -> Result<(), NoDisplay> {
    if is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") {
        Ok(())
    } else {
        Err(NoDisplay::Unset)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn either_display_is_enough_and_none_is_named() {
        assert_eq!(announced(|name| name == "DISPLAY"), Ok(()));
        assert_eq!(announced(|name| name == "WAYLAND_DISPLAY"), Ok(()));
        assert_eq!(announced(|_| false), Err(NoDisplay::Unset));
    }

    #[test]
    fn missing_display_names_the_remedy() {
        assert!(NoDisplay::Unset.to_string().contains("ripieno daemon run"));
    }
}
