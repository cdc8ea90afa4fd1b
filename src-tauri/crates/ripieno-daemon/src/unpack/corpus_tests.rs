//! sec-9: 60 hostile archives, 0 writes outside, nothing left inside.

use super::{
    Caps, UnpackError,
    corpus::{self, Entry, file, ideas},
    folder_name, unpack,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const SMALL: Caps = Caps {
    entries: 100,
    depth: 16,
    file: 16 << 20,
    total: 32 << 20,
    ratio: 50,
};

/// Everything below a folder with its content, links as links.
fn look(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(look(&path));
        } else {
            let content = fs::read(&path).unwrap_or_default();
            found.insert(path.clone(), format!("{kind:?} {}", content.len()));
        }
        found.entry(path).or_insert_with(|| "folder".to_owned());
    }
    found
}

type Pack = fn(&[Entry]) -> Vec<u8>;

const CONTAINERS: [(&str, Pack); 3] = [
    ("tar", corpus::tar),
    ("tar.gz", corpus::tar_gz),
    ("zip", corpus::zip),
];

#[test]
fn sixty_hostile_archives_write_nothing_outside_and_leave_nothing() {
    let place = tempfile::tempdir().unwrap();
    let outside = place.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("theirs"), "theirs").unwrap();
    let packed = tempfile::tempdir().unwrap();
    let before = look(place.path());
    let mut count = 0;
    for (idea, entries) in ideas(outside.to_str().unwrap()) {
        for (ending, pack) in CONTAINERS {
            let archive = packed.path().join(format!("hostile.{ending}"));
            fs::write(&archive, pack(&entries)).unwrap();
            let refused = unpack(&archive, &place.path().join("in"), &SMALL);
            assert!(refused.is_err(), "{idea} in {ending} was unpacked");
            assert_eq!(look(place.path()), before, "{idea} in {ending}");
            count += 1;
        }
    }
    assert_eq!(count, 60);
}

#[test]
fn bombs_stop_at_the_caps() {
    let place = tempfile::tempdir().unwrap();
    for (ending, pack) in [("tar.gz", corpus::tar_gz as Pack), ("zip", corpus::zip)] {
        let archive = place.path().join(format!("bomb.{ending}"));
        fs::write(&archive, pack(&corpus::bomb())).unwrap();
        let target = place.path().join("in");
        let refused = unpack(&archive, &target, &SMALL).unwrap_err();
        assert!(matches!(refused, UnpackError::Cap { .. }), "{refused}");
        assert!(!target.exists());
    }
    let archive = place.path().join("large.tar");
    fs::write(&archive, corpus::tar(&corpus::bomb())).unwrap();
    for caps in [
        Caps {
            file: 1 << 20,
            ..SMALL
        },
        Caps {
            total: 1 << 20,
            ..SMALL
        },
    ] {
        let refused = unpack(&archive, &place.path().join("in"), &caps).unwrap_err();
        assert!(matches!(refused, UnpackError::Cap { .. }), "{refused}");
    }
    unpack(&archive, &place.path().join("in"), &SMALL).unwrap();
}

#[cfg(unix)]
#[test]
fn honest_archive_is_unpacked_without_its_set_id_bits() {
    use std::os::unix::fs::PermissionsExt;
    let place = tempfile::tempdir().unwrap();
    for (ending, pack) in CONTAINERS {
        let mut run = file("bin/run", b"#!/bin/sh\n");
        run.mode = 0o4755;
        let entries = [file("readme.md", b"hello"), run, file("bin/data", b"x")];
        let archive = place.path().join(format!("good.{ending}"));
        fs::write(&archive, pack(&entries)).unwrap();
        let target = place.path().join(format!("in-{ending}"));
        unpack(&archive, &target, &Caps::ATTACHED).unwrap();
        let mode = |name: &str| {
            fs::metadata(target.join(name))
                .unwrap()
                .permissions()
                .mode()
                & 0o7777
        };
        assert_eq!(
            (mode("bin/run"), mode("bin/data")),
            (0o755, 0o644),
            "{ending}"
        );
        assert_eq!(fs::read(target.join("readme.md")).unwrap(), b"hello");
        assert!(
            unpack(&archive, &target, &SMALL).is_err(),
            "it never writes into a folder that is there"
        );
        assert_eq!(fs::read(target.join("readme.md")).unwrap(), b"hello");
    }
}

#[test]
fn damaged_and_empty_files_are_refused() {
    let place = tempfile::tempdir().unwrap();
    for ending in ["tar", "tar.gz", "tgz", "zip"] {
        for content in [&b""[..], b"no archive at all", &[0x1f, 0x8b, 8, 0, 1]] {
            let archive = place.path().join(format!("bad.{ending}"));
            fs::write(&archive, content).unwrap();
            let target = place.path().join("in");
            assert!(
                unpack(&archive, &target, &SMALL).is_err(),
                "{ending} {content:?}"
            );
            assert!(!target.exists());
        }
    }
}

#[test]
fn folder_is_named_after_the_archive() {
    let name = |path: &str| folder_name(Path::new(path));
    assert_eq!(name("/x/data.tar.gz").as_deref(), Some("data"));
    assert_eq!(name("/x/Data.ZIP").as_deref(), Some("Data"));
    assert_eq!(name("/x/-rf.tgz").as_deref(), Some("_-rf"));
    assert_eq!(name("/x/notes.txt"), None);
    assert_eq!(name("/x/.zip"), None);
}
