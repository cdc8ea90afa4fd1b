//! Pieces: found, checked and tried without a worker (P1, P7).

use super::{home, prompt};
use crate::{
    args::PieceVerb,
    out::{Out, line, plain},
};
use ripieno_api::ApiError;
use ripieno_pieces::{
    Library, PieceError,
    simulate::{Recording, simulate},
    source::ListedState,
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
    out.show(&json!({ "pieces": listed }), || {
        let row = |piece: &ripieno_pieces::source::Listed| {
            let told = match &piece.state {
                ListedState::Summary(summary) => line(summary, 80),
                ListedState::Problem(problem) => format!("broken: {}", line(problem, 100)),
            };
            vec![
                piece.name.clone(),
                json!(piece.origin).as_str().unwrap_or_default().to_owned(),
                told,
            ]
        };
        out.table(
            &["NAME", "FROM", "SUMMARY"],
            &listed.iter().map(row).collect::<Vec<_>>(),
        )
    });
    Ok(0)
}

fn show(name: &str, dir: Option<&Path>, out: &Out) -> Result<u8, ApiError> {
    let (origin, loaded) = library(dir)?.load(name).map_err(wrong)?;
    let piece = &loaded.piece;
    let movements: Vec<String> = piece
        .movements()
        .iter()
        .map(|movement| movement.name().to_string())
        .collect();
    let view = json!({
        "name": piece.name().to_string(),
        "summary": piece.summary(),
        "origin": origin,
        "digest": loaded.digest,
        "movements": movements,
        "pinned": loaded.pinned,
    });
    out.show(&view, || {
        // A comment, so that the whole can be saved as a piece of one's own.
        format!(
            "# {}  {}  {}\n{}",
            piece.name(),
            json!(origin).as_str().unwrap_or_default(),
            loaded.digest,
            plain(&loaded.pinned.text)
        )
    });
    Ok(0)
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
