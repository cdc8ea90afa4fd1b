//! What the parts of the application share: the toolkit, the worker, the words, the window, and the wish to act.

use std::sync::{Arc, Mutex};

use ripieno_daemon::update::handover::Next;
use tauri::AppHandle;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use crate::dialog::{self, Stay};
use crate::link::Link;
use crate::notify::Screen;
use crate::route::Route;
use crate::settings::Theme;
use crate::tray::host::Host;
use crate::tray::menu::Action;
use crate::window::Window;
use crate::window::closing::Closing;
use crate::words::Speech;

/// The application, as its parts see it.
#[derive(Debug)]
pub(crate) struct Shell {
    pub(crate) app: AppHandle,
    pub(crate) link: Arc<Link>,
    pub(crate) speech: Speech,
    pub(crate) window: Window,
    /// What the person sees of the window.
    pub(crate) screen: Screen,
    /// What the process does once the toolkit has ended.
    pub(crate) next: Arc<Mutex<Option<Next>>>,
    acts: UnboundedSender<Action>,
    tray_host: watch::Receiver<Host>,
    /// Whether the menu still has to say that the program goes on in the tray.
    goes_on: watch::Sender<bool>,
}

impl Shell {
    pub(crate) fn new(
        app: AppHandle,
        link: Arc<Link>,
        speech: Speech,
        acts: UnboundedSender<Action>,
        tray_host: watch::Receiver<Host>,
        next: Arc<Mutex<Option<Next>>>,
    ) -> Arc<Self> {
        let window = Window::new(link.home().state_dir().join("window.json"));
        Arc::new(Self {
            app,
            link,
            speech,
            window,
            screen: Screen::default(),
            next,
            acts,
            tray_host,
            goes_on: watch::Sender::new(false),
        })
    }

    /// Does what a click would do, after what was asked before.
    pub(crate) fn act(&self, action: Action) {
        if self.acts.send(action).is_err() {
            tracing::warn!("something was asked for after the end");
        }
    }

    /// Shows the window, at a route when one is given.
    pub(crate) fn show(&self, route: Option<Route>) {
        self.act(route.map_or(Action::Open, Action::Show));
    }

    /// Whether the icon can be seen; as long as the bus has not answered it counts as seen.
    pub(crate) fn has_tray(&self) -> bool {
        *self.tray_host.borrow() != Host::Absent
    }

    /// The tray's host as it comes and goes.
    pub(crate) fn tray_host(&self) -> watch::Receiver<Host> {
        self.tray_host.clone()
    }

    /// The setting `desktop.theme`.
    pub(crate) fn theme(&self) -> Theme {
        self.link.seen().borrow().settings.theme
    }

    /// The setting `desktop.close_to_tray`.
    pub(crate) fn closes_to_tray(&self) -> bool {
        self.link.seen().borrow().settings.close_to_tray
    }

    /// Whether the menu says that the program goes on, as it changes.
    pub(crate) fn goes_on(&self) -> watch::Receiver<bool> {
        self.goes_on.subscribe()
    }

    /// The window is open again: what was told needs not be told any more.
    pub(crate) fn opened(&self) {
        self.goes_on.send_replace(false);
    }

    /// The window was closed; on the first time the person is told what becomes of the program.
    pub(crate) fn closed(self: &Arc<Self>, way: Closing, first: bool) {
        match way {
            Closing::ToTray if first => {
                self.goes_on.send_replace(true);
            }
            Closing::Minimise if first => {
                let shell = Arc::clone(self);
                drop(tauri::async_runtime::spawn(async move {
                    if dialog::stay_or_quit(&shell).await == Stay::Quit {
                        shell.act(Action::Quit);
                    }
                }));
            }
            Closing::ToTray | Closing::Minimise => {}
            Closing::Quit => self.act(Action::Quit),
        }
    }
}
