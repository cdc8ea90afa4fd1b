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
}
