//! Hosting the worker and its socket in this process, when nobody else does (C4).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ripieno_api::socket::Socket;
use ripieno_daemon::handle::settings;
use ripieno_daemon::logs::{LogOptions, Logs};
use ripieno_daemon::outbox::LogNotifier;
use ripieno_daemon::owner::OwnerError;
use ripieno_daemon::paths::Home;
use ripieno_daemon::update::handover::restart;
use ripieno_daemon::update::{HostProgram, Product, trial};
use ripieno_daemon::{StartError, Worker, WorkerOptions};

use crate::fault::Fault;

/// Starts the log of this process, as the settings of the home say.
///
/// # Errors
/// A setting is wrong, or the log cannot be written.
pub(crate) fn logs(home: &Home) -> Result<Logs, Fault> {
    let config = settings::load(home, &[]).map_err(StartError::from)?;
    let settings = config.settings;
    Ok(ripieno_daemon::logs::start(&LogOptions {
        folder: Some(home.logs_dir()),
        filter: settings.log_filter,
        format: settings.log_format,
        files: settings.log_files,
        stderr: true,
    })?)
}

/// Starts the worker with its socket, or returns `None` when another process has it.
///
/// # Errors
/// The worker or its socket cannot be started; nothing runs then.
pub(crate) async fn start(home: &Home) -> Result<Option<Worker>, Fault> {
    let worker = match Worker::start(options(home)?, Arc::new(LogNotifier)).await {
        Ok(worker) => worker,
        Err(StartError::Owner(OwnerError::Held(holder))) => {
            tracing::info!("joining the worker at work: {holder}");
            return Ok(None);
        }
        Err(StartError::Replaced(program)) => return Err(Fault::Restart(restart(&program))),
        Err(error) => return Err(error.into()),
    };
    let handle = worker.handle();
    let socket = Socket::bind(&handle)?;
    handle.host(socket.serve());
    Ok(Some(worker))
}

fn options(home: &Home) -> Result<WorkerOptions, Fault> {
    Ok(WorkerOptions {
        home: home.clone(),
        command: command()?,
        flags: Vec::new(),
        // What is not text cannot be handed on as a setting of an agent.
        base_env: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        program: Some(HostProgram {
            program: crate::program::path().map_err(Fault::Runtime)?,
            arguments: std::env::args_os().skip(1).collect(),
            product: Product::Desktop,
            native: crate::native::installer(),
        }),
    })
}

/// Shows that this version can open the display and the tasks, for the version before it (U4).
///
/// # Errors
/// Why it cannot.
pub(crate) fn try_out() -> Result<(), Fault> {
    let home = Home::from_env()?;
    crate::display::open()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Fault::Runtime)?;
    Ok(runtime.block_on(trial::run(options(&home)?))?)
}

/// The command that belongs to this program: the one installed beside it.
fn command() -> Result<PathBuf, Fault> {
    let program = crate::program::path().unwrap_or_default();
    let folder = program.parent().unwrap_or(Path::new("")).to_owned();
    let command = folder
        .join("ripieno")
        .with_extension(std::env::consts::EXE_EXTENSION);
    if command.is_file() {
        Ok(command)
    } else {
        Err(Fault::NoCommand { folder })
    }
}
