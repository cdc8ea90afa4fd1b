//! Output merged into entries: flushed every 500 ms or 8 KiB, never across streams (R2).

use crate::stream::Item;
use std::time::Duration;
use tokio::time::Instant;

/// How long text may wait to be merged with more.
pub(super) const INTERVAL: Duration = Duration::from_millis(500);

/// How much text is one entry at most, but for the piece that goes beyond.
pub(super) const SIZE: usize = 8 * 1024;

/// Where a script's text comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Source {
    Stdout,
    Stderr,
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Source::Stdout => "stdout",
            Source::Stderr => "stderr",
        }
    }
}

/// Text on its way to becoming an entry.
#[derive(Debug, Default)]
pub(super) struct Merge {
    pending: Option<Pending>,
}

#[derive(Debug)]
struct Pending {
    source: Source,
    text: String,
    due: Instant,
}

impl Merge {
    /// Takes text; gives the entries that are complete by it.
    pub(super) fn push(&mut self, source: Source, text: &str, now: Instant) -> Vec<Item> {
        let mut items = Vec::new();
        if self
            .pending
            .as_ref()
            .is_some_and(|pending| pending.source != source)
        {
            items.extend(self.flush());
        }
        let mut rest = text;
        while !rest.is_empty() {
            let pending = self.pending.get_or_insert_with(|| Pending {
                source,
                text: String::new(),
                due: now + INTERVAL,
            });
            let room = crate::text::floor(rest, SIZE.saturating_sub(pending.text.len()));
            pending.text.push_str(&rest[..room]);
            rest = &rest[room..];
            // Also when the next character no longer fits.
            if pending.text.len() >= SIZE || !rest.is_empty() {
                items.extend(self.flush());
            }
        }
        items
    }

    /// When what waits is to be flushed.
    pub(super) fn due(&self) -> Option<Instant> {
        self.pending.as_ref().map(|pending| pending.due)
    }

    /// Gives what waits.
    pub(super) fn flush(&mut self) -> Option<Item> {
        let Pending { source, text, .. } = self.pending.take()?;
        Some(Item::Text {
            text,
            stream: Some(source.name().to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(item: &Item) -> (&str, &str) {
        match item {
            Item::Text {
                text,
                stream: Some(stream),
            } => (stream, text),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn text_of_one_stream_is_merged_and_a_change_of_stream_ends_it() {
        let (mut merge, now) = (Merge::default(), Instant::now());
        assert!(merge.push(Source::Stdout, "a", now).is_empty());
        assert!(
            merge
                .push(Source::Stdout, "b", now + INTERVAL / 2)
                .is_empty()
        );
        assert_eq!(merge.due(), Some(now + INTERVAL));
        let items = merge.push(Source::Stderr, "c", now);
        assert_eq!(
            items.iter().map(text).collect::<Vec<_>>(),
            [("stdout", "ab")]
        );
        assert_eq!(merge.flush().as_ref().map(text), Some(("stderr", "c")));
        assert_eq!((merge.flush(), merge.due()), (None, None));
    }

    #[test]
    fn much_text_becomes_entries_of_whole_characters_within_the_size() {
        let (mut merge, now) = (Merge::default(), Instant::now());
        let all = "é€x".repeat(10_000);
        let mut items = merge.push(Source::Stdout, &all, now);
        items.extend(merge.flush());
        assert!(items.iter().all(|item| text(item).1.len() <= SIZE));
        assert_eq!(
            items.iter().map(|item| text(item).1).collect::<String>(),
            all
        );
    }
}
