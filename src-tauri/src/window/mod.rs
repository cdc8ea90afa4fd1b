//! The one window: made when it is first wanted, gone when it is closed, and no route to it is lost.

mod backdrop;
pub mod closing;
mod desktop;
mod guard;
pub mod ipc;
pub mod place;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::{Emitter, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::route::Route;
use crate::shell::Shell;
use closing::Closing;
use place::Place;

/// The label of the window; the capability of the page names it.
pub const LABEL: &str = "main";
/// The event that tells the page of a route to take.
const ROUTE: &str = "route";
/// The event that tells the page whether the window is in use.
const ATTENDED: &str = "attended";
/// The event that tells the page that it is about to go.
const LEAVING: &str = "leaving";
/// How long the page has to send what it holds back.
const LEAVE: Duration = Duration::from_secs(1);

/// What outlives the window itself.
#[derive(Debug)]
pub(crate) struct Window {
    state: Mutex<State>,
    file: PathBuf,
    /// Told each time that the page holds nothing back any more.
    left: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    /// Where the page is to go; kept until the page takes it.
    pending: Option<Route>,
    /// Asked for while the old window was on its way out.
    reopen: Option<Option<Route>>,
    /// The window is on its way out, and what follows.
    closing: Option<Closing>,
    /// The next window begins in the taskbar.
    minimised: bool,
    /// The page's stream of events.
    following: Option<CancellationToken>,
    memory: place::Memory,
}

impl Window {
    /// Reads what was remembered of the last window.
    pub(crate) fn new(file: PathBuf) -> Self {
        let memory = place::Memory::read(&file);
        let state = State {
            memory,
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
            file,
            left: watch::Sender::new(()),
        }
    }

    /// Shows the window, at a route when one is given; makes it when there is none.
    ///
    /// # Errors
    /// The toolkit refused.
    pub(crate) fn open(&self, shell: &Arc<Shell>, route: Option<Route>) -> tauri::Result<()> {
        if self.lock().closing.is_some() {
            // The last of several is where the person wants to be.
            let mut state = self.lock();
            let earlier = state.reopen.take().flatten();
            state.reopen = Some(route.or(earlier));
            return Ok(());
        }
        let Some(window) = shell.app.get_webview_window(LABEL) else {
            return self.make(shell, route);
        };
        if let Some(route) = route {
            self.lock().pending = Some(route);
            window.emit(ROUTE, ())?;
        }
        window.unminimize()?;
        window.show()?;
        window.set_focus()
    }

    /// Whether there is a window.
    pub(crate) fn is_open(&self, shell: &Shell) -> bool {
        self.lock().closing.is_none() && shell.app.get_webview_window(LABEL).is_some()
    }

    /// Lets the next window begin in the taskbar: nobody asked to see it.
    pub(crate) fn begin_minimised(&self) {
        self.lock().minimised = true;
    }

    /// The route the page is to go to, once.
    fn take_route(&self) -> Option<Route> {
        self.lock().pending.take()
    }

    /// Lets the page send what it holds back, such as an answer that can still be taken back: soon nobody takes it any
    /// more. A page that says nothing is not waited for longer than a moment.
    pub(crate) async fn take_leave(&self, shell: &Shell) {
        // Also one that is closing already: it may be the same moment.
        if shell.app.get_webview_window(LABEL).is_none() {
            return;
        }
        let mut left = self.left.subscribe();
        if let Err(error) = shell.app.emit_to(LABEL, LEAVING, ()) {
            tracing::warn!(%error, "the window was not told");
            return;
        }
        if tokio::time::timeout(LEAVE, left.changed()).await.is_err() {
            tracing::warn!("the page did not say that it holds nothing back");
        }
    }

    /// The page has sent what it held back.
    fn left(&self) {
        self.left.send_replace(());
    }

    /// Ends the page's stream of events before, and begins a new one.
    fn begin_following(&self) -> CancellationToken {
        let token = CancellationToken::new();
        if let Some(before) = self.lock().following.replace(token.clone()) {
            before.cancel();
        }
        token
    }

    fn make(&self, shell: &Arc<Shell>, route: Option<Route>) -> tauri::Result<()> {
        let page = match &route {
            Some(route) => format!("index.html#{route}"),
            None => "index.html".to_owned(),
        };
        let monitors = place::monitors(&shell.app);
        let remembered = self.lock().memory.place.clone();
        let spot = remembered.unwrap_or_default().within(&monitors);
        let minimised = std::mem::take(&mut self.lock().minimised);
        let dev = shell.app.config().build.dev_url.clone();
        let mut builder =
            WebviewWindowBuilder::new(&shell.app, LABEL, WebviewUrl::App(page.into()))
                .title("Ripieno")
                .inner_size(spot.width, spot.height)
                .min_inner_size(place::SMALLEST.0, place::SMALLEST.1)
                .maximized(spot.maximised)
                // Shown at once, so that it is drawn while the page loads; what nobody asked to see comes minimised.
                .visible(!minimised)
                .data_directory(shell.link.home().webview_dir())
                .devtools(cfg!(debug_assertions))
                // The page takes dropped files itself.
                .disable_drag_drop_handler()
                .on_navigation(move |url| guard::is_ours(url, dev.as_ref()))
                .on_new_window(|url, _| {
                    tracing::warn!(scheme = url.scheme(), "a second window was refused");
                    NewWindowResponse::Deny
                })
                .on_download(|_, _| false)
                .on_page_load(move |window, load| {
                    if minimised && load.event() == PageLoadEvent::Finished {
                        appear_minimised(&window);
                    }
                });
        builder = match spot.position {
            Some((x, y)) => builder.position(x, y),
            None => builder.center(),
        };
        let window = builder.build()?;
        let desktop = window.theme().unwrap_or(tauri::Theme::Light);
        window.set_background_color(Some(backdrop::colour(shell.theme(), desktop)))?;
        let shell = Arc::clone(shell);
        let (at, hearing) = (window.clone(), Arc::clone(&shell));
        window.on_window_event(move |event| hearing.window.heard(&hearing, &at, event));
        // What came before somebody listened.
        attend(&shell, &window, window.is_focused().unwrap_or(false));
        Ok(())
    }

    fn heard(&self, shell: &Arc<Shell>, window: &WebviewWindow, event: &WindowEvent) {
        match event {
            WindowEvent::Resized(_) | WindowEvent::Moved(_) => {
                if let Some(place) = Place::of(window) {
                    let before = self.lock().memory.place.clone();
                    self.lock().memory.place = Some(place.after(before));
                }
                if window.is_minimized().unwrap_or(false) {
                    attend(shell, window, false);
                }
            }
            WindowEvent::Focused(focused) => attend(shell, window, *focused),
            WindowEvent::CloseRequested { api, .. } => {
                // The page is heard before it goes.
                api.prevent_close();
                self.close(shell, window);
            }
            WindowEvent::Destroyed => self.gone(shell),
            _ => {}
        }
    }

    /// Does what closing is for; a second wish to close changes nothing.
    fn close(&self, shell: &Arc<Shell>, window: &WebviewWindow) {
        if self.lock().closing.is_some() {
            return;
        }
        let way = Closing::of(shell.has_tray(), shell.closes_to_tray());
        if way == Closing::Minimise {
            drop(window.minimize());
        } else {
            self.lock().closing = Some(way);
            drop(window.hide());
            let (shell, window) = (Arc::clone(shell), window.clone());
            drop(tauri::async_runtime::spawn(go(shell, window)));
        }
        if way != Closing::Quit {
            shell.closed(way, self.tell_once());
        }
    }

    /// Whether this is the first close ever, on which the person is told what becomes of the program.
    fn tell_once(&self) -> bool {
        let mut state = self.lock();
        let first = !std::mem::replace(&mut state.memory.told, true);
        state.memory.write(&self.file);
        first
    }

    /// Keeps the place of a window that is still open when the program ends.
    pub(crate) fn remember(&self) {
        self.lock().memory.write(&self.file);
    }

    fn gone(&self, shell: &Arc<Shell>) {
        shell.screen.gone();
        let mut state = self.lock();
        let way = state.closing.take();
        state.pending = None;
        state.memory.write(&self.file);
        if let Some(following) = state.following.take() {
            following.cancel();
        }
        if way == Some(Closing::Quit) {
            shell.closed(Closing::Quit, false);
        } else if let Some(route) = state.reopen.take() {
            shell.show(route);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets a hidden window go once its page has sent what it held back.
async fn go(shell: Arc<Shell>, window: WebviewWindow) {
    shell.window.take_leave(&shell).await;
    if let Err(error) = window.destroy() {
        tracing::warn!(%error, "the window could not be closed");
        shell.window.gone(&shell);
    }
}

/// Tells policy and page whether the person has the window before them: a page is not always told that its window is
/// minimised, and what happens there then is not seen.
fn attend(shell: &Shell, window: &WebviewWindow, attended: bool) {
    if shell.screen.attend(attended)
        && let Err(error) = window.emit(ATTENDED, attended)
    {
        tracing::warn!(%error, "the window was not told");
    }
}

/// Puts a window whose page is there into the taskbar.
fn appear_minimised(window: &WebviewWindow) {
    if let Err(error) = window.show().and_then(|()| window.minimize()) {
        tracing::error!(%error, "the window cannot be shown");
    }
}
