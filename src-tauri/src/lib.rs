//! The desktop application: a tray that hosts the worker, or joins one that is at work.
//!
//! It owns the tray icon, its menu and the order of starting and quitting. It refuses to decide
//! anything about tasks: it shows what the worker says and passes on what the person clicks.

pub mod display;
mod fault;
pub mod glance;
mod host;
mod link;
mod signals;
pub mod notify;
pub mod single_instance;
pub mod status;
mod steer;
pub mod tray;
pub mod words;

use std::process::ExitCode;

use ripieno_daemon::paths::Home;
use tauri::RunEvent;
use tokio::runtime::{Builder, Runtime};

use fault::Fault;
use link::Link;
use single_instance::Instance;
use tray::render::Tray;

/// Runs the application until the person or the system says quit.
///
/// The exit code follows the contract of the command: 0 also for a second start (C4), 8 without a
/// display.
#[must_use]
pub fn run() -> ExitCode {
    if std::env::args().any(|argument| argument == "--version") {
        println!("ripieno-desktop {}", env!("CARGO_PKG_VERSION"));
        return ExitCode::SUCCESS;
    }
    match start() {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("ripieno-desktop: {fault}");
            fault.exit_code()
        }
    }
}

fn start() -> Result<ExitCode, Fault> {
    display::open()?;
    let home = Home::from_env()?;
    home.create()?;
    let Some(_instance) = Instance::claim(&home.state_dir().join("desktop.lock"))? else {
        println!("Ripieno is already running; its icon is in the tray.");
        return Ok(ExitCode::SUCCESS);
    };
    let _logs = host::logs(&home)?;
    // Two threads: one may wait for the toolkit while the other serves the worker.
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Fault::Runtime)?;
    let link = runtime.block_on(Link::open(home))?;
    show(&runtime, link)
}

/// Puts the tray up and hands the main thread to the toolkit.
fn show(runtime: &Runtime, link: Link) -> Result<ExitCode, Fault> {
    tauri::async_runtime::set(runtime.handle().clone());
    let app = tauri::Builder::default()
        .setup(move |app| {
            let (clicks, clicked) = tokio::sync::mpsc::unbounded_channel();
            let tray = Tray::new(app.handle(), move |action| {
                if clicks.send(action).is_err() {
                    tracing::warn!("a click came after the end");
                }
            })?;
            tauri::async_runtime::spawn(steer::run(app.handle().clone(), tray, clicked, link));
            Ok(())
        })
        .build(tauri::generate_context!())
        .map_err(Fault::Tray)?;
    let code = app.run_return(|_, event| {
        // Without a window the toolkit would end by itself; only our own exit has a code.
        if let RunEvent::ExitRequested {
            code: None, api, ..
        } = event
        {
            api.prevent_exit();
        }
    });
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
