//! Windows: a setup program, which the plugin starts as it ends this process. The programs come along as files of their own, so
//! that they can be tried before.

use std::path::Path;

use ripieno_daemon::update::parts::{
    Refusal,
    download::{Staging, Steps},
    installer::{Installer, Staged},
    journal::{Journal, Replaced},
    manifest::Artefact,
    place::Product,
};
use semver::Version;

use super::plugin;

/// Replaces what a setup program installed.
#[derive(Debug)]
pub(super) struct Setup;

impl Installer for Setup {
    fn stage(
        &self,
        from: &Staging,
        artefact: &Artefact,
        steps: Steps<'_>,
    ) -> Result<Staged, Refusal> {
        let here = crate::program::path().map_err(|e| Refusal::disk("this program", e))?;
        let programs = Product::Desktop.programs().iter().map(|name| {
            let name = format!("{name}.exe");
            let part = artefact.files.iter().find(|part| part.name == name);
            let part = part
                .ok_or_else(|| Refusal::Malformed(format!("{} has no {name}", artefact.target)))?;
            Ok(Replaced {
                program: here.with_file_name(name),
                sha256: part.sha256.to_ascii_lowercase(),
            })
        });
        let programs = programs.collect::<Result<_, Refusal>>()?;
        plugin::record(from, artefact)?;
        steps("update.stage.copied");
        Ok(Staged {
            programs,
            package: None,
            folder: from.folder().to_owned(),
        })
    }

    fn keep(&self, _: &Path, _: &Version) -> Result<(), Refusal> {
        Ok(())
    }

    fn install(&self, journal: &Journal, steps: Steps<'_>) -> Result<(), Refusal> {
        steps("update.package.before");
        plugin::install(journal)
    }

    fn put_back(&self, journal: &Journal, _: Steps<'_>) -> Result<(), Refusal> {
        Err(Refusal::NotGranted(format!(
            "run the setup program of {} again: it puts that version back",
            journal.previous
        )))
    }

    fn tidy(&self) {}

    fn is_privileged(&self) -> bool {
        true
    }
}
