//! A server on loopback with releases of ours, signed as the release workflow signs them.

#![allow(dead_code, reason = "each test binary uses its part")]

use ripieno_release::{NewPart, Signer, artefact, manifest, publish};
use ripieno_testkit::files::FileServer;
use ripieno_update::{
    manifest::{Channel, Manifest},
    version::stamp,
};
use std::{
    cell::Cell,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

pub struct Releases {
    pub server: FileServer,
    pub signer: Signer,
    folder: tempfile::TempDir,
    sequence: Cell<u64>,
}

impl Releases {
    /// A server that offers nothing yet.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Releases {
            server: FileServer::start(folder.path()).expect("a server"),
            signer: Signer::generate().expect("a key"),
            folder,
            sequence: Cell::new(0),
        }
    }

    /// A file that is served.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Offers served files for a target; each with its name on the disk of a person.
    pub fn offer(&self, version: &str, target: &str, files: &[(&str, &Path)]) {
        let version: semver::Version = version.parse().expect("a version");
        let parts = files.iter().map(|(name, file)| {
            let served = file.file_name().expect("a name").to_string_lossy();
            NewPart {
                file,
                name: (*name).to_owned(),
                url: served.into_owned(),
            }
        });
        let parts: Vec<_> = parts.collect();
        let made = artefact(&self.signer, &version, target, &parts).expect("signatures");
        self.sequence.set(self.sequence.get() + 1);
        let made = manifest(Channel::Stable, version, self.sequence.get(), vec![made]);
        self.publish(&self.signer, &made.expect("a manifest"));
    }

    /// What is offered now.
    pub fn offered(&self) -> Manifest {
        let bytes = fs::read(self.file("stable.json")).expect("something is offered");
        serde_json::from_slice(&bytes).expect("a manifest")
    }

    /// Offers the same with a change, well signed and under a number of its own.
    pub fn change(&self, change: impl FnOnce(&mut Manifest)) {
        let mut manifest = self.offered();
        self.sequence.set(self.sequence.get() + 1);
        manifest.sequence = self.sequence.get();
        change(&mut manifest);
        self.publish(&self.signer, &manifest);
    }

    /// Puts a manifest where the offer is, signed by somebody.
    pub fn publish(&self, signer: &Signer, manifest: &Manifest) {
        publish(signer, manifest, self.folder.path()).expect("it is published");
    }
}

/// Gives a program file a version of its own.
pub fn write_stamp(program: &Path, version: &str) {
    let mut end = fs::OpenOptions::new()
        .append(true)
        .open(program)
        .expect("a program");
    end.write_all(stamp(version).as_bytes()).expect("a stamp");
}
