//! A screen without a monitor, and a window manager on it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use super::Running;

pub struct Screen {
    pub display: String,
    _manager: Running,
    _server: Running,
}

impl Screen {
    pub fn start() -> Self {
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1360x900x24",
                "-nolisten",
                "tcp",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb starts (Debian: xvfb)");
        let mut number = String::new();
        // It writes the number it found free when it takes connections.
        BufReader::new(server.stdout.take().expect("its output is a pipe"))
            .read_line(&mut number)
            .expect("Xvfb says its number");
        let server = Running(server);
        let display = format!(":{}", number.trim());
        let manager = Command::new("openbox")
            .arg("--sm-disable")
            .env("DISPLAY", &display)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("openbox starts (Debian: openbox)");
        Screen {
            display,
            _manager: Running(manager),
            _server: server,
        }
    }

    /// A picture of everything on it, with the frames of the windows.
    pub fn photograph(&self, file: &Path) {
        let done = Command::new("import")
            .args(["-display", &self.display, "-window", "root"])
            .arg(file)
            .status()
            .expect("import starts (Debian: imagemagick)");
        assert!(done.success(), "no picture of the screen could be taken");
    }
}
