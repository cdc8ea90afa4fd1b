//! Folders that are in no repository: kept in one of ours, given back byte for byte, and left without a `.git`.

use super::{LIMIT, MIB, Rig};
use crate::changes::{ChangesError, Start};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

/// Every file below a folder: its kind and mode, and its bytes or where it leads.
fn all(folder: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    fn walk(folder: &Path, below: &str, found: &mut BTreeMap<String, (u32, Vec<u8>)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{below}{}", entry.file_name().to_string_lossy());
            let meta = entry.path().symlink_metadata().unwrap();
            if meta.is_dir() {
                walk(&entry.path(), &format!("{name}/"), found);
            } else if meta.is_symlink() {
                let to = fs::read_link(entry.path()).unwrap();
                found.insert(name, (0, to.display().to_string().into_bytes()));
            } else {
                let mode = meta.permissions().mode() & 0o111;
                found.insert(name, (mode, fs::read(entry.path()).unwrap()));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, "", &mut found);
    found
}

/// A folder with what git would like to convert.
fn plain() -> Rig {
    let rig = Rig::bare();
    rig.write(
        ".gitattributes",
        "* text=auto eol=crlf ident\n*.u filter=lfs working-tree-encoding=UTF-16\n",
    );
    rig.write("windows.txt", "one\r\ntwo\r\n");
    rig.write("unix.txt", "$Id$\none\ntwo\n");
    rig.write("x.u", "no UTF-16\n");
    rig.write("deep/er/bytes", [0, 255, 13, 10, 26]);
    rig.write("run.sh", "true\n");
    fs::set_permissions(rig.file("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("unix.txt", rig.file("link")).unwrap();
    rig
}

#[tokio::test]
async fn files_changed_deleted_and_added_come_back_byte_for_byte_and_the_folder_gets_no_git() {
    let rig = plain();
    let before = all(&rig.repo());
    let span = rig.start(true).await;
    let kept = rig.place().snapshot(LIMIT).await.unwrap();
    rig.write("windows.txt", "one\r\nthree\r\n");
    rig.write("new/file", "new\n");
    fs::remove_dir_all(rig.file("deep")).unwrap();
    fs::remove_file(rig.file("link")).unwrap();
    fs::set_permissions(rig.file("run.sh"), fs::Permissions::from_mode(0o644)).unwrap();
    let after = all(&rig.repo());
    assert_eq!(
        rig.seen(&span).await,
        [
            "Deleted deep/er/bytes +0 -0 binary",
            "Deleted link +0 -1",
            "Added new/file +1 -0",
            "Mode run.sh +0 -0",
            "Modified windows.txt +1 -1",
        ]
    );
    assert!(rig.patch(&span, Some("new/file")).await.contains("+new"));
    let left = rig.restore(&kept).await;
    assert_eq!(all(&rig.repo()), before);
    rig.restore(&left).await;
    assert_eq!(all(&rig.repo()), after, "what was left is kept as well");
    assert!(!rig.file(".git").exists());
}

#[tokio::test]
async fn folder_that_becomes_a_repository_keeps_its_way_back() {
    let rig = Rig::bare();
    rig.write("unix.txt", "one\n");
    rig.write("deep/er", "two\n");
    let before = all(&rig.repo());
    let span = rig.start(true).await;
    let kept = rig.place().snapshot(LIMIT).await.unwrap();
    rig.git(&["init", "-q"]);
    rig.write("unix.txt", "changed\n");
    rig.commit();
    let left = rig
        .place()
        .finish(&span.base, &span.before, None, LIMIT)
        .await
        .unwrap();
    assert_eq!(left.files, 1);
    rig.place().snapshot(LIMIT).await.unwrap();
    rig.restore(&kept).await;
    let mut now = all(&rig.repo());
    now.retain(|name, _| !name.starts_with(".git/"));
    assert_eq!(now, before);
}

#[tokio::test]
async fn file_that_is_ignored_later_is_kept_and_comes_back_all_the_same() {
    let rig = plain();
    rig.write("data.csv", "1\n");
    let before = all(&rig.repo());
    let span = rig.start(true).await;
    let kept = rig.place().snapshot(LIMIT).await.unwrap();
    rig.write(".gitignore", "*.csv\n");
    rig.write("data.csv", "2\n");
    rig.place().snapshot(LIMIT).await.unwrap();
    let seen = ["Added .gitignore +1 -0", "Modified data.csv +1 -1"];
    assert_eq!(rig.seen(&span).await, seen);
    rig.restore(&kept).await;
    assert_eq!(all(&rig.repo()), before);
}

#[tokio::test]
async fn what_is_not_kept_is_named_and_stays_as_it_is() {
    let rig = plain();
    let large = fs::File::create(rig.file("large")).unwrap();
    large.set_len(17 * MIB as u64).unwrap();
    fs::create_dir_all(rig.file("inner")).unwrap();
    rig.git_in(&rig.file("inner"), &["init", "-q"]);
    rig.write("inner/mine", "mine\n");
    rig.write("node_modules/dep/index.js", "1\n");
    let start = rig.place().start(true, LIMIT).await;
    let Start::At { apart, .. } = start else {
        panic!("{start:?}");
    };
    let mut names: Vec<&str> = apart.iter().map(|file| file.path.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["inner", "large"]);
    let kept = rig.place().snapshot(LIMIT).await.unwrap();
    rig.write("inner/mine", "other\n");
    rig.write("node_modules/dep/index.js", "2\n");
    rig.write("unix.txt", "2\n");
    rig.restore(&kept).await;
    assert_eq!(fs::read(rig.file("inner/mine")).unwrap(), b"other\n");
    assert_eq!(
        fs::read(rig.file("node_modules/dep/index.js")).unwrap(),
        b"2\n"
    );
    assert!(fs::read(rig.file("unix.txt")).unwrap().starts_with(b"$Id$"));
}

#[tokio::test]
async fn folder_that_is_too_large_is_refused_with_a_sentence() {
    for (why, files, size) in [
        ("5000 files", 5_001, 1),
        ("64 MiB together", 5, 15 * MIB as u64),
    ] {
        let rig = Rig::bare();
        for n in 0..files {
            let file = fs::File::create(rig.file(&format!("f{n}"))).unwrap();
            file.set_len(size).unwrap();
        }
        let start = rig.place().start(true, LIMIT).await;
        let Start::Unknown { reason } = start else {
            panic!("{start:?}");
        };
        assert!(reason.contains(why), "{reason}");
        let refused = rig.place().snapshot(LIMIT).await;
        assert!(matches!(refused, Err(ChangesError::Capture(_))));
    }
}
