//! Opening: settings asserted, damage set aside, nothing silently made anew (C5, rel-6).

use crate::{
    Durability, OpenError, Options, backup,
    migrate::{self, Migration},
    writer,
};
use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

/// Statements kept prepared per connection.
const STATEMENTS: usize = 256;
/// Up to this size a database is checked page by page at every opening: about a tenth of a second.
const CHECK_UP_TO: u64 = 32 << 20;
/// Pages in the log before SQLite copies them into the database. A short log is soon written over instead of
/// grown, and a write into blocks that exist is synced faster: 4000 pages were slower at every load.
const CHECKPOINT_PAGES: i64 = 1000;
/// The log is cut back to this after a checkpoint.
const WAL_LIMIT: i64 = 32 << 20;
const SIDES: [&str; 2] = ["-wal", "-shm"];

/// Opens or makes the database and gives the connection that writes.
pub(crate) fn database(
    path: &Path,
    backups: &Path,
    options: &Options,
    migrations: &[Migration],
) -> Result<Connection, OpenError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|e| io_error(path, "making its folder", e))?;
    }
    if path.exists() {
        inspect(path, backups, options, migrate::newest(migrations))?;
    } else {
        refuse_after_loss(path, backups, options)?;
        create(path, options, migrations)?;
    }
    let mut conn = connect(path, options)?;
    let found = migrate::format(&conn).map_err(|e| sqlite_error(path, "reading its format", &e))?;
    let known = migrate::newest(migrations);
    if found < known {
        let now = options.clock.now();
        backup::write_in_turn(&conn, backups, now)
            .map_err(|e| io_error(path, "backing it up before a migration", e))?;
        migrate::run(&mut conn, migrations, now.0).map_err(|source| OpenError::Migration {
            path: path.to_owned(),
            to: known,
            backups: backups.to_owned(),
            source,
        })?;
    }
    Ok(conn)
}

/// A database in memory.
pub(crate) fn in_memory(options: &Options) -> Result<Connection, OpenError> {
    let path = Path::new(":memory:");
    let refused = |e: rusqlite::Error| sqlite_error(path, "making it", &e);
    let mut conn = Connection::open_in_memory().map_err(refused)?;
    settle(&conn).map_err(refused)?;
    migrate::run(&mut conn, migrate::ALL, options.clock.now().0).map_err(refused)?;
    Ok(conn)
}

/// A connection that only reads.
pub(crate) fn reader(path: &Path) -> Result<Connection, OpenError> {
    let open = || -> rusqlite::Result<Connection> {
        let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | FLAGS)?;
        conn.busy_timeout(Duration::from_secs(5))?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS);
        stable_plans(&conn)?;
        conn.pragma_update(None, "query_only", true)?;
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        Ok(conn)
    };
    open().map_err(|e| sqlite_error(path, "opening it for reading", &e))
}

/// Keeps SQLite from preparing a statement anew when a parameter changes: that would cost more than running it.
fn stable_plans(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map(|_| ())
}

/// Counts every step of SQLite's machine on a connection.
pub(crate) fn count_steps(
    conn: &mut Connection,
    steps: Arc<AtomicU64>,
    path: &Path,
) -> Result<(), OpenError> {
    let count = move || {
        steps.fetch_add(1, Ordering::Relaxed);
        false
    };
    conn.progress_handler(1, Some(count))
        .map_err(|e| sqlite_error(path, "counting its steps", &e))
}

/// The last event of the log.
pub(crate) fn last_seq(conn: &Connection, path: &Path) -> Result<i64, OpenError> {
    conn.query_row("SELECT coalesce(max(seq), 0) FROM task_events", [], |row| {
        row.get(0)
    })
    .map_err(|e| sqlite_error(path, "reading its log", &e))
}

/// What `quick_check` or `integrity_check` finds; empty when all is well.
pub(crate) fn check(conn: &Connection, pragma: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = conn.prepare(&format!("PRAGMA {pragma}(20)"))?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut lines = lines.collect::<rusqlite::Result<Vec<_>>>()?;
    lines.retain(|line| line != "ok");
    Ok(lines)
}

/// Starts a named thread.
pub(crate) fn thread(
    name: &str,
    path: &Path,
    body: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, OpenError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|e| io_error(path, "starting its threads", e))
}

const FLAGS: OpenFlags = OpenFlags::SQLITE_OPEN_NO_MUTEX;

/// Looks at an existing file without changing it; sets it aside when it is damaged.
fn inspect(path: &Path, backups: &Path, options: &Options, known: i64) -> Result<(), OpenError> {
    let length = fs::metadata(path)
        .map_err(|e| io_error(path, "looking at it", e))?
        .len();
    if length == 0 {
        return Err(set_aside(path, backups, options, "it is empty"));
    }
    header(path, backups, options)?;
    let look = || -> rusqlite::Result<Result<(), (i64, i64)>> {
        let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | FLAGS)?;
        conn.busy_timeout(Duration::from_secs(5))?;
        let found = migrate::format(&conn)?;
        if found > known {
            return Ok(Err((found, known)));
        }
        let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))?;
        if tables == 0 || found == 0 {
            return Err(corrupt("it has lost its tables"));
        }
        let total = length + fs::metadata(side(path, SIDES[0])).map_or(0, |m| m.len());
        let suspected = suspect(path).exists();
        if total <= CHECK_UP_TO || suspected {
            let how = if suspected {
                "integrity_check"
            } else {
                "quick_check"
            };
            if let Some(first) = check(&conn, how)?.into_iter().next() {
                return Err(corrupt(&first));
            }
        }
        conn.query_row("SELECT coalesce(max(seq), 0) FROM task_events", [], |_| {
            Ok(())
        })?;
        Ok(Ok(()))
    };
    match look() {
        Ok(Ok(())) => {
            // Nothing was wrong after all, or it was repaired by hand.
            let _ = fs::remove_file(suspect(path));
            Ok(())
        }
        Ok(Err((found, known))) => Err(OpenError::Newer {
            path: path.to_owned(),
            found,
            known,
        }),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Err(set_aside(path, backups, options, &plain(&error)))
            }
            // A missing table or column: our statements do not fit what stands there.
            Some(ErrorCode::Unknown) => Err(set_aside(path, backups, options, &plain(&error))),
            _ => Err(sqlite_error(path, "looking at it", &error)),
        },
    }
}

fn corrupt(what: &str) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
        Some(what.to_owned()),
    )
}

fn plain(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        other => other.to_string(),
    }
}

/// Tells our own file from a foreign one, and a sound header from a damaged one.
fn header(path: &Path, backups: &Path, options: &Options) -> Result<(), OpenError> {
    let bytes = head_bytes(path).map_err(|e| io_error(path, "reading it", e))?;
    let magic = bytes.starts_with(b"SQLite format 3\0");
    let mark = bytes
        .get(68..72)
        .and_then(|b| b.try_into().ok())
        .map_or(0, |b: [u8; 4]| i64::from(u32::from_be_bytes(b)));
    let ours = mark == migrate::APPLICATION_ID;
    // Our log beside it is proof as good as the mark.
    let logged = fs::metadata(side(path, SIDES[0])).is_ok_and(|m| m.len() > 0);
    match (magic, ours || logged) {
        (true, true) => Ok(()),
        (false, true) => Err(set_aside(path, backups, options, "its header is destroyed")),
        (magic, false) => Err(OpenError::NotADatabase {
            path: path.to_owned(),
            what: if magic {
                format!("a database of another program, mark {mark:#x}")
            } else {
                "its first bytes are not those of a database".to_owned()
            },
        }),
    }
}

fn head_bytes(path: &Path) -> io::Result<Vec<u8>> {
    use io::Read;
    let mut bytes = Vec::with_capacity(100);
    fs::File::open(path)?.take(100).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// There is no database: fine at the first start, not where one was set aside or lost.
fn refuse_after_loss(path: &Path, backups: &Path, options: &Options) -> Result<(), OpenError> {
    if let Some(set_aside) = newest_set_aside(path) {
        return Err(OpenError::Corrupt {
            path: path.to_owned(),
            what: "found at an earlier start".to_owned(),
            set_aside,
            newest_backup: newest_good(backups),
        });
    }
    if fs::metadata(side(path, SIDES[0])).is_ok_and(|m| m.len() > 0) {
        return Err(set_aside(
            path,
            backups,
            options,
            "the file is gone and its log is still there",
        ));
    }
    Ok(())
}

/// Makes the database under another name, so that a kill in between leaves nothing that looks like a loss.
fn create(path: &Path, options: &Options, migrations: &[Migration]) -> Result<(), OpenError> {
    let new = side(path, ".new");
    for old in [new.clone(), side(&new, SIDES[0]), side(&new, SIDES[1])] {
        // What an interrupted first start left behind.
        let _ = fs::remove_file(old);
    }
    let refused = |e: rusqlite::Error| sqlite_error(path, "making it", &e);
    let mut conn = Connection::open(&new).map_err(refused)?;
    settings(&conn, path, options.durability)?;
    migrate::run(&mut conn, migrations, options.clock.now().0).map_err(refused)?;
    conn.close().map_err(|(_, e)| refused(e))?;
    let settle = || -> io::Result<()> {
        fs::File::open(&new)?.sync_all()?;
        fs::rename(&new, path)?;
        sync_folder(path)
    };
    settle().map_err(|e| io_error(path, "making it", e))
}

fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        fs::File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn connect(path: &Path, options: &Options) -> Result<Connection, OpenError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | FLAGS)
        .map_err(|e| sqlite_error(path, "opening it", &e))?;
    let read_only = conn
        .is_readonly("main")
        .map_err(|e| sqlite_error(path, "opening it", &e))?;
    if read_only {
        return Err(OpenError::ReadOnly {
            path: path.to_owned(),
        });
    }
    settings(&conn, path, options.durability)?;
    Ok(conn)
}

fn settle(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    stable_plans(conn)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.pragma_update(None, "cache_size", -8192)?;
    conn.pragma_update(None, "recursive_triggers", true)
}

/// Sets what our promises rest on, and asks SQLite whether it is so: some peers set a name that does not exist.
fn settings(conn: &Connection, path: &Path, durability: Durability) -> Result<(), OpenError> {
    let refused = |e: rusqlite::Error| sqlite_error(path, "setting it up", &e);
    settle(conn).map_err(refused)?;
    let set =
        |name: &'static str, value: &dyn rusqlite::ToSql, wanted: &str| -> Result<(), OpenError> {
            conn.pragma_update(None, name, value).map_err(refused)?;
            let got: rusqlite::types::Value = conn
                .pragma_query_value(None, name, |row| row.get(0))
                .map_err(refused)?;
            let got = match got {
                rusqlite::types::Value::Text(text) => text,
                rusqlite::types::Value::Integer(n) => n.to_string(),
                other => format!("{other:?}"),
            };
            if got == wanted {
                return Ok(());
            }
            Err(OpenError::Pragma {
                path: path.to_owned(),
                pragma: name,
                wanted: wanted.to_owned(),
                got,
            })
        };
    set("journal_mode", &"WAL", "wal")?;
    let level = writer::synchronous(durability);
    set("synchronous", &level, &level.to_string())?;
    set("foreign_keys", &1, "1")?;
    set(
        "wal_autocheckpoint",
        &CHECKPOINT_PAGES,
        &CHECKPOINT_PAGES.to_string(),
    )?;
    set("journal_size_limit", &WAL_LIMIT, &WAL_LIMIT.to_string())
}

/// Moves a damaged database and its log aside and says so.
fn set_aside(path: &Path, backups: &Path, options: &Options, what: &str) -> OpenError {
    let mut at = options.clock.now().0.max(0);
    let aside = loop {
        let aside = side(path, &format!(".damaged-{at:015}"));
        if !aside.exists() {
            break aside;
        }
        at += 1;
    };
    for (from, to) in [("", ""), (SIDES[0], SIDES[0]), (SIDES[1], SIDES[1])] {
        let (from, to) = (side(path, from), side(&aside, to));
        if from.exists()
            && let Err(error) = fs::rename(&from, &to)
        {
            return io_error(path, "setting the damaged file aside", error);
        }
    }
    // The mark of a suspicion has done its work.
    let _ = fs::remove_file(suspect(path));
    if !aside.exists() {
        // Only the log was there; its place is named all the same.
        return OpenError::Corrupt {
            path: path.to_owned(),
            what: what.to_owned(),
            set_aside: side(&aside, SIDES[0]),
            newest_backup: newest_good(backups),
        };
    }
    OpenError::Corrupt {
        path: path.to_owned(),
        what: what.to_owned(),
        set_aside: aside,
        newest_backup: newest_good(backups),
    }
}

fn newest_set_aside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let start = format!("{name}.damaged-");
    let mut found: Vec<PathBuf> = fs::read_dir(path.parent()?)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|p| {
            let name = p.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            name.starts_with(&start) && !name.ends_with("-shm")
        })
        .collect();
    found.sort_unstable();
    found
        .into_iter()
        .rev()
        .find(|p| !p.to_string_lossy().ends_with("-wal"))
        .or_else(|| newest_log(path))
}

fn newest_log(path: &Path) -> Option<PathBuf> {
    let start = format!("{}.damaged-", path.file_name()?.to_str()?);
    let entries = fs::read_dir(path.parent()?)
        .ok()?
        .flatten()
        .map(|entry| entry.path());
    entries
        .filter(|p| {
            p.file_name()
                .and_then(|n| n.to_str())
                .is_some_and(|n| n.starts_with(&start))
        })
        .max()
}

/// The newest backup that passes a check.
pub(crate) fn newest_good(backups: &Path) -> Option<PathBuf> {
    backup::newest_first(backups).into_iter().find(|path| {
        let sound = || -> rusqlite::Result<bool> {
            let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | FLAGS)?;
            let known = migrate::format(&conn)? <= migrate::newest(migrate::ALL);
            Ok(known && check(&conn, "quick_check")?.is_empty())
        };
        sound().unwrap_or(false)
    })
}

/// The mark that makes the next opening check the whole database.
pub(crate) fn suspect(path: &Path) -> PathBuf {
    side(path, ".suspect")
}

fn side(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn io_error(path: &Path, doing: &'static str, error: impl std::fmt::Display) -> OpenError {
    OpenError::Io {
        path: path.to_owned(),
        doing,
        text: error.to_string(),
    }
}

fn sqlite_error(path: &Path, doing: &'static str, error: &rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => OpenError::ReadOnly {
            path: path.to_owned(),
        },
        _ => io_error(path, doing, error),
    }
}
