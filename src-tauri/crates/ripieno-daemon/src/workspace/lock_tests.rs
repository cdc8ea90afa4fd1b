use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use super::*;

/// Tells the process that a test starts from its own binary what to do: lock folder, then folders.
const HELPER: &str = "RIPIENO_TEST_FOLDER_LOCK";

/// A folder of lock files and a place to work in.
struct Place {
    root: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("work/a/b/c")).unwrap();
        fs::create_dir_all(root.path().join("work/other")).unwrap();
        Self { root }
    }

    fn lock_folder(&self) -> PathBuf {
        self.root.path().join("locks")
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.path().join("work").join(path)
    }

    fn locks(&self) -> DirectoryLocks {
        DirectoryLocks::open(&self.lock_folder(), Path::new("/homes/one")).unwrap()
    }
}

fn refused(locks: &DirectoryLocks, folder: &Path) -> Busy {
    match locks.acquire(folder, "T-2") {
        Err(LockError::Busy(busy)) => *busy,
        Err(error) => panic!("{error}"),
        Ok(lock) => panic!("{} was given twice", lock.path().display()),
    }
}

#[test]
fn folder_is_given_once_and_the_holder_is_named() {
    let place = Place::new();
    let locks = place.locks();
    let lock = locks.acquire(&place.at("a"), "T-1").unwrap();
    let busy = refused(&locks, &place.at("a"));
    assert_eq!(busy.holder.as_ref(), Some(lock.holder()));
    let text = busy.to_string();
    assert!(
        text.contains("T-1") && text.contains("/homes/one"),
        "{text}"
    );
    assert_eq!(locks.holder_of(&place.at("a")).unwrap(), Some(busy));
    assert_eq!(locks.list().unwrap(), [lock.holder().clone()]);
    drop(lock);
    assert_eq!(locks.holder_of(&place.at("a")).unwrap(), None);
    drop(locks.acquire(&place.at("a"), "T-2").unwrap());
}

#[test]
fn folders_around_and_inside_a_held_one_are_refused() {
    let place = Place::new();
    let locks = place.locks();
    let lock = locks.acquire(&place.at("a/b"), "T-1").unwrap();
    for path in ["a", "", "a/b/c"] {
        let busy = refused(&locks, &place.at(path));
        assert_eq!(busy.holder.unwrap(), *lock.holder(), "{path}");
        let asked = locks.holder_of(&place.at(path)).unwrap().unwrap();
        assert_eq!(asked.holder.unwrap().task, "T-1");
    }
    let beside = locks.acquire(&place.at("other"), "T-2").unwrap();
    drop((lock, beside));
    drop(locks.acquire(&place.at(""), "T-3").unwrap());
}

#[test]
fn released_locks_leave_no_files() {
    let place = Place::new();
    let locks = place.locks();
    let one = locks.acquire(&place.at("a/b"), "T-1").unwrap();
    let two = locks.acquire(&place.at("other"), "T-2").unwrap();
    locks.holder_of(&place.at("a/b/c")).unwrap();
    drop(one);
    assert!(
        locks.holder_of(&place.at("")).unwrap().is_some(),
        "the shared files are still locked"
    );
    drop(two);
    let names: Vec<_> = fs::read_dir(place.lock_folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["turn"]);
}

#[test]
fn files_left_by_the_dead_are_cleared_at_the_next_start() {
    let place = Place::new();
    let lock_folder = place.lock_folder();
    drop(place.locks());
    fs::write(lock_folder.join("1-2.lock"), "{\"pid\":1}").unwrap();
    let locks = place.locks();
    assert!(!lock_folder.join("1-2.lock").exists());
    assert!(locks.list().unwrap().is_empty());
}

#[test]
fn rubbish_in_a_lock_file_holds_nothing() {
    let place = Place::new();
    let locks = place.locks();
    let identity = FolderIdentity::of(&place.at("a")).unwrap();
    fs::write(
        place.lock_folder().join(format!("{identity}.lock")),
        b"\xff\xfe",
    )
    .unwrap();
    assert_eq!(locks.holder_of(&place.at("a")).unwrap(), None);
    drop(locks.acquire(&place.at("a"), "T-1").unwrap());
}

#[cfg(unix)]
#[test]
fn links_dots_and_trailing_slashes_lead_to_the_same_lock() {
    let place = Place::new();
    let locks = place.locks();
    std::os::unix::fs::symlink(place.at("a"), place.at("link")).unwrap();
    let _lock = locks.acquire(&place.at("a/b"), "T-1").unwrap();
    for path in [
        "link/b",
        "link/b/",
        "other/../a/b",
        "a/./b",
        "link/b/c/..",
        "link",
    ] {
        assert_eq!(
            refused(&locks, &place.at(path)).holder.unwrap().task,
            "T-1",
            "{path}"
        );
    }
}

#[test]
fn renamed_folder_stays_locked_under_its_new_name() {
    let place = Place::new();
    let locks = place.locks();
    let lock = locks.acquire(&place.at("a"), "T-1").unwrap();
    fs::rename(place.at("a"), place.at("renamed")).unwrap();
    refused(&locks, &place.at("renamed"));
    refused(&locks, &place.at("renamed/b"));
    fs::create_dir(place.at("a")).unwrap();
    drop(locks.acquire(&place.at("a"), "T-2").unwrap());
    drop(lock);
    drop(locks.acquire(&place.at("renamed"), "T-2").unwrap());
}

#[cfg(target_os = "linux")]
#[test]
fn folder_moved_into_another_keeps_that_one_from_being_taken() {
    let place = Place::new();
    let locks = place.locks();
    let lock = locks.acquire(&place.at("a/b"), "T-1").unwrap();
    fs::rename(place.at("a/b"), place.at("other/b")).unwrap();
    assert_eq!(
        refused(&locks, &place.at("other")).holder.unwrap().task,
        "T-1"
    );
    refused(&locks, &place.at("other/b"));
    drop(lock);
    drop(locks.acquire(&place.at("other"), "T-2").unwrap());
}

#[test]
fn deleted_and_missing_folders_are_named() {
    let place = Place::new();
    let locks = place.locks();
    let error = locks.acquire(&place.at("missing"), "T-1").unwrap_err();
    assert!(matches!(&error, LockError::Folder { .. }), "{error}");
    assert!(error.to_string().contains("missing"), "{error}");
    fs::write(place.at("file"), "").unwrap();
    assert!(matches!(
        locks.acquire(&place.at("file"), "T-1"),
        Err(LockError::Folder { .. })
    ));
    let lock = locks.acquire(&place.at("a/b/c"), "T-1").unwrap();
    fs::remove_dir(place.at("a/b/c")).unwrap();
    drop(lock);
    drop(locks.acquire(&place.at("a/b"), "T-2").unwrap());
}

#[cfg(target_os = "linux")]
#[test]
fn bind_mounted_folder_is_the_same_folder() {
    // Unshared, so that the mounts are gone with the process; needs the right to mount.
    let place = Place::new();
    let locks = place.locks();
    let script = r#"mount --bind "$WORK/a/b" "$WORK/other" && exec "$SELF" --exact \
        workspace::lock_tests::helper_process_takes_folders --nocapture"#;
    let try_bound = |folder: &str| {
        let output = Command::new("unshare")
            .args(["--mount", "sh", "-c", script])
            .env("WORK", place.at(""))
            .env("SELF", std::env::current_exe().unwrap())
            .env(
                HELPER,
                format!(
                    "{}\n{}",
                    place.lock_folder().display(),
                    place.at(folder).display()
                ),
            )
            .stdin(Stdio::null())
            .output();
        output
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .unwrap_or_default()
    };
    if !try_bound("other").contains("held") {
        println!("skipped: no permission to mount here");
        return;
    }
    let _lock = locks.acquire(&place.at("a"), "T-1").unwrap();
    assert!(
        try_bound("other").contains("refused T-1"),
        "a lies around it by its other path"
    );
    assert!(try_bound("other/c").contains("refused T-1"));
    drop(_lock);
    let _inner = locks.acquire(&place.at("a/b/c"), "T-1").unwrap();
    assert!(try_bound("other").contains("refused T-1"));
}

/// Not a test by itself: takes the folders named by the environment and waits to be ended.
#[test]
fn helper_process_takes_folders() {
    let Ok(orders) = std::env::var(HELPER) else {
        return;
    };
    let mut lines = orders.lines();
    let locks =
        DirectoryLocks::open(Path::new(lines.next().unwrap()), Path::new("/homes/two")).unwrap();
    let mut held = Vec::new();
    for folder in lines {
        match locks.acquire(Path::new(folder), "T-9") {
            Ok(lock) => {
                println!("held");
                held.push(lock);
            }
            Err(LockError::Busy(busy)) => {
                println!(
                    "refused {}",
                    busy.holder.map_or(String::new(), |holder| holder.task)
                );
            }
            Err(error) => println!("failed {error}"),
        }
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
}

/// Starts a process that takes `folder`; returns it with what it says.
fn other_process(place: &Place, folder: &Path) -> (Child, ChildStdin, String) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "workspace::lock_tests::helper_process_takes_folders",
            "--nocapture",
        ])
        .env(
            HELPER,
            format!("{}\n{}", place.lock_folder().display(), folder.display()),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let words = ["held", "refused", "failed"];
    let said = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .find_map(|line| {
            words
                .iter()
                .find_map(|word| line.find(word))
                .map(|at| line[at..].to_owned())
        })
        .unwrap();
    let stdin = child.stdin.take().unwrap();
    (child, stdin, said)
}

#[test]
fn two_processes_of_two_homes_exclude_each_other() {
    let place = Place::new();
    let locks = place.locks();
    let (mut child, mut stdin, said) = other_process(&place, &place.at("a"));
    assert_eq!(said, "held");
    let holder = refused(&locks, &place.at("a/b")).holder.unwrap();
    assert_eq!(
        (holder.task.as_str(), holder.home.as_path()),
        ("T-9", Path::new("/homes/two"))
    );
    assert_eq!(holder.process.pid, child.id());
    stdin.write_all(b"\n").unwrap();
    child.wait().unwrap();
    let _lock = locks.acquire(&place.at("a"), "T-1").unwrap();
    let (mut child, stdin, said) = other_process(&place, &place.at("a/b"));
    assert_eq!(said, "refused T-1");
    drop(stdin);
    child.wait().unwrap();
}

#[test]
fn locks_of_a_killed_process_are_free_at_once() {
    let place = Place::new();
    let locks = place.locks();
    for _ in 0..10 {
        let (mut child, _stdin, said) = other_process(&place, &place.at("a/b"));
        assert_eq!(said, "held");
        child.kill().unwrap();
        child.wait().unwrap();
        let began = Instant::now();
        assert!(locks.list().unwrap().is_empty());
        drop(locks.acquire(&place.at("a"), "T-1").unwrap());
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn children_started_meanwhile_do_not_keep_a_lock() {
    let place = Place::new();
    let locks = place.locks();
    let lock = locks.acquire(&place.at("a"), "T-1").unwrap();
    let mut child = Command::new("sh")
        .args(["-c", "read line"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    drop(lock);
    drop(locks.acquire(&place.at("a"), "T-2").unwrap());
    drop(child.stdin.take());
    child.wait().unwrap();
}
