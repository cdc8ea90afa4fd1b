//! Makes our folders, private to their user.

use std::fs::DirBuilder;
use std::io;
use std::path::Path;

use super::{Home, PathError};

impl Home {
    /// Makes every folder that a worker needs, readable by its user only, and checks that each can
    /// be read, written and entered.
    ///
    /// # Errors
    /// The first folder that cannot be used, with the remedy.
    pub fn create(&self) -> Result<(), PathError> {
        if let Some(root) = &self.root {
            make_folder(root)?;
        }
        make_folder(self.config_dir())?;
        for folder in [
            self.data_dir(),
            self.state_dir(),
            self.cache_dir(),
            self.run_dir(),
        ] {
            make_private_folder(folder)?;
        }
        for folder in [self.tasks_dir(), self.backups_dir(), self.logs_dir()] {
            make_folder(&folder)?;
        }
        Ok(())
    }
}

/// Makes one folder with its parents (0700 each), and checks that it can be used.
///
/// # Errors
/// Names the folder, or the part of its path that is in the way.
pub(crate) fn make_folder(path: &Path) -> Result<(), PathError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|source| PathError::from_io(path, source))?;
    usable(path).map_err(|source| PathError::from_io(path, source))
}

/// Makes a folder as [`make_folder`] does; one that others may look into is closed to them.
///
/// # Errors
/// Also [`PathError::NotOurs`] when it belongs to another user, who could put anything in it.
pub(crate) fn make_private_folder(path: &Path) -> Result<(), PathError> {
    make_folder(path)?;
    close_to_others(path)
}

#[cfg(unix)]
fn usable(path: &Path) -> io::Result<()> {
    use rustix::fs::{Access, access};
    // For root only the read-only file system is left to find, which is what matters there.
    access(path, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).map_err(io::Error::from)
}

#[cfg(not(unix))]
fn usable(path: &Path) -> io::Result<()> {
    std::fs::read_dir(path).map(drop)
}

#[cfg(unix)]
fn close_to_others(path: &Path) -> Result<(), PathError> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let failed = |source| PathError::from_io(path, source);
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(PathError::NotOurs {
            path: path.to_owned(),
        });
    }
    if metadata.mode() & 0o077 != 0 {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn close_to_others(_path: &Path) -> Result<(), PathError> {
    // Application data folders are private to their user by the system's own access lists.
    Ok(())
}
