//! What may stand in one place only: SQL, clocks, unsafe code, paths of one machine.

use crate::files::{self, none};

const STORE: &str = "src-tauri/crates/ripieno-store/";
const CORE: &str = "src-tauri/crates/ripieno-core/";
const PIECES: &str = "src-tauri/crates/ripieno-pieces/";

/// What the law must never read: architecture 2.2.
const WORLD: [&str; 9] = [
    "SystemTime::now",
    "Instant::now",
    "std::fs",
    "std::env",
    "std::process",
    "std::net",
    "std::thread",
    "tokio",
    "rand::",
];

/// Starts of SQL statements as we write them, in capitals.
const SQL: [&str; 6] = [
    "SELECT ",
    "INSERT INTO ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "BEGIN IMMEDIATE",
    "PRAGMA ",
];

/// Modules that may contain unsafe code, each block argued; the benchmark's peers are
/// workspaces of their own, outside our lints.
const UNSAFE: [&str; 2] = [
    "src-tauri/crates/ripieno-agents/src/process",
    "tests/bench/peers/",
];

#[test]
fn only_the_store_writes_sql() {
    let mut findings = Vec::new();
    for file in files::rust() {
        if file.path.starts_with(STORE) || file.is_test() {
            continue;
        }
        for (at, line) in file.product_code() {
            if SQL.iter().any(|start| line.contains(start)) {
                findings.push(format!("{}:{at}: {}", file.path, line.trim()));
            }
        }
    }
    none(findings, "SQL outside ripieno-store");
}

#[test]
fn task_states_are_written_in_one_place() {
    let mut places = Vec::new();
    for file in files::rust() {
        if !file.path.starts_with("src-tauri/") || file.is_test() {
            continue;
        }
        let code: String = file
            .product_code()
            .map(|(_, line)| line.trim().trim_end_matches('\\'))
            .collect::<Vec<_>>()
            .join(" ");
        let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
        let places_here = usize::from(writes_state(&code)) + code.matches("\"state = ?").count();
        places.extend(std::iter::repeat_n(file.path, places_here));
    }
    let in_store = places.iter().all(|path| path.starts_with(STORE));
    assert!(
        places.len() == 1 && in_store,
        "the state of a task is written in one place of the store, found: {places:?}"
    );
}

/// Finds an update of `tasks` whose SET part names the column `state`; the store puts its one
/// statement together from parts, which the caller counts.
fn writes_state(code: &str) -> bool {
    code.match_indices("UPDATE tasks SET").any(|(at, _)| {
        let statement = &code[at..];
        let end = statement.find(['"', ';']).unwrap_or(statement.len());
        let set = statement[..end].split(" WHERE ").next().unwrap_or_default();
        set.split([',', ' '])
            .any(|word| word.split('=').next() == Some("state"))
    })
}

#[test]
fn the_law_reads_nothing_of_the_world() {
    let mut findings = Vec::new();
    for file in files::rust() {
        if !file.path.starts_with(CORE) || file.is_test() {
            continue;
        }
        for (at, line) in file.product_code() {
            for word in WORLD.iter().filter(|word| line.contains(**word)) {
                findings.push(format!("{}:{at}: {word}", file.path));
            }
        }
    }
    none(findings, "ripieno-core must stay pure");
}

#[test]
fn pieces_touch_files_in_one_module() {
    let mut findings = Vec::new();
    for file in files::rust() {
        let own = file.path.starts_with(PIECES) && !file.path.ends_with("/source.rs");
        if !own || file.is_test() {
            continue;
        }
        for (at, line) in file.product_code() {
            if line.contains("std::fs") || line.contains("async ") {
                findings.push(format!("{}:{at}: {}", file.path, line.trim()));
            }
        }
    }
    none(findings, "ripieno-pieces reads files in source.rs only");
}

#[test]
fn unsafe_code_stands_in_listed_modules_only() {
    let mut findings = Vec::new();
    let marks = ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"];
    for file in files::rust() {
        let listed = UNSAFE.iter().any(|place| file.path.starts_with(place));
        // This file names what it looks for.
        if listed || file.path.ends_with("tidy/places.rs") {
            continue;
        }
        for (at, line) in file.code() {
            if marks.iter().any(|mark| line.contains(mark)) {
                findings.push(format!("{}:{at}: {}", file.path, line.trim()));
            }
        }
    }
    none(findings, "unsafe code outside the listed modules");
}

/// Names that stand for anybody in examples and recordings.
const ANYBODY: [&str; 8] = [
    "user",
    "me",
    "ada",
    "you",
    "runner",
    "linuxbrew",
    "Shared",
    "Public",
];

#[test]
fn no_file_names_the_home_of_one_machine() {
    let mut findings = Vec::new();
    for file in files::all() {
        for (at, line) in file.text.lines().enumerate() {
            if let Some(home) = named_home(line) {
                findings.push(format!("{}:{}: {home}", file.path, at + 1));
            }
        }
    }
    none(findings, "paths that exist on one machine only");
}

fn named_home(line: &str) -> Option<String> {
    for parent in ["/home/", "/Users/", "C:\\Users\\"] {
        for (at, _) in line.match_indices(parent) {
            let name: String = line[at + parent.len()..]
                .chars()
                .take_while(|c| c.is_alphanumeric() || "-_.".contains(*c))
                .collect();
            let example = ANYBODY.contains(&name.trim_end_matches('.'));
            if !name.is_empty() && !example {
                return Some(format!("{parent}{name}"));
            }
        }
    }
    None
}

#[test]
fn named_home_finds_a_person_and_lets_examples_pass() {
    let path = ["/ho", "me/jo/x"].concat();
    assert_eq!(named_home(&path).as_deref(), Some(&path[..8]));
    assert_eq!(named_home("/home/user/x"), None);
    assert_eq!(named_home("/home/"), None);
}

#[test]
fn writes_state_sees_the_column_and_not_its_neighbours() {
    assert!(writes_state(
        "UPDATE tasks SET a = 1, state = ?2 WHERE id = ?1\""
    ));
    assert!(writes_state("UPDATE tasks SET state=?2\""));
    assert!(!writes_state(
        "UPDATE tasks SET paused = 1 WHERE state = 'queued'\""
    ));
    assert!(!writes_state("UPDATE tasks SET estate = 1\""));
}
