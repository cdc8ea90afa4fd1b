//! When a window can be used, seen from outside: its words are on the screen.

use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt, ImageFormat, Window};
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
}
