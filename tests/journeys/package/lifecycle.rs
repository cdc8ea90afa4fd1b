//! Installed, started, upgraded under a running program, removed: nothing is left but what belongs to the person.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::Rule;
use crate::session::Session;
use crate::session::installed::{Installed, Package};
use crate::session::person::Person;

pub fn rules() -> Vec<Rule> {
    vec![(
        "package_comes_and_goes_and_the_work_stays",
        package_comes_and_goes_and_the_work_stays,
    )]
}

/// Where packages put files. The indexes that the system writes about all packages are not ours.
const FOLDERS: [&str; 4] = ["usr", "etc", "opt", "var/lib"];
const INDEXES: [&str; 7] = [
    "usr/share/applications/mimeinfo.cache",
    "usr/share/icons/hicolor/icon-theme.cache",
    "usr/share/mime",
    "var/lib/dpkg",
    "var/lib/apt",
    "var/lib/command-not-found",
    "var/lib/ucf",
];

/// Everything that is installed below a root.
fn everything(root: &Path) -> BTreeSet<PathBuf> {
    let indexes: Vec<PathBuf> = INDEXES.iter().map(|index| root.join(index)).collect();
    let mut found = BTreeSet::new();
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if indexes.contains(&path) {
                continue;
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path.clone());
            }
            found.insert(path);
        }
    }
    found
}

fn package_comes_and_goes_and_the_work_stays(package: &Package) {
    let installed = Installed::not_yet(package);
    let before = everything(installed.root());
    installed.install();
    let programs = installed.programs();
    let desktop = programs.path("ripieno-desktop");
    assert!(desktop.is_file());

    let (session, person) = (Session::start(), Person::new());
    let app = person.start(&session, &programs);
    let menu = session.menu();
    menu.wait_for("Idle");
    let mut client = person.client();
    let first = client.script("echo before", json!({}));
    client.wait_done(&first);

    // The running program keeps the file it was started from; what it starts from now on is the new one.
    let old = std::fs::metadata(format!("/proc/{}/exe", app.pid()))
        .expect("the program runs")
        .ino();
    installed.install();
    let new = std::fs::metadata(&desktop).expect("the new program").ino();
    assert_ne!(old, new, "nothing was upgraded");
    let second = client.script("echo after", json!({}));
    client.wait_done(&second);
    menu.click("Quit");
    app.wait_ended();
    session.tray.wait_until_empty();

    // The upgraded program finds the work of the old one.
    let app = person.start(&session, &programs);
    let tasks = person.json(&programs, &["task", "list"]);
    assert_eq!(
        tasks["tasks"].as_array().map(Vec::len),
        Some(2),
        "{tasks:#}"
    );
    session.menu().click("Quit");
    app.wait_ended();

    installed.remove();
    installed.purge();
    let after = everything(installed.root());
    let left: Vec<&PathBuf> = after.difference(&before).collect();
    assert!(left.is_empty(), "this was left behind: {left:#?}");
    let kept = person.home().join(".local/share/ripieno/ripieno.db");
    assert!(
        kept.is_file(),
        "the work of the person is theirs, and stays"
    );
}
