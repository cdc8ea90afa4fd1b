//! The scripted model server as a program: prints its base address and serves until it is ended.
//!
//! `ripieno-model-server [--port N] [--log FILE]`; the scenario is the first path segment of the base URL.

use ripieno_testkit::ModelServer;
use std::{path::PathBuf, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    let (port, log) = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\nusage: ripieno-model-server [--port N] [--log FILE]");
            return ExitCode::from(2);
        }
    };
    match ModelServer::start_on(port, log.as_deref()).await {
        Ok(server) => {
            println!("{}", server.base_url("").trim_end_matches('/'));
            server.serve().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the server cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(mut args: impl Iterator<Item = String>) -> Result<(u16, Option<PathBuf>), String> {
    let (mut port, mut log) = (0, None);
    while let Some(arg) = args.next() {
        let value = args.next().ok_or_else(|| format!("{arg} needs a value"))?;
        match arg.as_str() {
            "--port" => port = value.parse().map_err(|_| format!("{value} is no port"))?,
            "--log" => log = Some(PathBuf::from(value)),
            _ => return Err(format!("{arg} is unknown")),
        }
    }
    Ok((port, log))
}
