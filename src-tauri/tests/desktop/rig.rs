//! The programs under test, each in a home of its own.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::session::Session;

const PATIENCE: Duration = Duration::from_secs(60);

/// A running program, and the home it works in.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) home: PathBuf,
}

impl Program {
    /// Starts the application and waits until its worker answers.
    pub(crate) fn start(home: &Path, session: &Session, arguments: &[&str]) -> Self {
        let mut command = application(home, session);
        Self::wait_for(command.args(arguments), home)
    }

    /// Starts a headless worker.
    pub(crate) fn daemon(home: &Path) -> Self {
        let mut command = beside("ripieno");
        command
            .args(["daemon", "run"])
            .env("RIPIENO_HOME", home)
            .env_remove("RIPIENO_SOCKET")
            .stderr(Stdio::null());
        Self::wait_for(&mut command, home)
    }

    fn wait_for(command: &mut Command, home: &Path) -> Self {
        let mut program = Self {
            child: command.spawn().unwrap(),
            home: home.to_owned(),
        };
        wait("the worker to answer", || {
            let ended = program.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended before it was ready: {ended:?}");
            ask(&program.home, "status", json!({})).map(|_| ())
        });
        program
    }

    /// Asks the worker of the home; a refusal fails the test.
    pub(crate) fn ask(&self, method: &str, params: Value) -> Value {
        ask(&self.home, method, params).unwrap()
    }

    /// The state of the worker.
    pub(crate) fn state(&self) -> Value {
        self.ask("status", json!({}))["state"].clone()
    }

    /// Submits a script and returns its short id.
    pub(crate) fn submit(&self, script: &str) -> String {
        let params = json!({"prompt": script, "piece": "script"});
        let task = self.ask("task.add", params);
        task["short_id"].as_str().unwrap().to_owned()
    }

    /// The state of a task.
    pub(crate) fn task(&self, id: &str) -> Value {
        self.ask("task.show", json!({"id": id}))
    }

    /// Whether the system's web view works for this program.
    pub(crate) fn shows_a_page(&self) -> bool {
        descendants(self.child.id())
            .iter()
            .any(|name| name.starts_with("WebKit"))
    }

    /// Asks it to end, as a session that ends does.
    pub(crate) fn terminate(&self) {
        terminate(&self.child);
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> ExitStatus {
        wait("the program to end", || self.child.try_wait().unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The application in a home and a session, in English whatever the machine speaks.
pub(crate) fn application(home: &Path, session: &Session) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ripieno-desktop"));
    command
        .env("RIPIENO_HOME", home)
        .env_remove("RIPIENO_SOCKET")
        .env("DBUS_SESSION_BUS_ADDRESS", &session.address)
        .env("LC_ALL", "C.UTF-8")
        .env("NO_AT_BRIDGE", "1")
        .stdin(Stdio::null());
    command
}

/// Asks a program to end.
pub(crate) fn terminate(program: &Child) {
    let pid = program.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(sent.unwrap().success());
}

/// A program that was built beside the one under test.
fn beside(name: &str) -> Command {
    Command::new(Path::new(env!("CARGO_BIN_EXE_ripieno-desktop")).with_file_name(name))
}

/// Looks again and again until something is there.
pub(crate) fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

fn ask(home: &Path, method: &str, params: Value) -> Option<Value> {
    let stream = UnixStream::connect(home.join("run/ripieno.sock")).ok()?;
    let request = json!({"id": 1, "method": method, "params": params});
    writeln!(&stream, "{request}").ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    let reply: Value = serde_json::from_str(&line).ok()?;
    assert!(reply.get("error").is_none(), "{method}: {reply}");
    reply.get("result").cloned()
}

/// The names of all processes below one.
fn descendants(pid: u32) -> Vec<String> {
    let mut below = vec![pid];
    let mut names = Vec::new();
    let mut grown = true;
    while std::mem::take(&mut grown) {
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let Some((child, parent, name)) = process(&entry.path()) else {
                continue;
            };
            if below.contains(&parent) && !below.contains(&child) {
                below.push(child);
                names.push(name);
                grown = true;
            }
        }
    }
    names
}

/// Number, parent and name of a process.
fn process(folder: &Path) -> Option<(u32, u32, String)> {
    let pid = folder.file_name()?.to_str()?.parse().ok()?;
    let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
    let (before, after) = stat.rsplit_once(')')?;
    let parent = after.split_whitespace().nth(1)?.parse().ok()?;
    let name = before.split_once('(')?.1.to_owned();
    Some((pid, parent, name))
}
