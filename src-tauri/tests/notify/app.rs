//! The program under test, and the command beside it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::bus::Bus;
use crate::server::PATIENCE;

/// A home with the programs that run on it.
pub struct Home {
    folder: tempfile::TempDir,
    bus: String,
}

impl Home {
    pub fn new(bus: &Bus) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Self {
            folder,
            bus: bus.address().to_owned(),
        };
        std::fs::create_dir_all(home.path().join("config")).unwrap();
        home
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Settings for the next start.
    pub fn configure(&self, text: &str) {
        std::fs::write(self.path().join("config/config.toml"), text).unwrap();
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env("RIPIENO_HOME", self.path())
            .env("XDG_CONFIG_HOME", self.path().join("xdg"))
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("LC_ALL", "C.UTF-8")
            .env_remove("RIPIENO_SOCKET")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null());
        command
    }

    /// Starts the application, and waits until its worker answers.
    pub fn start(&self) -> App {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_ripieno-desktop"));
        let child = self
            .command(&program)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        self.ready(child)
    }

    /// Starts the headless worker.
    pub fn start_daemon(&self) -> App {
        let mut command = self.command(&cli());
        let child = command
            .args(["daemon", "run"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.ready(child)
    }

    fn ready(&self, child: Child) -> App {
        let mut app = App { child };
        wait("the worker", || {
            let ended = app.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended before it was ready: {ended:?}");
            self.try_run(&["status", "--json"])
                .status
                .success()
                .then_some(())
        });
        app
    }

    fn try_run(&self, arguments: &[&str]) -> Output {
        self.command(&cli()).args(arguments).output().unwrap()
    }

    /// The command's answer as JSON.
    pub fn run(&self, arguments: &[&str]) -> Value {
        let output = self.try_run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    /// Adds a task whose prompt is a shell script; its id.
    pub fn script(&self, title: &str, script: &str) -> String {
        let arguments = [
            "task", "add", "--piece", "script", "--title", title, "--json", "--", script,
        ];
        self.run(&arguments)["short_id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Waits for a task's state; its view.
    pub fn state(&self, id: &str, state: &str) -> Value {
        wait(&format!("{id} to be {state}"), || {
            let task = self.run(&["task", "show", id, "--json"]);
            (task["state"] == state).then_some(task)
        })
    }

    /// What a task wrote into its outputs.
    pub fn output(&self, id: &str, name: &str) -> String {
        let task = self.run(&["task", "show", id, "--json"]);
        let folder = PathBuf::from(task["outputs"].as_str().unwrap());
        std::fs::read_to_string(folder.join(name)).unwrap()
    }

    /// The open asks.
    pub fn asks(&self) -> Vec<Value> {
        let asks = self.run(&["ask", "list", "--json"]);
        asks["asks"].as_array().cloned().unwrap_or_default()
    }
}

/// A script that asks with two options and delivers the answer.
pub const ASKING: &str = "ripieno ask create --text 'Which database?' --option pg=Postgres --option lite=SQLite > \"$RIPIENO_OUTPUTS/choice\"";

/// A running program; it ends with this.
pub struct App {
    child: Child,
}

impl App {
    /// Ends it in order.
    pub fn end(mut self) -> ExitStatus {
        self.ask_to_end();
        wait("the program to end", || self.child.try_wait().unwrap())
    }

    /// Asks it to end, as a session that ends does.
    pub fn ask_to_end(&self) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// The names of its processes.
    pub fn family(&self) -> Vec<String> {
        let mut pids = vec![self.child.id()];
        let mut names = Vec::new();
        while let Some(pid) = pids.pop() {
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
            names.extend(name.map(|name| name.trim().to_owned()));
            let threads = std::fs::read_dir(format!("/proc/{pid}/task"));
            for thread in threads.into_iter().flatten().flatten() {
                let children = std::fs::read_to_string(thread.path().join("children"));
                let children = children.unwrap_or_default();
                pids.extend(
                    children
                        .split_whitespace()
                        .filter_map(|pid| pid.parse::<u32>().ok()),
                );
            }
        }
        names
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command that was built beside the program under test.
fn cli() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_ripieno-desktop")).with_file_name("ripieno")
}

pub fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

/// Whether there is a display; says so where there is none.
pub fn display() -> bool {
    let there = std::env::var_os("DISPLAY").is_some_and(|value| !value.is_empty());
    if !there {
        // Written directly: what a passing test prints by macro is not shown.
        let line = b"skipped: no display; `make test` starts one\n";
        std::io::stderr().write_all(line).unwrap();
    }
    there
}
