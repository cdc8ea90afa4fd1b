//! The way out: asked for, agreed to where tasks are at work, and gone in order (C7).

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use ripieno_api::socket::Surface;
use ripieno_daemon::update::Due;
use ripieno_daemon::update::handover::Next;
use serde_json::json;
use tauri::Manager;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::dialog::{self, Stay};
use crate::notify::Notifier;
use crate::shell::Shell;
use crate::signals::Signals;
use crate::status::Status;
use crate::tray::menu::Role;

/// How long the worker may take to say what is at work; one that hangs keeps nobody from quitting.
const PATIENCE: Duration = Duration::from_secs(2);

/// How far the program is on its way out.
#[derive(Debug, Default)]
pub(crate) struct Leave {
    asking: Option<JoinHandle<Stay>>,
    closing: Option<JoinHandle<()>>,
    hurry: CancellationToken,
}

/// What came next on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The person agreed, or had not to be asked.
    Agreed,
    /// The person wants it to go on.
    Stays,
    /// Everything has ended in order.
    Gone,
}

impl Leave {
    /// Whether it cannot be turned back any more.
    pub(crate) fn is_begun(&self) -> bool {
        self.closing.is_some()
    }

    /// The person wants to quit. Whoever asks twice does not want to be asked, nor to wait.
    pub(crate) fn want(&mut self, shell: &Arc<Shell>) {
        if self.is_begun() {
            self.hurry.cancel();
        } else if self.asking.is_some() {
            self.begin(shell);
        } else {
            self.asking = Some(tokio::spawn(agree(Arc::clone(shell))));
        }
    }

    /// Ends the program.
    pub(crate) fn begin(&mut self, shell: &Arc<Shell>) {
        if !self.is_begun() {
            let end = close(Arc::clone(shell), self.hurry.clone());
            self.closing = Some(tokio::spawn(end));
        }
    }

    /// Lets an update take the place of the program.
    pub(crate) fn hand_over(&mut self, shell: &Arc<Shell>, due: Due) {
        self.closing = Some(tokio::spawn(become_new(Arc::clone(shell), due)));
    }

    /// Waits for what comes next; forever while nothing was asked for.
    pub(crate) async fn next(&mut self) -> Turn {
        if let Some(end) = &mut self.closing {
            if let Err(error) = end.await {
                tracing::error!(%error, "the worker did not end in order");
            }
            return Turn::Gone;
        }
        let Some(asking) = &mut self.asking else {
            return std::future::pending().await;
        };
        let answer = asking.await;
        self.asking = None;
        match answer {
            Ok(Stay::Here) => Turn::Stays,
            Ok(Stay::Quit) | Err(_) => Turn::Agreed,
        }
    }
}

/// Asks the person where tasks of this program are at work; another's go on.
async fn agree(shell: Arc<Shell>) -> Stay {
    if shell.link.role() == Role::Client {
        return Stay::Quit;
    }
    // What the tray shows may be a moment old.
    let asked = shell.link.ask(Surface::Tray, "status", json!({}));
    let status = timeout(PATIENCE, asked).await.ok().and_then(Result::ok);
    let status = status.and_then(|view| serde_json::from_value::<Status>(view).ok());
    match status.map_or(0, |status| status.busy()) {
        0 => Stay::Quit,
        busy => dialog::quit_at_work(&shell, busy).await,
    }
}

/// Ends a hosted worker in order and takes back what was told: nothing could be answered any more. A second request
/// hurries it.
async fn close(shell: Arc<Shell>, hurry: CancellationToken) {
    let signals = Signals::take();
    let second = hurry.clone();
    drop(tokio::spawn(async move {
        signals.ended().await;
        second.cancel();
    }));
    shell.window.take_leave(&shell).await;
    let notifier = shell.app.state::<Notifier>().inner().clone();
    tokio::join!(notifier.close(), shell.link.close(hurry));
}

/// The worker goes to the update; what follows is done when the toolkit has ended.
async fn become_new(shell: Arc<Shell>, due: Due) {
    let arguments = if shell.window.is_open(&shell) {
        "--open"
    } else {
        "--hidden"
    };
    shell.window.take_leave(&shell).await;
    let notifier = shell.app.state::<Notifier>().inner().clone();
    notifier.close().await;
    let next = match shell.link.hand_over(due).await {
        Some(Next::Become(program)) => Some(Next::Become(program.with_arguments(&[arguments]))),
        other => other,
    };
    *shell.next.lock().unwrap_or_else(PoisonError::into_inner) = next;
}
