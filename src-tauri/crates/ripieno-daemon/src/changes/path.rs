//! Paths as git gives them: bytes below a folder. What is not UTF-8 is shown as `\xNN`.

use std::{
    ffi::OsStr,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

/// A path below a folder, as the bytes git prints.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RepoPath(pub Vec<u8>);

impl RepoPath {
    /// The path as text; bytes that are no UTF-8 as `\xNN`.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut text = String::with_capacity(self.0.len());
        for chunk in self.0.utf8_chunks() {
            text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                text.push_str(&format!("\\x{byte:02x}"));
            }
        }
        text
    }

    /// The file below `folder`.
    #[must_use]
    pub fn below(&self, folder: &Path) -> PathBuf {
        folder.join(OsStr::from_bytes(&self.0))
    }

    /// What lies in the folder where this path would be written: itself, or a parent of it that is no folder.
    #[must_use]
    pub fn taken(&self, folder: &Path) -> Option<RepoPath> {
        let ends = self.0.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        for end in ends.map(|(at, _)| at) {
            let parent = RepoPath(self.0[..end].to_vec());
            match parent.below(folder).symlink_metadata() {
                Ok(meta) if meta.is_dir() => {}
                Ok(_) => return Some(parent),
                Err(_) => return None,
            }
        }
        let there = self.below(folder).symlink_metadata().is_ok();
        there.then(|| self.clone())
    }

    /// The rest of the path below `prefix`, which ends with a slash or is empty.
    #[must_use]
    pub fn within(&self, prefix: &[u8]) -> Option<RepoPath> {
        Some(RepoPath(self.0.strip_prefix(prefix)?.to_vec()))
    }
}

/// What NUL separates, without what is empty.
pub fn fields(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|byte| *byte == 0)
        .filter(|field| !field.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_shown_and_the_rest_stays() {
        let shown = |bytes: &[u8]| RepoPath(bytes.to_vec()).shown();
        assert_eq!(shown("a b/ü.txt".as_bytes()), "a b/ü.txt");
        assert_eq!(shown(b"a\xff\xfeb"), "a\\xff\\xfeb");
    }

    #[test]
    fn path_is_taken_by_what_lies_there_or_by_a_parent_that_is_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
        std::fs::write(folder.path().join("a/file"), "").unwrap();
        std::os::unix::fs::symlink("/", folder.path().join("link")).unwrap();
        let taken = |path: &str| {
            let found = RepoPath(path.into()).taken(folder.path());
            found.map(|path| path.shown())
        };
        for (path, by) in [
            ("a/file", Some("a/file")),
            ("a/file/below", Some("a/file")),
            ("link/etc", Some("link")),
            ("a/b", Some("a/b")),
            ("a/b/new", None),
            ("c/new", None),
        ] {
            assert_eq!(taken(path).as_deref(), by, "{path}");
        }
    }
}
