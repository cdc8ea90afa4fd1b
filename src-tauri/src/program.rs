//! Where this program lies, also when a package manager has put a newer one there meanwhile.

use std::io;
use std::path::PathBuf;

/// What Linux adds to the path of a running program whose file was replaced.
const DELETED: &str = " (deleted)";

/// The path this program is started by.
///
/// # Errors
/// The system does not say.
pub(crate) fn path() -> io::Result<PathBuf> {
    std::env::current_exe().map(in_place)
}

/// The file that took the place of a replaced one; one that is really called so stays.
fn in_place(path: PathBuf) -> PathBuf {
    let replaced = path
        .to_str()
        .filter(|_| !path.exists())
        .and_then(|text| text.strip_suffix(DELETED))
        .map(PathBuf::from);
    replaced.filter(|path| path.is_file()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_that_was_replaced_is_the_one_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("ripieno-desktop");
        let replaced = folder.path().join("ripieno-desktop (deleted)");
        assert_eq!(
            in_place(replaced.clone()),
            replaced,
            "nothing is in its place"
        );
        std::fs::write(&program, "").unwrap();
        assert_eq!(in_place(replaced.clone()), program);
        assert_eq!(in_place(program.clone()), program);
        std::fs::write(&replaced, "").unwrap();
        assert_eq!(in_place(replaced.clone()), replaced, "it is called so");
    }
}
