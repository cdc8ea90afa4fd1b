//! The installed package is updated as the person sees it: behind the barrier, through a privileged step (here a double
//! of `pkexec`), and put back by it when it does not hold (U2, U4).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use ripieno_release::{NewPart, Signer, artefact, manifest, publish};
use ripieno_testkit::files::FileServer;
use ripieno_update::manifest::Channel;
use ripieno_update::version::stamp;
use serde_json::json;

use crate::Rule;
use crate::rig::{Client, wait_for};
use crate::session::installed::{Installed, NAME, Package, Programs};
use crate::session::person::{App, Person};
use crate::session::{PATIENCE, Session};

pub fn rules() -> Vec<Rule> {
    vec![(
        "installed_package_is_updated_behind_the_barrier_and_put_back_when_it_does_not_hold",
        installed_package_is_updated,
    )]
}

/// Who agrees to everything, and writes it down.
const AGREES: &str = "exec \"$@\"";
/// Who says no.
const REFUSES: &str = "exit 126";
/// Who agrees, and breaks what was installed; the second time nothing breaks.
const BREAKS: &str = "\"$@\" || exit\n\
    if [ \"$(wc -l <\"$0.log\")\" = 1 ]; then rm /usr/bin/ripieno-desktop; printf '#!/bin/sh\\nexit 3\\n' >/usr/bin/ripieno-desktop; chmod 755 /usr/bin/ripieno-desktop; fi";

struct Stage<'a> {
    package: &'a Package,
    programs: Programs,
    person: Person,
    session: Session,
    server: FileServer,
    signer: Signer,
    dir: tempfile::TempDir,
}

impl Stage<'_> {
    fn env(&self) -> Vec<(&'static str, String)> {
        let bin = self.dir.path().join("bin");
        vec![
            ("RIPIENO_TEST_VERSION", "stamped".into()),
            ("RIPIENO_UPDATE_KEYS", self.signer.public().into()),
            ("RIPIENO_UPDATE_SOURCE", self.server.address().into()),
            ("RIPIENO_UPDATE_CHECK", "false".into()),
            (
                "PATH",
                format!(
                    "{}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    bin.display()
                ),
            ),
        ]
    }

    /// Puts a double of `pkexec` first on the path.
    fn privileged(&self, what: &str) -> PathBuf {
        let file = self.dir.path().join("bin/pkexec");
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(
            &file,
            format!("#!/bin/sh\necho asked >>\"$0.log\"\n{what}\n"),
        )
        .expect("a double");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("its mode");
        let log = file.with_file_name("pkexec.log");
        drop(fs::remove_file(&log));
        log
    }

    /// Offers the same package with another version stamped on both programs.
    fn offer(&self, version: &str, sequence: u64) {
        let served = self.dir.path().join("served");
        let tree = self.dir.path().join("tree");
        drop(fs::remove_dir_all(&tree));
        self.package.unpack(&tree);
        run(
            "dpkg-deb",
            &[
                "--control",
                &text(&self.package.0),
                &text(&tree.join("DEBIAN")),
            ],
        );
        for name in ["ripieno", "ripieno-desktop"] {
            let program = tree.join("usr/bin").join(name);
            let mut bytes = fs::read(&program).expect("a program");
            bytes.extend_from_slice(stamp(version).as_bytes());
            fs::write(&program, bytes).expect("a stamped program");
        }
        let control = tree.join("DEBIAN/control");
        let fields = fs::read_to_string(&control).expect("a control file");
        let fields = fields
            .lines()
            .map(|line| match line.strip_prefix("Version:") {
                Some(_) => format!("Version: {version}\n"),
                None => format!("{line}\n"),
            });
        fs::write(&control, fields.collect::<String>()).expect("another version");
        let name = format!("ripieno_{version}.deb");
        let file = served.join(&name);
        run(
            "dpkg-deb",
            &[
                "--root-owner-group",
                "-Znone",
                "--build",
                &text(&tree),
                &text(&file),
            ],
        );
        let version: semver::Version = version.parse().expect("a version");
        let target = format!("linux-{}-deb", std::env::consts::ARCH);
        let part = NewPart {
            file: &file,
            url: name.clone(),
            name,
        };
        let made = artefact(&self.signer, &version, &target, &[part]).expect("signatures");
        let made = manifest(Channel::Stable, version, sequence, vec![made]).expect("a manifest");
        publish(&self.signer, &made, &served).expect("it is published");
    }

    fn start(&self) -> App {
        let mut command = self.person.command(&self.programs, "ripieno-desktop");
        let child = command
            .envs(self.session.env())
            .envs(self.env())
            .spawn()
            .expect("it starts");
        App { child }
    }

    fn version(&self) -> String {
        let (mut version, mut client) = (None, self.person.client());
        if let Some(Ok(status)) = client.request("status", json!({})) {
            version = status["version"].as_str().map(str::to_owned);
        }
        version.unwrap_or_default()
    }

    /// Waits until the last update came to its end in the running program, and gives what is said of it.
    fn settled(&self, version: &str) -> serde_json::Value {
        let settled = wait_for(PATIENCE * 3, || {
            let status = self
                .person
                .client()
                .request("update.status", json!({}))?
                .ok()?;
            (status["last"]["version"] == version).then_some(status)
        });
        settled.expect("the update comes to an end")
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .expect("it starts");
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn known_version() -> String {
    let output = Command::new("dpkg-query")
        .args(["--showformat", "${Version}", "--show", NAME])
        .output()
        .expect("dpkg-query starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn check(client: &mut Client) {
    // The program may become the next one before it answers.
    drop(client.request("update.check", json!({})));
}

fn installed_package_is_updated(package: &Package) {
    let installed = Installed::new(package);
    if installed.root() != Path::new("/") {
        println!("this system's own dpkg is asked whose a program is: only root can try that");
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let served = dir.path().join("served");
    fs::create_dir_all(&served).expect("a folder");
    let stage = Stage {
        package,
        programs: installed.programs(),
        person: Person::new(),
        session: Session::start(),
        server: FileServer::start(&served).expect("a server"),
        signer: Signer::generate().expect("a key"),
        dir,
    };
    let app = stage.start();
    let pid = app.pid();
    let mut client = stage.person.client();
    assert_eq!(stage.version(), "0.1.0");

    // Nobody agrees: everything is as before, and a task runs.
    let asked = stage.privileged(REFUSES);
    stage.offer("0.2.0", 1);
    let first = client.script("echo before", json!({}));
    client.wait_done(&first);
    check(&mut client);
    let said = stage.settled("0.2.0");
    let undone = said["last"]["undone"]
        .as_str()
        .expect("it was undone")
        .to_owned();
    assert!(undone.contains("not allowed"), "{undone}");
    assert!(asked.exists() && known_version() == "0.1.0");

    // While a task runs nothing is asked for; then it is installed, and the same process goes on.
    let asked = stage.privileged(AGREES);
    stage.offer("0.3.0", 2);
    let marks = stage.person.folder("marks");
    let mut client = stage.person.client();
    let script = format!("while [ ! -e {}/go ]; do sleep 0.05; done", marks.display());
    let running = client.script(&script, json!({}));
    client.wait_state(&running, &["running"]);
    let update = client.call("update.check", json!({}));
    assert_eq!(
        (&update["phase"], &update["waits_for"]),
        (&json!("ready"), &json!(1)),
        "{update:#}"
    );
    stage
        .session
        .menu()
        .wait_for("Update to 0.3.0 waits for 1 task");
    assert!(!asked.exists(), "asked while a task runs");
    fs::write(marks.join("go"), "").expect("it is let go");
    let said = stage.settled("0.3.0");
    assert_eq!(said["last"]["undone"], json!(null), "{said:#}");
    assert_eq!(
        (stage.version(), known_version()),
        ("0.3.0".into(), "0.3.0".into())
    );
    assert_eq!(app.pid(), pid);
    let mut client = stage.person.client();
    assert_eq!(client.wait_done(&running)["attempt"], 1);
    stage.session.menu().wait_for("Idle");

    // What the package manager made of it does not hold: the kept package is put back.
    let asked = stage.privileged(BREAKS);
    stage.offer("0.4.0", 3);
    check(&mut client);
    let said = stage.settled("0.4.0");
    assert!(said["last"]["undone"].is_string(), "{said:#}");
    assert_eq!(
        fs::read_to_string(asked)
            .expect("it was asked")
            .lines()
            .count(),
        2
    );
    assert_eq!(
        (stage.version(), known_version()),
        ("0.3.0".into(), "0.3.0".into())
    );
    let mut client = stage.person.client();
    let after = client.script("echo after", json!({}));
    for task in [&first, &running, &after] {
        client.wait_done(task);
    }
    stage.session.menu().click("Quit");
    app.wait_ended();
}
