//! Whether this desktop shows tray icons at all (the StatusNotifierWatcher of the session bus).

use tokio::sync::watch;

/// The bus itself, by its name and interface.
#[cfg(target_os = "linux")]
const BUS: &str = "org.freedesktop.DBus";
/// Who collects the icons.
#[cfg(target_os = "linux")]
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

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

#[cfg(target_os = "linux")]
impl Host {
    fn owned(is_owned: bool) -> Self {
        if is_owned {
            Self::Present
        } else {
            Self::Absent
        }
    }
}

/// Follows the watcher's name on the bus, from the main thread.
#[cfg(target_os = "linux")]
pub(crate) fn watch() -> watch::Receiver<Host> {
    use gtk::gio;
    use std::sync::Arc;

    let tell = Arc::new(watch::Sender::new(Host::Unknown));
    let seen = tell.subscribe();
    gio::bus_get(gio::BusType::Session, gio::Cancellable::NONE, |bus| {
        match bus {
            Ok(bus) => follow(&bus, tell),
            // Without a bus there is nobody to show an icon to.
            Err(_) => drop(tell.send(Host::Absent)),
        }
    });
    seen
}

/// Hears of every change of the name's owner first, then asks who it is now.
#[cfg(target_os = "linux")]
fn follow(bus: &gtk::gio::DBusConnection, tell: std::sync::Arc<watch::Sender<Host>>) {
    use gtk::gio::{Cancellable, DBusCallFlags, DBusSignalFlags};
    use gtk::glib::ToVariant;

    // The worker must outlive a bus that ends.
    bus.set_exit_on_close(false);
    let changed = std::sync::Arc::clone(&tell);
    // Followed until the process ends: the number that would end it is let go.
    let _followed = bus.signal_subscribe(
        Some(BUS),
        Some(BUS),
        Some("NameOwnerChanged"),
        Some("/org/freedesktop/DBus"),
        Some(WATCHER),
        DBusSignalFlags::NONE,
        move |_, _, _, _, _, change| {
            if let Some((_, _, owner)) = change.get::<(String, String, String)>() {
                changed.send_replace(Host::owned(!owner.is_empty()));
            }
        },
    );
    bus.call(
        Some(BUS),
        "/org/freedesktop/DBus",
        BUS,
        "NameHasOwner",
        Some(&(WATCHER,).to_variant()),
        None,
        DBusCallFlags::NONE,
        -1,
        Cancellable::NONE,
        move |answer| {
            let owned = answer.is_ok_and(|answer| answer.get() == Some((true,)));
            tell.send_if_modified(|host| {
                let first = *host == Host::Unknown;
                if first {
                    *host = Host::owned(owned);
                }
                first
            });
        },
    );
}

/// The other systems always show them.
#[cfg(not(target_os = "linux"))]
pub(crate) fn watch() -> watch::Receiver<Host> {
    watch::Sender::new(Host::Present).subscribe()
}
