//! `task diff`: what a task changed, as a patch.

use super::{ask, read};
use crate::{
    args::DiffArgs,
    out::{Colour, Out, plain},
};
use ripieno_api::{ApiError, command, view};
use std::io::{self, IsTerminal};

pub(super) async fn run(args: DiffArgs, out: &Out) -> Result<u8, ApiError> {
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
        out.say("there is more than is shown: name one file with --path");
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
