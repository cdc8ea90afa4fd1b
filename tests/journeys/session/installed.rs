//! The package under test, installed: into this system where we may, else into a root of its own.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::PATIENCE;
use crate::rig::wait_for;

/// Names the .deb to test; `make test` builds it and sets this.
const VARIABLE: &str = "RIPIENO_PACKAGE";

/// The package's name for dpkg.
pub const NAME: &str = "ripieno";

/// A package file.
pub struct Package(pub PathBuf);

impl Package {
    /// The one to test, or `None` with a word about it: then there is nothing for this test program to do.
    pub fn given() -> Option<Self> {
        let given = std::env::var_os(VARIABLE).map(|path| Package(path.into()));
        if given.is_none() {
            println!(
                "the stage `desktop` of make test runs this: it builds the package first ({VARIABLE})"
            );
        }
        given
    }

    /// What `dpkg-deb` says of it.
    pub fn ask(&self, question: &str, more: &[&str]) -> String {
        let said = Command::new("dpkg-deb")
            .arg(question)
            .arg(&self.0)
            .args(more)
            .output();
        text(said.expect("dpkg-deb starts"))
    }

    /// Its files below a folder.
    pub fn unpack(&self, folder: &Path) {
        let done = Command::new("dpkg-deb")
            .arg("--extract")
            .arg(&self.0)
            .arg(folder)
            .output();
        text(done.expect("dpkg-deb starts"));
    }
}

fn text(output: Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("dpkg writes text")
}

/// The folder where both programs are.
pub struct Programs(pub PathBuf);

impl Programs {
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

enum Place {
    /// This system itself. The lock keeps a second run of the tests on this machine waiting.
    System { _lock: File },
    /// A root of its own, with a database of its own, where nobody may install or somebody uses the package.
    Root(tempfile::TempDir),
}

/// The package, installed by dpkg; a system is left as it was found.
pub struct Installed<'a> {
    package: &'a Package,
    place: Place,
}

impl<'a> Installed<'a> {
    pub fn new(package: &'a Package) -> Self {
        let installed = Self::not_yet(package);
        installed.install();
        installed
    }

    /// A place for it, with nothing of it there.
    pub fn not_yet(package: &'a Package) -> Self {
        Installed {
            package,
            place: place(),
        }
    }

    /// Below what its files lie.
    pub fn root(&self) -> &Path {
        match &self.place {
            Place::System { .. } => Path::new("/"),
            Place::Root(folder) => folder.path(),
        }
    }

    pub fn programs(&self) -> Programs {
        Programs(self.root().join("usr/bin"))
    }

    /// Installs it, also over itself.
    pub fn install(&self) {
        self.dpkg("--install", self.package.0.as_os_str());
    }

    pub fn remove(&self) {
        self.dpkg("--remove", NAME.as_ref());
    }

    pub fn purge(&self) {
        self.dpkg("--purge", NAME.as_ref());
    }

    fn dpkg(&self, verb: &str, what: &OsStr) {
        let mut command = Command::new("dpkg");
        if let Place::Root(folder) = &self.place {
            command.arg(format!("--root={}", folder.path().display()));
            // What it depends on is installed outside that root.
            command.args(["--force-not-root", "--force-depends", "--force-bad-path"]);
        }
        command.arg(verb).arg(what).env("LC_ALL", "C");
        let locked = |output: &Output| {
            String::from_utf8_lossy(&output.stderr).contains("is locked by another")
        };
        let done = wait_for(PATIENCE, || {
            Some(command.output().expect("dpkg starts")).filter(|output| !locked(output))
        });
        text(done.expect("dpkg's own lock becomes free"));
    }
}

impl Drop for Installed<'_> {
    fn drop(&mut self) {
        if matches!(self.place, Place::System { .. }) && is_known() {
            self.purge();
        }
    }
}

/// This system, when we are root and nobody has the package yet; else a root of its own.
fn place() -> Place {
    if rustix::process::geteuid().is_root() {
        let path = std::env::temp_dir().join("ripieno-package-tests.lock");
        let lock = File::create(path).expect("a file to lock");
        lock.lock().expect("the lock of the package tests");
        if !is_known() {
            return Place::System { _lock: lock };
        }
    }
    let root = tempfile::tempdir().expect("a root of its own");
    let database = root.path().join("var/lib/dpkg");
    std::fs::create_dir_all(database.join("info")).expect("a database of its own");
    std::fs::create_dir_all(database.join("updates")).expect("a database of its own");
    std::fs::write(database.join("status"), "").expect("a database of its own");
    Place::Root(root)
}

/// Whether this system's dpkg knows the package, as installed or as removed with something left.
fn is_known() -> bool {
    let known = Command::new("dpkg-query")
        .args(["--status", NAME])
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .status();
    known.expect("dpkg-query starts").success()
}
