//! Putting a verified version into its place, and back: program files here, packages through a privileged step.

mod package;
mod programs;

use crate::{
    Refusal,
    download::{Staging, Steps},
    journal::{Journal, Package, Progress, Replaced},
    manifest::Artefact,
    place::{Installation, Place},
};
use semver::Version;
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

pub use package::PackageInstaller;
pub use programs::ProgramInstaller;

/// A new version beside the old one, ready to be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// The folder of its programs.
    pub folder: PathBuf,
    /// What it will replace.
    pub programs: Vec<Replaced>,
    /// The verified package that holds them, where there is one.
    pub package: Option<Package>,
}

/// Knows how one kind of installation is replaced.
pub trait Installer: Send + Sync {
    /// Puts verified files where they can be started, without touching what is installed.
    ///
    /// # Errors
    /// When the disk refuses, or a file is no longer what was verified.
    fn stage(
        &self,
        from: &Staging,
        artefact: &Artefact,
        steps: Steps<'_>,
    ) -> Result<Staged, Refusal>;

    /// Keeps the installed version in a folder, so that it can be put back.
    ///
    /// # Errors
    /// When the disk refuses.
    fn keep(&self, kept: &Path, version: &Version) -> Result<(), Refusal>;

    /// Puts the new version in place of the old one. Repeating it after a crash finishes it.
    ///
    /// # Errors
    /// When it did not happen; then [`Installer::put_back`] makes sure of the old one.
    fn install(&self, journal: &Journal, steps: Steps<'_>) -> Result<(), Refusal>;

    /// Puts the kept version back.
    ///
    /// # Errors
    /// When it did not happen: the disk, or the privileged step was not granted.
    fn put_back(&self, journal: &Journal, steps: Steps<'_>) -> Result<(), Refusal>;

    /// Removes what only an update under way needs.
    fn tidy(&self);

    /// Whether only a privileged step can do it.
    fn is_privileged(&self) -> bool;
}

/// The installer of a system's own packaging, where the host of the worker brings one along.
#[derive(Clone)]
pub struct Native(pub Arc<dyn Installer>);

impl fmt::Debug for Native {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Native")
    }
}

/// The installer of an installation.
///
/// # Errors
/// [`Refusal::NotOurs`] for a copy that something else updates.
pub fn of(
    installation: &Installation,
    native: Option<&Native>,
) -> Result<Arc<dyn Installer>, Refusal> {
    installation.replaceable()?;
    let names = installation.product.programs();
    match &installation.place {
        Place::Files { folder } => Ok(Arc::new(ProgramInstaller::new(
            names.iter().map(|name| folder.join(name)).collect(),
            folder,
        ))),
        Place::AppImage { file } => Ok(Arc::new(ProgramInstaller::new(
            vec![file.clone()],
            file.parent().unwrap_or(Path::new("/")),
        ))),
        Place::Package(kind) => Ok(Arc::new(PackageInstaller::new(*kind, installation))),
        Place::Native(_) => native.map(|native| Arc::clone(&native.0)).ok_or_else(|| {
            Refusal::NotOurs(
                "this copy came with the application: start that, and update it there".to_owned(),
            )
        }),
        Place::Managed { .. } => Err(Refusal::NotOurs(
            "this copy is updated by something else".to_owned(),
        )),
    }
}

/// What the place of a program says of an update that broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Every program is the new one.
    New,
    /// None is.
    Old,
    /// Some are.
    Mixed,
}

/// Looks which programs are in place.
#[must_use]
pub fn found(journal: &Journal) -> Found {
    let is_new = |one: &Replaced| {
        crate::download::digest_of(&one.program).is_ok_and(|digest| digest == one.sha256)
    };
    let new = journal.programs.iter().filter(|one| is_new(one)).count();
    match new {
        0 => Found::Old,
        all if all == journal.programs.len() => Found::New,
        _ => Found::Mixed,
    }
}

/// Whether an update that broke off is to be finished; else it is to be undone.
#[must_use]
pub fn is_to_be_finished(journal: &Journal) -> bool {
    // Before the first exchange nothing shows that it would ever go on; after it the new version is the one that starts.
    journal.progress == Progress::Installing && found(journal) != Found::Old
}
