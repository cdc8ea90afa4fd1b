//! The desktop application: tray and window over a worker that it hosts, or that is at work already.
//!
//! It owns the tray icon, its menu, the window and the order of starting and quitting. It refuses to decide
//! anything about tasks: it shows what the worker says and passes on what the person asks for.

pub mod arguments;
pub mod automation;
mod autostart;
mod dialog;
pub mod display;
mod fault;
pub mod glance;
mod host;
pub mod instance;
mod leave;
mod link;
mod native;
pub mod notify;
mod program;
pub mod route;
pub mod scene;
pub mod settings;
mod shell;
mod signals;
pub mod status;
mod steer;
pub mod tray;
mod window;
pub mod words;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use ripieno_daemon::paths::Home;
use ripieno_daemon::update::handover::Next;
use ripieno_daemon::update::trial;
use tauri::{Emitter, Manager, RunEvent};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

use arguments::Start;
use fault::Fault;
use instance::{Claimed, Door, Wish};
use link::Link;
use notify::{Doors, Notifier};
use shell::Shell;
use signals::Signals;
use tray::menu::Action;
use tray::render::Tray;
use words::{Choice, Speech};

/// Runs the application until the person or the system says quit.
///
/// The exit code follows the contract of the command: 0 also for a second start (C4), 2 for arguments that are not
/// understood, 8 without a display.
#[must_use]
pub fn run() -> ExitCode {
    // A newer version is tried by the one before it; every version understands this.
    if std::env::args().nth(1).as_deref() == Some(trial::ARGUMENT) {
        return match host::try_out() {
            Ok(()) => ExitCode::SUCCESS,
            Err(fault) => {
                eprintln!("{fault}");
                fault.exit_code()
            }
        };
    }
    let started = Start::parse(std::env::args().skip(1))
        .map_err(Fault::from)
        .and_then(start);
    match started {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("ripieno-desktop: {fault}");
            complain(&fault);
            fault.exit_code()
        }
    }
}

/// Shows why the program does not run to whoever sees no terminal.
fn complain(fault: &Fault) {
    if std::io::stderr().is_terminal() {
        return;
    }
    let logs = Home::from_env().ok().map(|home| home.logs_dir());
    let logs = logs.filter(|folder| folder.is_dir());
    let speech = Speech::new(Choice::System);
    dialog::tell_fault(&speech.words(), &fault.to_string(), logs.as_deref());
}

fn start(start: Start) -> Result<ExitCode, Fault> {
    if start == Start::Version {
        println!("ripieno-desktop {}", ripieno_daemon::version());
        return Ok(ExitCode::SUCCESS);
    }
    automation::refuse_in_release()?;
    let home = Home::from_env()?;
    home.create()?;
    let (_instance, door) = match instance::claim(&home, &start)? {
        Claimed::First(instance, door) => (instance, door),
        Claimed::Handed => {
            println!("Ripieno is already running; it takes over what this start was for.");
            return Ok(ExitCode::SUCCESS);
        }
    };
    display::open()?;
    let _logs = host::logs(&home)?;
    let ended = host_and_show(home, &door, start);
    if let Err(fault) = &ended {
        tracing::error!("{fault}");
    }
    ended
}

/// Hosts or joins the worker, and shows it.
fn host_and_show(home: Home, door: &Door, start: Start) -> Result<ExitCode, Fault> {
    // Two threads: one may wait for the toolkit while the other serves the worker.
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Fault::Runtime)?;
    // Taken before the worker runs: whoever sees it answer may ask it to end.
    let (signals, link) = runtime.block_on(async { (Signals::take(), Link::open(home).await) });
    show(&runtime, link?, door, start, signals)
}

/// Puts the tray up and hands the main thread to the toolkit.
fn show(
    runtime: &Runtime,
    link: Arc<Link>,
    door: &Door,
    start: Start,
    signals: Signals,
) -> Result<ExitCode, Fault> {
    tauri::async_runtime::set(runtime.handle().clone());
    let (acts, acted) = mpsc::unbounded_channel();
    admit(door, acts.clone()).map_err(Fault::Runtime)?;
    let next = Arc::new(Mutex::new(None));
    let after = Arc::clone(&next);
    let app = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![
            window::ipc::call,
            window::ipc::follow,
            window::ipc::desktop
        ])
        .setup(move |app| {
            native::attend(app.handle())?;
            let pictures = link.home().run_dir().join("tray");
            let speech = Speech::new(Choice::System);
            let host = tray::host::watch();
            let shell = Shell::new(app.handle().clone(), link, speech, acts, host, after);
            app.manage(Arc::clone(&shell));
            app.manage(notifier(&shell));
            let clicked = Arc::clone(&shell);
            let tray = Tray::new(app.handle(), &pictures, move |action| clicked.act(action))?;
            begin(&shell, start);
            tauri::async_runtime::spawn(steer::run(shell, tray, acted, signals));
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
    let next = next.lock().unwrap_or_else(PoisonError::into_inner).take();
    match next {
        Some(Next::Become(program)) => Err(Fault::Restart(program.become_it())),
        Some(Next::Stop(why)) => Err(Fault::Update(why)),
        None => Ok(ExitCode::from(u8::try_from(code).unwrap_or(1))),
    }
}

/// Tells what needs the person, also without a window.
fn notifier(shell: &Arc<Shell>) -> Notifier {
    let (opens, page) = (Arc::clone(shell), shell.app.clone());
    let doors = Doors {
        open: Arc::new(move |route| opens.show(Some(route))),
        toast: Arc::new(move |toast| {
            if let Err(error) = page.emit("notice", toast) {
                tracing::warn!(%error, "the window was not told");
            }
        }),
    };
    let home = shell.link.home().clone();
    Notifier::start(home, shell.speech.follow(), &shell.screen, doors)
}

/// Lets later starts show the window here; what they want waits until there is something to show.
fn admit(door: &Door, acts: mpsc::UnboundedSender<Action>) -> std::io::Result<()> {
    door.serve(move |wish| match wish {
        Wish::Nothing => {}
        Wish::Show(route) => {
            let shown = acts.send(route.map_or(Action::Open, Action::Show));
            if shown.is_err() {
                tracing::warn!("a second start came after the end");
            }
        }
    })
}

/// Does what this start is for.
fn begin(shell: &Arc<Shell>, start: Start) {
    match start {
        Start::Open(route) => shell.show(route),
        Start::Version => {}
        Start::Plain | Start::Hidden => {
            let at_login = start == Start::Hidden;
            let reachable = steer::stay_reachable(Arc::clone(shell), at_login);
            drop(tauri::async_runtime::spawn(reachable));
        }
    }
}
