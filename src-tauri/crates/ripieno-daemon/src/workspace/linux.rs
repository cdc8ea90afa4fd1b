//! Linux: device and inode, mounts, and the folders that belong to the system.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::FolderIdentity;

/// Folders that are the system's with all that lies in them.
pub(super) const SYSTEM_TREES: &[&str] = &[
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sbin",
    "/sys", "/usr",
];

/// Folders inside those trees that people do work in.
pub(super) const OPEN_TREES: &[&str] = &["/usr/local", "/usr/src", "/dev/shm"];

/// Folders that are the system's, though not what lies in them.
pub(super) const SYSTEM_FOLDERS: &[&str] = &[
    "/home",
    "/lost+found",
    "/media",
    "/mnt",
    "/nix",
    "/opt",
    "/root",
    "/run",
    "/run/user",
    "/snap",
    "/srv",
    "/usr/local",
    "/usr/local/bin",
    "/usr/local/etc",
    "/usr/local/include",
    "/usr/local/lib",
    "/usr/local/sbin",
    "/usr/local/share",
    "/usr/src",
    "/var",
    "/var/cache",
    "/var/lib",
    "/var/log",
    "/var/opt",
    "/var/spool",
];

/// Folders of the system for temporary files.
pub(super) const TEMP_FOLDERS: &[&str] = &["/tmp", "/var/tmp", "/dev/shm"];

pub(super) fn identity(path: &Path) -> io::Result<FolderIdentity> {
    let metadata = fs::metadata(path)?;
    Ok(FolderIdentity {
        device: metadata.dev(),
        inode: metadata.ino(),
    })
}

/// Tells whether `path` is where a removable or Windows drive is mounted.
pub(super) fn is_drive_root(path: &Path) -> bool {
    let parts: Vec<_> = path.iter().filter_map(|part| part.to_str()).collect();
    match parts.as_slice() {
        ["/", "media", _, _] | ["/", "run", "media", _, _] => true,
        ["/", "mnt", letter] => letter.len() == 1,
        _ => false,
    }
}

/// Finds the other paths by which the folder at `real` can be reached: through bind mounts, and
/// through the same file system mounted twice.
pub(super) fn other_paths(real: &Path, identity: FolderIdentity) -> Vec<PathBuf> {
    // Without the list of mounts there is nothing to compare; the path itself still counts.
    let Ok(list) = fs::read("/proc/self/mountinfo") else {
        return Vec::new();
    };
    let mounts: Vec<Mount> = list
        .split(|byte| *byte == b'\n')
        .filter_map(Mount::parse)
        .collect();
    other_paths_among(&mounts, real)
        .into_iter()
        .filter(|path| self::identity(path).is_ok_and(|found| found == identity))
        .collect()
}

/// Returns where the folder that process `pid` has open as `fd` is now.
pub(super) fn open_path(pid: u32, fd: i32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/fd/{fd}")).ok()
}

/// One line of `/proc/self/mountinfo`: which part of which device is seen where.
#[derive(Debug, PartialEq, Eq)]
struct Mount {
    device: Vec<u8>,
    root: PathBuf,
    point: PathBuf,
}

impl Mount {
    fn parse(line: &[u8]) -> Option<Self> {
        let mut fields = line.split(|byte| *byte == b' ').skip(2);
        let device = fields.next()?.to_vec();
        let root = unescape(fields.next()?);
        let point = unescape(fields.next()?);
        Some(Self {
            device,
            root,
            point,
        })
    }
}

/// Undoes the octal escapes (`\040`) of the mount list.
fn unescape(field: &[u8]) -> PathBuf {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((byte, after)) = rest.split_first() {
        let octal = || std::str::from_utf8(after.get(..3)?).ok();
        let escaped = octal().filter(|_| *byte == b'\\');
        match escaped.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(value) => {
                out.push(value);
                rest = &after[3..];
            }
            None => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    PathBuf::from(std::ffi::OsString::from_vec(out))
}

fn other_paths_among(mounts: &[Mount], real: &Path) -> Vec<PathBuf> {
    // Of two mounts on one point the later one is seen.
    let Some(own) = mounts
        .iter()
        .filter(|mount| real.starts_with(&mount.point))
        .max_by_key(|mount| mount.point.components().count())
    else {
        return Vec::new();
    };
    let Ok(below) = real.strip_prefix(&own.point) else {
        return Vec::new();
    };
    let inside = own.root.join(below);
    mounts
        .iter()
        .filter(|mount| mount.device == own.device)
        .filter_map(|mount| Some(mount.point.join(inside.strip_prefix(&mount.root).ok()?)))
        .filter(|path| path != real)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_list_is_read_with_its_escapes() {
        let line = b"36 35 98:0 /with\\040space /mnt/a\\011b rw - ext3 /dev/root rw";
        let mount = Mount::parse(line).unwrap();
        assert_eq!(mount.device, b"98:0");
        assert_eq!(mount.root, Path::new("/with space"));
        assert_eq!(mount.point, Path::new("/mnt/a\tb"));
        assert_eq!(Mount::parse(b""), None);
    }

    #[test]
    fn folder_is_found_by_every_mount_that_shows_it() {
        let mount = |device: &str, root: &str, point: &str| Mount {
            device: device.as_bytes().to_vec(),
            root: root.into(),
            point: point.into(),
        };
        let mounts = [
            mount("8:1", "/", "/"),
            mount("8:1", "/srv/a", "/bound"),
            mount("8:1", "/srv/a/sub", "/deep"),
            mount("8:2", "/", "/data"),
        ];
        let others = |path: &str| other_paths_among(&mounts, Path::new(path));
        let paths = |list: &[&str]| list.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(others("/srv/a/sub/x"), paths(&["/bound/sub/x", "/deep/x"]));
        assert_eq!(others("/deep/x"), paths(&["/srv/a/sub/x", "/bound/sub/x"]));
        assert_eq!(
            others("/bound"),
            paths(&["/srv/a", "/bound/"])
                .into_iter()
                .filter(|p| p != Path::new("/bound"))
                .collect::<Vec<_>>()
        );
        assert_eq!(others("/data/x"), paths(&[]));
    }
}
