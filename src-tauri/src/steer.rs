//! The loop between clicks and what the worker says.

use std::sync::{Arc, Mutex};

use tauri::AppHandle;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;

use crate::glance::{Clock, Glance};
use crate::link::Link;
use crate::tray::menu::{Action, Menu};
use crate::tray::render::Tray;
use crate::words::{Choice, Speech};

/// Shows every change and carries out every click, until the person or the system says quit and
/// the worker has ended in order.
pub(crate) async fn run(
    app: AppHandle,
    tray: Tray,
    mut clicks: UnboundedReceiver<Action>,
    link: Link,
) {
    let (tray, link) = (Arc::new(Mutex::new(tray)), Arc::new(link));
    let speech = Speech::new(Choice::System);
    let mut seen = link.seen();
    let mut ended = std::pin::pin!(crate::signals::ended());
    let mut closing: Option<JoinHandle<()>> = None;
    loop {
        show(&app, &tray, &link, &speech);
        let action = tokio::select! {
            // The follower lives as long as this loop.
            _ = seen.changed() => continue,
            Some(action) = clicks.recv() => action,
            () = &mut ended, if closing.is_none() => Action::Quit,
            () = closed(&mut closing) => break,
        };
        match action {
            Action::Pause => link.ask("worker.pause").await,
            Action::Resume => link.ask("worker.resume").await,
            Action::Quit if closing.is_none() => {
                let link = Arc::clone(&link);
                closing = Some(tokio::spawn(async move { link.close().await }));
            }
            Action::Quit => {}
        }
    }
    app.exit(0);
}

/// Waits for the end that was asked for; forever while none was.
async fn closed(closing: &mut Option<JoinHandle<()>>) {
    match closing {
        Some(end) => {
            if let Err(error) = end.await {
                tracing::error!(%error, "the worker did not end in order");
            }
        }
        None => std::future::pending().await,
    }
}

/// Renders on the main thread, where the toolkit wants it.
fn show(app: &AppHandle, tray: &Arc<Mutex<Tray>>, link: &Link, speech: &Speech) {
    let status = link.seen().borrow().clone();
    let words = speech.words();
    let glance = Glance::of(status.as_ref(), &Clock::system(), &words);
    let menu = Menu::new(&glance, status.as_ref(), link.role(), &words);
    let (tray, handle) = (Arc::clone(tray), app.clone());
    let render = move || {
        let Ok(mut tray) = tray.lock() else { return };
        if let Err(error) = tray.show(&handle, glance, menu) {
            tracing::warn!(%error, "the tray could not be changed");
        }
    };
    if let Err(error) = app.run_on_main_thread(render) {
        tracing::warn!(%error, "the tray could not be reached");
    }
}
