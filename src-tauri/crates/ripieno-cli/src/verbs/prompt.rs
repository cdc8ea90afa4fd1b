//! The prompt of a new task: from the argument, the input, or a file.

use crate::args::AddArgs;
use ripieno_api::ApiError;
use std::{
    io::Read,
    path::{Path, PathBuf},
};

/// The longest prompt that is read, in bytes; the worker has the last word.
const LONGEST: u64 = 9 * 1024 * 1024;

/// Finds the prompt.
pub(super) fn read(add: &AddArgs) -> Result<String, ApiError> {
    match (&add.prompt, &add.file) {
        (Some(prompt), _) if prompt == "-" => text(std::io::stdin().lock(), "the input"),
        (Some(prompt), _) => Ok(prompt.clone()),
        (None, Some(file)) => from_file(file),
        (None, None) => Err(ApiError::usage(
            "say what is to be done: ripieno task add \"...\", with - to read it from the input, or --file F",
        )),
    }
}

/// Reads a text file.
pub(super) fn from_file(file: &Path) -> Result<String, ApiError> {
    let shown = file.display().to_string();
    let opened = std::fs::File::open(file).map_err(|error| {
        ApiError::invalid(format!(
            "{shown} cannot be read: {error}; give a file that exists"
        ))
    })?;
    text(opened, &shown)
}

fn text(from: impl Read, name: &str) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    from.take(LONGEST)
        .read_to_end(&mut bytes)
        .map_err(|error| ApiError::invalid(format!("{name} cannot be read: {error}")))?;
    String::from_utf8(bytes).map_err(|bad| {
        let at = bad.utf8_error().valid_up_to();
        ApiError::invalid(format!(
            "{name} is not valid UTF-8 (byte {}): save it as UTF-8, or attach it with --input",
            at + 1
        ))
    })
}

/// A path as the worker understands it, which works in another folder.
pub(super) fn absolute(path: &Path) -> Result<String, ApiError> {
    let whole: PathBuf = std::path::absolute(path).map_err(|error| {
        ApiError::invalid(format!("{} cannot be used: {error}", path.display()))
    })?;
    whole.into_os_string().into_string().map_err(|raw| {
        ApiError::invalid(format!(
            "the path {} is not valid UTF-8: rename it",
            raw.to_string_lossy()
        ))
    })
}
