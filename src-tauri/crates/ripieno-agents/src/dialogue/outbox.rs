//! What a run reports, on its way to the worker: in order, and held back while the worker has no room.

use super::EVENTS;
use crate::stream::RunEvent;
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// How many events are told at once where there are many: telling them one by one has the two sides wake each other for each.
const MANY: usize = EVENTS / 2;

/// What the worker has not taken yet.
pub(super) struct Outbox {
    events: mpsc::Sender<RunEvent>,
    waiting: VecDeque<RunEvent>,
}

impl Outbox {
    pub(super) fn new(events: mpsc::Sender<RunEvent>, first: Vec<RunEvent>) -> Self {
        Outbox {
            events,
            waiting: first.into(),
        }
    }

    pub(super) fn push(&mut self, event: RunEvent) {
        self.waiting.push_back(event);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether so much waits that the worker is to have it before more is read.
    pub(super) fn is_filled(&self) -> bool {
        self.waiting.len() >= MANY
    }

    /// Whether the worker keeps up, so that it can be told what may be left out.
    pub(super) fn keeps_up(&self) -> bool {
        self.events.capacity() > EVENTS / 2
    }

    /// Gives the worker what it has room for.
    pub(super) fn hand_out(&mut self) {
        while !self.waiting.is_empty()
            && let Ok(permit) = self.events.try_reserve()
            && let Some(event) = self.waiting.pop_front()
        {
            permit.send(event);
        }
    }

    /// Waits until the worker has taken something of what waits, or, where nothing waits, until it is gone. `false` says that it is
    /// gone. Nothing is lost when the future is dropped.
    pub(super) async fn moves(&mut self) -> bool {
        let many = self.waiting.len().min(MANY);
        if many == 0 {
            self.events.closed().await;
            return false;
        }
        let Ok(permits) = self.events.reserve_many(many).await else {
            return false;
        };
        for (permit, event) in permits.zip(self.waiting.drain(..many)) {
            permit.send(event);
        }
        true
    }

    /// Gives the worker all that is left, where it still listens.
    pub(super) async fn finish(self) {
        for event in self.waiting {
            if self.events.send(event).await.is_err() {
                return;
            }
        }
    }
}
