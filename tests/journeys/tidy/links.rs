//! Documents point at what exists.

use crate::files::{self, Source, none};

#[test]
fn every_link_of_a_document_leads_somewhere() {
    let mut findings = Vec::new();
    for file in files::all() {
        if !file.has_ending(&["md"]) {
            continue;
        }
        for target in links(&file) {
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            if !files::root().join(folder).join(&target).exists() {
                findings.push(format!("{}: {target}", file.path));
            }
        }
    }
    none(findings, "links into nothing");
}

/// Targets of `[text](target)` that are files, without their `#part`.
fn links(file: &Source) -> Vec<String> {
    let outside = |target: &str| target.contains("://") || target.starts_with("mailto:");
    file.text
        .match_indices("](")
        .filter_map(|(at, _)| file.text[at + 2..].split(')').next())
        .map(|target| target.split('#').next().unwrap_or_default())
        .filter(|target| !target.is_empty() && !outside(target) && !target.contains(' '))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_newcomer_finds_every_document() {
    let mut findings = Vec::new();
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "AGENTS.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "KNOWN_ISSUES.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
    ] {
        if !files::root().join(name).exists() {
            findings.push(name.to_owned());
        }
    }
    none(findings, "documents that every visitor expects");
}

#[test]
fn architecture_fits_one_sitting() {
    let text = std::fs::read_to_string(files::root().join("ARCHITECTURE.md")).unwrap();
    let lines = text.lines().count();
    assert!(
        lines <= 250,
        "ARCHITECTURE.md has {lines} lines, at most 250"
    );
}

#[test]
fn no_two_decisions_share_a_number() {
    let folder = files::root().join("docs/decisions");
    let mut numbers: Vec<u32> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| {
            name.split('-')
                .next()
                .and_then(|number| number.parse().ok())
        })
        .collect();
    numbers.sort_unstable();
    let unique = numbers.windows(2).all(|pair| pair[0] < pair[1]);
    assert!(unique, "two decisions share a number: {numbers:?}");
}
