//! Many at once: no folder is ever held twice, whoever holds it and however they nest (rel-22).

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::*;

const FOLDERS: [&str; 6] = ["", "a", "a/b", "a/b/c", "other", "other/deep"];

/// Tells a process that a test starts from its own binary where to fight.
const ROOT: &str = "RIPIENO_TEST_LOCK_HAMMER";

fn make_folders(root: &Path) {
    for folder in FOLDERS {
        fs::create_dir_all(at(root, folder)).unwrap();
    }
}

fn at(root: &Path, folder: &str) -> PathBuf {
    root.join("work").join(folder)
}

fn open(root: &Path) -> DirectoryLocks {
    DirectoryLocks::open(&root.join("locks"), root).unwrap()
}

fn conflict(one: &str, two: &str) -> bool {
    Path::new(one).starts_with(two) || Path::new(two).starts_with(one)
}

/// Counts who is in each folder while twelve threads fight for nested ones.
#[test]
fn threads_never_hold_conflicting_folders() {
    let root = tempfile::tempdir().unwrap();
    make_folders(root.path());
    let inside: Vec<AtomicUsize> = FOLDERS.iter().map(|_| AtomicUsize::new(0)).collect();
    let held = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..12 {
            let (root, inside, held) = (root.path(), &inside, &held);
            scope.spawn(move || {
                let locks = open(root);
                for round in 0..150 {
                    let mine = (thread * 7 + round * 5) % FOLDERS.len();
                    let Ok(lock) = locks.acquire(&at(root, FOLDERS[mine]), "T-1") else {
                        continue;
                    };
                    inside[mine].fetch_add(1, Ordering::SeqCst);
                    for (other, count) in inside.iter().enumerate() {
                        if conflict(FOLDERS[mine], FOLDERS[other]) {
                            let allowed = usize::from(other == mine);
                            assert_eq!(count.load(Ordering::SeqCst), allowed, "{mine} and {other}");
                        }
                    }
                    held.fetch_add(1, Ordering::SeqCst);
                    inside[mine].fetch_sub(1, Ordering::SeqCst);
                    drop(lock);
                }
            });
        }
    });
    assert!(held.load(Ordering::SeqCst) > 0);
    assert!(open(root.path()).list().unwrap().is_empty());
}

/// Not a test by itself: takes folders in turn and leaves a mark in each while it has it.
#[test]
fn helper_process_fights() {
    let Some(root) = std::env::var_os(ROOT).map(PathBuf::from) else {
        return;
    };
    let locks = open(&root);
    let mark = |folder: &str| {
        root.join("marks")
            .join(format!("m{}", folder.replace('/', "-")))
    };
    let seed = std::process::id() as usize;
    let (mut held, mut broken) = (0, 0);
    for round in 0..400 {
        let mine = FOLDERS[(seed + round * 5 + round / 7) % FOLDERS.len()];
        let Ok(lock) = locks.acquire(&at(&root, mine), "T-1") else {
            continue;
        };
        held += 1;
        let alone = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(mark(mine))
            .is_ok();
        let others = FOLDERS
            .iter()
            .filter(|other| **other != mine && conflict(mine, other));
        if !alone || others.into_iter().any(|other| mark(other).exists()) {
            broken += 1;
        }
        fs::remove_file(mark(mine)).unwrap();
        drop(lock);
    }
    println!("fought held={held} broken={broken}");
}

#[test]
fn processes_never_hold_conflicting_folders() {
    let root = tempfile::tempdir().unwrap();
    make_folders(root.path());
    fs::create_dir(root.path().join("marks")).unwrap();
    let fighters: Vec<_> = (0..4)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args([
                    "--exact",
                    "workspace::lock_hammer::helper_process_fights",
                    "--nocapture",
                ])
                .env(ROOT, root.path())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for fighter in fighters {
        let output = fighter.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && said.contains("broken=0"),
            "{said}"
        );
        assert!(!said.contains("held=0 "), "{said}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any history of taking and giving back agrees with the plain rule: no two of one line.
    #[test]
    fn locks_agree_with_the_rule(steps in prop::collection::vec((0..FOLDERS.len(), any::<bool>()), 1..30)) {
        let root = tempfile::tempdir().unwrap();
        make_folders(root.path());
        let locks = open(root.path());
        let mut held: BTreeMap<usize, DirectoryLock> = BTreeMap::new();
        for (folder, take) in steps {
            if !take {
                held.remove(&folder);
                continue;
            }
            let path = at(root.path(), FOLDERS[folder]);
            let in_the_way: Vec<&str> = held.keys().map(|n| FOLDERS[*n]).filter(|other| conflict(FOLDERS[folder], other)).collect();
            let asked = locks.holder_of(&path).unwrap();
            prop_assert_eq!(asked.is_some(), !in_the_way.is_empty());
            match locks.acquire(&path, FOLDERS[folder]) {
                Ok(lock) => {
                    prop_assert!(in_the_way.is_empty());
                    held.insert(folder, lock);
                }
                Err(LockError::Busy(busy)) => {
                    let holder = busy.holder.unwrap();
                    prop_assert!(in_the_way.contains(&holder.task.as_str()));
                }
                Err(error) => panic!("{error}"),
            }
            prop_assert_eq!(locks.list().unwrap().len(), held.len());
        }
    }
}
