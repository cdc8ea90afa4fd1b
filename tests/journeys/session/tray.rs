//! The tray host: takes the icons that programs register, as a panel does.

use std::sync::{Arc, Condvar, Mutex};

use futures_util::StreamExt;
use zbus::message::Header;
use zbus::{Connection, interface};

use super::PATIENCE;

pub const NAME: &str = "org.kde.StatusNotifierWatcher";
pub const PATH: &str = "/StatusNotifierWatcher";

/// An icon: who put it up, and where its properties are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub owner: String,
    pub path: String,
}

/// The icons that are up now.
#[derive(Default)]
pub struct Tray {
    items: Mutex<Vec<Item>>,
    changed: Condvar,
}

impl Tray {
    /// The newest icon, once there is one.
    pub fn wait_for_item(&self) -> Item {
        self.wait("an icon in the tray", |items| items.last().cloned())
    }

    /// The newest icon, once the one before it is gone.
    pub fn wait_for_item_after(&self, old: &Item) -> Item {
        self.wait("another icon in the tray", |items| {
            let newest = items.last().filter(|_| !items.contains(old));
            newest.cloned()
        })
    }

    /// Until no icon is left.
    pub fn wait_until_empty(&self) {
        self.wait("the tray to be empty", |items| {
            items.is_empty().then_some(())
        });
    }

    fn wait<T>(&self, what: &str, mut look: impl FnMut(&[Item]) -> Option<T>) -> T {
        let items = self.items.lock().expect("the tray is whole");
        let mut found = None;
        let (items, _) = self
            .changed
            .wait_timeout_while(items, PATIENCE, |items| {
                found = look(items);
                found.is_none()
            })
            .expect("the tray is whole");
        found.unwrap_or_else(|| panic!("waited {PATIENCE:?} for {what}: {items:?}"))
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Item>)) {
        change(&mut self.items.lock().expect("the tray is whole"));
        self.changed.notify_all();
    }
}

/// The service of a panel.
pub struct Watcher(pub Arc<Tray>);

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    /// A name on the bus, or a path of the caller: both are in use.
    fn register_status_notifier_item(&self, place: &str, #[zbus(header)] header: Header<'_>) {
        let caller = header.sender().map(ToString::to_string).unwrap_or_default();
        let item = if place.starts_with('/') {
            Item {
                owner: caller,
                path: place.to_owned(),
            }
        } else {
            Item {
                owner: place.to_owned(),
                path: "/StatusNotifierItem".to_owned(),
            }
        };
        self.0.change(|items| items.push(item));
    }

    #[allow(clippy::unused_self, reason = "the interface's own call")]
    fn register_status_notifier_host(&self, _host: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        let items = self.0.items.lock().expect("the tray is whole");
        items
            .iter()
            .map(|item| format!("{}{}", item.owner, item.path))
            .collect()
    }

    #[zbus(property)]
    #[allow(clippy::unused_self, reason = "the interface's own property")]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    #[allow(clippy::unused_self, reason = "the interface's own property")]
    fn protocol_version(&self) -> i32 {
        0
    }
}

/// Takes an icon down when its program leaves the bus.
pub async fn forget_the_gone(connection: &Connection, tray: &Arc<Tray>) -> zbus::Result<()> {
    let bus = zbus::fdo::DBusProxy::new(connection).await?;
    let mut changes = bus.receive_name_owner_changed().await?;
    let tray = Arc::clone(tray);
    tokio::spawn(async move {
        while let Some(change) = changes.next().await {
            let Ok(change) = change.args() else { continue };
            if change.new_owner().is_none() {
                let gone = change.name().to_string();
                tray.change(|items| items.retain(|item| item.owner != gone));
            }
        }
    });
    Ok(())
}
