//! The loop between what the person asks for and what the worker says.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ripieno_api::socket::Surface;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::glance::Clock;
use crate::leave::{Leave, Turn};
use crate::shell::Shell;
use crate::signals::Signals;
use crate::tray::host::Host;
use crate::tray::menu::{Action, Facts, Menu, Pause};
use crate::tray::render::Tray;

/// At login the tray may come up after its programs.
const LATE_TRAY: Duration = Duration::from_secs(10);

/// Shows every change and carries out every action, until the person or the system says quit and
/// the worker has ended in order.
pub(crate) async fn run(
    shell: Arc<Shell>,
    tray: Tray,
    mut acts: UnboundedReceiver<Action>,
    signals: Signals,
) {
    let tray = Arc::new(Mutex::new(tray));
    let mut seen = shell.link.seen();
    let mut roles = shell.link.roles();
    let mut goes_on = shell.goes_on();
    let mut ended = std::pin::pin!(signals.ended());
    let mut leave = Leave::default();
    let mut due = std::pin::pin!(shell.link.update_due());
    loop {
        show(&shell, &tray);
        let action = tokio::select! {
            // The senders live as long as this loop.
            _ = seen.changed() => {
                shell.speech.choose(seen.borrow_and_update().settings.language);
                continue;
            }
            _ = roles.changed() => continue,
            _ = goes_on.changed() => continue,
            Some(action) = acts.recv() => action,
            due = &mut due, if !leave.is_begun() => {
                leave.hand_over(&shell, due);
                continue;
            }
            () = &mut ended, if !leave.is_begun() => {
                leave.begin(&shell);
                continue;
            }
            turn = leave.next() => match turn {
                Turn::Gone => break,
                Turn::Agreed => {
                    leave.begin(&shell);
                    continue;
                }
                Turn::Stays => {
                    stay(&shell);
                    continue;
                }
            },
        };
        match action {
            Action::Quit => leave.want(&shell),
            // Nothing new is begun on the way out.
            _ if leave.is_begun() => {}
            Action::Open => open(&shell, None),
            Action::Show(route) => open(&shell, Some(route)),
            Action::LookForUpdates => {
                drop(tokio::spawn(ask(
                    Arc::clone(&shell),
                    "update.check",
                    json!({}),
                )));
                // What comes of it is said there.
                open(&shell, "/settings/update".parse().ok());
            }
            Action::StartWorker => {
                let shell = Arc::clone(&shell);
                drop(tokio::spawn(async move {
                    if let Err(error) = shell.link.start_worker().await {
                        tracing::error!(%error, "no worker could be started");
                        // A tray has no place for a reason: the window says what stands still and offers another try.
                        open(&shell, None);
                    }
                }));
            }
            request => {
                if let Some((method, params)) = words_to_the_worker(&request) {
                    let shell = Arc::clone(&shell);
                    drop(tokio::spawn(ask(shell, method, params)));
                }
            }
        }
    }
    shell.window.remember();
    shell.app.exit(0);
}

/// The window may have gone with the wish to quit; without an icon it is the way in.
fn stay(shell: &Arc<Shell>) {
    if !shell.has_tray() {
        open(shell, None);
    }
}

/// Where no icon is shown the window is the way in: it opens by itself, minimised at login.
pub(crate) async fn stay_reachable(shell: Arc<Shell>, at_login: bool) {
    let mut host = shell.tray_host();
    let known = host.wait_for(|host| *host != Host::Unknown);
    let Ok(first) = known.await.map(|host| *host) else {
        return;
    };
    if at_login && first == Host::Absent {
        let comes = host.wait_for(|host| *host == Host::Present);
        if tokio::time::timeout(LATE_TRAY, comes).await.is_ok() {
            return;
        }
    }
    if first == Host::Absent {
        if at_login {
            shell.window.begin_minimised();
        }
        shell.show(None);
    }
}

/// The request that stands for an action; `None` for one that is done here.
fn words_to_the_worker(action: &Action) -> Option<(&'static str, Value)> {
    Some(match action {
        Action::Answer {
            ask,
            revision,
            option,
        } => (
            "ask.answer",
            json!({"id": ask, "revision": revision, "option": option}),
        ),
        Action::SeenAll => ("task.seen", json!({"all": true})),
        Action::Pause(way) => ("worker.pause", pause(*way)),
        Action::Resume => ("worker.resume", json!({})),
        Action::UpdateNow => ("update.now", json!({})),
        Action::KeepAwake(way) => (
            "config.set",
            json!({"key": "desktop.keep_awake", "value": way.word()}),
        ),
        Action::Show(_)
        | Action::Open
        | Action::StartWorker
        | Action::LookForUpdates
        | Action::Quit => return None,
    })
}

fn pause(way: Pause) -> Value {
    match way {
        Pause::Finish | Pause::Open => json!({}),
        Pause::Suspend => json!({"suspend": true}),
        Pause::HalfHour => json!({"for": "30m"}),
        Pause::Tomorrow => json!({"until": "tomorrow 09:00"}),
    }
}

/// A refusal is logged, and the tray goes on showing what is: an ask that somebody else answered is gone from it.
async fn ask(shell: Arc<Shell>, method: &'static str, params: Value) {
    if let Err(error) = shell.link.ask(Surface::Tray, method, params).await {
        tracing::warn!(method, %error, "the worker refused");
    }
}

fn open(shell: &Arc<Shell>, route: Option<crate::route::Route>) {
    shell.opened();
    if let Err(error) = shell.window.open(shell, route) {
        tracing::error!(%error, "the window cannot be shown");
    }
}

/// Renders on the main thread, where the toolkit wants it.
fn show(shell: &Arc<Shell>, tray: &Arc<Mutex<Tray>>) {
    let seen = shell.link.seen().borrow().clone();
    let facts = Facts {
        scene: seen.scene.as_ref(),
        role: shell.link.role(),
        keep_awake: seen.settings.keep_awake,
        closed_to_tray: *shell.goes_on().borrow(),
    };
    let (glance, menu) = Menu::at(&facts, &Clock::system(), &shell.speech.words());
    let (tray, handle) = (Arc::clone(tray), shell.app.clone());
    let render = move || {
        let Ok(mut tray) = tray.lock() else { return };
        if let Err(error) = tray.show(&handle, &glance, menu) {
            tracing::warn!(%error, "the tray could not be changed");
        }
    };
    if let Err(error) = shell.app.run_on_main_thread(render) {
        tracing::warn!(%error, "the tray could not be reached");
    }
}
