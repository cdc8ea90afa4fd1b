//! macOS: device and inode, and the folders that belong to the system.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::FolderIdentity;

/// Folders that are the system's with all that lies in them.
pub(super) const SYSTEM_TREES: &[&str] = &[
    "/Applications",
    "/Library",
    "/System",
    "/bin",
    "/cores",
    "/dev",
    "/etc",
    "/private/etc",
    "/sbin",
    "/usr",
];

/// Folders inside those trees that people do work in.
pub(super) const OPEN_TREES: &[&str] = &["/usr/local"];

/// Folders that are the system's, though not what lies in them.
pub(super) const SYSTEM_FOLDERS: &[&str] = &[
    "/Users",
    "/Users/Shared",
    "/Volumes",
    "/opt",
    "/opt/homebrew",
    "/private",
    "/private/var",
    "/usr/local",
    "/var",
];

/// Folders of the system for temporary files.
pub(super) const TEMP_FOLDERS: &[&str] = &[
    "/tmp",
    "/private/tmp",
    "/var/tmp",
    "/private/var/tmp",
    "/private/var/folders",
];

pub(super) fn identity(path: &Path) -> io::Result<FolderIdentity> {
    let metadata = fs::metadata(path)?;
    Ok(FolderIdentity {
        device: metadata.dev(),
        inode: metadata.ino(),
    })
}

/// Tells whether `path` is where a volume is mounted.
pub(super) fn is_drive_root(path: &Path) -> bool {
    path.parent() == Some(Path::new("/Volumes"))
}

/// macOS has no bind mounts; firmlinks are resolved by the system itself.
pub(super) fn other_paths(_real: &Path, _identity: FolderIdentity) -> Vec<PathBuf> {
    Vec::new()
}

/// Nobody tells here where a folder was moved to.
pub(super) fn open_path(_pid: u32, _fd: i32) -> Option<PathBuf> {
    None
}
