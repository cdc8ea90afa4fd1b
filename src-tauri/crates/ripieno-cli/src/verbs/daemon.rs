//! `daemon run`: the worker in the foreground, with its socket and, when asked for, its web page.

use super::home;
use crate::{args::DaemonVerb, out::Out};
use ripieno_api::{ApiError, error::Code, http::Web, socket::Socket};
use ripieno_daemon::{
    Handle, StartError, Worker, WorkerOptions,
    handle::settings,
    logs::{self, LogOptions},
    outbox::LogNotifier,
    owner::OwnerError,
    paths::Home,
    update::{
        HostProgram, Product,
        handover::{Next, NextProgram, restart},
        trial,
    },
    version,
};
use serde_json::json;
use std::{process::ExitCode, sync::Arc, time::Duration};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

pub(super) fn run(verb: &DaemonVerb, out: &Out) -> Result<u8, ApiError> {
    let DaemonVerb::Run { web } = verb;
    let home = home()?;
    home.create()
        .map_err(|error| ApiError::invalid(error.to_string()))?;
    let _logs = start_logs(&home, out)?;
    // One thread serves requests while the other is busy; more would only cost memory.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = runtime
        .map_err(|error| internal(format!("the worker cannot start its threads: {error}")))?;
    match runtime.block_on(serve(home, web.as_deref(), out))? {
        Ending::Quit => Ok(0),
        Ending::Become(next) => {
            // Nothing of this version may go on beside the next.
            runtime.shutdown_timeout(Duration::from_secs(2));
            let failed = next.become_it();
            Err(internal(format!(
                "the program cannot be started again: {failed}"
            )))
        }
    }
}

/// How serving ends.
enum Ending {
    Quit,
    Become(NextProgram),
}

/// This program as it was started, so that an update can start it again.
pub(super) fn host_program() -> Result<HostProgram, ApiError> {
    let program = std::env::current_exe()
        .map_err(|error| internal(format!("this program's own path is unknown: {error}")))?;
    // Beside the application it is one of two programs, and both belong to one version.
    let desktop = program.with_file_name("ripieno-desktop").is_file();
    Ok(HostProgram {
        program,
        arguments: std::env::args_os().skip(1).collect(),
        product: if desktop {
            Product::Desktop
        } else {
            Product::Command
        },
        native: None,
    })
}

/// Shows that this version can open the tasks, for the version before it (U4).
pub(crate) fn try_out() -> ExitCode {
    let tried = options().and_then(|options| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| internal(error.to_string()))?;
        let tried = trial::run(options);
        runtime.block_on(tried).map_err(refused)
    });
    match tried {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", error.message);
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<WorkerOptions, ApiError> {
    let program = host_program()?;
    Ok(WorkerOptions {
        home: home()?,
        command: program.program.clone(),
        flags: Vec::new(),
        base_env: std::env::vars_os().filter_map(text).collect(),
        program: Some(program),
    })
}

fn internal(message: String) -> ApiError {
    ApiError::new(Code::Internal, message)
}

fn start_logs(home: &Home, out: &Out) -> Result<logs::Logs, ApiError> {
    let config = settings::load(home, &[]).map_err(|error| ApiError::invalid(error.to_string()))?;
    for warning in &config.warnings {
        out.say(&format!("warning: {warning}"));
    }
    let options = LogOptions {
        folder: Some(home.logs_dir()),
        filter: config.settings.log_filter,
        format: config.settings.log_format,
        files: config.settings.log_files,
        stderr: out.speaks(),
    };
    logs::start(&options).map_err(|error| ApiError::invalid(error.to_string()))
}

async fn serve(home: Home, web: Option<&str>, out: &Out) -> Result<Ending, ApiError> {
    let mut signals = Signals::listen()
        .map_err(|error| internal(format!("signals cannot be caught: {error}")))?;
    let options = WorkerOptions { home, ..options()? };
    let worker = match Worker::start(options, Arc::new(LogNotifier)).await {
        Ok(worker) => worker,
        Err(StartError::Replaced(program)) => {
            return Err(internal(format!(
                "the program cannot be started again: {}",
                restart(&program)
            )));
        }
        Err(error) => return Err(refused(error)),
    };
    match open_doors(&worker.handle(), web).await {
        Ok(url) => ready(&worker.handle(), url.as_deref(), out),
        Err(error) => {
            worker.stop(CancellationToken::new()).await;
            return Err(error);
        }
    }
    let due = tokio::select! {
        () = signals.next() => None,
        due = worker.update_due() => Some(due),
    };
    if let Some(due) = due {
        return match worker.hand_over(due).await {
            Next::Become(next) => Ok(Ending::Become(next)),
            Next::Stop(why) => Err(ApiError::new(Code::NotPossibleNow, why)),
        };
    }
    let hurry = CancellationToken::new();
    let hurried = hurry.clone();
    let second = tokio::spawn(async move {
        signals.next().await;
        hurried.cancel();
    });
    worker.stop(hurry).await;
    second.abort();
    Ok(Ending::Quit)
}

/// Opens the socket and, when asked for, the page; gives the page's address.
async fn open_doors(handle: &Handle, web: Option<&str>) -> Result<Option<String>, ApiError> {
    let page = match web {
        Some(address) => Some(Web::bind(handle, address).await?),
        None => None,
    };
    let socket = Socket::bind(handle).map_err(|error| ApiError::invalid(error.to_string()))?;
    handle.host(socket.serve());
    let url = page.as_ref().map(Web::url);
    if let Some(page) = page {
        handle.host(page.serve());
    }
    Ok(url)
}

fn text((name, value): (std::ffi::OsString, std::ffi::OsString)) -> Option<(String, String)> {
    Some((name.into_string().ok()?, value.into_string().ok()?))
}

fn ready(handle: &Handle, web: Option<&str>, out: &Out) {
    let socket = handle.socket().display().to_string();
    if out.json {
        out.text(
            &json!({ "event": "ready", "version": version(), "socket": socket, "web": web })
                .to_string(),
        );
        return;
    }
    out.say(&format!(
        "Ripieno {} is running. Socket: {socket}. Ctrl-C quits in order.",
        version()
    ));
    if let Some(url) = web {
        out.text(url);
    }
}

fn refused(error: StartError) -> ApiError {
    let code = match &error {
        StartError::Owner(OwnerError::Held(_)) => Code::Conflict,
        newer if newer.is_newer() => Code::Incompatible,
        StartError::Path(_) | StartError::Config(_) | StartError::Owner(OwnerError::Io { .. }) => {
            Code::Invalid
        }
        StartError::Update(_) | StartError::TriedByNobody => Code::NotPossibleNow,
        StartError::Open(_)
        | StartError::Locks(_)
        | StartError::Replaced(_)
        | StartError::Reconcile(_)
        | StartError::Identity(_) => Code::Internal,
    };
    ApiError::new(code, error.to_string())
}

/// What asks the worker to quit: terminal, service manager, logout (C7).
struct Signals {
    all: [Signal; 3],
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        let kinds = [
            SignalKind::terminate(),
            SignalKind::interrupt(),
            SignalKind::hangup(),
        ];
        let [term, int, hup] = kinds.map(signal);
        Ok(Signals {
            all: [term?, int?, hup?],
        })
    }

    async fn next(&mut self) {
        let [term, int, hup] = &mut self.all;
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
            _ = hup.recv() => {}
        }
    }
}
