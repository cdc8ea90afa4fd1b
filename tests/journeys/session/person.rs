//! A person of this machine: a home of their own, as a login gives it, and nothing in it.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::installed::Programs;
use super::{PATIENCE, Session};
use crate::rig::{Client, wait_for};

pub struct Person {
    dir: tempfile::TempDir,
}

impl Person {
    pub fn new() -> Self {
        let dir = tempfile::Builder::new()
            .prefix("ripieno-person")
            .tempdir()
            .expect("a home");
        let run = dir.path().join("run");
        std::fs::create_dir_all(&run).expect("a folder for sockets");
        std::fs::set_permissions(&run, PermissionsExt::from_mode(0o700))
            .expect("a folder of one's own");
        let person = Person { dir };
        person.configure("");
        person
    }

    /// The folder they log in to.
    pub fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// Their settings file; what is in it is what they changed.
    pub fn config_file(&self) -> PathBuf {
        self.home().join(".config/ripieno/config.toml")
    }

    /// Writes the settings, with room on the disk left to whoever else tests here.
    fn configure(&self, more: &str) {
        let file = self.config_file();
        std::fs::create_dir_all(file.parent().expect("it lies in a folder"))
            .expect("a folder for settings");
        let room = "[disk]\nreserve = \"64 KiB\"\nmin_free = \"1 MiB\"\n";
        std::fs::write(file, format!("{room}{more}")).expect("settings can be written");
    }

    /// A fresh folder to work in.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.home().join(name);
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        folder
    }

    /// What a login sets, and nothing of whoever runs the tests.
    pub fn env(&self) -> Vec<(String, String)> {
        let text = |path: PathBuf| path.display().to_string();
        let git = [("GIT_AUTHOR", "Ada"), ("GIT_COMMITTER", "Ada")]
            .into_iter()
            .flat_map(|(who, name)| {
                [
                    (format!("{who}_NAME"), name.into()),
                    (format!("{who}_EMAIL"), "ada@localhost".into()),
                ]
            });
        [
            ("HOME".into(), text(self.home())),
            ("XDG_RUNTIME_DIR".into(), text(self.dir.path().join("run"))),
            ("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into()),
            ("SHELL".into(), "/bin/sh".into()),
            ("LANG".into(), "C.UTF-8".into()),
        ]
        .into_iter()
        .chain(git)
        .collect()
    }

    /// A program of the package, as this person starts it.
    pub fn command(&self, programs: &Programs, program: &str) -> Command {
        let mut command = Command::new(programs.path(program));
        command
            .env_clear()
            .envs(self.env())
            .current_dir(self.home())
            .stdin(Stdio::null());
        command
    }

    /// The application, started from the desktop as by a click; the socket answers when this returns.
    pub fn start(&self, session: &Session, programs: &Programs) -> App {
        self.start_with(session, programs, |_| {})
    }

    /// The same, with more in its environment or arguments.
    pub fn start_with(
        &self,
        session: &Session,
        programs: &Programs,
        more: impl FnOnce(&mut Command),
    ) -> App {
        let mut command = self.command(programs, "ripieno-desktop");
        command.envs(session.env());
        more(&mut command);
        let child = command.spawn().expect("the application starts");
        let mut app = App { child };
        self.wait_for_client(&mut app);
        app
    }

    fn wait_for_client(&self, app: &mut App) -> Client {
        let answer = wait_for(PATIENCE, || {
            assert!(
                app.child.try_wait().expect("it can be asked").is_none(),
                "it ended before it was ready"
            );
            self.try_client()
        });
        answer.expect("the worker's socket answers")
    }

    /// A connection to the worker of this person.
    pub fn client(&self) -> Client {
        wait_for(PATIENCE, || self.try_client()).expect("the worker's socket answers")
    }

    fn try_client(&self) -> Option<Client> {
        let socket = self.dir.path().join("run/ripieno/ripieno.sock");
        UnixStream::connect(&socket).ok()?;
        Client::connect(&socket).ok()
    }

    /// The command in a terminal of theirs, which must succeed; its JSON.
    pub fn json(&self, programs: &Programs, arguments: &[&str]) -> Value {
        let output = self
            .command(programs, "ripieno")
            .args(arguments)
            .arg("--json")
            .output()
            .expect("the command starts");
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).expect("the command prints JSON")
    }
}

/// The running application; killed when dropped.
pub struct App {
    pub child: Child,
}

impl App {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has ended by itself, in order.
    pub fn wait_ended(mut self) {
        let ended = wait_for(PATIENCE, || self.child.try_wait().expect("it can be asked"));
        let status = ended.expect("the application ends");
        assert!(status.success(), "{status}");
    }
}

impl Drop for App {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
