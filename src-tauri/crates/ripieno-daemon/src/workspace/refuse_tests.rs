use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::paths::Home;

/// A home folder with a Ripieno home in it, and a project beside that.
struct Place {
    root: tempfile::TempDir,
    home: Home,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let home = Home::under(root.path().join("users/me/.ripieno"));
        home.create().unwrap();
        fs::create_dir_all(root.path().join("users/me/project/src")).unwrap();
        Self { root, home }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn rules(&self) -> FolderRules {
        FolderRules::with_homes(&self.home, [self.at("users/me")])
    }

    fn because(&self, path: impl AsRef<Path>) -> Option<RefusedBecause> {
        self.rules()
            .check(path.as_ref())
            .err()
            .map(|refused| refused.because)
    }
}

#[test]
fn project_folder_is_accepted_with_its_real_path() {
    let place = Place::new();
    let project = place.at("users/me/project");
    let real = fs::canonicalize(&project).unwrap();
    assert_eq!(place.rules().check(&project).unwrap(), real);
    assert_eq!(place.rules().check(&project.join("src/..")).unwrap(), real);
}

#[cfg(target_os = "linux")]
#[test]
fn system_folders_are_refused() {
    let place = Place::new();
    use RefusedBecause::{Root, System, Temp};
    for (path, because) in [
        ("/", Root),
        ("/etc", System),
        ("/etc/../etc/", System),
        ("/usr/share", System),
        ("/usr/local", System),
        ("/proc/self", System),
        ("/var", System),
        ("/home", System),
        ("/tmp", Temp),
        ("/tmp/.", Temp),
        ("/var/tmp", Temp),
        ("//", Root),
    ] {
        assert_eq!(place.because(path), Some(because), "{path}");
    }
}

#[test]
fn home_and_what_contains_it_are_refused() {
    let place = Place::new();
    assert_eq!(
        place.because(place.at("users/me")),
        Some(RefusedBecause::Home)
    );
    assert_eq!(place.because(place.at("users")), Some(RefusedBecause::Home));
    assert_eq!(
        place.because(place.at("users/me/project/..")),
        Some(RefusedBecause::Home)
    );
}

#[test]
fn own_data_is_refused_from_outside_and_inside() {
    let place = Place::new();
    let home = &place.home;
    for path in [
        home.name(),
        home.data_dir(),
        home.state_dir(),
        home.config_dir(),
    ] {
        assert_eq!(
            place.because(path),
            Some(RefusedBecause::OwnData),
            "{path:?}"
        );
    }
    assert_eq!(
        place.because(home.tasks_dir()),
        Some(RefusedBecause::OwnData)
    );
    let elsewhere = FolderRules::with_homes(home, []);
    assert_eq!(
        elsewhere.check(&place.at("users")).unwrap_err().because,
        RefusedBecause::OwnData,
        "it contains our data"
    );
}

#[cfg(unix)]
#[test]
fn links_to_refused_folders_are_refused() {
    let place = Place::new();
    let link = |to: &Path, name: &str| {
        std::os::unix::fs::symlink(to, place.at(name)).unwrap();
        place.at(name)
    };
    assert_eq!(
        place.because(link(Path::new("/"), "r")),
        Some(RefusedBecause::Root)
    );
    assert_eq!(
        place.because(link(Path::new("/etc"), "e")),
        Some(RefusedBecause::System)
    );
    assert_eq!(
        place.because(link(Path::new("/tmp"), "t")),
        Some(RefusedBecause::Temp)
    );
    assert_eq!(
        place.because(link(&place.at("users/me"), "h")),
        Some(RefusedBecause::Home)
    );
    let data = link(place.home.data_dir(), "d");
    assert_eq!(place.because(&data), Some(RefusedBecause::OwnData));
    assert_eq!(
        place.because(data.join("tasks")),
        Some(RefusedBecause::OwnData)
    );
    let project = link(&place.at("users/me/project"), "p");
    assert_eq!(
        place.rules().check(&project).unwrap(),
        fs::canonicalize(place.at("users/me/project")).unwrap()
    );
    assert_eq!(
        place.because(link(Path::new("loop"), "loop")),
        Some(RefusedBecause::Unreadable)
    );
}

#[test]
fn what_is_no_folder_is_refused() {
    let place = Place::new();
    let file = place.at("users/me/project/file");
    fs::write(&file, "").unwrap();
    assert_eq!(place.because(&file), Some(RefusedBecause::NotAFolder));
    assert_eq!(
        place.because(file.join("below")),
        Some(RefusedBecause::NotAFolder)
    );
    assert_eq!(
        place.because(place.at("nowhere")),
        Some(RefusedBecause::Missing)
    );
}

#[cfg(target_os = "linux")]
#[test]
fn path_that_is_not_text_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new();
    let path = place
        .at("users/me")
        .join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir(&path).unwrap();
    assert_eq!(place.because(&path), Some(RefusedBecause::NotText));
}

#[cfg(target_os = "linux")]
#[test]
fn drive_roots_are_refused() {
    let place = Place::new();
    for path in ["/media/me/STICK", "/run/media/me/STICK", "/mnt/c"] {
        assert_eq!(
            place.because(path),
            Some(RefusedBecause::DriveRoot),
            "{path}"
        );
    }
}

#[cfg(unix)]
#[test]
fn unreadable_and_unwritable_folders_are_refused() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        println!("skipped: root may read and write anywhere");
        return;
    }
    let place = Place::new();
    let project = place.at("users/me/project");
    fs::set_permissions(&project, fs::Permissions::from_mode(0o500)).unwrap();
    assert_eq!(place.because(&project), Some(RefusedBecause::Unwritable));
    fs::set_permissions(&project, fs::Permissions::from_mode(0o300)).unwrap();
    assert_eq!(place.because(&project), Some(RefusedBecause::Unreadable));
    fs::set_permissions(&project, fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn refusal_names_the_folder_and_the_remedy() {
    let place = Place::new();
    let text = place
        .rules()
        .check(Path::new("/tmp"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        text,
        "/tmp cannot be worked in: it is shared by all programs; make a folder inside it"
    );
}
