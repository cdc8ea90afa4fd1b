//! A session bus that starts nothing by itself, and what we serve on it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use zbus::Connection;

use super::Running;
use super::notes::{self, Notes};
use super::tray::{self, Tray};

/// No service folders: what is not running here is not here, whatever the machine has installed.
const CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

pub struct Bus {
    pub address: String,
    _daemon: Running,
    _config: tempfile::NamedTempFile,
}

impl Bus {
    pub fn start() -> Self {
        let mut config = tempfile::NamedTempFile::new().expect("a file for the bus");
        config
            .write_all(CONFIG.as_bytes())
            .expect("the bus's rules can be written");
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.path().display()))
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon starts (Debian: dbus)");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().expect("its output is a pipe"))
            .read_line(&mut address)
            .expect("the bus says its address");
        Bus {
            address: address.trim().to_owned(),
            _daemon: Running(daemon),
            _config: config,
        }
    }
}

/// Puts the tray host and the notification server on the bus.
pub async fn serve(
    address: &str,
    tray: &Arc<Tray>,
    notes: &Arc<Notes>,
) -> zbus::Result<Connection> {
    let connection = zbus::connection::Builder::address(address)
        .serve_at(tray::PATH, tray::Watcher(Arc::clone(tray)))
        .serve_at(notes::PATH, notes::Server(Arc::clone(notes)))
        .name(tray::NAME)
        .name(notes::NAME)
        .build()
        .await?;
    tray::forget_the_gone(&connection, tray).await?;
    Ok(connection)
}
