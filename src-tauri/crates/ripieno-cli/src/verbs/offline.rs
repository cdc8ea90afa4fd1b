//! Verbs that need neither worker nor home.

use crate::{args::Cli, out::Out};
use clap::CommandFactory;
use ripieno_api::{ApiError, error::Code};
use std::path::Path;

pub(super) fn completion(shell: clap_complete::Shell, out: &Out) -> Result<u8, ApiError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ripieno", &mut script);
    out.text(&String::from_utf8_lossy(&script));
    Ok(0)
}

pub(super) fn man(dir: Option<&Path>, out: &Out) -> Result<u8, ApiError> {
    if let Some(dir) = dir {
        std::fs::create_dir_all(dir)
            .and_then(|()| clap_mangen::generate_to(Cli::command(), dir))
            .map_err(|error| {
                ApiError::invalid(format!(
                    "no pages can be written in {} ({error}): name a folder of yours",
                    dir.display()
                ))
            })?;
        return Ok(0);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut page)
        .map_err(|error| {
            ApiError::new(
                Code::Internal,
                format!("the manual page cannot be written: {error}"),
            )
        })?;
    out.text(&String::from_utf8_lossy(&page));
    Ok(0)
}
