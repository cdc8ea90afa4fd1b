//! Linux and the other unixes: the XDG base directories and the passwd database.

use std::path::{Path, PathBuf};

use super::Folders;

pub(super) const HOME_VARIABLE: &str = "HOME";

pub(super) fn folders(set: &impl Fn(&str) -> Option<PathBuf>, home: PathBuf) -> Folders {
    // The XDG rules say that a relative value is to be ignored.
    let base = |name: &str, default: &str| {
        set(name)
            .filter(|path| path.is_absolute())
            .unwrap_or_else(|| home.join(default))
    };
    let state = base("XDG_STATE_HOME", ".local/state").join("ripieno");
    let run = set("XDG_RUNTIME_DIR")
        .filter(|path| path.is_absolute())
        .map_or_else(|| state.join("run"), |path| path.join("ripieno"));
    Folders {
        config: base("XDG_CONFIG_HOME", ".config").join("ripieno"),
        data: base("XDG_DATA_HOME", ".local/share").join("ripieno"),
        cache: base("XDG_CACHE_HOME", ".cache").join("ripieno"),
        state,
        run,
    }
}

/// Asks the user database (NSS, not only `/etc/passwd`) for the home of the effective user.
pub(super) fn account_home() -> Option<PathBuf> {
    let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).ok()??;
    Some(user.dir).filter(|dir| dir.is_absolute())
}

pub(super) fn directory_lock_folder(account_home: &Path) -> PathBuf {
    account_home.join(".local/state/ripieno-locks")
}
