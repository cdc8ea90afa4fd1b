//! A desktop of its own for the installed program: a screen with a window manager, a session bus, a tray host and
//! a notification server, all gone when dropped.

#![allow(dead_code, reason = "each test binary uses its part of the session")]

pub mod bus;
pub mod installed;
pub mod menu;
pub mod notes;
pub mod person;
pub mod processes;
pub mod screen;
pub mod taskbar;
pub mod tray;
pub mod webdriver;

use std::process::Child;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use zbus::Connection;

use bus::Bus;
use notes::Notes;
use screen::Screen;
use tray::Tray;

/// How long anything may take on a slow, shared machine before a test calls it stuck.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The desktop, and what the person on it can see of the program.
pub struct Session {
    pub screen: Screen,
    pub tray: Arc<Tray>,
    pub notes: Arc<Notes>,
    connection: Connection,
    runtime: Runtime,
    // Last, so that everything on the bus is gone before it.
    bus: Bus,
}

impl Session {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime for the bus");
        let (bus, screen) = (Bus::start(), Screen::start());
        let (tray, notes) = (Arc::new(Tray::default()), Arc::new(Notes::default()));
        let connection = runtime
            .block_on(bus::serve(&bus.address, &tray, &notes))
            .expect("the desktop's own services reach the bus");
        Session {
            screen,
            tray,
            notes,
            connection,
            runtime,
            bus,
        }
    }

    /// What a program started from this desktop finds in its environment.
    pub fn env(&self) -> Vec<(String, String)> {
        vec![
            ("DISPLAY".into(), self.screen.display.clone()),
            ("DBUS_SESSION_BUS_ADDRESS".into(), self.bus.address.clone()),
            ("GDK_BACKEND".into(), "x11".into()),
            // Nobody here listens for a screen reader.
            ("NO_AT_BRIDGE".into(), "1".into()),
        ]
    }

    /// The menu behind the tray icon, once there is one.
    pub fn menu(&self) -> menu::Menu<'_> {
        let item = self.tray.wait_for_item();
        menu::Menu::of(self, item)
    }

    /// A person presses a button of a notification; `default` is the body itself.
    pub fn press(&self, note: u32, action: &str) {
        let pressed = (note, action);
        let sent = self.connection.emit_signal(
            None::<zbus::names::BusName<'_>>,
            notes::PATH,
            notes::INTERFACE,
            "ActionInvoked",
            &pressed,
        );
        self.runtime
            .block_on(sent)
            .expect("the press reaches the bus");
    }
}

/// A program of the desktop; ended with it.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
