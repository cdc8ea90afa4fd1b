//! macOS: the folder `Ripieno.app` comes as an archive. It is unpacked and tried beside the old one, exchanged by the plugin,
//! and put back from a copy.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use ripieno_daemon::update::parts::{
    Refusal,
    download::{Staging, Steps, digest_of},
    installer::{Installer, Staged},
    journal::{Journal, Replaced},
    manifest::Artefact,
    place::{Product, bundle},
    swap::{beside, exchange},
};
use semver::Version;

use super::plugin;

/// Replaces the app that this program lies in.
#[derive(Debug)]
pub(super) struct App;

impl App {
    fn place() -> Result<PathBuf, Refusal> {
        let program = crate::program::path().map_err(|e| Refusal::disk("this program", e))?;
        let app = bundle(&program).map(Path::to_owned);
        app.ok_or_else(|| Refusal::NotOurs("this program lies in no app".to_owned()))
    }
}

impl Installer for App {
    fn stage(
        &self,
        from: &Staging,
        artefact: &Artefact,
        steps: Steps<'_>,
    ) -> Result<Staged, Refusal> {
        let app = Self::place()?;
        let archive = from.file(plugin::package(artefact)?);
        let tree = from.folder().join("tree");
        drop(std::fs::remove_dir_all(&tree));
        std::fs::create_dir_all(&tree).map_err(|e| Refusal::disk(&tree, e))?;
        quiet(
            "/usr/bin/tar",
            &[
                "-xzf".as_ref(),
                archive.as_ref(),
                "-C".as_ref(),
                tree.as_ref(),
            ],
        )?;
        plugin::record(from, artefact)?;
        steps("update.stage.copied");
        let folder = tree.join("Ripieno.app/Contents/MacOS");
        let programs = Product::Desktop.programs().iter().map(|name| {
            let new = folder.join(name);
            let sha256 = digest_of(&new).map_err(|e| Refusal::disk(&new, e))?;
            let program = app.join("Contents/MacOS").join(name);
            Ok(Replaced { program, sha256 })
        });
        Ok(Staged {
            programs: programs.collect::<Result<_, Refusal>>()?,
            package: None,
            folder,
        })
    }

    fn keep(&self, kept: &Path, _: &Version) -> Result<(), Refusal> {
        let copy = kept.join("Ripieno.app");
        drop(std::fs::remove_dir_all(&copy));
        quiet("/usr/bin/ditto", &[Self::place()?.as_ref(), copy.as_ref()])
    }

    fn install(&self, journal: &Journal, steps: Steps<'_>) -> Result<(), Refusal> {
        steps("update.package.before");
        plugin::install(journal)?;
        steps("update.package.after");
        Ok(())
    }

    fn put_back(&self, journal: &Journal, steps: Steps<'_>) -> Result<(), Refusal> {
        let app = Self::place()?;
        let back = beside(&app, ".back");
        drop(std::fs::remove_dir_all(&back));
        let kept = journal.kept.join("Ripieno.app");
        quiet("/usr/bin/ditto", &[kept.as_ref(), back.as_ref()])?;
        exchange(&back, &app, steps)?;
        drop(std::fs::remove_dir_all(&back));
        Ok(())
    }

    fn tidy(&self) {}

    fn is_privileged(&self) -> bool {
        false
    }
}

fn quiet(program: &str, arguments: &[&OsStr]) -> Result<(), Refusal> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| Refusal::disk(program, error))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(Refusal::disk(program, text.trim()))
}
