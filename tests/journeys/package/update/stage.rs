//! A desktop on which the application runs, and a server that offers others.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::releases::{Releases, write_stamp};
use crate::rig::{Client, wait_for};
use crate::session::installed::{Package, Programs};
use crate::session::person::{App, Person};
use crate::session::{PATIENCE, Session};

/// Both programs, as `Product::Desktop` names them.
pub const NAMES: [&str; 2] = ["ripieno", "ripieno-desktop"];

pub struct Stage<'a> {
    pub package: &'a Package,
    pub programs: Programs,
    pub person: Person,
    pub session: Session,
    pub releases: Releases,
    pub dir: tempfile::TempDir,
}

impl<'a> Stage<'a> {
    pub fn new(package: &'a Package, programs: Programs) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(dir.path().join("bin")).expect("a folder");
        Stage {
            package,
            programs,
            person: Person::new(),
            session: Session::start(),
            releases: Releases::new(),
            dir,
        }
    }

    /// What stands first on the path of the application.
    pub fn first_on_path(&self) -> PathBuf {
        self.dir.path().join("bin")
    }

    fn env(&self) -> Vec<(&'static str, String)> {
        let first = self.first_on_path().display().to_string();
        let path = format!("{first}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        vec![
            ("RIPIENO_TEST_VERSION", "stamped".into()),
            (
                "RIPIENO_UPDATE_KEYS",
                self.releases.signer.public().to_owned(),
            ),
            (
                "RIPIENO_UPDATE_SOURCE",
                self.releases.server.address().to_owned(),
            ),
            ("RIPIENO_UPDATE_CHECK", "false".into()),
            ("RIPIENO_LOGIN_SHELL", "never".into()),
            ("ANTHROPIC_API_KEY", "dummy".into()),
            ("PATH", path),
        ]
    }

    /// The application, without a window.
    pub fn start(&self) -> App {
        let env = self.env();
        self.person
            .start_with(&self.session, &self.programs, |command| {
                command.arg("--hidden").envs(env);
            })
    }

    /// Runs the installed command to its good end; what it printed.
    pub fn command(&self, arguments: &[&str]) -> String {
        let mut command = self.person.command(&self.programs, "ripieno");
        output(command.envs(self.env()).args(arguments))
    }

    /// The programs of the package in another version, in a fresh folder as the package has them.
    pub fn tree(&self, version: &str) -> PathBuf {
        let tree = self.dir.path().join("tree");
        drop(fs::remove_dir_all(&tree));
        self.package.unpack(&tree);
        for name in NAMES {
            write_stamp(&tree.join("usr/bin").join(name), version);
        }
        tree
    }

    pub fn version(&self) -> String {
        let status = self.person.client().call("status", json!({}));
        status["version"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the last update came to its end in the running program, and gives what is said of it.
    pub fn settled(&self, version: &str) -> Value {
        let settled = wait_for(PATIENCE * 2, || {
            let mut client = self.person.client();
            let status = client.request("update.status", json!({}))?.ok()?;
            (status["last"]["version"] == version).then_some(status)
        });
        settled.unwrap_or_else(|| panic!("the update to {version} comes to no end"))
    }

    /// Asks the server; the program may become the next one before it answers.
    pub fn check(&self) -> Option<Value> {
        let mut client = self.person.client();
        client.request("update.check", json!({}))?.ok()
    }
}

/// Writes a script that can be started.
pub fn script(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().expect("it lies in a folder")).expect("a folder");
    fs::write(file, format!("#!/bin/sh\n{text}\n")).expect("a script");
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("its mode");
}

/// What a task does until it is let go.
pub fn waiting(marks: &Path) -> String {
    format!("while [ ! -e {}/go ]; do sleep 0.05; done", marks.display())
}

/// Runs a program to its end, which must be a good one; what it printed.
pub fn run(program: &str, arguments: &[&str]) -> String {
    output(Command::new(program).args(arguments))
}

fn output(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// Ids and titles of every task.
pub fn tasks(client: &mut Client) -> Vec<Value> {
    let listed = client.call("task.list", json!({}));
    let tasks = listed["tasks"].as_array().expect("tasks");
    tasks
        .iter()
        .map(|task| json!([task["id"], task["title"]]))
        .collect()
}
