//! Sizes, leftovers and names.

use std::collections::BTreeSet;

use crate::files::{self, Source, none};

/// Hand-written files stay readable in one sitting.
const LONGEST: usize = 500;

/// What must not stay behind. Written in two parts each, so that this file passes its own test.
const LEFTOVERS: [(&str, &[&str]); 11] = [
    (concat!("todo", "!("), &["rs"]),
    (concat!("unimplemented", "!("), &["rs"]),
    (concat!("dbg", "!("), &["rs"]),
    (concat!("#[ig", "nore"), &["rs"]),
    (concat!(".on", "ly("), &["ts", "js", "mjs"]),
    (concat!(".sk", "ip("), &["ts", "js", "mjs"]),
    (concat!("console", ".log("), &["ts", "svelte"]),
    (concat!("debug", "ger;"), &["ts", "svelte", "js", "mjs"]),
    (concat!("FIX", "ME"), &CODE),
    (concat!("TO", "DO"), &CODE),
    (concat!("X", "XX"), &CODE),
];

const CODE: [&str; 10] = [
    "rs", "ts", "js", "mjs", "svelte", "css", "py", "sh", "yaml", "yml",
];

/// Written by `make bindings`.
const WRITTEN: &str = "ui/src/bindings/";

/// Endings that name nothing.
const EMPTY_NAMES: [&str; 5] = ["Manager", "Service", "Helper", "Util", "Info"];

fn code() -> Vec<Source> {
    let mut sources = files::all();
    sources.retain(|file| file.has_ending(&CODE));
    sources
}

#[test]
fn hand_written_files_stay_below_the_limit() {
    let findings = code()
        .iter()
        .filter(|file| !file.has_ending(&["yaml", "yml"]) && !file.path.starts_with(WRITTEN))
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(file, lines)| format!("{}: {lines} lines", file.path))
        .collect();
    none(findings, "files over 500 lines: split them by meaning");
}

#[test]
fn nothing_is_left_behind() {
    let mut findings = Vec::new();
    for file in code() {
        for (at, line) in file.text.lines().enumerate() {
            for (leftover, endings) in LEFTOVERS {
                // mktemp's template of X is no word of ours.
                let word = !line.contains("mktemp") && line.contains(leftover);
                if file.has_ending(endings) && word {
                    findings.push(format!("{}:{}: {leftover}", file.path, at + 1));
                }
            }
        }
    }
    none(findings, "leftovers");
}

#[test]
fn the_product_has_no_code_that_nobody_calls() {
    let marker = concat!("[allow", "(dead_code");
    let mut findings = Vec::new();
    for file in files::rust().iter().filter(|file| !file.is_test()) {
        for (at, _) in file
            .product_code()
            .filter(|(_, line)| line.contains(marker))
        {
            findings.push(format!("{}:{at}", file.path));
        }
    }
    none(findings, "dead code that is kept");
}

#[test]
fn types_have_names_that_say_something() {
    let mut findings = Vec::new();
    for file in files::rust() {
        for (at, line) in file.code() {
            let words: Vec<&str> = line
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .collect();
            for pair in words.windows(2) {
                let defines = ["struct", "enum", "trait", "type"].contains(&pair[0]);
                if defines && EMPTY_NAMES.iter().any(|end| pair[1].ends_with(end)) {
                    findings.push(format!("{}:{at}: {}", file.path, pair[1]));
                }
            }
        }
    }
    none(findings, "names that say nothing");
}

#[test]
fn every_crate_says_what_it_owns() {
    let findings = files::rust()
        .iter()
        .filter(|file| file.path.ends_with("src/lib.rs") || file.path.ends_with("src/main.rs"))
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| file.path.clone())
        .collect();
    none(findings, "crates without words at the top");
}

#[test]
fn no_rust_file_is_forgotten() {
    let sources = files::rust();
    let manifests: String = files::all()
        .iter()
        .filter(|file| file.path.ends_with("Cargo.toml"))
        .map(|file| file.text.clone())
        .collect();
    // `mod x;`, `pub mod x;` and `path = "y/x.rs"`, in one pass.
    let mut modules = BTreeSet::new();
    let mut paths = BTreeSet::new();
    for line in sources.iter().flat_map(|file| file.text.lines()) {
        let line = line.trim();
        if let Some((_, name)) = line.strip_suffix(';').and_then(|l| l.rsplit_once("mod ")) {
            modules.insert(name);
        }
        if let Some(path) = line.split('"').find(|part| part.ends_with(".rs")) {
            paths.insert(path.rsplit('/').next().unwrap_or_default());
        }
    }
    let mut findings = Vec::new();
    for file in &sources {
        let mut names = file.path.rsplit('/');
        let last = names.next().unwrap_or_default();
        let stem = match last {
            "lib.rs" | "main.rs" | "build.rs" => continue,
            "mod.rs" => names.next().unwrap_or_default(),
            _ => last.trim_end_matches(".rs"),
        };
        // Cargo finds the tests and examples of a crate by itself, except where the manifest lists them.
        let found_by_cargo = file.path.starts_with("src-tauri/crates/")
            && ["tests", "examples"]
                .map(Some)
                .contains(&file.path.split('/').nth(3));
        let declared = modules.contains(stem) || paths.contains(last);
        if !found_by_cargo && !declared && !manifests.contains(&format!("/{last}\"")) {
            findings.push(file.path.clone());
        }
    }
    none(findings, "files that no module and no manifest names");
}
