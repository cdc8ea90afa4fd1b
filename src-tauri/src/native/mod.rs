//! Replacing the application where the packaging is the system's own (decision 0084): on macOS and Windows Tauri's plugin does
//! it. When, and whether, is the worker's to say.

#[cfg(target_os = "macos")]
mod macos;
#[cfg(any(target_os = "macos", windows))]
mod plugin;
#[cfg(windows)]
mod windows;

use ripieno_daemon::update::Native;

/// What replaces this application, where the updater's own installers do not.
pub(crate) fn installer() -> Option<Native> {
    #[cfg(target_os = "macos")]
    return Some(Native(std::sync::Arc::new(macos::App)));
    #[cfg(windows)]
    return Some(Native(std::sync::Arc::new(windows::Setup)));
    #[cfg(not(any(target_os = "macos", windows)))]
    None
}

/// Lets the plugin know the application; nothing is asked or fetched by it.
///
/// # Errors
/// When the plugin cannot be added.
pub(crate) fn attend(app: &tauri::AppHandle) -> tauri::Result<()> {
    #[cfg(any(target_os = "macos", windows))]
    return plugin::attend(app);
    #[cfg(not(any(target_os = "macos", windows)))]
    {
        let _ = app;
        Ok(())
    }
}
