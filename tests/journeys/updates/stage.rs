//! A folder with the program in version 0.1.0, a server that offers others, and a home.

use crate::releases::{Releases, write_stamp};
use crate::rig::{Client, Home, PATIENCE, ripieno};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::OnceLock,
    time::Duration,
};

/// The kind of installation that is tested here.
pub fn target() -> String {
    format!("linux-{}-command", std::env::consts::ARCH)
}

/// The command without what only debuggers read: it is copied many times.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let made = PROGRAM.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ripieno");
        let stripped = Command::new("strip")
            .arg(ripieno())
            .arg("-o")
            .arg(&file)
            .status();
        assert!(stripped.expect("strip starts").success());
        (folder, file)
    });
    &made.1
}

pub struct Stage {
    pub home: Home,
    pub releases: Releases,
    bin: PathBuf,
}

impl Stage {
    /// Version 0.1.0 in a folder of the person's, which knows the server and asks it only when told to.
    pub fn new() -> Self {
        Self::with_settings("")
    }

    pub fn with_settings(more: &str) -> Self {
        let releases = Releases::new();
        let settings = format!(
            "{more}\n[update]\ncheck = false\nsource = \"{}\"\nhealth_wait = \"20s\"\n",
            releases.server.address()
        );
        let mut home = Home::with_config(&settings);
        home.env
            .push(("RIPIENO_TEST_VERSION".into(), "stamped".into()));
        home.env.push((
            "RIPIENO_UPDATE_KEYS".into(),
            releases.signer.public().into(),
        ));
        let bin = home.folder("bin");
        let stage = Stage {
            home,
            releases,
            bin,
        };
        stage.write_version(&stage.program(), "0.1.0");
        stage
    }

    /// The installed program.
    pub fn program(&self) -> PathBuf {
        self.bin.join("ripieno")
    }

    pub fn installed(&self) -> Vec<u8> {
        fs::read(self.program()).expect("a program")
    }

    /// The program in some version, written to a file.
    pub fn write_version(&self, file: &Path, version: &str) {
        fs::copy(program(), file).expect("a copy");
        write_stamp(file, version);
    }

    /// Offers the program in another version; gives the file that is served.
    pub fn offer(&self, version: &str) -> PathBuf {
        let file = self.releases.file(&format!("ripieno-{version}"));
        self.write_version(&file, version);
        self.releases
            .offer(version, &target(), &[("ripieno", &file)]);
        file
    }

    /// Offers a script in place of the program.
    pub fn offer_script(&self, version: &str, text: &str) -> PathBuf {
        let file = self.releases.file(&format!("ripieno-{version}"));
        fs::write(&file, format!("#!/bin/sh\n{text}\n")).expect("a script");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("its mode");
        self.releases
            .offer(version, &target(), &[("ripieno", &file)]);
        file
    }

    /// The installed program with the environment of the home.
    pub fn command(&self, args: &[&str]) -> Command {
        let template = self.home.command(args);
        let mut command = Command::new(self.program());
        command.args(args);
        for (name, value) in template.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// Runs the installed command, which must succeed, and reads its JSON.
    pub fn json(&self, args: &[&str]) -> Value {
        let output = self
            .command(args)
            .arg("--json")
            .output()
            .expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {said}{err}");
        serde_json::from_str(&said).expect("JSON")
    }

    pub fn run(&self) -> Running {
        self.try_run(&[]).expect("the daemon becomes ready")
    }

    /// Starts the daemon; `None` when it ended before it was ready.
    pub fn try_run(&self, env: &[(&str, &str)]) -> Option<Running> {
        let log = self.home.dir.path().join("daemon.log");
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(log)
            .expect("a log");
        let mut child = self
            .command(&["daemon", "run", "--json"])
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the daemon starts");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut running = Running {
            child,
            out,
            ready: json!(null),
        };
        running.wait_ready().then_some(running)
    }

    /// Everything the daemon said, for a test that failed.
    pub fn log(&self) -> String {
        fs::read_to_string(self.home.dir.path().join("daemon.log")).unwrap_or_default()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().rev().take(60).collect();
            eprintln!(
                "the daemon's last words, the last first:\n{}",
                lines.join("\n")
            );
        }
    }
}

/// A daemon that may become another version.
pub struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    pub ready: Value,
}

impl Running {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it can claim, again; `false` when it has ended.
    pub fn wait_ready(&mut self) -> bool {
        let mut line = String::new();
        if self.out.read_line(&mut line).unwrap_or(0) == 0 {
            drop(self.child.wait());
            return false;
        }
        self.ready = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not ready: {line}"));
        self.ready["event"] == "ready"
    }

    pub fn version(&self) -> &str {
        self.ready["version"].as_str().expect("a version")
    }

    pub fn client(&self) -> Client {
        let socket = self.ready["socket"].as_str().expect("a socket");
        Client::connect(Path::new(socket)).expect("the socket takes connections")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Asks the server, and waits for what came of it.
pub fn check(client: &mut Client) -> Value {
    client.call("update.check", json!({}))
}

/// Waits until a file is there.
pub fn wait_file(path: &Path) {
    let there = crate::rig::wait_for(PATIENCE, || path.exists().then_some(()));
    assert!(there.is_some(), "{} did not appear", path.display());
}

/// What a task does until it is let go: it says that it began, and counts how often.
pub fn waiting_script(folder: &Path, name: &str) -> String {
    let folder = folder.display();
    format!(
        "echo begun >>{folder}/{name}.begun; while [ ! -e {folder}/go ]; do sleep 0.05; done; echo ended >>{folder}/{name}.ended"
    )
}

/// How long claims may take to start again after a new version is up.
pub const CLAIMS_AGAIN: Duration = Duration::from_secs(10);
