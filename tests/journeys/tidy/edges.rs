//! Which crate may know which: architecture 2.2, read from the manifests.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{DocumentMut, Item, TableLike};

use crate::files::{self, none};

/// Our own crates, and which of them each may depend on.
const OURS: [(&str, &[&str]); 13] = [
    ("ripieno-core", &[]),
    ("ripieno-gate", &[]),
    ("ripieno-pieces", &["core"]),
    ("ripieno-store", &["core"]),
    ("ripieno-agents", &["core", "pieces"]),
    ("ripieno-update", &[]),
    (
        "ripieno-daemon",
        &["core", "gate", "pieces", "store", "agents", "update"],
    ),
    ("ripieno-api", &["core", "daemon"]),
    (
        "ripieno-cli",
        &["core", "pieces", "agents", "daemon", "api"],
    ),
    ("ripieno-desktop", &["core", "daemon", "api"]),
    // For tests only: nobody may name the kit outside their dev-dependencies.
    (
        "ripieno-testkit",
        &["core", "pieces", "store", "agents", "daemon", "api"],
    ),
    // The tool of releases.
    ("ripieno-release", &["update"]),
    ("ripieno-tests", &[]),
];

/// The only outside crates that the pure ones may use.
const PURE: [(&str, &[&str]); 2] = [
    (
        "ripieno-core",
        &["serde", "serde_json", "thiserror", "semver", "uuid", "sha2"],
    ),
    ("ripieno-gate", &[]),
];

/// Outside crates that only the named ones of ours may use.
const RESERVED: [(&str, &[&str]); 6] = [
    ("rusqlite", &["ripieno-store"]),
    ("tauri", &["ripieno-desktop"]),
    ("tauri-build", &["ripieno-desktop"]),
    ("gtk", &["ripieno-desktop"]),
    ("axum", &["ripieno-api", "ripieno-testkit"]),
    ("clap", &["ripieno-cli"]),
];

struct Manifest {
    path: String,
    document: DocumentMut,
    name: String,
    /// Normal and build dependencies, also those of one system only.
    needs: BTreeSet<String>,
}

fn manifests() -> BTreeMap<String, Manifest> {
    let mut found = BTreeMap::new();
    for file in files::all() {
        let ours = file.path == "Cargo.toml"
            || file.path == "tests/Cargo.toml"
            || file.path.starts_with("src-tauri/crates/");
        if !ours || !file.path.ends_with("Cargo.toml") {
            continue;
        }
        let document: DocumentMut = file.text.parse().unwrap();
        let name = document["package"]["name"].as_str().unwrap().to_owned();
        let mut needs = names(document.as_table());
        if let Some(systems) = document.get("target").and_then(Item::as_table_like) {
            for (system, table) in systems.iter() {
                // The model checker of the gate is no part of the product.
                if system != "cfg(loom)" {
                    needs.extend(names(table.as_table_like().unwrap()));
                }
            }
        }
        let manifest = Manifest {
            path: file.path,
            document,
            name: name.clone(),
            needs,
        };
        found.insert(name, manifest);
    }
    found
}

fn names(table: &dyn TableLike) -> BTreeSet<String> {
    ["dependencies", "build-dependencies"]
        .into_iter()
        .filter_map(|kind| table.get(kind).and_then(Item::as_table_like))
        .flat_map(|table| table.iter().map(|(name, _)| name.to_owned()))
        .collect()
}

#[test]
fn crates_know_only_those_below_them() {
    let mut findings = Vec::new();
    for manifest in manifests().values() {
        let Some((_, allowed)) = OURS.iter().find(|(name, _)| *name == manifest.name) else {
            findings.push(format!(
                "{} is not in the table of edges: add it to the architecture first",
                manifest.name
            ));
            continue;
        };
        for need in &manifest.needs {
            if let Some(short) = need.strip_prefix("ripieno-")
                && !allowed.contains(&short)
            {
                findings.push(format!("{} must not depend on {need}", manifest.name));
            }
        }
    }
    none(findings, "edges between our crates");
}

#[test]
fn pure_crates_use_nothing_that_touches_the_world() {
    let manifests = manifests();
    let mut findings = Vec::new();
    for (name, allowed) in PURE {
        for need in &manifests[name].needs {
            if !allowed.contains(&need.as_str()) {
                findings.push(format!("{name} must stay pure, without {need}"));
            }
        }
    }
    none(findings, "dependencies of the pure crates");
}

#[test]
fn reserved_crates_stay_in_their_place() {
    let mut findings = Vec::new();
    for manifest in manifests().values() {
        for (reserved, owners) in RESERVED {
            if manifest.needs.contains(reserved) && !owners.contains(&manifest.name.as_str()) {
                findings.push(format!("{} must not use {reserved}", manifest.name));
            }
        }
    }
    none(findings, "crates with one place");
}

#[test]
fn every_crate_takes_the_common_lints_and_oldest_rust() {
    let mut findings = Vec::new();
    for manifest in manifests().values() {
        let inherits = |keys: &[&str]| {
            let mut item = Some(manifest.document.as_item());
            for key in keys {
                item = item.and_then(|item| item.get(key));
            }
            item.and_then(Item::as_bool) == Some(true)
        };
        // A test may fail loudly anywhere, so the journeys take only the rule about unsafe code.
        if manifest.name != "ripieno-tests" && !inherits(&["lints", "workspace"]) {
            findings.push(format!("{}: [lints] workspace = true", manifest.path));
        }
        if !inherits(&["package", "rust-version", "workspace"]) {
            findings.push(format!("{}: rust-version.workspace = true", manifest.path));
        }
    }
    none(findings, "what every manifest inherits");
}

#[test]
fn no_crate_is_empty() {
    let sources = files::rust();
    let mut findings = Vec::new();
    for manifest in manifests().values() {
        let folder = manifest.path.trim_end_matches("Cargo.toml");
        let folder = if folder.is_empty() {
            "src-tauri/src/"
        } else {
            folder
        };
        let lines: usize = sources
            .iter()
            .filter(|file| file.path.starts_with(folder))
            .map(|file| {
                file.code()
                    .filter(|(_, line)| !line.trim().is_empty())
                    .count()
            })
            .sum();
        if lines < 50 {
            findings.push(format!("{}: {lines} lines of code", manifest.name));
        }
    }
    none(findings, "crates made before their first real code");
}
