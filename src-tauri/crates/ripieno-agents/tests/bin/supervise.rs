//! The supervisor as a program of its own, for tests that start processes; with the verb `own` a worker that owns
//! one run and waits to be killed.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use ripieno_agents::process::{LaunchSpec, Launcher, Stdin};
use std::{collections::BTreeMap, io::Write, path::PathBuf, process::ExitCode};
use tokio::io::{AsyncBufReadExt, BufReader};

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    match args.next() {
        Some(verb) if verb == "supervise" => ripieno_agents::supervise::main(args),
        Some(verb) if verb == "own" => own(args.map(|arg| arg.into_string().unwrap()).collect()),
        _ => ExitCode::from(2),
    }
}

/// Runs `sh -c SCRIPT` marked as task MARK, prints the supervisor's id and start and the script's first line, and waits.
#[tokio::main(flavor = "current_thread")]
async fn own(args: Vec<String>) -> ExitCode {
    let [script, mark] = <[String; 2]>::try_from(args).unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let spec = LaunchSpec {
        program: PathBuf::from("/bin/sh"),
        args: vec!["-c".into(), script.into()],
        env: BTreeMap::from([("PATH".into(), path), ("RIPIENO_TASK_ID".into(), mark)]),
        cwd: PathBuf::from("/"),
        stdin: Stdin::Null,
    };
    let launched = Launcher::new(std::env::current_exe().unwrap())
        .launch(spec)
        .await
        .unwrap();
    let mut lines = BufReader::new(launched.stdout).lines();
    let first = lines.next_line().await.unwrap().unwrap_or_default();
    println!("{} {} {first}", launched.pid, launched.started);
    std::io::stdout().flush().unwrap();
    launched.handle.gone().await;
    ExitCode::SUCCESS
}
