//! A home or a database that cannot be used (rel-6).

use crate::{refused, rig::Home};
use serde_json::json;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

#[test]
fn home_that_is_a_file_is_refused_and_left_alone() {
    let mut home = Home::new();
    let file = home.dir.path().join("no-folder");
    fs::write(&file, "keep me").expect("the file is written");
    home.env
        .push(("RIPIENO_HOME".to_owned(), file.display().to_string()));
    let path = file.display().to_string();
    refused(&home, &["daemon", "run"], 2, "invalid").names(&[
        &path,
        "not a folder",
        "RIPIENO_HOME",
    ]);
    refused(&home, &["config", "set", "slots", "2"], 2, "invalid").names(&[&path, "not a folder"]);
    assert_eq!(fs::read_to_string(file).expect("it is there"), "keep me");
}

/// A home with a finished task in a database whose log is in the main file.
fn used_home() -> (Home, String) {
    let home = Home::new();
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script("echo kept", json!({}));
    client.wait_done(&id);
    drop(client);
    assert_eq!(home.run(&["backup"]).0, 0);
    assert_eq!(daemon.term(), Some(0));
    (home, id)
}

fn fold_log(home: &Home) {
    let db = rusqlite::Connection::open(home.database()).expect("the database opens");
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .expect("a checkpoint");
}

/// The files of the data folder whose names begin with the database's, with their bytes.
fn databases(home: &Home) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(home.path().join("data"))
        .expect("the data folder")
        .flatten();
    let ours = entries.filter(|entry| {
        entry
            .file_name()
            .to_string_lossy()
            .starts_with("ripieno.db")
    });
    ours.map(|entry| (entry.path(), fs::read(entry.path()).expect("a file")))
        .collect()
}

fn backup(home: &Home) -> PathBuf {
    let mut found = fs::read_dir(home.path().join("data/backups"))
        .expect("the backups")
        .flatten();
    found.next().expect("a backup").path()
}

#[test]
fn newer_database_is_refused_and_unchanged() {
    let (home, _) = used_home();
    let db = rusqlite::Connection::open(home.database()).expect("the database opens");
    db.pragma_update(None, "user_version", 999)
        .expect("the version is set");
    drop(db);
    fold_log(&home);
    let before = fs::read(home.database()).expect("the database");
    refused(&home, &["daemon", "run"], 4, "incompatible").names(&[
        "newer version",
        "999",
        "restore a backup",
    ]);
    assert!(
        fs::read(home.database()).expect("the database") == before,
        "it was changed"
    );
}

#[test]
fn damaged_database_is_set_aside_and_never_made_anew_and_the_backup_brings_the_tasks_back() {
    let (home, id) = used_home();
    fold_log(&home);
    let mut bytes = fs::read(home.database()).expect("the database");
    for byte in bytes.iter_mut().skip(4096) {
        *byte ^= 0x5a;
    }
    fs::write(home.database(), &bytes).expect("it is damaged");
    let backup = backup(&home);
    let path = home.database().display().to_string();
    for _ in 0..2 {
        // A second start finds no database, and still does not begin an empty one.
        let (code, out, err) = home.run(&["daemon", "run"]);
        assert!(code != 0 && out.is_empty(), "{code} {out}");
        assert!(
            err.contains(&path) && err.contains(backup.to_str().expect("a path")),
            "{err}"
        );
        assert_eq!(err.lines().count(), 1, "{err}");
        assert!(!home.database().exists(), "an empty database was made");
    }
    let aside = databases(&home);
    assert!(
        aside.values().any(|kept| *kept == bytes),
        "the damaged file is kept: {:?}",
        aside.keys()
    );
    let (_, doctor, _) = home.run(&["doctor"]);
    assert!(
        doctor.contains("damaged"),
        "the doctor names the damage:\n{doctor}"
    );

    fs::copy(&backup, home.database()).expect("the backup is copied back");
    let daemon = home.daemon();
    let mut client = daemon.client();
    assert_eq!(client.state(&id), "done");
    let next = client.script("echo on", json!({}));
    client.wait_done(&next);
    assert!(
        databases(&home).values().any(|kept| *kept == bytes),
        "the damaged file is still there"
    );
}

#[test]
fn file_that_is_no_database_is_refused_and_left_alone() {
    let (home, _) = used_home();
    fold_log(&home);
    let text = b"Dear diary, this is not a database.\n".repeat(200);
    fs::write(home.database(), &text).expect("it is replaced");
    let said = refused(&home, &["daemon", "run"], 1, "internal");
    said.names(&[
        home.database().to_str().expect("a path"),
        "no database",
        "left as it is",
    ]);
    assert!(fs::read(home.database()).expect("the file") == text);
}

#[test]
fn settings_that_cannot_be_read_are_refused_by_line() {
    let home = Home::with_config("slots = 4\nslots = \"many\nx");
    let said = refused(&home, &["daemon", "run"], 2, "invalid");
    said.names(&["config.toml"]);
    let left = |name: &str| Path::new(&home.path()).join(name).exists();
    assert!(
        !left("data/ripieno.db"),
        "nothing is begun on settings that are wrong"
    );
}
