//! A session bus for one test, with or without somebody who shows tray icons.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use gtk::gio;
use gtk::glib::{self, ToVariant};

const MENU: &str = "/org/ayatana/NotificationItem/tray_icon_tray_app_ripieno/Menu";
const WATCHER: &str = r#"<node><interface name="org.kde.StatusNotifierWatcher">
  <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
  <property name="ProtocolVersion" type="i" access="read"/>
</interface></node>"#;

/// A bus that ends with the test.
pub(crate) struct Session {
    daemon: Child,
    pub(crate) address: String,
}

impl Session {
    /// A bus where nobody shows tray icons; `None` where there is no display to test on.
    pub(crate) fn bare() -> Option<Self> {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
            // Written directly: what a passing test prints by macro is not shown.
            let line = b"skipped: no display; `make test` starts one\n";
            std::io::stderr().write_all(line).unwrap();
            return None;
        }
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        let address = address.trim().to_owned();
        Some(Self { daemon, address })
    }

    /// A bus with a tray.
    pub(crate) fn with_tray() -> Option<Self> {
        let session = Self::bare()?;
        session.show_icons();
        Some(session)
    }

    /// Offers what a panel offers to icons, until the test ends.
    fn show_icons(&self) {
        let (ready, offered) = mpsc::channel();
        let address = self.address.clone();
        std::thread::spawn(move || {
            let context = glib::MainContext::new();
            let offer = || {
                let flags = gio::DBusConnectionFlags::AUTHENTICATION_CLIENT
                    | gio::DBusConnectionFlags::MESSAGE_BUS_CONNECTION;
                let bus = gio::DBusConnection::for_address_sync(
                    &address,
                    flags,
                    None,
                    gio::Cancellable::NONE,
                )
                .unwrap();
                // The bus ends before the test does.
                bus.set_exit_on_close(false);
                let node = gio::DBusNodeInfo::for_xml(WATCHER).unwrap();
                let interface = node
                    .lookup_interface("org.kde.StatusNotifierWatcher")
                    .unwrap();
                bus.register_object(
                    "/StatusNotifierWatcher",
                    &interface,
                    |_, _, _, _, _, _, call| call.return_value(None),
                    |_, _, _, _, name| match name {
                        "ProtocolVersion" => 0.to_variant(),
                        _ => true.to_variant(),
                    },
                    |_, _, _, _, _, _| false,
                )
                .unwrap();
                let name = ("org.kde.StatusNotifierWatcher", 0_u32).to_variant();
                bus.call_sync(
                    Some("org.freedesktop.DBus"),
                    "/org/freedesktop/DBus",
                    "org.freedesktop.DBus",
                    "RequestName",
                    Some(&name),
                    None,
                    gio::DBusCallFlags::NONE,
                    -1,
                    gio::Cancellable::NONE,
                )
                .unwrap();
                ready.send(()).unwrap();
                let running = glib::MainLoop::new(Some(&context), false);
                running.run();
            };
            context.with_thread_default(offer).unwrap();
        });
        offered.recv().unwrap();
    }

    /// Calls a method and returns what `dbus-send` prints of the answer.
    fn call(&self, name: &str, path: &str, arguments: &[&str]) -> Option<String> {
        let output = Command::new("dbus-send")
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .args(["--session", "--print-reply", "--reply-timeout=2000"])
            .args([&format!("--dest={name}"), path])
            .args(arguments)
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        output.status.success().then_some(printed)
    }

    /// The name under which a process offers its menu.
    pub(crate) fn menu_of(&self, pid: u32) -> Option<Menu<'_>> {
        let bus = "org.freedesktop.DBus";
        let names = self.call(bus, "/", &["org.freedesktop.DBus.ListNames"])?;
        let pid = format!("uint32 {pid}");
        let names = quoted(&names)
            .into_iter()
            .filter(|name| name.starts_with(':'));
        let mut menus = names.map(|name| Menu {
            session: self,
            name: name.to_owned(),
        });
        menus.find(|menu| {
            let method = "org.freedesktop.DBus.GetConnectionUnixProcessID";
            let argument = format!("string:{}", menu.name);
            let answer = self.call(bus, "/", &[method, &argument]);
            answer.is_some_and(|text| text.contains(&pid)) && menu.layout().is_some()
        })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// The menu of one icon.
pub(crate) struct Menu<'a> {
    session: &'a Session,
    name: String,
}

impl Menu<'_> {
    fn layout(&self) -> Option<String> {
        self.layout_with("label")
    }

    /// The menu with these properties of each row.
    fn layout_with(&self, properties: &str) -> Option<String> {
        let method = "com.canonical.dbusmenu.GetLayout";
        let properties = format!("array:string:{properties}");
        let arguments = [method, "int32:0", "int32:-1", &properties];
        self.session.call(&self.name, MENU, &arguments)
    }

    /// What its rows and those of its submenus are called now, top to bottom.
    pub(crate) fn labels(&self) -> Vec<String> {
        let reply = self.layout().unwrap_or_default();
        let lines: Vec<&str> = reply.lines().map(str::trim).collect();
        lines
            .windows(2)
            .filter(|pair| pair[0] == r#"string "label""#)
            .filter_map(|pair| pair[1].split_once("string \"")?.1.strip_suffix('"'))
            // The root's own, and separators'.
            .filter(|label| *label != "Label Empty")
            .map(str::to_owned)
            .collect()
    }

    /// What the rows with a mark are called.
    pub(crate) fn marked(&self) -> Vec<String> {
        let reply = self.layout_with("label,toggle-state").unwrap_or_default();
        let lines: Vec<&str> = reply.lines().map(str::trim).collect();
        let mut marked = Vec::new();
        // A row begins with its number.
        for row in lines.split(|line| line.starts_with("int32 ")) {
            let value = |name: &str| {
                let at = row
                    .iter()
                    .position(|line| *line == format!("string \"{name}\""))?;
                row.get(at + 1).copied()
            };
            let is_on = value("toggle-state").is_some_and(|state| state.ends_with("int32 1"));
            let label = value("label").and_then(|line| line.split('"').nth(1));
            marked.extend(label.filter(|_| is_on).map(str::to_owned));
        }
        marked
    }

    /// Whether a row is called exactly so.
    pub(crate) fn has(&self, label: &str) -> Option<()> {
        self.labels()
            .iter()
            .any(|shown| shown == label)
            .then_some(())
    }

    /// Clicks the first row whose label starts with `label`.
    pub(crate) fn click(&self, label: &str) {
        let reply = self.layout().unwrap();
        let mut id = None;
        let mut found = false;
        for line in reply.lines().map(str::trim) {
            if let Some(number) = line.strip_prefix("int32 ") {
                id = Some(number.to_owned());
            }
            if line.contains(&format!("string \"{label}")) {
                found = true;
                break;
            }
        }
        assert!(found, "no row `{label}` in {:?}", self.labels());
        let id = format!("int32:{}", id.unwrap());
        let method = "com.canonical.dbusmenu.Event";
        let event = [method, &id, "string:clicked", "variant:int32:0", "uint32:0"];
        // Whoever quits by it may be gone before the answer; what it does is what the tests look at.
        drop(self.session.call(&self.name, MENU, &event));
    }
}

/// Everything between quotes of a reply.
fn quoted(reply: &str) -> Vec<&str> {
    reply.split('"').skip(1).step_by(2).collect()
}
