//! A home of its own, the real `ripieno`, and a worker that is stopped with the test.

use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long a condition may take to come true on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// One home.
pub(crate) struct Rig {
    home: TempDir,
    daemon: Option<Child>,
}

/// What a call of the command gave.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// The object on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|bad| panic!("{bad}: {}{}", self.stdout, self.stderr))
    }

    /// Checks the exit code; gives itself for more.
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout: {}\nstderr: {}",
            self.stdout, self.stderr
        );
        self
    }
}

impl Rig {
    /// A home without a worker.
    pub(crate) fn offline() -> Self {
        Rig {
            home: tempfile::Builder::new()
                .prefix("rip")
                .tempdir_in("/tmp")
                .unwrap(),
            daemon: None,
        }
    }

    /// A home with a worker that can claim.
    pub(crate) fn start() -> Self {
        let mut rig = Rig::offline();
        rig.start_worker(&[]);
        rig
    }

    /// Starts the worker and gives its ready line.
    pub(crate) fn start_worker(&mut self, more: &[&str]) -> Value {
        let mut daemon = self.command();
        daemon
            .args(["daemon", "run", "--json", "-q"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        let mut daemon = daemon.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(daemon.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        self.daemon = Some(daemon);
        serde_json::from_str(&line).unwrap_or_else(|bad| panic!("{bad}: {line}"))
    }

    /// Asks the worker to quit and gives its exit code.
    pub(crate) fn stop_worker(&mut self) -> i32 {
        let mut daemon = self.daemon.take().unwrap();
        terminate(&daemon);
        daemon.wait().unwrap().code().unwrap()
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ripieno"));
        command
            .env("RIPIENO_HOME", self.home())
            .env("RIPIENO_LOGIN_SHELL", "never")
            .env_remove("NO_COLOR")
            .stdin(Stdio::null());
        for name in [
            "RIPIENO_SOCKET",
            "RIPIENO_TASK_TOKEN",
            "RIPIENO_TASK_ID",
            "RIPIENO_LOG",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// Calls the command.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        said(self.command().args(arguments).output().unwrap())
    }

    /// Calls the command with text on its input.
    pub(crate) fn feed(&self, arguments: &[&str], input: &[u8]) -> Said {
        let mut command = self.command();
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        said(child.wait_with_output().unwrap())
    }

    /// Adds a script and gives the id of its task.
    pub(crate) fn script(&self, text: &str) -> String {
        self.run(&["task", "add", "--piece", "script", "--", text])
            .exits(0)
            .stdout
            .trim()
            .to_owned()
    }

    /// The view of a task.
    pub(crate) fn show(&self, id: &str) -> Value {
        self.run(&["task", "show", id, "--json"]).exits(0).json()
    }

    /// Looks again after every event until the view is as wanted; what is waited for must come with an event.
    pub(crate) fn wait_until(&self, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let begin = Instant::now();
        let mut events = self
            .command()
            .args(["events", "--follow"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(events.stdout.take().unwrap()).lines();
        let (told, news) = mpsc::channel();
        std::thread::spawn(move || {
            lines
                .map_while(Result::ok)
                .try_for_each(|line| told.send(line))
        });
        let view = loop {
            let view = self.show(id);
            if wanted(&view) {
                break view;
            }
            let over =
                ["done", "failed", "dead", "cancelled"].contains(&view["state"].as_str().unwrap());
            let left = PATIENCE.saturating_sub(begin.elapsed());
            let quiet = over || news.recv_timeout(left).is_err();
            assert!(!quiet, "{id} did not come to be as wanted: {view}");
        };
        events.kill().unwrap();
        events.wait().unwrap();
        view
    }

    /// Waits until a task shows a state.
    pub(crate) fn wait_state(&self, id: &str, state: &str) -> Value {
        self.wait_until(id, |view| view["state"] == state)
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            terminate(&daemon);
            drop(daemon.wait());
        }
    }
}

fn terminate(daemon: &Child) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(daemon.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
}

fn said(output: Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
