use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn home_of(variables: &[(&str, &str)]) -> Home {
    let map: HashMap<String, OsString> = variables
        .iter()
        .map(|(k, v)| ((*k).to_owned(), OsString::from(v)))
        .collect();
    Home::resolve(&|name| map.get(name).cloned()).unwrap()
}

#[test]
fn ripieno_home_puts_everything_under_one_folder() {
    let home = home_of(&[
        ("RIPIENO_HOME", "/r"),
        ("HOME", "/h"),
        ("XDG_DATA_HOME", "/x"),
    ]);
    assert_eq!(home.config_file(), Path::new("/r/config/config.toml"));
    assert_eq!(home.database(), Path::new("/r/data/ripieno.db"));
    assert_eq!(home.worker_lock(), Path::new("/r/state/worker.lock"));
    assert_eq!(home.logs_dir(), Path::new("/r/state/logs"));
    assert_eq!(home.cache_dir(), Path::new("/r/cache"));
    assert_eq!(home.webview_dir(), Path::new("/r/cache/webview"));
    assert_eq!(home.socket_to_connect(), Path::new("/r/run/ripieno.sock"));
    assert_eq!(
        home.task_workspace("01"),
        Path::new("/r/data/tasks/01/workspace")
    );
    assert_eq!(home.task_inputs("01"), Path::new("/r/data/tasks/01/inputs"));
    assert_eq!(
        home.task_outputs("01"),
        Path::new("/r/data/tasks/01/outputs")
    );
    assert_eq!(
        home.attempt_dir("01", 2),
        Path::new("/r/data/tasks/01/attempts/2")
    );
    assert_eq!(home.worktree("T-41"), Path::new("/r/data/worktrees/T-41"));
    assert_eq!(home.repos_dir(), Path::new("/r/data/repos"));
    assert_eq!(home.backups_dir(), Path::new("/r/data/backups"));
    assert_eq!(home.name(), Path::new("/r"));
}

#[test]
fn relative_ripieno_home_is_made_absolute() {
    let home = home_of(&[("RIPIENO_HOME", "here")]);
    assert!(home.data_dir().is_absolute());
    assert!(home.data_dir().ends_with("here/data"));
}

#[cfg(target_os = "linux")]
#[test]
fn xdg_variables_name_the_folders() {
    let home = home_of(&[
        ("HOME", "/h"),
        ("XDG_CONFIG_HOME", "/c"),
        ("XDG_DATA_HOME", "/d"),
        ("XDG_STATE_HOME", "/s"),
        ("XDG_CACHE_HOME", "/k"),
        ("XDG_RUNTIME_DIR", "/run/user/7"),
    ]);
    assert_eq!(home.config_dir(), Path::new("/c/ripieno"));
    assert_eq!(home.data_dir(), Path::new("/d/ripieno"));
    assert_eq!(home.state_dir(), Path::new("/s/ripieno"));
    assert_eq!(home.cache_dir(), Path::new("/k/ripieno"));
    assert_eq!(
        home.socket_to_connect(),
        Path::new("/run/user/7/ripieno/ripieno.sock")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn unset_empty_and_relative_xdg_variables_fall_back() {
    let home = home_of(&[
        ("HOME", "/h"),
        ("XDG_CONFIG_HOME", ""),
        ("XDG_DATA_HOME", "rel"),
    ]);
    assert_eq!(home.config_dir(), Path::new("/h/.config/ripieno"));
    assert_eq!(home.data_dir(), Path::new("/h/.local/share/ripieno"));
    assert_eq!(home.run_dir(), Path::new("/h/.local/state/ripieno/run"));
}

#[cfg(target_os = "linux")]
#[test]
fn without_home_the_user_database_names_it() {
    let account = account_home().unwrap();
    assert_eq!(
        home_of(&[]).data_dir(),
        account.join(".local/share/ripieno")
    );
    assert_eq!(
        home_of(&[("HOME", "")]).data_dir(),
        account.join(".local/share/ripieno")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn account_home_is_the_one_in_passwd() {
    let uid = rustix::process::geteuid().as_raw().to_string();
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let line = passwd
        .lines()
        .find(|line| line.split(':').nth(2) == Some(&uid));
    if let Some(named) = line.and_then(|line| line.split(':').nth(5)) {
        assert_eq!(account_home().unwrap(), Path::new(named));
        assert_eq!(
            directory_lock_folder().unwrap(),
            Path::new(named).join(".local/state/ripieno-locks")
        );
    }
}

#[test]
fn socket_override_wins() {
    let home = home_of(&[("RIPIENO_HOME", "/r"), ("RIPIENO_SOCKET", "/o.sock")]);
    assert_eq!(home.socket_to_connect(), Path::new("/o.sock"));
    assert_eq!(home.socket_to_bind().unwrap(), Path::new("/o.sock"));
    let long = format!("/{}", "o".repeat(120));
    let home = home_of(&[("RIPIENO_HOME", "/r"), ("RIPIENO_SOCKET", &long)]);
    assert!(matches!(
        home.socket_to_bind(),
        Err(PathError::SocketTooLong { .. })
    ));
}

#[cfg(unix)]
#[test]
fn long_socket_path_moves_to_a_private_folder_that_the_pointer_names() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let folder = tempfile::tempdir().unwrap();
    let home = Home::under(folder.path().join("long".repeat(30)));
    home.create().unwrap();
    let socket = home.socket_to_bind().unwrap();
    assert!(socket.as_os_str().len() <= 100);
    assert!(socket.starts_with(std::env::temp_dir()) || socket.starts_with("/tmp"));
    assert_eq!(home.socket_to_connect(), socket);
    let private = fs::metadata(socket.parent().unwrap()).unwrap();
    assert_eq!(private.permissions().mode() & 0o777, 0o700);
    assert_eq!(private.uid(), rustix::process::geteuid().as_raw());
    let other = Home::under(folder.path().join("else".repeat(30)));
    other.create().unwrap();
    assert_ne!(
        other.socket_to_bind().unwrap(),
        socket,
        "homes do not share a socket"
    );
}

#[cfg(unix)]
#[test]
fn folders_are_made_private_and_closed_when_found_open() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let home = Home::under(folder.path().join("home"));
    fs::create_dir_all(home.run_dir()).unwrap();
    fs::set_permissions(home.run_dir(), fs::Permissions::from_mode(0o755)).unwrap();
    home.create().unwrap();
    home.create().unwrap();
    for path in [
        home.data_dir(),
        home.state_dir(),
        home.cache_dir(),
        home.run_dir(),
    ] {
        assert_eq!(
            fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o700,
            "{path:?}"
        );
    }
    assert!(home.logs_dir().is_dir() && home.tasks_dir().is_dir());
}

#[test]
fn file_in_the_way_is_named_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("home");
    fs::write(&file, "").unwrap();
    let refused = Home::under(&file).create().unwrap_err();
    let text = refused.to_string();
    assert!(matches!(refused, PathError::NotADirectory { .. }), "{text}");
    assert!(
        text.contains(file.to_str().unwrap()) && text.contains("RIPIENO_HOME"),
        "{text}"
    );
    let below = Home::under(file.join("deep/er")).create().unwrap_err();
    assert!(
        matches!(&below, PathError::NotADirectory { path } if *path == file),
        "{below}"
    );
}

#[test]
fn read_only_file_system_is_named() {
    let read_only = std::io::Error::from(std::io::ErrorKind::ReadOnlyFilesystem);
    let error = PathError::from_io(Path::new("/ro"), read_only);
    assert!(
        error
            .to_string()
            .starts_with("/ro is on a read-only file system"),
        "{error}"
    );
}

/// Names the home to the process that a test starts from its own binary.
#[cfg(target_os = "linux")]
const HOME: &str = "RIPIENO_TEST_HOME";

/// Not a test by itself: makes the home named by the environment and says how that went.
#[cfg(target_os = "linux")]
#[test]
fn helper_process_makes_a_home() {
    let Some(root) = std::env::var_os(HOME) else {
        return;
    };
    match Home::under(root).create() {
        Ok(()) => println!("made"),
        Err(error) => println!("refused {error}"),
    }
}

#[cfg(target_os = "linux")]
#[test]
fn home_on_a_read_only_or_full_disk_is_refused_with_the_remedy() {
    // Unshared, so that the mounts are gone with the process; needs the right to mount.
    let folder = tempfile::tempdir().unwrap();
    let made_on = |options: &str| {
        let script = format!(
            "mount -t tmpfs -o {options} none \"$ON\" && exec \"$SELF\" --exact \
             paths::tests::helper_process_makes_a_home --nocapture"
        );
        let output = std::process::Command::new("unshare")
            .args(["--mount", "sh", "-c", &script])
            .env("ON", folder.path())
            .env("SELF", std::env::current_exe().unwrap())
            .env(HOME, folder.path().join("home"))
            .output();
        output
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .unwrap_or_default()
    };
    if !made_on("size=1m").contains("made") {
        println!("skipped: no permission to mount here");
        return;
    }
    let home = folder.path().join("home");
    let read_only = made_on("ro");
    assert!(
        read_only.contains(&format!("refused {} is on a read-only", home.display())),
        "{read_only}"
    );
    let full = made_on("nr_inodes=2");
    assert!(full.contains("refused no space left to create"), "{full}");
}

#[cfg(unix)]
#[test]
fn folder_without_permission_is_named() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        println!("skipped: root may write anywhere");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let refused = Home::under(folder.path().join("home"))
        .create()
        .unwrap_err();
    assert!(matches!(refused, PathError::Denied { .. }), "{refused}");
}

#[test]
fn written_file_is_whole_and_leaves_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    write_atomically(&path, b"one").unwrap();
    write_atomically(&path, b"two").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(write_atomically(&folder.path().join("no/such"), b"").is_err());
}

#[cfg(unix)]
#[test]
fn written_file_keeps_its_link_and_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("real");
    let link: PathBuf = folder.path().join("link");
    fs::write(&real, "old").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    write_atomically(&link, b"new").unwrap();
    assert!(link.is_symlink());
    assert_eq!(fs::read(&real).unwrap(), b"new");
    assert_eq!(
        fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o640
    );
}
