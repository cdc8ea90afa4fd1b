//! What launchers, software centres and browsers read of the package.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Rule;
use crate::session::installed::Package;

pub fn rules() -> Vec<Rule> {
    vec![
        ("desktop_entry_is_valid", desktop_entry_is_valid),
        (
            "desktop_entry_starts_what_is_in_the_package",
            desktop_entry_starts_what_is_in_the_package,
        ),
        (
            "links_of_ours_open_the_application",
            links_of_ours_open_the_application,
        ),
        (
            "words_are_there_in_every_language",
            words_are_there_in_every_language,
        ),
        (
            "metainfo_is_valid_and_names_this_version",
            metainfo_is_valid_and_names_this_version,
        ),
    ]
}

const ENTRY: &str = "usr/share/applications/Ripieno.desktop";
const METAINFO: &str = "usr/share/metainfo/dev.ripieno.desktop.metainfo.xml";

/// The unpacked package.
struct Unpacked(tempfile::TempDir);

impl Unpacked {
    fn of(package: &Package) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        package.unpack(folder.path());
        Unpacked(folder)
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    /// The entry's own group, key by key.
    fn entry(&self) -> BTreeMap<String, String> {
        let text = std::fs::read_to_string(self.path(ENTRY)).expect("a desktop entry");
        let lines = text
            .lines()
            .skip(1)
            .take_while(|line| !line.starts_with('['));
        let pairs = lines.filter_map(|line| line.split_once('='));
        pairs
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }
}

fn says_nothing_against(command: &mut Command) {
    let output = command.output().expect("the validator starts");
    let words = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&words)
    );
}

fn desktop_entry_is_valid(package: &Package) {
    let unpacked = Unpacked::of(package);
    says_nothing_against(
        Command::new("desktop-file-validate")
            .arg("--warn-kde")
            .arg(unpacked.path(ENTRY)),
    );
}

fn desktop_entry_starts_what_is_in_the_package(package: &Package) {
    let unpacked = Unpacked::of(package);
    let entry = unpacked.entry();
    let program = entry["Exec"].split(' ').next().expect("a program");
    assert!(
        unpacked.path("usr/bin").join(program).is_file(),
        "{program} is not in the package"
    );
    let icons = unpacked.path("usr/share/icons/hicolor");
    let icon = |size: &str, ending: &str| {
        icons
            .join(size)
            .join("apps")
            .join(format!("{}.{ending}", entry["Icon"]))
    };
    for size in ["32x32", "128x128", "256x256", "512x512"] {
        let (width, height) = png_size(&icon(size, "png"));
        assert_eq!(
            format!("{width}x{height}"),
            size,
            "the icon has the size of its folder"
        );
    }
    assert!(icon("scalable", "svg").is_file());
}

/// Width and height stand at fixed places of a PNG's first block.
fn png_size(file: &Path) -> (u32, u32) {
    let bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    (number(16), number(20))
}

fn links_of_ours_open_the_application(package: &Package) {
    let entry = Unpacked::of(package).entry();
    assert!(
        entry["MimeType"]
            .split(';')
            .any(|kind| kind == "x-scheme-handler/ripieno")
    );
    assert!(
        entry["Exec"].ends_with(" %u"),
        "the link is not handed on: {}",
        entry["Exec"]
    );
}

fn words_are_there_in_every_language(package: &Package) {
    let unpacked = Unpacked::of(package);
    let entry = unpacked.entry();
    for key in ["Name", "GenericName", "Comment", "Keywords"] {
        let english = &entry[key];
        for (language, letters) in [("ja", 'の'), ("zh_CN", '的')] {
            let said = &entry[&format!("{key}[{language}]")];
            assert!(!said.is_empty());
            if ["GenericName", "Comment"].contains(&key) {
                assert_ne!(said, english, "{key} is not translated to {language}");
            }
            if key == "GenericName" {
                assert!(
                    said.contains(letters),
                    "{key}[{language}] is another language: {said}"
                );
            }
        }
    }
    let metainfo = std::fs::read_to_string(unpacked.path(METAINFO)).expect("the metainfo");
    for language in ["ja", "zh_CN"] {
        let said = format!(
            "<summary xml:lang=\"{language}\">{}</summary>",
            entry[&format!("Comment[{language}]")]
        );
        assert!(
            metainfo.contains(&said),
            "the software centre says something else in {language}"
        );
    }
}

fn metainfo_is_valid_and_names_this_version(package: &Package) {
    let unpacked = Unpacked::of(package);
    let file = unpacked.path(METAINFO);
    says_nothing_against(
        Command::new("appstreamcli")
            .args(["validate", "--no-net", "--pedantic"])
            .arg(&file),
    );
    let text = std::fs::read_to_string(file).expect("the metainfo");
    let version = format!("<release version=\"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&version), "{version} is missing");
    let launched = "<launchable type=\"desktop-id\">Ripieno.desktop</launchable>";
    assert!(text.contains(launched));
}
