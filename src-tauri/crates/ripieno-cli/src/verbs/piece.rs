//! Pieces: found, checked and tried without a worker (P1, P7).

use super::{home, prompt};
use crate::{
    args::PieceVerb,
    out::{Out, line, plain},
};
use ripieno_api::{
    ApiError,
    view::{PieceRow, PieceText},
};
use ripieno_pieces::{
    Library, PieceError,
    simulate::{Recording, simulate},
};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

pub(super) fn run(verb: &PieceVerb, out: &Out) -> Result<u8, ApiError> {
    match verb {
        PieceVerb::List { dir } => list(dir.as_deref(), out),
        PieceVerb::Show { name, dir } => show(name, dir.as_deref(), out),
        PieceVerb::Validate { file } => validate(file, out),
        PieceVerb::Test { file, recording } => test(file, recording.as_deref(), out),
    }
}

fn library(dir: Option<&Path>) -> Result<Library, ApiError> {
    Ok(Library::new(dir, Some(&home()?.pieces_dir())))
}

fn list(dir: Option<&Path>, out: &Out) -> Result<u8, ApiError> {
    let listed = library(dir)?.list();
    let pieces: Vec<PieceRow> = listed.iter().map(PieceRow::from).collect();
    out.show(&json!({ "pieces": pieces }), || {
        let row = |piece: &PieceRow| {
            let told = match piece.problems.first() {
                None => line(&piece.summary, 80),
                Some(problem) => format!("broken: {}", line(problem, 100)),
            };
            vec![piece.name.clone(), words(&piece.origin), told]
        };
        out.table(
            &["NAME", "FROM", "SUMMARY"],
            &pieces.iter().map(row).collect::<Vec<_>>(),
        )
    });
    Ok(0)
}

fn show(name: &str, dir: Option<&Path>, out: &Out) -> Result<u8, ApiError> {
    let (origin, loaded) = library(dir)?.load(name).map_err(wrong)?;
    let piece = PieceText::new(origin, &loaded);
    out.show(&json!(piece), || {
        // A comment, so that the whole can be saved as a piece of one's own.
        format!(
            "# {}  {}  {}\n{}",
            piece.name,
            words(&piece.origin),
            piece.digest,
            plain(&piece.text)
        )
    });
    Ok(0)
}

/// The origin as people read it.
fn words(origin: &str) -> String {
    origin.replace('_', "-")
}

fn validate(file: &Path, out: &Out) -> Result<u8, ApiError> {
    let loaded = library(None)?.load_file(file).map_err(wrong)?;
    let name = loaded.piece.name().to_string();
    out.show(
        &json!({ "valid": true, "name": name, "digest": loaded.digest }),
        || format!("{name}: good"),
    );
    Ok(0)
}

fn test(file: &Path, recording: Option<&Path>, out: &Out) -> Result<u8, ApiError> {
    let loaded = library(None)?.load_file(file).map_err(wrong)?;
    let beside = file.with_extension("test.yaml");
    let recording = match recording
        .map(PathBuf::from)
        .or_else(|| beside.is_file().then_some(beside))
    {
        Some(path) => Recording::parse(&prompt::from_file(&path)?)
            .map_err(|bad| ApiError::invalid(format!("{}: {bad}", path.display())))?,
        None => Recording::default(),
    };
    let trace = simulate(&Arc::new(loaded.piece), &recording);
    let failures = trace.failures(&recording);
    out.show(
        &json!({ "passed": failures.is_empty(), "failures": failures, "trace": trace }),
        || trace.text(),
    );
    for failure in &failures {
        out.say(&format!("error: {failure}"));
    }
    Ok(u8::from(!failures.is_empty()))
}

fn wrong(error: PieceError) -> ApiError {
    let detail = match &error {
        PieceError::Malformed(problems) => Some(json!({ "problems": problems })),
        PieceError::Unknown { .. } | PieceError::Unreadable { .. } => None,
    };
    ApiError {
        detail,
        ..ApiError::invalid(error.to_string())
    }
}
