//! macOS: the user's Library.

use std::path::{Path, PathBuf};

use super::Folders;

pub(super) const HOME_VARIABLE: &str = "HOME";

pub(super) fn folders(_set: &impl Fn(&str) -> Option<PathBuf>, home: PathBuf) -> Folders {
    let support = home.join("Library/Application Support/ripieno");
    let state = support.join("state");
    Folders {
        config: support.join("config"),
        data: support.join("data"),
        cache: home.join("Library/Caches/ripieno"),
        run: state.join("run"),
        state,
    }
}

/// Asks the user database (Directory Services) for the home of the effective user.
pub(super) fn account_home() -> Option<PathBuf> {
    let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).ok()??;
    Some(user.dir).filter(|dir| dir.is_absolute())
}

pub(super) fn directory_lock_folder(account_home: &Path) -> PathBuf {
    account_home.join("Library/Application Support/ripieno-locks")
}
