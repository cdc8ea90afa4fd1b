//! What was begun, on the disk before it is begun: the next start finishes it or undoes it (U4).

use crate::{Refusal, swap::write_whole};
use semver::Version;
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// How far an update got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// The new version is tried on the database; the old program is in its place.
    Trying,
    /// The new version was healthy and goes into its place.
    Installing,
    /// The previous version and its database are put back.
    Returning,
}

/// A program that is replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    /// Its place.
    pub program: PathBuf,
    /// The SHA-256 of the new one.
    pub sha256: String,
}

/// A package with what was verified of it: whoever installs it as root compares that, not what lies there by then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Its file.
    pub file: PathBuf,
    /// The SHA-256 that the signed manifest names.
    pub sha256: String,
}

/// An update under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// The new version.
    pub version: Version,
    /// The version before.
    pub previous: Version,
    /// How far it got.
    pub progress: Progress,
    /// The programs, in the order they are replaced.
    pub programs: Vec<Replaced>,
    /// The package they come in, where there is one.
    #[serde(default)]
    pub package: Option<Package>,
    /// Where the new programs wait.
    pub staged: PathBuf,
    /// Where the previous programs, or their package, are kept.
    pub kept: PathBuf,
    /// The copy of the database from before.
    pub backup: PathBuf,
    /// Whether a package manager does it, so that only a privileged step can put it back.
    pub privileged: bool,
}

impl Journal {
    /// Reads what was begun; `None` when nothing is.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn load(path: &Path) -> Result<Option<Self>, Refusal> {
        match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|bad| Refusal::disk(path, bad)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Refusal::disk(path, error)),
        }
    }

    /// Writes it durably.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn save(&self, path: &Path) -> Result<(), Refusal> {
        let bytes = serde_json::to_vec_pretty(self).map_err(|bad| Refusal::disk(path, bad))?;
        write_whole(path, &bytes).map_err(|error| Refusal::disk(path, error))
    }

    /// Ends it: nothing is under way any more.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn clear(path: &Path) -> Result<(), Refusal> {
        match fs::remove_file(path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(Refusal::disk(path, error)),
        }
    }
}

/// What became of the last update; told to the person at the next start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The version it was about.
    pub version: Version,
    /// The version before.
    pub previous: Version,
    /// Milliseconds since 1970.
    pub at: i64,
    /// Why it was undone; `None` when it succeeded.
    pub undone: Option<String>,
}

impl Outcome {
    /// What became, just now, of an update.
    #[must_use]
    pub fn of(journal: &Journal, undone: Option<String>) -> Self {
        Outcome {
            version: journal.version.clone(),
            previous: journal.previous.clone(),
            at: jiff::Timestamp::now().as_millisecond(),
            undone,
        }
    }

    /// Reads the last one.
    #[must_use]
    pub fn load(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// Writes it durably.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn save(&self, path: &Path) -> Result<(), Refusal> {
        let bytes = serde_json::to_vec_pretty(self).map_err(|bad| Refusal::disk(path, bad))?;
        write_whole(path, &bytes).map_err(|error| Refusal::disk(path, error))
    }
}
