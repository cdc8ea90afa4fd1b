//! Windows: the roaming and local application data of the profile.

use std::path::{Path, PathBuf};

use super::Folders;

pub(super) const HOME_VARIABLE: &str = "USERPROFILE";

pub(super) fn folders(set: &impl Fn(&str) -> Option<PathBuf>, home: PathBuf) -> Folders {
    let base = |name: &str, default: &str| {
        set(name)
            .filter(|path| path.is_absolute())
            .unwrap_or_else(|| home.join(default))
    };
    let local = base("LOCALAPPDATA", r"AppData\Local").join("ripieno");
    let state = local.join("state");
    Folders {
        config: base("APPDATA", r"AppData\Roaming").join("ripieno"),
        data: local.join("data"),
        cache: local.join("cache"),
        run: state.join("run"),
        state,
    }
}

/// Returns the profile folder. Windows sets it at logon from the user's record.
pub(super) fn account_home() -> Option<PathBuf> {
    std::env::home_dir().filter(|dir| dir.is_absolute())
}

pub(super) fn directory_lock_folder(account_home: &Path) -> PathBuf {
    account_home.join(r"AppData\Local\ripieno-locks")
}
