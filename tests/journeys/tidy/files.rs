//! The hand-written files of the repository, read once per rule.

use std::path::{Path, PathBuf};

/// Folders that hold nothing written by hand.
const SKIPPED: [&str; 8] = [
    ".git",
    ".cache",
    "target",
    "node_modules",
    "dist",
    "gen",
    "test-results",
    "__pycache__",
];

/// One file: its path from the root with `/` between names, and its text.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn has_ending(&self, endings: &[&str]) -> bool {
        let ending = self.path.rsplit('.').next().unwrap_or_default();
        endings.contains(&ending)
    }

    /// Lines with their number from 1, without those that are comments only.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate();
        lines
            .map(|(at, line)| (at + 1, line))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// The code above the file's unit tests.
    pub(crate) fn product_code(&self) -> impl Iterator<Item = (usize, &str)> {
        let tests =
            |line: &str| line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(all(test");
        self.code().take_while(move |(_, line)| !tests(line))
    }

    pub(crate) fn is_test(&self) -> bool {
        let file = self.path.rsplit('/').next().unwrap_or_default();
        // What fuzzing reads is shared with the tests of the crates whose parsers they are.
        self.path.starts_with("tests/")
            || self.path.starts_with("fuzz/")
            || self.path.contains("/tests/")
            || self.path.starts_with("ui/test/")
            || file == "tests.rs"
            || file.ends_with("_tests.rs")
    }
}

pub(crate) fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap().to_owned()
}

/// Every file that is text; pictures and the like are left out.
pub(crate) fn all() -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            let skipped = SKIPPED.iter().any(|name| entry.file_name() == *name);
            if kind.is_dir() && !skipped {
                folders.push(path);
            } else if kind.is_file() {
                let name = path.strip_prefix(&root).unwrap();
                if let Ok(text) = std::fs::read_to_string(&path) {
                    let path = name.to_str().unwrap().replace('\\', "/");
                    found.push(Source { path, text });
                }
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

pub(crate) fn rust() -> Vec<Source> {
    let mut files = all();
    files.retain(|file| file.has_ending(&["rs"]));
    files
}

/// Fails with every finding at once, one per line.
#[track_caller]
pub(crate) fn none(findings: Vec<String>, rule: &str) {
    assert!(findings.is_empty(), "{rule}:\n{}", findings.join("\n"));
}
