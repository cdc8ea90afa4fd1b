//! Linux: logind, asked over the system bus. What it hands out is a descriptor; closing it gives the hold back, also
//! when this process is killed.

use std::collections::BTreeMap;
use zbus::{
    Connection, OwnedFd, Proxy,
    connection::Builder,
    proxy::{self, CacheProperties},
};

/// The variable that names another system bus.
const BUS: &str = "DBUS_SYSTEM_BUS_ADDRESS";

/// Says why the system cannot be kept awake.
#[derive(Debug, thiserror::Error)]
#[error("logind cannot be asked to stay awake: {0}; is systemd-logind or elogind running?")]
pub(super) struct Trouble(#[from] zbus::Error);

/// Keeps the system awake until it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    _open: OwnedFd,
}

/// Whoever decides about sleep.
#[derive(Debug)]
pub(super) struct Power {
    logind: Proxy<'static>,
}

impl Power {
    /// Finds it. `env` may name another bus.
    pub(super) async fn find(env: &BTreeMap<String, String>) -> Result<Self, Trouble> {
        let bus: Connection = match env.get(BUS).filter(|address| !address.is_empty()) {
            Some(address) => Builder::address(address.as_str()).build().await?,
            None => Connection::system().await?,
        };
        let logind = proxy::Builder::new(&bus)
            .destination("org.freedesktop.login1")
            .path("/org/freedesktop/login1")
            .interface("org.freedesktop.login1.Manager")
            // logind does not tell when the power supply changes.
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        Ok(Power { logind })
    }

    /// Whether the machine is not on battery.
    pub(super) async fn on_ac(&self) -> Result<bool, Trouble> {
        Ok(self.logind.get_property("OnExternalPower").await?)
    }

    /// Keeps the system awake.
    pub(super) async fn hold(&self) -> Result<Held, Trouble> {
        let ask = ("sleep:idle", "Ripieno", "Tasks are at work", "block");
        let _open = self.logind.call("Inhibit", &ask).await?;
        Ok(Held { _open })
    }
}
