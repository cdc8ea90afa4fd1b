//! Windows: the real path stands in for the file index, which cannot be read safely from here.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::FolderIdentity;

/// Folders that are the system's with all that lies in them.
pub(super) const SYSTEM_TREES: &[&str] = &[
    r"C:\Windows",
    r"C:\Program Files",
    r"C:\Program Files (x86)",
    r"C:\ProgramData",
];

/// Folders inside those trees that people do work in.
pub(super) const OPEN_TREES: &[&str] = &[];

/// Folders that are the system's, though not what lies in them.
pub(super) const SYSTEM_FOLDERS: &[&str] = &[r"C:\Users", r"C:\Users\Public"];

/// Folders of the system for temporary files.
pub(super) const TEMP_FOLDERS: &[&str] = &[r"C:\Windows\Temp", r"C:\Temp"];

/// Hashes the real path without regard to case: two paths of one folder give one identity.
pub(super) fn identity(path: &Path) -> io::Result<FolderIdentity> {
    let real = fs::canonicalize(path)?.to_string_lossy().to_lowercase();
    let volume = real.get(..7).unwrap_or(&real).to_owned();
    Ok(FolderIdentity {
        device: hash(&volume),
        inode: hash(&real),
    })
}

/// Tells whether `path` is the root of a drive or of a network share.
pub(super) fn is_drive_root(path: &Path) -> bool {
    let mut parts = path.components();
    matches!(parts.next(), Some(Component::Prefix(_)))
        && parts.all(|part| matches!(part, Component::RootDir))
}

/// Junctions and mounted volumes are resolved with the path.
pub(super) fn other_paths(_real: &Path, _identity: FolderIdentity) -> Vec<PathBuf> {
    Vec::new()
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Nobody tells here where a folder was moved to.
pub(super) fn open_path(_pid: u32, _fd: i32) -> Option<PathBuf> {
    None
}
