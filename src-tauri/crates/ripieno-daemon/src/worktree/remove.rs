//! Giving a worktree's folder back: renamed in a moment, deleted in the background.

use super::{TreeError, make::is_admin_of};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The name of the folder beside the worktrees where removed ones wait for their deletion.
pub(crate) const REMOVED: &str = ".removed";

/// Takes a worktree away: its folder is out of the way and git does not know of it any more when this returns. What is to
/// be deleted is given back, for [`delete`].
///
/// # Errors
/// [`TreeError::Io`]; the worktree is as it was, or has only lost git's own folder for it.
pub(crate) fn take_away(
    at: &Path,
    admin: Option<&Path>,
    mark: &str,
) -> Result<Option<PathBuf>, TreeError> {
    let aside = at
        .parent()
        .unwrap_or_else(|| Path::new("/"))
        .join(REMOVED)
        .join(mark);
    let moved = match fs::symlink_metadata(at) {
        Ok(_) => {
            let beside = aside.parent().unwrap_or(&aside);
            fs::create_dir_all(beside).map_err(TreeError::io(beside))?;
            fs::rename(at, &aside).map_err(TreeError::io(at))?;
            Some(aside)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(TreeError::io(at)(error)),
    };
    if let Some(admin) = admin
        && belongs(admin, at)
    {
        fs::remove_dir_all(admin).map_err(TreeError::io(admin))?;
    }
    Ok(moved)
}

/// Whether git's own folder is that of this worktree: whoever works there may write anything into its file `.git`.
fn belongs(admin: &Path, at: &Path) -> bool {
    let inside = admin.parent().and_then(Path::file_name) == Some("worktrees".as_ref());
    inside && is_admin_of(admin, at)
}

/// Deletes what was taken away; folders that were made unwritable are no obstacle.
pub(crate) fn delete(folder: &Path) {
    if fs::remove_dir_all(folder).is_err() {
        open_up(folder);
        if let Err(error) = fs::remove_dir_all(folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, folder = %folder.display(), "a removed worktree is left");
        }
    }
}

/// Makes every folder below one that can be entered and changed; links are not followed.
fn open_up(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    drop(fs::set_permissions(
        folder,
        fs::Permissions::from_mode(0o700),
    ));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_up(&entry.path());
        }
    }
}
