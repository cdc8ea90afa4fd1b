//! The screen as the tests see it: the windows of a program.

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

/// The screen of `DISPLAY`.
pub(crate) struct Screen {
    connection: RustConnection,
    root: Window,
}

impl Screen {
    /// Connects to it.
    pub(crate) fn open() -> Self {
        let (connection, number) = RustConnection::connect(None).unwrap();
        let root = connection.setup().roots[number].root;
        Self { connection, root }
    }

    /// A window that a process shows.
    pub(crate) fn window_of(&self, pid: u32) -> Option<Window> {
        let tree = self.connection.query_tree(self.root).ok()?.reply().ok()?;
        let windows = tree.children.into_iter();
        let mut shown = windows.filter(|window| self.is_shown(*window) == Some(true));
        shown.find(|window| self.pid(*window) == Some(pid))
    }

    /// Closes a window as the person does.
    pub(crate) fn close(&self, window: Window) {
        let protocols = self.atom("WM_PROTOCOLS");
        let data = [self.atom("WM_DELETE_WINDOW"), 0, 0, 0, 0];
        let message = ClientMessageEvent::new(32, window, protocols, data);
        let sent = self
            .connection
            .send_event(false, window, EventMask::NO_EVENT, message);
        sent.unwrap().check().unwrap();
    }

    fn is_shown(&self, window: Window) -> Option<bool> {
        let asked = self.connection.get_window_attributes(window).ok()?;
        Some(asked.reply().ok()?.map_state == MapState::VIEWABLE)
    }

    fn pid(&self, window: Window) -> Option<u32> {
        let property = self.atom("_NET_WM_PID");
        let kind = AtomEnum::CARDINAL;
        let asked = self
            .connection
            .get_property(false, window, property, kind, 0, 1);
        asked.ok()?.reply().ok()?.value32()?.next()
    }

    fn atom(&self, name: &str) -> u32 {
        let asked = self.connection.intern_atom(false, name.as_bytes());
        asked.unwrap().reply().unwrap().atom
    }
}
