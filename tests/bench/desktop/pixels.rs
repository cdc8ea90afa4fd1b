//! The screen from outside: when the words of a window are on it, and closing that window as a person does.

use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, ImageFormat, Window,
};
use x11rb::rust_connection::RustConnection;

use crate::session::PATIENCE;

/// How often the screen is looked at; a look itself takes under a millisecond.
const STEP: Duration = Duration::from_millis(4);

/// An eye on the screen.
pub struct Eye {
    connection: RustConnection,
    root: Window,
    size: (u16, u16),
}

impl Eye {
    pub fn on(display: &str) -> Self {
        let (connection, screen) =
            RustConnection::connect(Some(display)).expect("the screen takes connections");
        let screen = &connection.setup().roots[screen];
        let (root, size) = (
            screen.root,
            (screen.width_in_pixels, screen.height_in_pixels),
        );
        Eye {
            connection,
            root,
            size,
        }
    }

    /// Waits until at least so many edges are seen along a vertical line: rows of words have some dozens.
    pub fn wait_for_edges(&self, at: f64, wanted: usize) -> Instant {
        self.wait(|edges| edges >= wanted, at)
    }

    /// Waits until nothing is on the screen.
    pub fn wait_for_nothing(&self, at: f64) -> Instant {
        self.wait(|edges| edges == 0, at)
    }

    fn wait(&self, enough: impl Fn(usize) -> bool, at: f64) -> Instant {
        let begin = Instant::now();
        loop {
            let edges = self.edges(at);
            let now = Instant::now();
            if enough(edges) {
                return now;
            }
            assert!(
                begin.elapsed() < PATIENCE,
                "the screen still shows {edges} edges"
            );
            std::thread::park_timeout(STEP);
        }
    }

    /// How often the colour changes along a strip of 24 pixels from top to bottom; `at` is its place, 0 left, 1 right.
    pub fn edges(&self, at: f64) -> usize {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a share of a screen's width"
        )]
        let x = (f64::from(self.size.0) * at) as i16;
        let asked =
            self.connection
                .get_image(ImageFormat::Z_PIXMAP, self.root, x, 0, 24, self.size.1, !0);
        let image = asked
            .expect("the screen can be asked")
            .reply()
            .expect("the screen can be seen");
        let rows: Vec<&[u8]> = image.data.chunks(24 * 4).collect();
        rows.windows(2).filter(|pair| pair[0] != pair[1]).count()
    }

    /// Asks the window manager to close every window, as the button in their frames does.
    pub fn close_windows(&self) {
        for window in self.windows() {
            let atom = self.atom("_NET_CLOSE_WINDOW");
            let message = ClientMessageEvent::new(32, window, atom, [0, 2, 0, 0, 0]);
            let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
            self.connection
                .send_event(false, self.root, mask, message)
                .expect("the window manager is told");
        }
        self.connection.flush().expect("the screen is there");
    }

    fn windows(&self) -> Vec<Window> {
        let list = self.atom("_NET_CLIENT_LIST");
        let asked = self
            .connection
            .get_property(false, self.root, list, AtomEnum::WINDOW, 0, 64);
        let answer = asked.expect("the screen can be asked").reply();
        let answer = answer.expect("the window manager lists windows");
        answer.value32().map(Iterator::collect).unwrap_or_default()
    }

    fn atom(&self, name: &str) -> u32 {
        let asked = self.connection.intern_atom(false, name.as_bytes());
        let answer = asked.expect("the screen can be asked").reply();
        answer.expect("the screen knows names").atom
    }
}
