//! Backups: whole copies made by SQLite itself, the newest five kept (C5).

use crate::StoreError;
use ripieno_core::time::Timestamp;
use rusqlite::{Connection, OpenFlags};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// How many backups are kept.
pub(crate) const KEEP: usize = 5;
const PREFIX: &str = "ripieno-";

/// Writes a copy to a file that must not exist. It appears under its name only when it is whole.
pub(crate) fn write(conn: &Connection, to: &Path) -> Result<(), StoreError> {
    if to.exists() {
        return Err(disk(to, "exists already; name another file"));
    }
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    // What an earlier, interrupted backup left behind.
    let _ = fs::remove_file(&part);
    let name = part.to_str().ok_or_else(|| disk(to, "is no valid text"))?;
    conn.execute("VACUUM INTO ?1", [name])?;
    let settle = || -> io::Result<()> {
        fs::File::open(&part)?.sync_all()?;
        fs::rename(&part, to)
    };
    settle().map_err(|error| disk(to, error))
}

/// Writes the next backup of a folder, then removes all but the newest [`KEEP`].
pub(crate) fn write_in_turn(
    conn: &Connection,
    folder: &Path,
    now: Timestamp,
) -> Result<PathBuf, StoreError> {
    fs::create_dir_all(folder).map_err(|error| disk(folder, error))?;
    let mut at = now.0.max(0);
    let path = loop {
        // Milliseconds, padded, so that names sort by age.
        let path = folder.join(format!("{PREFIX}{at:015}.db"));
        if !path.exists() {
            break path;
        }
        at += 1;
    };
    write(conn, &path)?;
    for old in newest_first(folder).into_iter().skip(KEEP) {
        fs::remove_file(&old).map_err(|error| disk(&old, error))?;
    }
    Ok(path)
}

/// Copies a database that nobody has open any more, log included, over an earlier copy (U4).
///
/// # Errors
/// When SQLite or the disk refuses.
pub fn copy_closed(database: &Path, to: &Path) -> Result<(), StoreError> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(|error| disk(folder, error))?;
    }
    match fs::remove_file(to) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(disk(to, error)),
    }
    let conn = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    write(&conn, to)
}

/// Puts a copy in place of a database that nobody has open. Killed in between, it is to be repeated (U4).
///
/// # Errors
/// When the disk refuses; the copy stays as it is.
pub fn put_back(copy: &Path, database: &Path) -> Result<(), StoreError> {
    let beside = |ending: &str| {
        let mut name = database.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let new = beside(".back");
    let settle = || -> io::Result<()> {
        fs::copy(copy, &new)?;
        fs::File::open(&new)?.sync_all()?;
        // The log goes first: SQLite would write what stands in it into whatever database it finds.
        for log in [beside("-wal"), beside("-shm")] {
            match fs::remove_file(log) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(&new, database)?;
        #[cfg(unix)]
        if let Some(folder) = database.parent() {
            fs::File::open(folder)?.sync_all()?;
        }
        Ok(())
    };
    settle().map_err(|error| disk(database, error))
}

/// The format of a database that nobody has open: what a program must know to read it.
///
/// # Errors
/// When it cannot be read.
pub fn format_of(database: &Path) -> Result<i64, StoreError> {
    let conn = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    Ok(crate::migrate::format(&conn)?)
}

/// The backups of a folder.
pub(crate) fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path
                .file_name()
                .and_then(|n| n.to_str())
                .unwrap_or_default();
            name.starts_with(PREFIX) && name.ends_with(".db")
        })
        .collect();
    found.sort_unstable();
    found.reverse();
    found
}

fn disk(path: &Path, what: impl std::fmt::Display) -> StoreError {
    StoreError::Disk {
        trouble: crate::DiskTrouble::Io,
        text: format!("{}: {what}", path.display()),
    }
}
