//! Program files in a folder of the person's own.

use super::{Installer, Staged};
use crate::{
    Refusal,
    download::{Staging, Steps},
    journal::{Journal, Replaced},
    manifest::Artefact,
    swap::{beside, copy_program, exchange},
};
use semver::Version;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder beside the programs in which the new ones wait: names can only be exchanged within one file system.
const STAGED: &str = ".ripieno-update";

/// Exchanges program files.
#[derive(Clone, Debug)]
pub struct ProgramInstaller {
    programs: Vec<PathBuf>,
    staged: PathBuf,
}

impl ProgramInstaller {
    /// Replaces these files, in this order; the new ones wait in a folder inside `folder`.
    #[must_use]
    pub fn new(programs: Vec<PathBuf>, folder: &Path) -> Self {
        ProgramInstaller {
            programs,
            staged: folder.join(STAGED),
        }
    }
}

/// The place of a program in another folder.
fn inside(folder: &Path, program: &Path) -> PathBuf {
    folder.join(program.file_name().unwrap_or_default())
}

impl Installer for ProgramInstaller {
    fn stage(
        &self,
        from: &Staging,
        artefact: &Artefact,
        steps: Steps<'_>,
    ) -> Result<Staged, Refusal> {
        self.tidy();
        let one = self.programs.len() == 1;
        let mut programs = Vec::new();
        for program in &self.programs {
            let name = program.file_name().unwrap_or_default();
            // A file that stands alone may go by another name on this disk, as AppImages do.
            let part = artefact
                .files
                .iter()
                .find(|part| one || *part.name == *name);
            let part = part.ok_or_else(|| {
                Refusal::Malformed(format!("{} has no {}", artefact.target, name.display()))
            })?;
            copy_program(
                &from.file(part),
                &inside(&self.staged, program),
                Some(&part.sha256),
            )?;
            steps("update.stage.copied");
            programs.push(Replaced {
                program: program.clone(),
                sha256: part.sha256.to_ascii_lowercase(),
            });
        }
        Ok(Staged {
            folder: self.staged.clone(),
            programs,
            package: None,
        })
    }

    fn keep(&self, kept: &Path, _: &Version) -> Result<(), Refusal> {
        let programs = self.programs.iter();
        programs
            .filter(|program| program.exists())
            .try_for_each(|program| copy_program(program, &inside(kept, program), None))
    }

    fn install(&self, journal: &Journal, steps: Steps<'_>) -> Result<(), Refusal> {
        for one in &journal.programs {
            let in_place =
                crate::download::digest_of(&one.program).is_ok_and(|digest| digest == one.sha256);
            if !in_place {
                exchange(&inside(&journal.staged, &one.program), &one.program, steps)?;
            }
        }
        Ok(())
    }

    fn put_back(&self, journal: &Journal, steps: Steps<'_>) -> Result<(), Refusal> {
        for one in journal.programs.iter().rev() {
            let kept = inside(&journal.kept, &one.program);
            let is_new =
                crate::download::digest_of(&one.program).is_ok_and(|digest| digest == one.sha256);
            if is_new {
                let back = beside(&inside(&journal.staged, &one.program), ".back");
                copy_program(&kept, &back, None)?;
                exchange(&back, &one.program, steps)?;
            }
        }
        Ok(())
    }

    fn tidy(&self) {
        drop(fs::remove_dir_all(&self.staged));
    }

    fn is_privileged(&self) -> bool {
        false
    }
}
