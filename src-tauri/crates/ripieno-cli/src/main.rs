//! The `ripieno` command: client verbs and the headless daemon (cli.md).
//!
//! Owns how requests are written on a command line and how answers are printed. Refuses to decide anything about tasks: every
//! verb is a request to the worker, or runs it.

mod args;
mod out;
mod verbs;

use args::Cli;
use clap::Parser;
use out::Out;
use ripieno_api::ApiError;
use ripieno_daemon::update::trial;
use std::{ffi::OsString, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // First of all and without a parser or runtime: every start of a performer waits for this one.
    if arguments.get(1).is_some_and(|verb| verb == "supervise") {
        return ripieno_agents::supervise::main(arguments.into_iter().skip(2));
    }
    // A newer version is tried by the one before it; every version understands this.
    if arguments.get(1).is_some_and(|word| word == trial::ARGUMENT) {
        return verbs::try_out();
    }
    let json = arguments.iter().any(|argument| argument == "--json");
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(refused) => return refuse(&refused, json),
    };
    let out = Out::new(cli.json, cli.quiet || cli.quiet_in_full, cli.no_color);
    match verbs::run(cli, &out) {
        Ok(code) => ExitCode::from(code),
        Err(error) => out.refuse(&error),
    }
}

/// What the parser refuses, with the exit code of the contract; `--help` and `--version` are no refusals.
fn refuse(refused: &clap::Error, json: bool) -> ExitCode {
    use clap::error::ErrorKind;
    if !refused.use_stderr() {
        drop(refused.print());
        return ExitCode::SUCCESS;
    }
    let error = match refused.kind() {
        ErrorKind::InvalidUtf8 => ApiError::usage(
            "an argument is not valid UTF-8: write the prompt as UTF-8, or attach the file with --input",
        ),
        _ => ApiError::usage(args::message(refused)),
    };
    if json || refused.kind() == ErrorKind::InvalidUtf8 {
        return Out::new(json, false, true).refuse(&error);
    }
    drop(refused.print());
    ExitCode::from(error.exit_code())
}
