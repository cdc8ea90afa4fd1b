use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::*;

/// Names the lock file to the process that a test starts from its own binary.
const LOCK: &str = "RIPIENO_TEST_OWNER_LOCK";

/// Not a test by itself: takes the lock named by the environment, says so and waits to be ended.
#[test]
fn helper_process_holds_the_lock() {
    let Some(path) = std::env::var_os(LOCK) else {
        return;
    };
    match OwnerLock::acquire(Path::new(&path), Path::new("/run/helper.sock"), "9.9.9") {
        Ok(lock) => {
            println!("held {}", lock.owner().process.pid);
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).unwrap();
        }
        Err(OwnerError::Held(held)) => {
            println!(
                "refused {}",
                held.owner.map_or(0, |owner| owner.process.pid)
            );
        }
        Err(error) => println!("failed {error}"),
    }
}

/// Starts the helper and returns it with what it says: `held PID`, `refused PID`.
fn helper(path: &Path) -> (Child, String) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "owner::tests::helper_process_holds_the_lock",
            "--nocapture",
        ])
        .env(LOCK, path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .find_map(|line| {
            let at = ["held ", "refused ", "failed "]
                .iter()
                .find_map(|word| line.find(word))?;
            Some(line[at..].to_owned())
        });
    (child, said.unwrap())
}

fn lock_file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("worker.lock");
    (folder, path)
}

fn acquire(path: &Path) -> Result<OwnerLock, OwnerError> {
    OwnerLock::acquire(path, Path::new("/run/own.sock"), "1.2.3")
}

#[test]
fn second_worker_is_refused_and_told_who_holds_the_home() {
    let (_folder, path) = lock_file();
    let lock = acquire(&path).unwrap();
    let Err(OwnerError::Held(held)) = acquire(&path) else {
        panic!("two workers")
    };
    assert_eq!(held.owner.as_ref(), Some(lock.owner()));
    let text = held.to_string();
    for part in [
        &std::process::id().to_string(),
        "1.2.3",
        "/run/own.sock",
        "worker.lock",
    ] {
        assert!(text.contains(part), "{part} missing in: {text}");
    }
    assert_eq!(holder(&path).unwrap(), Some(held));
}

#[test]
fn released_lock_is_free_and_names_nobody() {
    let (_folder, path) = lock_file();
    drop(acquire(&path).unwrap());
    assert_eq!(holder(&path).unwrap(), None);
    acquire(&path).unwrap();
    assert_eq!(holder(&path.with_file_name("other")).unwrap(), None);
}

#[test]
fn worker_of_another_process_is_named() {
    let (_folder, path) = lock_file();
    let (mut child, said) = helper(&path);
    assert_eq!(said, format!("held {}", child.id()));
    let Err(OwnerError::Held(held)) = acquire(&path) else {
        panic!("two workers")
    };
    let owner = held.owner.unwrap();
    assert_eq!(owner.process.pid, child.id());
    assert!(owner.process.is_alive().unwrap());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!owner.process.is_alive().unwrap());
}

#[test]
fn lock_of_a_killed_worker_is_taken_at_once() {
    let (_folder, path) = lock_file();
    for _ in 0..20 {
        let (mut child, _) = helper(&path);
        child.kill().unwrap();
        child.wait().unwrap();
        let began = Instant::now();
        drop(acquire(&path).unwrap());
        assert!(began.elapsed() < Duration::from_secs(1));
    }
}

#[test]
fn of_processes_started_together_exactly_one_is_the_worker() {
    for _ in 0..25 {
        let (_folder, path) = lock_file();
        let starting: Vec<_> = (0..4)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || helper(&path))
            })
            .collect();
        let all: Vec<_> = starting
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect();
        let workers: Vec<_> = all
            .iter()
            .filter(|(_, said)| said.starts_with("held"))
            .collect();
        assert_eq!(
            workers.len(),
            1,
            "{:?}",
            all.iter().map(|(_, said)| said).collect::<Vec<_>>()
        );
        let pid = workers[0].0.id();
        for (_, said) in all.iter().filter(|(_, said)| !said.starts_with("held")) {
            assert_eq!(said, &format!("refused {pid}"));
        }
        for (mut child, _) in all {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

#[test]
fn lock_file_with_rubbish_still_excludes() {
    let (_folder, path) = lock_file();
    std::fs::write(&path, b"\xff\x00 not json").unwrap();
    assert_eq!(
        holder(&path).unwrap(),
        None,
        "what is written does not hold the home"
    );
    let _lock = acquire(&path).unwrap();
    assert!(acquire(&path).is_err());
}

#[test]
fn missing_folder_is_an_error_that_names_the_file() {
    let (_folder, path) = lock_file();
    let path = path.join("deeper");
    let error = acquire(&path).unwrap_err();
    assert!(matches!(error, OwnerError::Io { .. }));
    assert!(error.to_string().contains("deeper"), "{error}");
}

#[test]
fn own_identity_is_alive_and_a_changed_one_is_not() {
    let own = ProcessIdentity::current().unwrap();
    assert!(own.is_alive().unwrap());
    assert!(
        !ProcessIdentity {
            started: own.started + 1,
            ..own.clone()
        }
        .is_alive()
        .unwrap()
    );
    assert!(
        !ProcessIdentity {
            boot_id: "other".to_owned(),
            ..own
        }
        .is_alive()
        .unwrap()
    );
    assert_eq!(ProcessIdentity::of(u32::MAX).unwrap(), None);
}

#[cfg(target_os = "linux")]
#[test]
fn zombie_does_not_count_as_alive() {
    let mut child = Command::new("true").spawn().unwrap();
    let stat = format!("/proc/{}/stat", child.id());
    while !std::fs::read_to_string(&stat).unwrap().contains(") Z ") {
        std::thread::yield_now();
    }
    assert_eq!(ProcessIdentity::of(child.id()).unwrap(), None);
    child.wait().unwrap();
}
