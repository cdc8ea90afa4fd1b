//! What a search for programs went by, so that a later look tells in a fraction of a millisecond whether it would find the
//! same (A1). Nothing is watched meanwhile: a worker at rest is not woken.

use super::{Discovered, places::well_known};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// The start-up files of shells, below the person's home.
const SHELL_FILES: [&str; 9] = [
    ".profile",
    ".bash_profile",
    ".bash_login",
    ".bashrc",
    ".zshenv",
    ".zprofile",
    ".zshrc",
    ".zlogin",
    ".config/fish/config.fish",
];

/// Those of the whole system.
const SYSTEM_FILES: [&str; 5] = [
    "/etc/profile",
    "/etc/environment",
    "/etc/paths",
    "/etc/zshenv",
    "/etc/zprofile",
];

/// What tells one state of a file from another: package managers give every file the same date, so that alone does not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    /// When its content was changed, in nanoseconds since the epoch.
    modified: i128,
    /// When anything of it was changed, its links too.
    changed: i128,
}

impl Stamp {
    /// Of the file a path leads to.
    #[cfg(unix)]
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let meta = fs::metadata(path)?;
        let nanos =
            |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
        Ok(Stamp {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            modified: nanos(meta.mtime(), meta.mtime_nsec()),
            changed: nanos(meta.ctime(), meta.ctime_nsec()),
        })
    }

    /// Of the file a path leads to.
    #[cfg(not(unix))]
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let meta = fs::metadata(path)?;
        let modified = meta.modified()?.duration_since(std::time::UNIX_EPOCH);
        let modified = modified.map_or(0, |span| {
            i128::try_from(span.as_nanos()).unwrap_or(i128::MAX)
        });
        Ok(Stamp {
            device: 0,
            inode: 0,
            size: meta.len(),
            modified,
            changed: modified,
        })
    }
}

/// Files and folders as they were.
type Stamps = Vec<(PathBuf, Option<Stamp>)>;

fn stamps(paths: impl Iterator<Item = PathBuf>) -> Stamps {
    let stamped = paths.map(|path| {
        let stamp = Stamp::of(&path).ok();
        (path, stamp)
    });
    stamped.collect()
}

/// What has changed since a search.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Nothing that it went by.
    Nothing,
    /// A program, or a folder that programs are looked for in.
    Programs,
    /// A start-up file of a shell: the search path may be another one.
    Shell,
}

/// What a search went by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trace {
    folders: Stamps,
    programs: Stamps,
    shell: Stamps,
}

impl Trace {
    /// Takes the state of everything a search with this environment goes by, before it is made: what changes while it is
    /// made is seen by the next look. Blocks for some dozens of `stat` calls.
    #[must_use]
    pub fn before(env: &BTreeMap<String, String>) -> Self {
        Trace {
            folders: folders(env),
            programs: Vec::new(),
            shell: shell_files(env),
        }
    }

    /// Adds the programs that were found.
    #[must_use]
    pub fn with(self, found: &[Discovered]) -> Self {
        let paths = found.iter().filter_map(|one| one.path.clone());
        Trace {
            programs: stamps(paths),
            ..self
        }
    }

    /// What has changed since. Blocks for some dozens of `stat` calls.
    #[must_use]
    pub fn change(&self, env: &BTreeMap<String, String>) -> Change {
        if self.shell != shell_files(env) {
            return Change::Shell;
        }
        let programs = stamps(self.programs.iter().map(|(path, _)| path.clone()));
        if self.programs == programs && self.folders == folders(env) {
            Change::Nothing
        } else {
            Change::Programs
        }
    }
}

/// The folders that programs are looked for in. Of a folder that is not there its appearance counts.
fn folders(env: &BTreeMap<String, String>) -> Stamps {
    let path = env.get("PATH").map(String::as_str).unwrap_or_default();
    let on_path = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    stamps(on_path.chain(well_known(env)))
}

fn shell_files(env: &BTreeMap<String, String>) -> Stamps {
    let home = env.get("HOME").filter(|home| !home.is_empty());
    let own = home.into_iter().flat_map(|home| {
        let home = PathBuf::from(home);
        SHELL_FILES.map(|file| home.join(file))
    });
    let zsh = env.get("ZDOTDIR").filter(|folder| !folder.is_empty());
    let zsh = zsh.into_iter().flat_map(|folder| {
        let folder = PathBuf::from(folder);
        [".zshenv", ".zprofile", ".zshrc"].map(|file| folder.join(file))
    });
    stamps(own.chain(zsh).chain(SYSTEM_FILES.map(PathBuf::from)))
}
