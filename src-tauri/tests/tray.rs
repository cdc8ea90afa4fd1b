//! The true program in a true session: its icon is put on the bus, its menu is read and clicked there.
//!
//! Needs a display and a session bus; `make test` starts both where there are none.
#![cfg(target_os = "linux")]
// A test may fail loudly anywhere, also in what several of them share.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const MENU: &str = "/org/ayatana/NotificationItem/tray_icon_tray_app_ripieno/Menu";
const PATIENCE: Duration = Duration::from_secs(30);

struct App {
    child: Child,
    home: tempfile::TempDir,
}

impl App {
    fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let child = command(home.path()).spawn().unwrap();
        let mut app = Self { child, home };
        wait("the socket to answer", || {
            let ended = app.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended before it was ready: {ended:?}");
            app.status().map(|_| ())
        });
        app
    }

    fn socket(&self) -> PathBuf {
        self.home.path().join("run/ripieno.sock")
    }

    fn status(&self) -> Option<Value> {
        let stream = UnixStream::connect(self.socket()).ok()?;
        let request = json!({"id": 1, "method": "status", "params": {}});
        writeln!(&stream, "{request}").ok()?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).ok()?;
        let reply: Value = serde_json::from_str(&line).ok()?;
        reply.get("result").cloned()
    }

    /// The name on the bus under which this process offers its menu.
    fn bus_name(&self) -> Option<String> {
        let owned = call(
            "org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            &["org.freedesktop.DBus.ListNames"],
        )?;
        let pid = format!("uint32 {}", self.child.id());
        quoted(&owned)
            .into_iter()
            .filter(|name| name.starts_with(':'))
            .find(|name| {
                let method = "org.freedesktop.DBus.GetConnectionUnixProcessID";
                let argument = format!("string:{name}");
                let answer = call(
                    "org.freedesktop.DBus",
                    "/org/freedesktop/DBus",
                    &[method, &argument],
                );
                answer.is_some_and(|text| text.contains(&pid)) && layout(name).is_some()
            })
            .map(str::to_owned)
    }

    fn end(mut self) -> ExitStatus {
        wait("the program to end", || self.child.try_wait().unwrap())
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that was built beside the one under test.
fn beside(name: &str) -> Command {
    Command::new(Path::new(env!("CARGO_BIN_EXE_ripieno-desktop")).with_file_name(name))
}

fn command(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ripieno-desktop"));
    command
        .env("RIPIENO_HOME", home)
        .env_remove("RIPIENO_SOCKET")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null());
    command
}

fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

fn call(name: &str, path: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new("dbus-send")
        .args(["--session", "--print-reply", "--reply-timeout=2000"])
        .args([&format!("--dest={name}"), path])
        .args(arguments)
        .output()
        .unwrap();
    output
        .status
        .success()
        .then(|| String::from_utf8(output.stdout).unwrap())
}

/// Everything between quotes of a reply.
fn quoted(reply: &str) -> Vec<&str> {
    reply.split('"').skip(1).step_by(2).collect()
}

fn layout(name: &str) -> Option<String> {
    let method = "com.canonical.dbusmenu.GetLayout";
    call(
        name,
        MENU,
        &[method, "int32:0", "int32:-1", "array:string:label"],
    )
}

/// The labels of the menu as it is now.
fn labels(name: &str) -> BTreeSet<String> {
    let reply = layout(name).unwrap_or_default();
    let words = quoted(&reply).into_iter().filter(|word| {
        !["label", "children-display", "submenu", "type", "separator"].contains(word)
    });
    words.map(str::to_owned).collect()
}

/// Clicks the item whose label starts with `label`.
fn click(name: &str, label: &str) {
    let reply = layout(name).unwrap();
    let mut id = None;
    for line in reply.lines().map(str::trim) {
        if let Some(number) = line.strip_prefix("int32 ") {
            id = Some(number.to_owned());
        }
        if line.contains(&format!("string \"{label}")) {
            break;
        }
    }
    let id = format!("int32:{}", id.unwrap());
    let method = "com.canonical.dbusmenu.Event";
    call(
        name,
        MENU,
        &[method, &id, "string:clicked", "variant:int32:0", "uint32:0"],
    )
    .unwrap();
}

fn session() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let there = (set("DISPLAY") || set("WAYLAND_DISPLAY")) && set("DBUS_SESSION_BUS_ADDRESS");
    if !there {
        // Written directly: what a passing test prints by macro is not shown.
        let line = b"skipped: no display or no session bus; `make test` starts both\n";
        std::io::stderr().write_all(line).unwrap();
    }
    there
}

#[test]
fn menu_pauses_resumes_and_quits_the_worker() {
    if !session() {
        return;
    }
    let app = App::start();
    let name = wait("the menu on the bus", || app.bus_name());
    wait("the status line", || {
        labels(&name).contains("Idle").then_some(())
    });

    click(&name, "Finish running");
    wait("the pause", || {
        (app.status()?["state"] == "paused").then_some(())
    });
    wait("the item Resume", || {
        labels(&name).contains("Resume").then_some(())
    });
    assert!(labels(&name).contains("Paused"), "{:?}", labels(&name));

    click(&name, "Resume");
    wait("the resume", || {
        (app.status()?["state"] == "running").then_some(())
    });
    wait("the status line", || {
        labels(&name).contains("Idle").then_some(())
    });

    click(&name, "Quit");
    assert!(app.end().success());
}

#[test]
fn second_start_ends_at_once_and_term_quits_in_order() {
    if !session() {
        return;
    }
    let app = App::start();
    let second = command(app.home.path()).output().unwrap();
    assert!(second.status.success(), "{second:?}");
    let words = String::from_utf8(second.stdout).unwrap();
    assert!(words.contains("already running"), "{words}");

    let pid = app.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert!(app.end().success());
}

#[test]
fn beside_a_running_daemon_it_is_only_its_tray() {
    if !session() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let mut daemon = beside("ripieno");
    daemon
        .args(["daemon", "run"])
        .env("RIPIENO_HOME", home.path());
    let daemon = App {
        child: daemon.stderr(Stdio::null()).spawn().unwrap(),
        home,
    };
    wait("the daemon", || daemon.status().map(|_| ()));

    let tray = App {
        child: command(daemon.home.path()).spawn().unwrap(),
        home: tempfile::tempdir().unwrap(),
    };
    let name = wait("the menu on the bus", || tray.bus_name());
    let leave = "Quit; the worker goes on";
    wait("the item Quit", || {
        labels(&name).contains(leave).then_some(())
    });
    click(&name, "Finish running");
    wait("the pause", || {
        (daemon.status()?["state"] == "paused").then_some(())
    });
    click(&name, leave);
    assert!(tray.end().success());
    assert_eq!(daemon.status().unwrap()["state"], "paused");
}

#[test]
fn without_a_display_it_names_the_headless_worker() {
    let home = tempfile::tempdir().unwrap();
    let mut command = command(home.path());
    let output = command
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(8), "{words}");
    assert!(words.contains("ripieno daemon run"), "{words}");
    assert!(!words.contains("panicked"), "{words}");
}
