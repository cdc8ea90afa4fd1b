//! A session bus of one test, on which nobody is started by being asked for.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=FOLDER</listen>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>"#;

pub struct Bus {
    daemon: Child,
    address: String,
    folder: tempfile::TempDir,
    _tray: zbus::Connection,
}

impl Bus {
    /// Starts it with a name on it that stands for a tray: without one the window would open, and what is on screen is silent.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("bus.conf");
        let text = CONFIG.replace("FOLDER", &folder.path().display().to_string());
        std::fs::write(&config, text).unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .args(["--nofork", "--print-address", "--config-file"])
            .arg(&config)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        let tray = zbus::connection::Builder::address(address.trim())
            .name("org.kde.StatusNotifierWatcher")
            .build();
        Self {
            daemon,
            _tray: tray.await.unwrap(),
            address: address.trim().to_owned(),
            folder,
        }
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// A folder that goes with the bus.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
