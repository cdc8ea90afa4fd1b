//! Folders no task may work in (D3).

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::{FolderIdentity, system};
use crate::paths::{Home, account_home};

/// Says why a folder is refused; surfaces have words of their own for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusedBecause {
    /// There is nothing at that path.
    Missing,
    /// It is a file or something else that is no folder.
    NotAFolder,
    /// It is the root of the file system.
    Root,
    /// It is the root of a drive.
    DriveRoot,
    /// It is the user's home, or contains it.
    Home,
    /// It belongs to the operating system.
    System,
    /// It is the folder of temporary files itself.
    Temp,
    /// It is, contains, or lies in the folder where our own data is.
    OwnData,
    /// The user may not read or enter it.
    Unreadable,
    /// The user may not write in it.
    Unwritable,
    /// It lies on a read-only file system.
    ReadOnly,
    /// Its path is not valid UTF-8, which views and records need.
    NotText,
}

impl fmt::Display for RefusedBecause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "there is no such folder; create it first",
            Self::NotAFolder => "it is not a folder; name the folder that holds it",
            Self::Root => "it is the root of the file system; name a project folder",
            Self::DriveRoot => "it is the root of a drive; name a folder on it",
            Self::Home => "it is your home folder or contains it; name a project folder inside",
            Self::System => "it belongs to the operating system; name a project folder",
            Self::Temp => "it is shared by all programs; make a folder inside it",
            Self::OwnData => "Ripieno keeps its own data there; name a project folder",
            Self::Unreadable => "you may not read it; change its permissions",
            Self::Unwritable => "you may not write in it; change its permissions",
            Self::ReadOnly => "its file system is read-only; name a folder that can be written",
            Self::NotText => "its path is not valid UTF-8; rename the folder",
        })
    }
}

/// Refuses one folder, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} cannot be worked in: {because}", path.display())]
pub struct Refused {
    /// The folder as it was named.
    pub path: PathBuf,
    /// Why.
    pub because: RefusedBecause,
}

/// Knows every folder that is refused on this machine for this home.
#[derive(Clone, Debug)]
pub struct FolderRules {
    /// Homes; also refused is whatever contains one.
    homes: Vec<PathBuf>,
    temps: Vec<PathBuf>,
    /// Ours; also refused is whatever lies in one.
    own: Vec<PathBuf>,
    /// Ours where losing it would lose work: also refused is whatever contains one.
    precious: Vec<PathBuf>,
}

impl FolderRules {
    /// Gathers the rules for `home` and the current user.
    #[must_use]
    pub fn new(home: &Home) -> Self {
        let named = std::env::home_dir().filter(|path| path.is_absolute());
        Self::with_homes(home, account_home().ok().into_iter().chain(named))
    }

    pub(super) fn with_homes(home: &Home, homes: impl IntoIterator<Item = PathBuf>) -> Self {
        let fixed = system::TEMP_FOLDERS.iter().map(PathBuf::from);
        let own = [
            home.data_dir(),
            home.state_dir(),
            home.cache_dir(),
            home.run_dir(),
        ];
        let others = [home.config_dir(), home.name()];
        let precious = [home.data_dir(), home.state_dir(), home.run_dir()];
        let owned = |paths: &[&Path]| with_real(paths.iter().map(|path| path.to_path_buf()));
        Self {
            homes: with_real(homes),
            temps: with_real(fixed.chain([std::env::temp_dir()])),
            own: owned(&[own.as_slice(), others.as_slice()].concat()),
            precious: owned(&precious),
        }
    }

    /// Checks that a task may work in `path`, literally and after resolving links; returns the real
    /// path.
    ///
    /// # Errors
    /// [`Refused`] with the reason.
    pub fn check(&self, path: &Path) -> Result<PathBuf, Refused> {
        let refuse = |because| Refused {
            path: path.to_owned(),
            because,
        };
        self.find(path).map_err(refuse)
    }

    fn find(&self, path: &Path) -> Result<PathBuf, RefusedBecause> {
        if path.to_str().is_none() {
            return Err(RefusedBecause::NotText);
        }
        let literal = std::path::absolute(path).map_err(|error| reason_of(&error))?;
        self.refuse_by_path(&without_dots(&literal))?;
        let real = std::fs::canonicalize(path).map_err(|error| reason_of(&error))?;
        if real.to_str().is_none() {
            return Err(RefusedBecause::NotText);
        }
        self.refuse_by_path(&real)?;
        if !real.is_dir() {
            return Err(RefusedBecause::NotAFolder);
        }
        self.refuse_by_identity(&real)?;
        refuse_by_access(&real)?;
        Ok(real)
    }

    fn refuse_by_path(&self, path: &Path) -> Result<(), RefusedBecause> {
        let is = |list: &[&str]| list.iter().any(|one| path == Path::new(one));
        let within = |list: &[&str]| list.iter().any(|one| path.starts_with(one));
        let because = if system::is_drive_root(path) {
            RefusedBecause::DriveRoot
        } else if path.parent().is_none() {
            RefusedBecause::Root
        } else if self.temps.iter().any(|temp| temp == path) {
            RefusedBecause::Temp
        } else if self.homes.iter().any(|home| home == path) {
            RefusedBecause::Home
        } else if is(system::SYSTEM_FOLDERS)
            || (within(system::SYSTEM_TREES) && !within(system::OPEN_TREES))
        {
            RefusedBecause::System
        } else if self.homes.iter().any(|home| home.starts_with(path)) {
            RefusedBecause::Home
        } else if self.own.iter().any(|own| path.starts_with(own))
            || self.precious.iter().any(|own| own.starts_with(path))
        {
            RefusedBecause::OwnData
        } else {
            return Ok(());
        };
        Err(because)
    }

    /// Finds a refused folder under another name: a bind mount, or other case on a file system
    /// that does not tell cases apart.
    fn refuse_by_identity(&self, real: &Path) -> Result<(), RefusedBecause> {
        let Ok(identity) = FolderIdentity::of(real) else {
            return Err(RefusedBecause::Unreadable);
        };
        match self.refused_identities().get(&identity) {
            Some(because) => Err(*because),
            None => Ok(()),
        }
    }

    fn refused_identities(&self) -> BTreeMap<FolderIdentity, RefusedBecause> {
        let system = system::SYSTEM_TREES
            .iter()
            .chain(system::SYSTEM_FOLDERS)
            .map(PathBuf::from);
        let all = system
            .map(|path| (path, RefusedBecause::System))
            .chain(
                self.temps
                    .iter()
                    .cloned()
                    .map(|path| (path, RefusedBecause::Temp)),
            )
            .chain(
                self.own
                    .iter()
                    .cloned()
                    .map(|path| (path, RefusedBecause::OwnData)),
            )
            .chain(
                self.homes
                    .iter()
                    .cloned()
                    .map(|path| (path, RefusedBecause::Home)),
            )
            .chain([(PathBuf::from("/"), RefusedBecause::Root)]);
        all.filter_map(|(path, because)| Some((FolderIdentity::of(&path).ok()?, because)))
            .collect()
    }
}

/// Adds the real path of each, where it has one.
fn with_real(paths: impl IntoIterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = paths
        .into_iter()
        .flat_map(|path| [std::fs::canonicalize(&path).ok(), Some(path)])
        .flatten()
        .collect();
    all.sort();
    all.dedup();
    all
}

/// Takes `.` and `..` out of an absolute path by its letters alone.
fn without_dots(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

fn reason_of(error: &io::Error) -> RefusedBecause {
    match error.kind() {
        io::ErrorKind::NotFound => RefusedBecause::Missing,
        io::ErrorKind::NotADirectory => RefusedBecause::NotAFolder,
        _ => RefusedBecause::Unreadable,
    }
}

#[cfg(unix)]
fn refuse_by_access(real: &Path) -> Result<(), RefusedBecause> {
    use rustix::fs::{Access, access};
    if access(real, Access::READ_OK | Access::EXEC_OK).is_err() {
        return Err(RefusedBecause::Unreadable);
    }
    match access(real, Access::WRITE_OK) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::ROFS) => Err(RefusedBecause::ReadOnly),
        Err(_) => Err(RefusedBecause::Unwritable),
    }
}

#[cfg(not(unix))]
fn refuse_by_access(real: &Path) -> Result<(), RefusedBecause> {
    match std::fs::read_dir(real) {
        Ok(_) => Ok(()),
        Err(_) => Err(RefusedBecause::Unreadable),
    }
}
