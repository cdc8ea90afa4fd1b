//! The rig: the real command and the real daemon in a home of their own, spoken to over the real socket.

#![allow(dead_code, reason = "each test binary uses its part of the rig")]

pub mod repository;
pub mod stage;
pub mod volume;

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// How long anything may take before a test calls it stuck.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The command under test: built beside the test binary by the same cargo call.
pub fn ripieno() -> PathBuf {
    let test = std::env::current_exe().expect("the test binary has a path");
    let folder = test
        .parent()
        .and_then(Path::parent)
        .expect("the test binary lies in deps");
    let command = folder.join("ripieno");
    assert!(
        command.exists(),
        "{} is missing: run `cargo build -p ripieno-cli` first",
        command.display()
    );
    command
}

/// A home of its own, with a folder for work beside it.
pub struct Home {
    pub dir: tempfile::TempDir,
    pub env: Vec<(String, String)>,
}

impl Home {
    pub fn new() -> Self {
        Self::with_config("")
    }

    /// A home whose settings are these lines of TOML.
    pub fn with_config(config: &str) -> Self {
        let dir = tempfile::Builder::new()
            .prefix("ripieno-journey")
            .tempdir()
            .expect("a temporary folder");
        let home = dir.path().join("home");
        std::fs::create_dir_all(home.join("config")).expect("the home can be made");
        let quick = "[disk]\nreserve = \"64 KiB\"\nmin_free = \"1 MiB\"\n";
        let text = if config.contains("[disk]") {
            config.to_owned()
        } else {
            format!("{config}\n{quick}")
        };
        std::fs::write(home.join("config/config.toml"), text).expect("the settings can be written");
        std::fs::create_dir_all(dir.path().join("work")).expect("the work folder can be made");
        Home {
            dir,
            env: Vec::new(),
        }
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// A fresh folder to work in.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.dir.path().join("work").join(name);
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        folder
    }

    pub fn database(&self) -> PathBuf {
        self.path().join("data/ripieno.db")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(ripieno());
        command
            .args(args)
            .env("RIPIENO_HOME", self.path())
            .env("RIPIENO_LOG", "debug")
            // What is on the search path is the test's own choice.
            .env("RIPIENO_LOGIN_SHELL", "never");
        // Tests may themselves run inside a task.
        for name in ["RIPIENO_TASK_TOKEN", "RIPIENO_TASK_ID", "RIPIENO_SOCKET"] {
            command.env_remove(name);
        }
        command.envs(self.env.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        command
    }

    /// Runs the command to its end: exit code, stdout, stderr.
    pub fn run(&self, args: &[&str]) -> (i32, String, String) {
        let out = self
            .command(args)
            .stdin(Stdio::null())
            .output()
            .expect("the command starts");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (
            out.status.code().unwrap_or(-1),
            text(out.stdout),
            text(out.stderr),
        )
    }

    /// Runs the command, which must succeed, and reads its JSON.
    pub fn json(&self, args: &[&str]) -> Value {
        let (code, out, err) = self.run(args);
        assert_eq!(code, 0, "{args:?} failed\n{out}\n{err}");
        serde_json::from_str(&out)
            .unwrap_or_else(|e| panic!("{args:?} printed no JSON: {e}\n{out}"))
    }

    pub fn daemon(&self) -> Daemon {
        self.try_daemon(&[]).expect("the daemon becomes ready")
    }

    /// Starts the daemon with more environment; `None` when it ended before it was ready.
    pub fn try_daemon(&self, env: &[(&str, &str)]) -> Option<Daemon> {
        self.start(&[], env)
    }

    /// Starts the daemon with its page on loopback.
    pub fn daemon_with_page(&self, env: &[(&str, &str)]) -> Daemon {
        self.start(&["--web", "127.0.0.1:0"], env)
            .expect("the daemon becomes ready")
    }

    fn start(&self, options: &[&str], env: &[(&str, &str)]) -> Option<Daemon> {
        let log = std::fs::File::create(self.dir.path().join(format!("daemon-{}.log", next())))
            .expect("a log file");
        let mut child = self
            .command(&["daemon", "run", "--json"])
            .args(options)
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the daemon starts");
        let stdout = child.stdout.take().expect("a piped stdout");
        let mut reader = BufReader::new(stdout);
        let mut line = String::new();
        reader
            .read_line(&mut line)
            .expect("the daemon's stdout can be read");
        if line.is_empty() {
            drop(child.wait());
            return None;
        }
        let ready: Value = serde_json::from_str(&line).expect("the ready line is JSON");
        let socket = PathBuf::from(
            ready["socket"]
                .as_str()
                .unwrap_or_else(|| panic!("the daemon is not ready: {line}")),
        );
        Some(Daemon {
            child,
            socket,
            web: ready["web"].as_str().map(str::to_owned),
            _stdout: reader,
        })
    }
}

fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A running daemon; killed when dropped.
pub struct Daemon {
    pub child: Child,
    pub socket: PathBuf,
    /// The address of its page, with the token that works once.
    pub web: Option<String>,
    _stdout: BufReader<std::process::ChildStdout>,
}

impl Daemon {
    pub fn client(&self) -> Client {
        Client::connect(&self.socket).expect("the daemon's socket takes connections")
    }

    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).expect("a process id")
    }

    /// As by `kill -9`.
    pub fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// As by a logout: TERM, and the exit code once it has ended.
    pub fn term(&mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_raw(self.pid()).expect("a process id");
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)
            .expect("the daemon is there");
        self.child
            .wait()
            .expect("the daemon can be waited for")
            .code()
    }

    /// Waits until it has ended by itself.
    pub fn wait_ended(&mut self, limit: Duration) -> bool {
        wait_for(limit, || self.child.try_wait().ok().flatten().map(|_| ())).is_some()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Looks until `check` gives something or `limit` is over. Conditions of other processes have no event to wait for.
pub fn wait_for<T>(limit: Duration, mut check: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + limit;
    loop {
        if let Some(found) = check() {
            return Some(found);
        }
        if Instant::now() >= end {
            return None;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// A connection with one request at a time.
pub struct Client {
    stream: UnixStream,
    reader: BufReader<UnixStream>,
    id: u64,
}

impl Client {
    pub fn connect(socket: &Path) -> std::io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let reader = BufReader::new(stream.try_clone()?);
        Ok(Client {
            stream,
            reader,
            id: 0,
        })
    }

    /// A request and its answer; `None` when the daemon is gone.
    pub fn request(&mut self, method: &str, params: Value) -> Option<Result<Value, Value>> {
        self.id += 1;
        let line = json!({ "id": self.id, "method": method, "params": params }).to_string() + "\n";
        self.stream.write_all(line.as_bytes()).ok()?;
        let mut answer = String::new();
        loop {
            answer.clear();
            if self.reader.read_line(&mut answer).ok()? == 0 {
                return None;
            }
            let value: Value = serde_json::from_str(&answer).ok()?;
            if value["id"] == self.id {
                return Some(match value.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(value["result"].clone()),
                });
            }
        }
    }

    pub fn call(&mut self, method: &str, params: Value) -> Value {
        match self.request(method, params.clone()) {
            Some(Ok(value)) => value,
            Some(Err(error)) => panic!("{method} {params} was refused: {error}"),
            None => panic!("{method} {params}: the daemon is gone"),
        }
    }

    /// Submits a script; its short id.
    pub fn script(&mut self, text: &str, more: Value) -> String {
        let mut params = json!({ "prompt": text, "piece": "script" });
        if let (Some(all), Some(more)) = (params.as_object_mut(), more.as_object()) {
            all.extend(more.clone());
        }
        let added = self.call("task.add", params);
        added["short_id"].as_str().expect("a short id").to_owned()
    }

    pub fn task(&mut self, id: &str) -> Value {
        self.call("task.show", json!({ "id": id }))
    }

    pub fn state(&mut self, id: &str) -> String {
        self.task(id)["state"].as_str().expect("a state").to_owned()
    }

    /// Waits until the task is in one of the states; panics with its view when it does not get there.
    pub fn wait_state(&mut self, id: &str, states: &[&str]) -> Value {
        let mut last = Value::Null;
        let found = wait_for(PATIENCE, || {
            last = self.task(id);
            let state = last["state"].as_str().unwrap_or_default();
            states.contains(&state).then(|| last.clone())
        });
        found.unwrap_or_else(|| panic!("{id} did not become one of {states:?}: {last:#}"))
    }

    pub fn wait_done(&mut self, id: &str) -> Value {
        let view = self.wait_state(id, &["done", "failed", "dead", "cancelled"]);
        assert_eq!(view["state"], "done", "{view:#}");
        view
    }
}

impl Client {
    /// Every event there is.
    pub fn events(&mut self) -> Vec<Value> {
        let (mut all, mut since) = (Vec::new(), 0);
        loop {
            let page = self.call("events.since", json!({ "since": since, "limit": 1000 }));
            let events = page["events"].as_array().expect("events");
            if events.is_empty() {
                return all;
            }
            all.extend(events.iter().cloned());
            since = page["next"].as_i64().expect("a number");
        }
    }

    /// The attempts that began between a taken barrier and the start after it: there must be none.
    pub fn claimed_while_updating(&mut self) -> Vec<Value> {
        let mut installing = false;
        let mut events = self.events();
        events.retain(|event| match event["kind"].as_str() {
            Some("update_installing") => {
                installing = true;
                false
            }
            Some("update_installed" | "update_undone") => {
                installing = false;
                false
            }
            kind => installing && kind == Some("claimed"),
        });
        events
    }
}

/// The processes whose environment carries a marker.
pub fn marked(name: &str, value: &str) -> Vec<i32> {
    let wanted = format!("{name}={value}");
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid: &i32| {
            let environ = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environ
                .split(|b| *b == 0)
                .any(|var| var == wanted.as_bytes())
        })
        .collect()
}
