//! Streams of server-sent events, as every protocol here sends them.

use serde_json::Value;
use std::time::Duration;

/// The events of a stream, each with the pause before it; the flag says that the connection breaks after them.
pub(crate) type Stream = (Vec<(Duration, String)>, bool);

/// Events in the making.
#[derive(Default)]
pub(crate) struct Events(Vec<(Duration, String)>);

impl Events {
    /// Adds an event after a pause in milliseconds; one with a name where the protocol gives names.
    pub(crate) fn send(&mut self, pause: u64, name: Option<&str>, data: &Value) {
        let name = name
            .map(|name| format!("event: {name}\n"))
            .unwrap_or_default();
        self.line(pause, format!("{name}data: {data}\n\n"));
    }

    /// Adds a line as it stands.
    pub(crate) fn line(&mut self, pause: u64, line: String) {
        self.0.push((Duration::from_millis(pause), line));
    }

    /// They end as they should, or with a broken connection.
    pub(crate) fn end(self, breaks: bool) -> Stream {
        (self.0, breaks)
    }
}
