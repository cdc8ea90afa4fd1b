//! Replacing a program file: at every instant its name leads to a whole program, the old one or the new one.

use crate::{
    Refusal,
    download::{Steps, digest_of, sync_folder},
};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Writes a small file so that its name always leads to a whole one.
///
/// # Errors
/// What the system says.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = beside(path, ".new");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// The path with more at the end of its name.
#[must_use]
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Copies a program durably and makes it one that can be started; it must have the digest.
///
/// # Errors
/// [`Refusal::WrongDigest`] when the copy is not what was expected, [`Refusal::Disk`].
pub fn copy_program(from: &Path, to: &Path, sha256: Option<&str>) -> Result<(), Refusal> {
    let disk = |error: io::Error| Refusal::disk(to, error);
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(disk)?;
    }
    let _ = fs::remove_file(to);
    fs::copy(from, to).map_err(disk)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(to).map_err(disk)?.permissions().mode();
        fs::set_permissions(to, fs::Permissions::from_mode(mode | 0o755)).map_err(disk)?;
    }
    File::open(to)
        .and_then(|file| file.sync_all())
        .map_err(disk)?;
    if let Some(wanted) = sha256
        && digest_of(to).map_err(disk)? != wanted.to_ascii_lowercase()
    {
        let _ = fs::remove_file(to);
        return Err(Refusal::WrongDigest(to.display().to_string()));
    }
    to.parent().map_or(Ok(()), sync_folder).map_err(disk)
}

/// Puts `staged` in the place of `program`, in one step; what was there is at `staged` afterwards.
///
/// Both must lie on one file system. Where names cannot be exchanged the old one is overwritten, as atomically: a copy
/// of it must be kept already.
///
/// # Errors
/// What the system says; then nothing has changed.
pub fn exchange(staged: &Path, program: &Path, steps: Steps<'_>) -> Result<(), Refusal> {
    steps("update.swap.before");
    swap_names(staged, program).map_err(|error| Refusal::disk(program, error))?;
    steps("update.swap.after");
    let folder = program.parent().unwrap_or(Path::new("."));
    sync_folder(folder).map_err(|error| Refusal::disk(folder, error))?;
    steps("update.swap.durable");
    Ok(())
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn swap_names(staged: &Path, program: &Path) -> io::Result<()> {
    use rustix::{
        fs::{CWD, RenameFlags, renameat_with},
        io::Errno,
    };
    match renameat_with(CWD, staged, CWD, program, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        // Not every file system can.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => fs::rename(staged, program),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn swap_names(staged: &Path, program: &Path) -> io::Result<()> {
    fs::rename(staged, program)
}
