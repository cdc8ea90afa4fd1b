//! The version of the running program.

use std::sync::OnceLock;

/// The version of this build, as every surface and the updater name it.
///
/// Builds with debug assertions honour `RIPIENO_TEST_VERSION`: a version, or `stamped` for the one that a test wrote
/// behind the end of the program file ([`stamp`]), so that two versions need no second link (decision 0081).
#[must_use]
pub fn current() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| tested().unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned()))
}

/// What a test writes behind the end of a program file to give it a version of its own.
#[must_use]
pub fn stamp(version: &str) -> String {
    format!("\n{MARK}{version}\n")
}

const MARK: &str = "ripieno-test-version ";

#[cfg(not(debug_assertions))]
fn tested() -> Option<String> {
    None
}

#[cfg(debug_assertions)]
fn tested() -> Option<String> {
    let wanted = std::env::var("RIPIENO_TEST_VERSION").ok()?;
    if wanted == "stamped" {
        std::env::current_exe().ok().and_then(|path| stamped(&path))
    } else {
        Some(wanted)
    }
}

/// The version a file was stamped with.
#[cfg(debug_assertions)]
fn stamped(path: &std::path::Path) -> Option<String> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = std::fs::File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(64))).ok()?;
    let mut end = Vec::new();
    file.read_to_end(&mut end).ok()?;
    let end = String::from_utf8_lossy(&end);
    let (_, version) = end.rsplit_once(MARK)?;
    Some(version.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamped_file_names_its_version() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        let mut bytes = vec![0xff; 4096];
        bytes.extend_from_slice(stamp("0.2.0-beta.1").as_bytes());
        std::fs::write(&program, bytes).unwrap();
        assert_eq!(stamped(&program).as_deref(), Some("0.2.0-beta.1"));
    }

    #[test]
    fn file_without_a_stamp_names_none() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        std::fs::write(&program, b"short").unwrap();
        assert_eq!(stamped(&program), None);
    }
}
