//! The system is kept awake while tasks are at work (S10): told to a logind of the test's own, on a bus of its own.

use crate::{
    Journey,
    rig::{Client, Home, PATIENCE, wait_for},
};
use serde_json::json;
use std::{
    io::{BufRead, BufReader, PipeReader, Read, pipe},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex,
        mpsc::{Receiver, Sender, channel},
    },
};
pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "system_is_kept_awake_from_the_first_task_at_work_to_the_last",
            while_at_work,
        ),
        (
            "on_battery_nothing_is_held_until_the_setting_says_always",
            on_battery,
        ),
        ("killed_worker_lets_the_system_sleep", killed),
        (
            "without_logind_tasks_run_and_the_log_says_so_once",
            without_logind,
        ),
    ]
}

/// What logind was asked, and what became of it.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Power,
    Hold(String),
    Released,
}

/// `org.freedesktop.login1`, as far as it is asked.
struct Logind {
    on_ac: bool,
    asked: Mutex<Sender<Asked>>,
}

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Logind {
    fn inhibit(
        &self,
        what: &str,
        who: &str,
        why: &str,
        mode: &str,
    ) -> zbus::fdo::Result<zbus::OwnedFd> {
        let failed = |error: std::io::Error| zbus::fdo::Error::Failed(error.to_string());
        let (end, held) = pipe().map_err(failed)?;
        let asked = self.asked.lock().expect("nobody panics with it").clone();
        drop(asked.send(Asked::Hold(format!("{what} {who} {mode}: {why}"))));
        std::thread::spawn(move || released(end, &asked));
        Ok(OwnedFd::from(held).into())
    }

    #[zbus(property)]
    fn on_external_power(&self) -> bool {
        let asked = self.asked.lock().expect("nobody panics with it");
        drop(asked.send(Asked::Power));
        self.on_ac
    }
}

/// Waits until nobody has the other end any more.
fn released(mut end: PipeReader, asked: &Sender<Asked>) {
    drop(end.read_to_end(&mut Vec::new()));
    drop(asked.send(Asked::Released));
}

/// A bus of its own with logind on it; gone when dropped.
struct Bus {
    daemon: Child,
    address: String,
    asked: Receiver<Asked>,
    _logind: zbus::Connection,
    _runtime: tokio::runtime::Runtime,
}

impl Bus {
    fn with_logind(folder: &Path, on_ac: bool) -> Self {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .arg(format!(
                "--address=unix:path={}",
                folder.join("bus").display()
            ))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon starts: scripts/setup.sh test installs it");
        let mut address = String::new();
        let stdout = daemon.stdout.take().expect("a piped stdout");
        BufReader::new(stdout)
            .read_line(&mut address)
            .expect("the bus tells its address");
        let address = address.trim().to_owned();
        let (sender, asked) = channel();
        let logind = Logind {
            on_ac,
            asked: Mutex::new(sender),
        };
        let runtime = tokio::runtime::Runtime::new().expect("a runtime for logind");
        let logind = runtime
            .block_on(
                zbus::connection::Builder::address(address.as_str())
                    .serve_at("/org/freedesktop/login1", logind)
                    .name("org.freedesktop.login1")
                    .build(),
            )
            .expect("logind is on the bus");
        Bus {
            daemon,
            address,
            asked,
            _logind: logind,
            _runtime: runtime,
        }
    }

    fn next(&self) -> Asked {
        self.asked.recv_timeout(PATIENCE).expect("logind is asked")
    }

    /// Nothing else was asked up to now.
    fn is_quiet(&self) -> bool {
        self.asked.try_recv().is_err()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}

fn held() -> Asked {
    Asked::Hold("sleep:idle Ripieno block: Tasks are at work".to_owned())
}

/// A task that is at work until its gate is opened.
fn gated(home: &Home, client: &mut Client, name: &str) -> (String, PathBuf) {
    let gate = home.folder(name).join("open");
    let script = format!("until [ -e {} ]; do sleep 0.02; done", gate.display());
    (client.script(&script, json!({})), gate)
}

fn open(gate: &Path) {
    std::fs::write(gate, "").expect("the gate opens");
}

fn while_at_work(home: &Home) {
    let bus = Bus::with_logind(home.dir.path(), true);
    let env = [("DBUS_SYSTEM_BUS_ADDRESS", bus.address.as_str())];
    let daemon = home.try_daemon(&env).expect("the daemon becomes ready");
    let mut client = daemon.client();
    assert!(bus.is_quiet(), "nothing is at work");
    let (first, first_gate) = gated(home, &mut client, "first");
    // Plugged in is what the setting asks for at first.
    assert_eq!(bus.next(), Asked::Power);
    assert_eq!(bus.next(), held());
    let (second, second_gate) = gated(home, &mut client, "second");
    client.wait_state(&second, &["running"]);
    open(&first_gate);
    client.wait_done(&first);
    open(&second_gate);
    client.wait_done(&second);
    loop {
        match bus.next() {
            // Looked at again at each change; the hold stays one.
            Asked::Power => {}
            other => {
                assert_eq!(other, Asked::Released);
                break;
            }
        }
    }
}

fn on_battery(home: &Home) {
    let bus = Bus::with_logind(home.dir.path(), false);
    let env = [("DBUS_SYSTEM_BUS_ADDRESS", bus.address.as_str())];
    let daemon = home.try_daemon(&env).expect("the daemon becomes ready");
    let mut client = daemon.client();
    let (task, gate) = gated(home, &mut client, "one");
    assert_eq!(bus.next(), Asked::Power);
    client.wait_state(&task, &["running"]);
    let set = |client: &mut Client, value: &str| {
        client.call(
            "config.set",
            json!({ "key": "desktop.keep_awake", "value": value }),
        );
    };
    set(&mut client, "always");
    assert_eq!(bus.next(), held());
    set(&mut client, "off");
    assert_eq!(bus.next(), Asked::Released);
    assert_eq!(client.state(&task), "running");
    open(&gate);
    client.wait_done(&task);
}

fn killed(home: &Home) {
    let bus = Bus::with_logind(home.dir.path(), true);
    let env = [("DBUS_SYSTEM_BUS_ADDRESS", bus.address.as_str())];
    let mut daemon = home.try_daemon(&env).expect("the daemon becomes ready");
    let mut client = daemon.client();
    gated(home, &mut client, "one");
    while bus.next() != held() {}
    daemon.kill();
    assert_eq!(bus.next(), Asked::Released);
}

fn without_logind(home: &Home) {
    let nowhere = format!("unix:path={}", home.dir.path().join("no-bus").display());
    let env = [("DBUS_SYSTEM_BUS_ADDRESS", nowhere.as_str())];
    let daemon = home.try_daemon(&env).expect("the daemon becomes ready");
    let mut client = daemon.client();
    for _ in 0..3 {
        let id = client.script("true", json!({}));
        client.wait_done(&id);
    }
    let told = wait_for(PATIENCE, || {
        let lines = logged(home, "the system may go to sleep while tasks run");
        (lines > 0).then_some(lines)
    });
    assert_eq!(told, Some(1));
}

/// How many lines of the logs say this.
fn logged(home: &Home, text: &str) -> usize {
    let folder = home.path().join("state/logs");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let texts = files.map(|file| std::fs::read_to_string(file.path()).unwrap_or_default());
    texts
        .map(|log| log.lines().filter(|line| line.contains(text)).count())
        .sum()
}
