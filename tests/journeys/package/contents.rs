//! What is in the package: places, modes, owners and what it depends on.

use std::path::Path;
use std::process::Command;

use crate::Rule;
use crate::session::installed::Package;

pub fn rules() -> Vec<Rule> {
    vec![
        (
            "files_lie_where_their_kind_belongs",
            files_lie_where_their_kind_belongs,
        ),
        (
            "modes_are_those_of_programs_and_of_data",
            modes_are_those_of_programs_and_of_data,
        ),
        (
            "control_names_version_and_what_is_needed",
            control_names_version_and_what_is_needed,
        ),
        ("checksums_cover_every_file", checksums_cover_every_file),
        (
            "licences_of_ours_and_of_others_are_in_it",
            licences_of_ours_and_of_others_are_in_it,
        ),
        (
            "completions_and_man_pages_can_be_read",
            completions_and_man_pages_can_be_read,
        ),
    ]
}

/// What the package may hold: places and how names there end.
const PLACES: [(&str, &str); 10] = [
    ("/usr/bin/ripieno", ""),
    ("/usr/share/applications/Ripieno.desktop", ""),
    ("/usr/share/bash-completion/completions/ripieno", ""),
    ("/usr/share/doc/ripieno/", ""),
    ("/usr/share/fish/vendor_completions.d/", ".fish"),
    (
        "/usr/share/icons/hicolor/scalable/apps/",
        "ripieno-desktop.svg",
    ),
    ("/usr/share/icons/hicolor/", "apps/ripieno-desktop.png"),
    ("/usr/share/man/man1/ripieno", ".1.gz"),
    ("/usr/share/metainfo/dev.ripieno.desktop.metainfo.xml", ""),
    ("/usr/share/zsh/vendor-completions/_ripieno", ""),
];

/// One line of the package's table of contents.
struct Entry {
    mode: String,
    owner: String,
    path: String,
}

fn entries(package: &Package) -> Vec<Entry> {
    let table = package.ask("--contents", &[]);
    let entries = table.lines().map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        Entry {
            mode: fields[0].to_owned(),
            owner: fields[1].to_owned(),
            path: format!("/{}", fields[5].trim_start_matches("./")),
        }
    });
    entries.collect()
}

fn files(package: &Package) -> Vec<Entry> {
    let mut files = entries(package);
    files.retain(|entry| !entry.mode.starts_with('d'));
    files
}

fn files_lie_where_their_kind_belongs(package: &Package) {
    let files = files(package);
    for Entry { path, .. } in &files {
        let known = PLACES
            .iter()
            .any(|(place, end)| path.starts_with(place) && path.ends_with(end));
        assert!(known, "{path} lies where nothing of ours belongs");
    }
    for (place, end) in PLACES {
        let there = files
            .iter()
            .any(|file| file.path.starts_with(place) && file.path.ends_with(end));
        assert!(there, "nothing lies at {place}…{end}");
    }
}

fn modes_are_those_of_programs_and_of_data(package: &Package) {
    for Entry { mode, owner, path } in entries(package) {
        assert!(
            ["0/0", "root/root"].contains(&owner.as_str()),
            "{path} belongs to {owner}"
        );
        let wanted = match &path {
            _ if mode.starts_with('d') => "drwxr-xr-x",
            path if path.starts_with("/usr/bin/") => "-rwxr-xr-x",
            _ => "-rw-r--r--",
        };
        assert_eq!(mode, wanted, "{path}");
    }
}

fn control_names_version_and_what_is_needed(package: &Package) {
    let field = |name: &str| package.ask("--field", &[name]).trim().to_owned();
    assert_eq!(field("Package"), "ripieno");
    assert_eq!(field("Version"), env!("CARGO_PKG_VERSION"));
    let needs = field("Depends");
    for need in [
        "libwebkit2gtk-4.1-0",
        "libgtk-3-0",
        "libayatana-appindicator3-1",
        "libc6 (>= 2.",
    ] {
        assert!(needs.contains(need), "{need} is missing in: {needs}");
    }
    // Nothing runs as root when it is installed or removed.
    let control = tempfile::tempdir().expect("a folder");
    package.ask("--control", &[&control.path().display().to_string()]);
    let mut parts: Vec<String> = std::fs::read_dir(control.path())
        .expect("the control files")
        .map(|entry| {
            entry
                .expect("a control file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    parts.sort();
    assert_eq!(parts, ["control", "md5sums"]);
}

fn checksums_cover_every_file(package: &Package) {
    let folder = tempfile::tempdir().expect("a folder");
    package.unpack(folder.path());
    let control = tempfile::tempdir().expect("a folder");
    package.ask("--control", &[&control.path().display().to_string()]);
    let sums = control.path().join("md5sums");
    let lines = std::fs::read_to_string(&sums).expect("the checksums");
    assert_eq!(lines.lines().count(), files(package).len());
    let checked = Command::new("md5sum")
        .args(["--check", "--quiet"])
        .arg(&sums)
        .current_dir(folder.path())
        .output();
    let checked = checked.expect("md5sum starts");
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stdout)
    );
}

fn licences_of_ours_and_of_others_are_in_it(package: &Package) {
    let folder = tempfile::tempdir().expect("a folder");
    package.unpack(folder.path());
    let doc = folder.path().join("usr/share/doc/ripieno");
    for name in ["LICENSE-MIT", "LICENSE-APACHE", "copyright"] {
        assert!(doc.join(name).is_file(), "{name} is missing");
    }
    let notices = unzipped(&doc.join("NOTICES.gz"));
    for part in ["tauri ", "rusqlite ", "svelte ", "tokio "] {
        assert!(
            notices.contains(&format!("\n{part}")),
            "the notices do not name {part}"
        );
    }
    let own = ["ripieno-core ", "ripieno-daemon "];
    assert!(
        !own.iter().any(|name| notices.contains(name)),
        "our own crates are not the work of others"
    );
}

fn completions_and_man_pages_can_be_read(package: &Package) {
    let folder = tempfile::tempdir().expect("a folder");
    package.unpack(folder.path());
    let share = folder.path().join("usr/share");
    let bash = Command::new("bash")
        .arg("-n")
        .arg(share.join("bash-completion/completions/ripieno"))
        .status();
    assert!(
        bash.expect("bash starts").success(),
        "the completion is no bash"
    );
    let page = unzipped(&share.join("man/man1/ripieno-task-add.1.gz"));
    assert!(page.contains(".TH"), "the manual is no manual page");
}

fn unzipped(file: &Path) -> String {
    let output = Command::new("gzip")
        .args(["--decompress", "--stdout"])
        .arg(file)
        .output()
        .expect("gzip starts");
    assert!(
        output.status.success(),
        "{} cannot be unpacked",
        file.display()
    );
    String::from_utf8(output.stdout).expect("it is text")
}
