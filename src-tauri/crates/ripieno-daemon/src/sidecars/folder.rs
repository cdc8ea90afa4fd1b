//! Sidecars on the disk: made beside their place and moved there whole, so that what stands there is all of it or nothing;
//! taken away again, with what somebody else wrote into it kept elsewhere. Everything is relative to a handle of the folder
//! a task works in: no link leads out of it.

use super::{Sidecar, SidecarError, SidecarFile};
use crate::skills::LARGEST;
use cap_std::fs::{Dir, OpenOptions};
use ripieno_store::{SidecarKind, SidecarRow};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// The file that hides a sidecar from git, whatever else the repository ignores.
const HIDES: &str = ".gitignore";

/// How much of that file is read: ours is shorter.
const HIDING: u64 = 1024;

/// How much of what was written into sidecars is kept elsewhere, and how many files; copying more would hold up whoever waits.
const KEPT_BYTES: u64 = 64 << 20;
const KEPT_FILES: usize = 1000;

/// What became of what somebody else wrote into sidecars.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Found {
    /// Copied, by their paths below the folder for it.
    pub kept: Vec<PathBuf>,
    /// How much that is.
    bytes: u64,
    /// What was too much for that: the rest of each sidecar, moved aside in the folder of the task.
    pub left: Vec<PathBuf>,
}

/// How a plan is told apart from others.
#[derive(Debug)]
pub(super) struct Label<'a> {
    /// The task.
    pub task: ripieno_core::id::TaskNo,
    /// The folder it works in, as recorded.
    pub folder: &'a str,
    /// What nobody else writes into a folder.
    pub mark: &'a str,
}

/// What is to be made, in order: folders around before what lies in them. What stands there already just as wanted is not.
///
/// # Errors
/// [`SidecarError::Taken`] where something else stands, [`SidecarError::Io`].
pub(super) fn plan<'s>(
    dir: &Dir,
    wanted: &'s [Sidecar],
    label: &Label<'_>,
) -> Result<Vec<(SidecarRow, Option<&'s Sidecar>)>, SidecarError> {
    let row = |path: &Path, kind| SidecarRow {
        task: label.task,
        folder: label.folder.to_owned(),
        path: path.display().to_string(),
        kind,
        mark: label.mark.to_owned(),
        placed: false,
    };
    let mut plan: Vec<(SidecarRow, Option<&Sidecar>)> = Vec::new();
    for sidecar in wanted {
        match exists(dir, &sidecar.at)? {
            true if is_same(dir, sidecar)? => continue,
            true => return Err(SidecarError::Taken(sidecar.at.clone())),
            false => {}
        }
        let around: Vec<&Path> = sidecar.at.ancestors().skip(1).collect();
        for path in around
            .into_iter()
            .rev()
            .filter(|path| *path != Path::new(""))
        {
            let shown = path.display().to_string();
            if plan.iter().any(|(row, _)| row.path == shown) {
                continue;
            }
            if !exists(dir, path)? {
                plan.push((row(path, SidecarKind::Around), None));
            } else if dir.open_dir(path).is_err() {
                return Err(SidecarError::Taken(path.to_owned()));
            }
        }
        let files = sidecar.files.iter();
        let files = files.map(|file| (file.path.clone(), digest(&file.bytes)));
        let own = SidecarKind::Own {
            files: files.collect(),
        };
        plan.push((row(&sidecar.at, own), Some(sidecar)));
    }
    Ok(plan)
}

fn exists(dir: &Dir, path: &Path) -> Result<bool, SidecarError> {
    match dir.symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(SidecarError::io(path)(error)),
    }
}

/// Whether all of a sidecar stands there already.
fn is_same(dir: &Dir, sidecar: &Sidecar) -> Result<bool, SidecarError> {
    for file in &sidecar.files {
        let path = sidecar.at.join(&file.path);
        // Whatever stands there may be of any size: it is read only where it can be the same.
        let length = dir.metadata(&path).map(|there| there.len());
        if length.ok() != Some(file.bytes.len() as u64) {
            return Ok(false);
        }
        match dir.open(path).and_then(digest_of) {
            Ok(there) if there == digest(&file.bytes) => {}
            Ok(_) | Err(_) => return Ok(false),
        }
    }
    Ok(!sidecar.files.is_empty())
}

/// Makes one entry of a plan.
///
/// # Errors
/// What the system says; what was made of it is taken away by [`take_away`].
pub(super) fn make(dir: &Dir, row: &SidecarRow, sidecar: Option<&Sidecar>) -> io::Result<()> {
    let at = Path::new(&row.path);
    let Some(sidecar) = sidecar else {
        return dir.create_dir(at);
    };
    let staging = staging(at, &row.mark);
    dir.create_dir(&staging)?;
    let own = dir.open_dir(&staging)?;
    // First what hides it from git.
    for file in [&hides(row)].into_iter().chain(&sidecar.files) {
        write(&own, file)?;
    }
    drop(own);
    ripieno_store::crash::point("daemon.sidecar.before_move");
    move_in(dir, &staging, at)
}

fn hiding(row: &SidecarRow) -> String {
    format!(
        "# Placed by Ripieno for {} and removed when it stops working: {}\n*\n",
        row.task, row.mark
    )
}

fn staging(at: &Path, mark: &str) -> PathBuf {
    at.with_file_name(format!(".ripieno-{mark}"))
}

/// Writes a file that is not there yet, with the folders around it.
///
/// # Errors
/// What the system says.
pub(crate) fn write(own: &Dir, file: &SidecarFile) -> io::Result<()> {
    let path = Path::new(&file.path);
    if let Some(parent) = path.parent().filter(|parent| *parent != Path::new("")) {
        own.create_dir_all(parent)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut to = own.open_with(path, &options)?.into_std();
    to.write_all(&file.bytes)?;
    #[cfg(unix)]
    if file.runs {
        use std::os::unix::fs::PermissionsExt;
        to.set_permissions(std::fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Moves a folder to its place beside it; never over another, not even an empty one.
fn move_in(dir: &Dir, staging: &Path, at: &Path) -> io::Result<()> {
    let around = at.parent().filter(|around| *around != Path::new(""));
    let around = match around {
        Some(around) => dir.open_dir(around)?,
        None => dir.try_clone()?,
    };
    let name = |path: &Path| {
        path.file_name()
            .map(PathBuf::from)
            .ok_or(io::ErrorKind::InvalidInput)
    };
    let (from, to) = (name(staging)?, name(at)?);
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{RenameFlags, renameat_with};
        match renameat_with(&around, &from, &around, &to, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(()),
            // A file system that cannot promise it.
            Err(
                rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP,
            ) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if around.symlink_metadata(&to).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    around.rename(&from, &around, &to)
}

/// Takes away what was placed. What somebody else wrote into it is copied below `keep`; what is too much for that, or cannot be
/// copied, stays beside the place, still hidden from git.
///
/// # Errors
/// What the system says; nothing that somebody else wrote is lost.
pub(super) fn take_away(dir: &Dir, rows: &[SidecarRow], keep: &Dir) -> io::Result<Found> {
    let mut found = Found::default();
    for row in rows {
        if let SidecarKind::Own { files } = &row.kind {
            take_own(dir, row, files, keep, &mut found)?;
        }
    }
    // What lies deepest was made last.
    for row in rows
        .iter()
        .rev()
        .filter(|row| row.kind == SidecarKind::Around)
    {
        match dir.remove_dir(&row.path) {
            Ok(()) => {}
            // Somebody else's files lie in it, or it is gone, or it is a folder no longer: it is not ours any more.
            Err(error) if is_left(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

fn is_left(error: &io::Error) -> bool {
    use io::ErrorKind::{DirectoryNotEmpty, NotADirectory, NotFound};
    matches!(error.kind(), DirectoryNotEmpty | NotADirectory | NotFound)
}

fn take_own(
    dir: &Dir,
    row: &SidecarRow,
    files: &BTreeMap<String, String>,
    keep: &Dir,
    found: &mut Found,
) -> io::Result<()> {
    let at = Path::new(&row.path);
    remove(dir, &staging(at, &row.mark))?;
    let there = match dir.symlink_metadata(at) {
        Ok(there) => there,
        Err(error) if is_left(&error) => return Ok(()),
        Err(error) => return Err(error),
    };
    // Something else in its place is somebody's work.
    if !there.is_dir() {
        return Ok(());
    }
    open_up(dir, at);
    if !row.placed && !is_marked(dir, at, &row.mark) {
        return Ok(());
    }
    let known = Known { row, files };
    let own = dir.open_dir(at)?;
    if known.save(&own, Path::new(""), keep, found) {
        return remove(dir, at);
    }
    hide_again(&own, row);
    // The place must be free for the next attempt.
    let aside = aside(at, &row.mark);
    dir.rename(at, dir, &aside)?;
    found.left.push(aside);
    Ok(())
}

/// What stays is no work of the task either, whatever became of the file that hid it.
fn hide_again(own: &Dir, row: &SidecarRow) {
    drop(own.remove_file(HIDES));
    if let Err(error) = write(own, &hides(row)) {
        tracing::warn!(%error, path = row.path, "what stays of a sidecar is not hidden from git");
    }
}

fn hides(row: &SidecarRow) -> SidecarFile {
    SidecarFile {
        path: HIDES.to_owned(),
        bytes: hiding(row).into_bytes(),
        runs: false,
    }
}

fn aside(at: &Path, mark: &str) -> PathBuf {
    let name = at.file_name().unwrap_or_default().to_string_lossy();
    at.with_file_name(format!(".left-{name}-{mark}"))
}

/// Whether it was moved there whole by us: nobody else knows the mark.
fn is_marked(dir: &Dir, at: &Path, mark: &str) -> bool {
    let mut head = String::new();
    let read = dir
        .open(at.join(HIDES))
        .and_then(|file| file.take(HIDING).read_to_string(&mut head));
    read.is_ok() && head.contains(mark)
}

fn remove(dir: &Dir, at: &Path) -> io::Result<()> {
    match dir.remove_dir_all(at) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            open_up(dir, at);
            dir.remove_dir_all(at)
        }
        _ => Ok(()),
    }
}

/// Makes every folder below one that can be entered and changed; links are not followed.
fn open_up(dir: &Dir, at: &Path) {
    #[cfg(unix)]
    {
        use cap_std::fs::PermissionsExt;
        drop(dir.set_permissions(at, cap_std::fs::Permissions::from_mode(0o755)));
    }
    for entry in dir.read_dir(at).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_up(dir, &at.join(entry.file_name()));
        }
    }
}

/// What is known of a sidecar that goes.
struct Known<'a> {
    row: &'a SidecarRow,
    files: &'a BTreeMap<String, String>,
}

impl Known<'_> {
    /// Copies what somebody else wrote below `at`, and removes that and what is ours; false when something stays. Only the file that
    /// hides it all from git is left for last.
    fn save(&self, own: &Dir, at: &Path, keep: &Dir, found: &mut Found) -> bool {
        let here = if at == Path::new("") {
            Path::new(".")
        } else {
            at
        };
        let Ok(entries) = own.read_dir(here) else {
            return false;
        };
        let mut all = true;
        for entry in entries {
            let saved = entry.and_then(|entry| {
                let (path, kind) = (at.join(entry.file_name()), entry.file_type()?);
                if kind.is_dir() {
                    let saved = self.save(own, &path, keep, found);
                    if saved {
                        own.remove_dir(&path)?;
                    }
                    return Ok(saved);
                }
                let kept = !kind.is_file()
                    || self.is_ours(own, &path)?
                    || self.copy(own, &path, keep, found)?;
                if kept && path != Path::new(HIDES) {
                    own.remove_file(&path)?;
                }
                Ok(kept)
            });
            all &= saved.unwrap_or(false);
        }
        all
    }

    /// Copies one file; false when there is no room for it.
    fn copy(&self, own: &Dir, path: &Path, keep: &Dir, found: &mut Found) -> io::Result<bool> {
        let bytes = found.bytes.saturating_add(own.metadata(path)?.len());
        if bytes > KEPT_BYTES || found.kept.len() >= KEPT_FILES {
            return Ok(false);
        }
        let to = free_name(keep, &Path::new(&self.row.path).join(path))?;
        if let Err(error) = own.copy(path, keep, &to) {
            drop(keep.remove_file(&to));
            return Err(error);
        }
        found.bytes = bytes;
        found.kept.push(to);
        Ok(true)
    }

    /// Whether a file is as we placed it; what cannot be is not read.
    fn is_ours(&self, own: &Dir, path: &Path) -> io::Result<bool> {
        let known = match path.to_str() {
            Some(HIDES) => Some(digest(hiding(self.row).as_bytes())),
            Some(path) => self.files.get(path).cloned(),
            None => None,
        };
        open_file(own, path)?;
        let Some(known) =
            known.filter(|_| own.metadata(path).is_ok_and(|file| file.len() <= LARGEST))
        else {
            return Ok(false);
        };
        Ok(digest_of(own.open(path)?)? == known)
    }
}

/// Makes a file that can be read, whoever wrote it.
fn open_file(own: &Dir, path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if own.open(path).is_err() {
        use cap_std::fs::PermissionsExt;
        own.set_permissions(path, cap_std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// A path below `keep` that is not taken, with the folders around it.
fn free_name(keep: &Dir, path: &Path) -> io::Result<PathBuf> {
    if let Some(around) = path.parent() {
        keep.create_dir_all(around)?;
    }
    let mut to = path.to_owned();
    let mut n = 1;
    while keep.symlink_metadata(&to).is_ok() {
        n += 1;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!("-{n}"));
        to = path.with_file_name(name);
    }
    Ok(to)
}

fn digest_of(mut file: cap_std::fs::File) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex(hash));
        }
        hash.update(&buffer[..read]);
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn digest(bytes: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(bytes);
    hex(hash)
}

fn hex(hash: Sha256) -> String {
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
