//! `task diff`: what a task changed, as a patch.

use super::{ask, prompt, read};
use crate::{
    args::DiffArgs,
    out::{Colour, Out, plain},
};
use ripieno_api::{ApiError, command, view};
use serde_json::json;
use std::{
    fs::{self, File},
    io::{self, IsTerminal},
    path::Path,
};

pub(super) async fn run(args: DiffArgs, out: &Out) -> Result<u8, ApiError> {
    if let Some(file) = &args.patch {
        return export(&args.id, file, out).await;
    }
    let request = command::Diff {
        id: args.id.clone(),
        path: args.path,
        whitespace: Some(!args.ignore_space),
    };
    let diff = ask("task.diff", request).await?;
    if out.json {
        out.object(&diff);
        return Ok(0);
    }
    let diff: view::Diff = read(diff)?;
    match &diff.reason {
        Some(reason) => out.say(&format!("{}: nothing to show: {}", args.id, plain(reason))),
        None if diff.patch.is_empty() => out.say(&format!("{} changed nothing", args.id)),
        // A program gets the patch as it is, to apply it.
        None if !io::stdout().is_terminal() => out.text(&diff.patch),
        None => out.text(&painted(&diff.patch, out)),
    }
    if diff.truncated {
        out.say("there is more than is shown: name one file with --path, or write all of it with --patch FILE");
    }
    Ok(0)
}

/// Moves the patch that the worker wrote among the outputs to a new file of the person's.
async fn export(id: &str, to: &Path, out: &Out) -> Result<u8, ApiError> {
    let refused = |error: io::Error| {
        let to = to.display();
        ApiError::invalid(match error.kind() {
            io::ErrorKind::AlreadyExists => format!("{to} is there already: name another file"),
            _ => format!("{to} cannot be written: {error}; name another file"),
        })
    };
    let shown = prompt::absolute(to)?;
    let mut file = File::create_new(to).map_err(refused)?;
    let written = match ask("task.patch", command::Named { id: id.to_owned() }).await {
        Ok(written) => written,
        Err(error) => {
            drop(fs::remove_file(to));
            return Err(error);
        }
    };
    let mut patch: view::Patch = read(written)?;
    let mut from = File::open(&patch.path).map_err(refused)?;
    io::copy(&mut from, &mut file).map_err(refused)?;
    drop(fs::remove_file(&patch.path));
    patch.path = shown;
    out.show(&json!(patch), || {
        format!("{} ({} bytes)", patch.path, patch.bytes)
    });
    if !patch.left_out.is_empty() {
        let names: Vec<String> = patch.left_out.iter().map(|name| plain(name)).collect();
        out.say(&format!(
            "too large or not readable, and so not in it: {}",
            names.join(", ")
        ));
    }
    Ok(0)
}

/// The patch as people read it: nothing in it steers the terminal.
fn painted(patch: &str, out: &Out) -> String {
    let mut text = String::with_capacity(patch.len());
    for line in patch.lines() {
        let line = plain(line);
        let colour = match line.as_bytes().first() {
            Some(b'+') if !line.starts_with("+++ ") => Some(Colour::Green),
            Some(b'-') if !line.starts_with("--- ") => Some(Colour::Red),
            Some(b' ' | b'\\' | b'+' | b'-') | None => None,
            Some(_) => Some(Colour::Dim),
        };
        match colour {
            Some(colour) => text.push_str(&out.paint(colour, &line)),
            None => text.push_str(&line),
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patch_for_people_keeps_its_lines_and_steers_no_terminal() {
        let out = Out::new(false, false, true);
        let patch =
            "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new \x1b[2J\n same\n";
        let shown = painted(patch, &out);
        assert_eq!(shown, patch.replace('\x1b', "\u{fffd}"));
    }
}
