//! What each verb does.

mod ask;
mod branch;
mod config;
mod daemon;
mod diff;
mod doctor;
mod events;
mod gc;
mod grant;
mod history;
mod logs;
mod mcp;
mod offline;
mod piece;
mod project;
mod prompt;
mod repo;
mod rewind;
mod skill;
mod status;
mod task;
mod update;
mod wait;

pub(crate) use daemon::try_out;

use crate::{
    args::{Cli, McpVerb, Verb},
    out::Out,
};
use ripieno_api::{ApiError, Client, error::Code};
use ripieno_daemon::paths::Home;
use serde::Serialize;
use serde_json::Value;
use std::future::Future;

/// Carries out a verb and gives the exit code.
pub(crate) fn run(cli: Cli, out: &Out) -> Result<u8, ApiError> {
    match cli.verb {
        Verb::Daemon(verb) => daemon::run(&verb, out),
        Verb::Task(verb) => block_on(task::run(verb, out)),
        Verb::Ask(verb) => block_on(ask::run(verb, out)),
        Verb::Status => block_on(status::show(out)),
        Verb::Pause {
            suspend,
            span,
            until,
        } => block_on(status::pause(suspend, span, until, out)),
        Verb::Resume => block_on(status::resume(out)),
        Verb::Runtime(crate::args::RuntimeVerb::List { refresh }) => {
            block_on(status::runtimes(refresh, out))
        }
        Verb::Lane(crate::args::LaneVerb::Release { lane }) => block_on(status::release(lane, out)),
        Verb::Repo(verb) => block_on(repo::run(verb, out)),
        Verb::Grant(verb) => block_on(grant::run(verb, out)),
        Verb::Lock(verb) => block_on(project::lock(verb, out)),
        Verb::Gc { dry_run } => block_on(gc::run(dry_run, out)),
        Verb::Events { since, follow } => block_on(events::run(since, follow, out)),
        Verb::Piece(verb) => piece::run(&verb, out),
        Verb::Skill(verb) => skill::run(&verb, out),
        Verb::Config(verb) => config::run(&verb, out),
        Verb::Doctor { undo_update: true } => doctor::undo_update(out),
        Verb::Doctor { undo_update: false } => doctor::run(out),
        Verb::Update(verb) => block_on(update::run(verb, out)),
        Verb::Backup { file } => block_on(status::backup(file, out)),
        Verb::Completion { shell } => offline::completion(shell, out),
        Verb::Man { dir } => offline::man(dir.as_deref(), out),
        Verb::Project(verb) => block_on(project::run(verb, out)),
        Verb::Export { .. } | Verb::Import { .. } => Err(later("export and import")),
        Verb::Mcp(McpVerb::Task { wait }) => block_on(mcp::serve(wait)),
        Verb::Mcp(McpVerb::Serve) => Err(later("the MCP server of the queue")),
    }
}

/// A verb of the contract that this version cannot serve; exit 4.
fn later(what: &str) -> ApiError {
    ApiError::new(
        Code::Incompatible,
        format!(
            "not possible in this version ({}): {what}",
            ripieno_daemon::version()
        ),
    )
}

/// Runs a verb that waits for a worker; one thread is enough for a client.
fn block_on(work: impl Future<Output = Result<u8, ApiError>>) -> Result<u8, ApiError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| {
        ApiError::new(
            Code::Internal,
            format!("this process cannot wait for input: {error}"),
        )
    })?;
    let result = runtime.block_on(work);
    // A read of standard input that never ends must not keep the process.
    runtime.shutdown_background();
    result
}

/// The home this process means.
fn home() -> Result<Home, ApiError> {
    Home::from_env().map_err(|error| ApiError::invalid(error.to_string()))
}

/// Connects to the worker; with the task's token inside a task.
async fn connect() -> Result<Client, ApiError> {
    let token = std::env::var("RIPIENO_TASK_TOKEN")
        .ok()
        .filter(|token| !token.is_empty());
    Ok(Client::connect(&home()?).await?.with_token(token))
}

/// One request on a connection of its own.
async fn ask(method: &str, params: impl Serialize) -> Result<Value, ApiError> {
    connect().await?.request(method, params).await
}

/// Reads a view; a worker of another version may send what this command does not know.
fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    serde_json::from_value(value).map_err(|bad| {
        ApiError::new(
            Code::Incompatible,
            format!("the worker's answer cannot be read ({bad}): are both of one version?"),
        )
    })
}
