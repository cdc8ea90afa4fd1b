//! Lines that are no messages: noted a few times, counted always.

use crate::stream::Item;

/// Unreadable lines that are noted one by one; the raw log has them all.
const NOTED: u32 = 20;

/// How much of such a line is shown, in characters.
const SHOWN: usize = 300;

/// What could not be read so far.
#[derive(Default)]
pub(crate) struct Unreadable {
    count: u32,
    first: String,
}

impl Unreadable {
    /// Takes a line of so many bytes that could not be read; a flood of noise is one note in the transcript.
    pub(crate) fn note(&mut self, text: &str, bytes: u64) -> Option<Item> {
        self.count = self.count.saturating_add(1);
        let shown: String = text.chars().take(SHOWN).collect();
        if self.first.is_empty() {
            self.first.clone_from(&shown);
        }
        (self.count <= NOTED).then(|| Item::Error {
            text: format!("unreadable line of {bytes} bytes: {shown}"),
        })
    }

    /// The head of the first one; empty when there was none.
    pub(crate) fn first(&self) -> &str {
        &self.first
    }
}
