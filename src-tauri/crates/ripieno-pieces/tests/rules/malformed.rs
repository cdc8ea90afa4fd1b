//! Malformed pieces: each file of the corpus says at its end exactly which mistakes it has.

use std::fs;
use std::path::Path;

use ripieno_pieces::{Library, PieceError};

const MARK: &str = "# mistake: ";

#[test]
fn every_malformed_piece_has_exactly_its_mistakes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/malformed");
    let mut wrong = Vec::new();
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 60, "the corpus is missing");
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let wanted: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix(MARK))
            .collect();
        let name = path.file_name().unwrap().to_str().unwrap();
        let found: Vec<String> = match Library::built_in().load_file(&path) {
            Ok(_) => vec!["none".to_owned()],
            Err(PieceError::Malformed(problems)) => problems
                .iter()
                .map(|problem| placed(&problem.to_string(), &problem.file, &folder))
                .collect(),
            Err(other) => vec![other.to_string()],
        };
        if found != wanted {
            let lines: Vec<String> = found.iter().map(|line| format!("{MARK}{line}")).collect();
            wrong.push(format!("== {name}\n{}", lines.join("\n")));
        }
    }
    assert!(
        wrong.is_empty(),
        "other mistakes than written:\n{}",
        wrong.join("\n")
    );
}

/// The mistake without the file's name, and without the place of this checkout.
fn placed(line: &str, file: &str, folder: &Path) -> String {
    let line = line.strip_prefix(&format!("{file}:")).unwrap();
    line.replace(folder.to_str().unwrap(), "HERE")
}
