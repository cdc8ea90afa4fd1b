//! The window in the hands of the window manager: minimised and brought back as a person does.

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, Window,
};
use x11rb::rust_connection::RustConnection;

use super::PATIENCE;
use super::screen::Screen;
use crate::rig::wait_for;

/// `IconicState` of the X conventions.
const ICONIC: u32 = 3;
/// A request of the person's, not of a program's.
const BY_THE_PERSON: u32 = 2;

/// What a taskbar does with the one window there is.
pub struct Taskbar {
    connection: RustConnection,
    root: Window,
    window: Window,
}

impl Taskbar {
    /// Waits for the window.
    pub fn of(screen: &Screen) -> Self {
        let (connection, number) =
            RustConnection::connect(Some(&screen.display)).expect("the screen takes connections");
        let root = connection.setup().roots[number].root;
        let mut taskbar = Taskbar {
            connection,
            root,
            window: root,
        };
        let clients = || taskbar.numbers(root, "_NET_CLIENT_LIST").first().copied();
        let window = wait_for(PATIENCE, clients).expect("a window is opened");
        taskbar.window = window;
        taskbar
    }

    /// Minimises it, and waits until it is, and another has the keyboard.
    pub fn minimise(&self) {
        self.send("WM_CHANGE_STATE", ICONIC);
        self.wait("the window is minimised", || {
            self.is_hidden() && !self.is_active()
        });
    }

    /// Closes it, as by its cross.
    pub fn close(&self) {
        let data = [0, BY_THE_PERSON, 0, 0, 0];
        self.send_all(self.window, "_NET_CLOSE_WINDOW", data);
    }

    /// Closes whatever is open on the screen.
    pub fn close_all(&self) {
        let data = [0, BY_THE_PERSON, 0, 0, 0];
        for window in self.numbers(self.root, "_NET_CLIENT_LIST") {
            self.send_all(window, "_NET_CLOSE_WINDOW", data);
        }
    }

    /// Brings it back, and waits until it has the keyboard.
    pub fn bring_back(&self) {
        self.send("_NET_ACTIVE_WINDOW", BY_THE_PERSON);
        self.wait("the window is back", || {
            !self.is_hidden() && self.is_active()
        });
    }

    /// Waits until it has the keyboard.
    pub fn wait_until_active(&self) {
        self.wait("the window has the keyboard", || self.is_active());
    }

    /// Waits until another window is open beside it, or after it.
    pub fn wait_for_another(&self) {
        self.wait("another window is open", || {
            let open = self.numbers(self.root, "_NET_CLIENT_LIST");
            open.iter().any(|window| *window != self.window)
        });
    }

    fn wait(&self, what: &str, is_so: impl Fn() -> bool) {
        wait_for(PATIENCE, || is_so().then_some(())).expect(what);
    }

    fn is_hidden(&self) -> bool {
        let hidden = self.atom("_NET_WM_STATE_HIDDEN");
        self.numbers(self.window, "_NET_WM_STATE").contains(&hidden)
    }

    fn is_active(&self) -> bool {
        self.numbers(self.root, "_NET_ACTIVE_WINDOW") == [self.window]
    }

    fn send(&self, what: &str, value: u32) {
        self.send_all(self.window, what, [value, 0, 0, 0, 0]);
    }

    fn send_all(&self, window: Window, what: &str, data: [u32; 5]) {
        let kind = self.atom(what);
        let message = ClientMessageEvent::new(32, window, kind, data);
        let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.connection
            .send_event(false, self.root, mask, message)
            .expect("the window manager is asked");
        self.connection.flush().expect("the screen is there");
    }

    fn numbers(&self, window: Window, property: &str) -> Vec<u32> {
        let property = self.atom(property);
        let asked = self
            .connection
            .get_property(false, window, property, AtomEnum::ANY, 0, 1024);
        let reply = asked.expect("the screen is there").reply();
        // A window that goes away has none.
        reply
            .ok()
            .and_then(|reply| reply.value32().map(Iterator::collect))
            .unwrap_or_default()
    }

    fn atom(&self, name: &str) -> Atom {
        let asked = self.connection.intern_atom(false, name.as_bytes());
        let reply = asked.expect("the screen is there").reply();
        reply.expect("it has names").atom
    }
}
