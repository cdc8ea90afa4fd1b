//! Whether this desktop shows tray icons at all (the StatusNotifierWatcher of the session bus).

use tokio::sync::watch;

/// What is known of the desktop's tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    /// The bus has not said yet.
    Unknown,
    /// Icons are shown.
    Present,
    /// Nobody shows them, or there is no bus.
    Absent,
}

/// Follows the watcher's name on the bus, from the main thread.
#[cfg(target_os = "linux")]
pub(crate) fn watch() -> watch::Receiver<Host> {
    use gtk::gio::{BusNameWatcherFlags, BusType, bus_watch_name};
    use std::sync::Arc;

    let tell = Arc::new(watch::Sender::new(Host::Unknown));
    let (seen, gone) = (Arc::clone(&tell), Arc::clone(&tell));
    // Followed until the process ends: the number that would end it is let go.
    let _watch = bus_watch_name(
        BusType::Session,
        "org.kde.StatusNotifierWatcher",
        BusNameWatcherFlags::NONE,
        move |_, _, _| {
            seen.send_replace(Host::Present);
        },
        move |_, _| {
            gone.send_replace(Host::Absent);
        },
    );
    tell.subscribe()
}

/// The other systems always show them.
#[cfg(not(target_os = "linux"))]
pub(crate) fn watch() -> watch::Receiver<Host> {
    watch::Sender::new(Host::Present).subscribe()
}
