//! What the person sees of the window right now: what is on screen needs no banner.

use tokio::sync::watch;

use super::notice::Matter;

/// What the page last told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct View {
    /// The part of the address after `#`; `None` without a window.
    route: Option<String>,
    /// Whether the page has the keyboard, as it says.
    focused: bool,
    /// Whether the window has, as the system says: of a window that is minimised a page may not hear.
    attended: bool,
}

impl View {
    /// A window in use that shows a route; a leading `#` is left out.
    #[must_use]
    pub fn new(route: &str, focused: bool) -> Self {
        Self {
            route: Some(route.trim_start_matches('#').to_owned()),
            focused,
            attended: true,
        }
    }

    /// Whether the person is at the window, wherever it is.
    #[must_use]
    pub fn is_focused(&self) -> bool {
        self.focused && self.attended && self.route.is_some()
    }

    /// Whether the person is looking at what this is about.
    #[must_use]
    pub fn shows(&self, matter: &Matter) -> bool {
        let Some(route) = self.route.as_deref().filter(|_| self.is_focused()) else {
            return false;
        };
        let route = route.split(['?', '#']).next().unwrap_or_default();
        let mut parts = route.split('/').filter(|part| !part.is_empty());
        match (parts.next(), parts.next(), matter) {
            (Some("inbox"), None, Matter::Asked { .. }) => true,
            (Some("inbox"), None, Matter::Many(tally)) => tally.pressing() == tally.asks,
            (
                Some("inbox"),
                Some(ask),
                Matter::Asked { open, .. } | Matter::NotTaken { open, .. },
            ) => ask == open.ask.short_id,
            (Some("tasks"), Some(task), Matter::Asked { open, .. }) => {
                open.task.as_ref().is_some_and(|own| own.short_id == task)
            }
            (Some("tasks"), Some(task), Matter::Failed(own) | Matter::Done(own)) => {
                own.short_id == task
            }
            (Some("agents"), _, Matter::Held(_)) => true,
            _ => false,
        }
    }
}

/// Where the window tells what it shows.
#[derive(Debug, Clone)]
pub struct Screen {
    view: watch::Sender<View>,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            view: watch::Sender::new(View::default()),
        }
    }
}

impl Screen {
    /// The page shows a route, and says whether it has the keyboard.
    pub fn tell(&self, route: &str, focused: bool) {
        self.set(|last| View {
            attended: last.attended,
            ..View::new(route, focused)
        });
    }

    /// The window has the keyboard, or has it no longer; whether that is new.
    pub(crate) fn attend(&self, attended: bool) -> bool {
        self.set(|last| View {
            attended,
            ..last.clone()
        })
    }

    /// There is no window any more.
    pub fn gone(&self) {
        self.set(|_| View::default());
    }

    /// Whether that is a change.
    fn set(&self, next: impl FnOnce(&View) -> View) -> bool {
        self.view.send_if_modified(|last| {
            let view = next(last);
            let changes = *last != view;
            *last = view;
            changes
        })
    }

    pub(super) fn follow(&self) -> watch::Receiver<View> {
        self.view.subscribe()
    }
}
