//! Whether another program may drive the window, as the tests do: never in a release.

/// What the toolkit reads: `true` opens the window to a WebDriver.
const VARIABLE: &str = "TAURI_WEBVIEW_AUTOMATION";

/// Somebody wants to drive the window of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{VARIABLE} is set, which would let another program use the window in your name: unset it")]
pub struct Refused;

/// Refuses a start that would open the window of a release to a WebDriver.
///
/// # Errors
/// This is a release, and the variable is set.
pub fn refuse_in_release() -> Result<(), Refused> {
    let is_wanted = std::env::var_os(VARIABLE).is_some();
    refuse(is_wanted, !cfg!(debug_assertions))
}

fn refuse(is_wanted: bool, is_release: bool) -> Result<(), Refused> {
    if is_wanted && is_release {
        Err(Refused)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_release_refuses_to_be_driven() {
        assert_eq!(refuse(true, true), Err(Refused));
        assert_eq!(refuse(true, false), Ok(()));
        assert_eq!(refuse(false, true), Ok(()));
        assert!(Refused.to_string().contains("unset"), "the remedy is named");
    }
}
