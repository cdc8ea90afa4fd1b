//! The real server of many desktops.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use crate::app::{ASKING, Home, display, wait};
use crate::bus::Bus;

struct Dunst<'a> {
    child: Child,
    bus: &'a Bus,
}

impl<'a> Dunst<'a> {
    /// Starts it with a menu of actions that always picks the line with `pick` in it.
    fn start(bus: &'a Bus, pick: &str) -> Self {
        let menu = bus.folder().join("menu");
        std::fs::write(&menu, format!("#!/bin/sh\nexec grep -m 1 -- '{pick}'\n")).unwrap();
        std::fs::set_permissions(&menu, std::fs::Permissions::from_mode(0o700)).unwrap();
        let config = bus.folder().join("dunstrc");
        let text = format!("[global]\ndmenu = {}\nmarkup = full\n", menu.display());
        std::fs::write(&config, text).unwrap();
        let child = Command::new("dunst")
            .arg("-config")
            .arg(&config)
            .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
            .env_remove("WAYLAND_DISPLAY")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let dunst = Self { child, bus };
        wait("dunst", || dunst.control(&["count", "displayed"]));
        dunst
    }

    fn control(&self, arguments: &[&str]) -> Option<String> {
        let output = Command::new("dunstctl")
            .args(arguments)
            .env("DBUS_SESSION_BUS_ADDRESS", self.bus.address())
            .output()
            .unwrap();
        let words = String::from_utf8(output.stdout).unwrap();
        output.status.success().then(|| words.trim().to_owned())
    }

    fn displays(&self, count: &str) {
        wait(&format!("{count} banners"), || {
            (self.control(&["count", "displayed"])? == count).then_some(())
        });
    }
}

impl Drop for Dunst<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn possible() -> bool {
    let installed = Command::new("dunst").arg("--version").output().is_ok();
    if !installed {
        let line = b"skipped: dunst is not installed; `make test` installs it\n";
        std::io::stderr().write_all(line).unwrap();
    }
    installed && display()
}

#[tokio::test(flavor = "multi_thread")]
async fn dunst_shows_the_ask_and_its_menu_answers_it() {
    if !possible() {
        return;
    }
    let bus = Bus::start().await;
    let dunst = Dunst::start(&bus, "SQLite");
    let home = Home::new(&bus);
    let _app = home.start();
    let task = home.script("Fix login", ASKING);
    dunst.displays("1");
    dunst.control(&["context"]).unwrap();
    home.state(&task, "done");
    assert_eq!(home.output(&task, "choice").trim(), "lite");
    dunst.displays("0");
}

#[tokio::test(flavor = "multi_thread")]
async fn dunst_takes_the_banner_away_when_the_command_answers() {
    if !possible() {
        return;
    }
    let bus = Bus::start().await;
    let dunst = Dunst::start(&bus, "none");
    let home = Home::new(&bus);
    let _app = home.start();
    home.script("Fix login", ASKING);
    dunst.displays("1");
    home.run(&["ask", "answer", "A-1", "pg"]);
    dunst.displays("0");
}
