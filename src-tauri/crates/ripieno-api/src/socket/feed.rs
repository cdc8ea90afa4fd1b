//! Events to one subscriber: every one, in order, once (W1, architecture 4.2).

use crate::{error::ApiError, view};
use ripieno_daemon::{Handle, handle::Event};
use std::sync::Arc;
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// How many events are read from the log at once.
const PAGE: usize = 500;

/// A place in the log that moves on with it.
#[derive(Debug)]
pub(crate) struct Feed {
    handle: Handle,
    live: Receiver<Arc<Event>>,
    cursor: i64,
    /// Whether the log may hold events after the cursor that are not known from `live`.
    behind: bool,
}

impl Feed {
    /// Starts after an event; 0 is before the first.
    pub(crate) fn after(handle: &Handle, cursor: i64) -> Self {
        Feed {
            handle: handle.clone(),
            live: handle.subscribe(),
            cursor,
            behind: true,
        }
    }

    /// The next events, at least one; `None` when the worker has stopped.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<view::Event>>, ApiError> {
        loop {
            if self.behind {
                let page = self.handle.events_since(self.cursor, PAGE).await?;
                self.behind = page.len() == PAGE;
                if let Some(last) = page.last() {
                    self.cursor = last.seq;
                    return Ok(Some(page.iter().map(view::Event::from).collect()));
                }
            }
            let received = tokio::select! {
                received = self.live.recv() => received,
                () = self.handle.stopped() => return Ok(None),
            };
            match received {
                Ok(event) if event.seq <= self.cursor => {}
                Ok(event) if event.seq == self.cursor + 1 => {
                    self.cursor = event.seq;
                    return Ok(Some(vec![view::Event::from(&*event)]));
                }
                Ok(_) | Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => return Ok(None),
            }
        }
    }
}
