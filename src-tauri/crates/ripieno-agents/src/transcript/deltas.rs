//! Deltas on their way to the log: merged, flushed every 500 ms, thinking before text (R2).

use crate::stream::Item;
use std::time::Duration;
use tokio::time::Instant;

/// How long a delta may wait: so much is lost by a crash at most.
const INTERVAL: Duration = Duration::from_millis(500);

/// How much of a text is remembered to be left out of its whole: a longer one is logged twice rather than held.
const REMEMBERED: usize = 4 * 1024 * 1024;

/// Text that is being said.
#[derive(Debug, Default)]
struct Open {
    /// All of it so far.
    whole: String,
    /// How much of it has been logged.
    logged: usize,
}

impl Open {
    fn rest(&mut self) -> Option<String> {
        let rest = self.whole[self.logged..].to_owned();
        self.logged = self.whole.len();
        if self.logged > REMEMBERED {
            *self = Open::default();
        }
        Some(rest).filter(|rest| !rest.is_empty())
    }

    /// What of the whole, now that it is known, has not been logged yet.
    fn settle(&mut self, whole: String) -> Option<String> {
        let Open {
            whole: seen,
            logged,
        } = std::mem::take(self);
        // What was logged can only be left out where it is the same.
        let same = logged > 0 && whole.starts_with(&seen[..logged]);
        let rest = if same {
            whole[logged..].to_owned()
        } else {
            whole
        };
        Some(rest).filter(|rest| !(same && rest.is_empty()))
    }
}

/// What has been said and is not a whole item yet.
#[derive(Debug, Default)]
pub(super) struct Deltas {
    thinking: Open,
    text: Open,
    due: Option<Instant>,
}

impl Deltas {
    pub(super) fn push(&mut self, text: &str, thinking: bool, now: Instant) {
        let open = if thinking {
            &mut self.thinking
        } else {
            &mut self.text
        };
        open.whole.push_str(text);
        self.due.get_or_insert(now + INTERVAL);
    }

    /// When what waits is to be flushed.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Gives what waits.
    pub(super) fn flush(&mut self) -> Vec<Item> {
        self.due = None;
        let thinking = self.thinking.rest().map(|text| Item::Thinking { text });
        let text = self
            .text
            .rest()
            .map(|text| Item::Text { text, stream: None });
        thinking.into_iter().chain(text).collect()
    }

    /// Takes a whole item: gives what is to be logged for it, without what its deltas have put there already.
    pub(super) fn settle(&mut self, item: Item) -> Vec<Item> {
        let rest = match item {
            Item::Thinking { text } => self
                .thinking
                .settle(text)
                .map(|text| Item::Thinking { text }),
            Item::Text { text, stream: None } => {
                // Thinking that was never given whole came before.
                let mut items: Vec<Item> = self
                    .thinking
                    .rest()
                    .map(|text| Item::Thinking { text })
                    .into_iter()
                    .collect();
                self.thinking = Open::default();
                items.extend(
                    self.text
                        .settle(text)
                        .map(|text| Item::Text { text, stream: None }),
                );
                return items;
            }
            other => {
                let mut items = self.flush();
                items.push(other);
                return items;
            }
        };
        rest.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Item {
        Item::Text {
            text: text.to_owned(),
            stream: None,
        }
    }

    fn thinking(text: &str) -> Item {
        Item::Thinking {
            text: text.to_owned(),
        }
    }

    #[test]
    fn deltas_are_merged_and_thinking_comes_before_text() {
        let (mut deltas, now) = (Deltas::default(), Instant::now());
        deltas.push("a", false, now);
        deltas.push("hm", true, now + INTERVAL / 2);
        deltas.push("b", false, now + INTERVAL / 2);
        assert_eq!(deltas.due(), Some(now + INTERVAL));
        assert_eq!(deltas.flush(), [thinking("hm"), text("ab")]);
        assert_eq!((deltas.flush(), deltas.due()), (vec![], None));
    }

    #[test]
    fn a_whole_item_adds_only_what_its_deltas_have_not_logged() {
        let (mut deltas, now) = (Deltas::default(), Instant::now());
        deltas.push("Hello", false, now);
        deltas.flush();
        deltas.push(", wor", false, now);
        assert_eq!(deltas.settle(text("Hello, world")), [text(", world")]);
        assert_eq!(deltas.settle(text("Next")), [text("Next")]);
        deltas.push("all", true, now);
        deltas.flush();
        assert_eq!(deltas.settle(thinking("all")), []);
    }

    #[test]
    fn a_whole_item_that_differs_from_its_deltas_is_logged_whole() {
        let mut deltas = Deltas::default();
        deltas.push("Hallo", false, Instant::now());
        deltas.flush();
        assert_eq!(deltas.settle(text("Hello")), [text("Hello")]);
        assert_eq!(deltas.settle(text("")), [text("")]);
    }

    #[test]
    fn any_other_item_comes_after_what_was_said_before_it() {
        let mut deltas = Deltas::default();
        deltas.push("said", false, Instant::now());
        let status = Item::Status {
            text: "retrying".to_owned(),
        };
        assert_eq!(deltas.settle(status.clone()), [text("said"), status]);
    }
}
