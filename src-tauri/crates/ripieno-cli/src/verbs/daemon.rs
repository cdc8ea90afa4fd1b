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
};
use serde_json::json;
use std::sync::Arc;
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
    runtime.block_on(serve(home, web.as_deref(), out))?;
    Ok(0)
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

async fn serve(home: Home, web: Option<&str>, out: &Out) -> Result<(), ApiError> {
    let mut signals = Signals::listen()
        .map_err(|error| internal(format!("signals cannot be caught: {error}")))?;
    let command = std::env::current_exe()
        .map_err(|error| internal(format!("this program's own path is unknown: {error}")))?;
    let options = WorkerOptions {
        home,
        command,
        flags: Vec::new(),
        base_env: std::env::vars_os().filter_map(text).collect(),
    };
    let worker = Worker::start(options, Arc::new(LogNotifier))
        .await
        .map_err(refused)?;
    let handle = worker.handle();
    match open_doors(&handle, web).await {
        Ok(url) => ready(&handle, url.as_deref(), out),
        Err(error) => {
            worker.stop(CancellationToken::new()).await;
            return Err(error);
        }
    }
    signals.next().await;
    let hurry = CancellationToken::new();
    let hurried = hurry.clone();
    let second = tokio::spawn(async move {
        signals.next().await;
        hurried.cancel();
    });
    worker.stop(hurry).await;
    second.abort();
    Ok(())
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
        out.text(&json!({ "event": "ready", "version": env!("CARGO_PKG_VERSION"), "socket": socket, "web": web }).to_string());
        return;
    }
    out.say(&format!(
        "Ripieno {} is running. Socket: {socket}. Ctrl-C quits in order.",
        env!("CARGO_PKG_VERSION")
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
        StartError::Open(_)
        | StartError::Locks(_)
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
