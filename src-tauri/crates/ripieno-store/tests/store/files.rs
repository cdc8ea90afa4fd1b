//! Opening files: settings, reopening, damage, newer formats, foreign files, backups (C5, rel-6).

use crate::rig::{DONE, ManualClock, Rig, new, options, shell};
use ripieno_store::{OpenError, Store};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;

struct Home {
    folder: TempDir,
    clock: Arc<ManualClock>,
}

impl Home {
    fn new() -> Self {
        Home {
            folder: TempDir::new().unwrap(),
            clock: Arc::default(),
        }
    }
    fn db(&self) -> PathBuf {
        self.folder.path().join("data").join("ripieno.db")
    }
    fn backups(&self) -> PathBuf {
        self.folder.path().join("backups")
    }
    fn open(&self) -> Result<Store, OpenError> {
        self.clock.advance(1);
        Store::open(&self.db(), &self.backups(), options(&self.clock))
    }
    fn rig(&self) -> Rig {
        Rig {
            store: self.open().unwrap(),
            clock: self.clock.clone(),
        }
    }
}

fn asides(home: &Home) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(home.db().parent().unwrap())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| n.contains("damaged"))
        .collect();
    names.sort();
    names
}

fn raw(path: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(path).unwrap()
}

#[test]
fn reopened_store_goes_on_where_it_stopped() {
    let home = Home::new();
    let first = home.rig();
    let no = first.submit(new());
    let lease = first.run(no);
    let token = lease.token;
    first.event(no, DONE, Some(lease));
    drop(first);
    let second = home.rig();
    assert_eq!(second.state(no), "done");
    assert_eq!(second.store.last_seq(), 4);
    let next = second.submit(new());
    assert_eq!(next.0, no.0 + 1);
    let later = second
        .store
        .write_blocking(move |tx| tx.claim(next, &shell(), &crate::rig::owner()))
        .unwrap();
    assert!(later.lease.token.0 > token.0);
    assert!(second.store.integrity_check().wait().unwrap().is_empty());
}

#[test]
fn newer_database_is_refused_unchanged() {
    let home = Home::new();
    drop(home.rig());
    raw(&home.db())
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let before = fs::read(home.db()).unwrap();
    let refused = home.open().err().unwrap();
    assert!(
        matches!(refused, OpenError::Newer { found: 99, .. }),
        "{refused}"
    );
    assert_eq!(fs::read(home.db()).unwrap(), before);
}

#[test]
fn foreign_and_shapeless_files_are_left_as_they_are() {
    let home = Home::new();
    fs::create_dir_all(home.db().parent().unwrap()).unwrap();
    fs::write(home.db(), "dear diary").unwrap();
    assert!(matches!(
        home.open().err().unwrap(),
        OpenError::NotADatabase { .. }
    ));
    assert_eq!(fs::read(home.db()).unwrap(), b"dear diary");
    fs::remove_file(home.db()).unwrap();
    raw(&home.db())
        .execute_batch("CREATE TABLE songs (name TEXT)")
        .unwrap();
    let before = fs::read(home.db()).unwrap();
    assert!(matches!(
        home.open().err().unwrap(),
        OpenError::NotADatabase { .. }
    ));
    assert_eq!(fs::read(home.db()).unwrap(), before);
}

#[test]
fn empty_file_is_set_aside_and_every_later_start_says_so_until_a_person_acts() {
    let home = Home::new();
    let rig = home.rig();
    rig.submit(new());
    let backup = rig.store.backup_in_turn().wait().unwrap();
    drop(rig);
    fs::write(home.db(), "").unwrap();
    for _ in 0..2 {
        let error = home.open().err().unwrap();
        let OpenError::Corrupt {
            newest_backup,
            set_aside,
            ..
        } = &error
        else {
            panic!("{error}");
        };
        assert_eq!(newest_backup.as_deref(), Some(backup.as_path()));
        let text = error.to_string();
        assert!(text.contains(&backup.display().to_string()), "{text}");
        assert!(text.contains(&set_aside.display().to_string()), "{text}");
        assert!(!home.db().exists());
    }
    assert_eq!(asides(&home).len(), 1);
    fs::copy(&backup, home.db()).unwrap();
    let restored = home.rig();
    assert_eq!(restored.state(ripieno_core::id::TaskNo(1)), "queued");
}

#[test]
fn lost_database_with_its_log_still_there_is_not_made_anew() {
    let home = Home::new();
    let rig = home.rig();
    rig.submit(new());
    let wal = home.db().with_extension("db-wal");
    let kept = fs::read(&wal).unwrap();
    drop(rig);
    fs::remove_file(home.db()).unwrap();
    fs::write(&wal, kept).unwrap();
    let error = home.open().err().unwrap();
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error}");
    assert!(!home.db().exists());
    assert!(home.open().is_err());
}

#[test]
fn only_the_newest_five_backups_are_kept_and_each_opens() {
    let home = Home::new();
    let rig = home.rig();
    for _ in 0..7 {
        rig.submit(new());
        rig.clock.advance(10);
        rig.store.backup_in_turn().wait().unwrap();
    }
    let mut kept: Vec<_> = fs::read_dir(home.backups())
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    kept.sort();
    assert_eq!(kept.len(), 5);
    let count: i64 = raw(&kept[4])
        .query_row("SELECT count(*) FROM tasks", [], |r| r.get(0))
        .unwrap();
    assert_eq!(count, 7);
    let named = home.folder.path().join("mine.db");
    rig.store.backup(&named).wait().unwrap();
    assert!(rig.store.backup(&named).wait().is_err());
}

#[cfg(unix)]
#[test]
fn settings_are_asserted_in_the_file_that_was_made() {
    let home = Home::new();
    let rig = home.rig();
    rig.submit(new());
    let conn = raw(&home.db());
    let mode: String = conn
        .query_row("PRAGMA journal_mode", [], |r| r.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
    let id: i64 = conn
        .query_row("PRAGMA application_id", [], |r| r.get(0))
        .unwrap();
    assert_eq!(id, 0x5249_5049);
}
