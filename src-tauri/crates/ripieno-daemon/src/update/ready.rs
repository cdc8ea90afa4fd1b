//! A version that is here, verified, and waits for its moment.

use super::{Installation, UpdatePaths};
use ripieno_update::{
    Refusal,
    download::digest_of,
    installer::Staged,
    journal::{Journal, Progress},
};
use semver::Version;
use std::path::PathBuf;

/// What is to be installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ready {
    pub(crate) version: Version,
    pub(crate) previous: Version,
    pub(crate) installation: Installation,
    pub(crate) staged: Staged,
}

impl Ready {
    /// The new program that hosts a worker, where it waits.
    pub(crate) fn program(&self) -> PathBuf {
        let name = self.installation.program.file_name().unwrap_or_default();
        self.staged.folder.join(name)
    }

    /// Whether what waits is still what was verified.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        for one in &self.staged.programs {
            let name = one.program.file_name().unwrap_or_default();
            let file = self.staged.folder.join(name);
            let there = digest_of(&file).map_err(|error| Refusal::disk(&file, error))?;
            if there != one.sha256 {
                return Err(Refusal::WrongDigest(file.display().to_string()));
            }
        }
        Ok(())
    }

    pub(crate) fn journal(&self, paths: &UpdatePaths, privileged: bool) -> Journal {
        Journal {
            version: self.version.clone(),
            previous: self.previous.clone(),
            progress: Progress::Trying,
            programs: self.staged.programs.clone(),
            package: self.staged.package.clone(),
            staged: self.staged.folder.clone(),
            kept: paths.kept.clone(),
            backup: paths.backup.clone(),
            privileged,
        }
    }
}
