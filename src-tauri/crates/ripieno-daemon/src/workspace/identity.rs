//! Which folder a path really is.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::system;

/// Identifies a folder whatever its path: links, bind mounts and renames do not change it (D2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FolderIdentity {
    /// The device (on Windows a hash of the volume).
    pub device: u64,
    /// The inode on it (on Windows a hash of the real path).
    pub inode: u64,
}

impl FolderIdentity {
    /// Returns the identity of what `path` leads to, links followed.
    ///
    /// # Errors
    /// What the system reports.
    pub fn of(path: &Path) -> io::Result<Self> {
        system::identity(path)
    }
}

impl fmt::Display for FolderIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}", self.device, self.inode)
    }
}

/// Describes a folder with its links resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RealFolder {
    /// The path without links.
    pub path: PathBuf,
    /// The folder itself.
    pub identity: FolderIdentity,
    /// Every folder it lies in, up to the root, by whichever mount it can be reached.
    pub ancestors: BTreeSet<FolderIdentity>,
}

impl RealFolder {
    /// Resolves `path`, which must be a folder.
    ///
    /// # Errors
    /// What the system reports; `NotADirectory` for anything but a folder.
    pub fn resolve(path: &Path) -> io::Result<Self> {
        let path = std::fs::canonicalize(path)?;
        if !path.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let identity = FolderIdentity::of(&path)?;
        let mut ancestors = BTreeSet::new();
        for ancestor in path.ancestors().skip(1) {
            ancestors.insert(FolderIdentity::of(ancestor)?);
        }
        for other in system::other_paths(&path, identity) {
            // What cannot be seen there cannot be locked there either.
            let seen = other
                .ancestors()
                .skip(1)
                .filter_map(|up| FolderIdentity::of(up).ok());
            ancestors.extend(seen);
        }
        ancestors.remove(&identity);
        Ok(Self {
            path,
            identity,
            ancestors,
        })
    }
}
