//! What an agent says comes in pieces: they are put together until something else happens.

use crate::{dialogue::Step, stream::Item};
use agent_client_protocol_schema::v1::{ContentBlock, ContentChunk, EmbeddedResourceResource};

/// So much is put together, in bytes; what is longer is told in parts (R12).
const LONGEST: usize = 1024 * 1024;

/// Whose words they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Voice {
    /// Meant for the person.
    Said,
    /// Thought.
    Thought,
}

/// The words under way.
#[derive(Default)]
pub(super) struct Spoken {
    now: Option<(Voice, Option<String>, String)>,
    last: String,
}

impl Spoken {
    /// Takes a piece; another voice or another message ends the one before.
    pub(super) fn piece(&mut self, voice: Voice, chunk: ContentChunk) -> Vec<Step> {
        let message = chunk.message_id.map(|id| id.0.to_string());
        let text = text_of(&chunk.content);
        if text.is_empty() {
            return Vec::new();
        }
        let mut steps = match &self.now {
            Some((before, id, _)) if *before != voice || *id != message => self.end(),
            _ => Vec::new(),
        };
        let thinking = voice == Voice::Thought;
        let (_, _, whole) = self
            .now
            .get_or_insert_with(|| (voice, message, String::new()));
        whole.push_str(&text);
        let full = whole.len() >= LONGEST;
        steps.push(Step::Delta { text, thinking });
        if full {
            steps.extend(self.end());
        }
        steps
    }

    /// Ends the words under way.
    pub(super) fn end(&mut self) -> Vec<Step> {
        let item = match self.now.take() {
            Some((Voice::Said, _, text)) => {
                self.last.clone_from(&text);
                Item::Text { text, stream: None }
            }
            Some((Voice::Thought, _, text)) => Item::Thinking { text },
            None => return Vec::new(),
        };
        vec![Step::Item(item)]
    }

    /// What was said last: whole, or the last part of what was too long.
    pub(super) fn last(&self) -> &str {
        &self.last
    }
}

/// The text of a block; what is no text is named.
pub(super) fn text_of(block: &ContentBlock) -> String {
    match block {
        ContentBlock::Text(text) => text.text.clone(),
        ContentBlock::Image(_) => "[image]".to_owned(),
        ContentBlock::Audio(_) => "[audio]".to_owned(),
        ContentBlock::ResourceLink(link) => format!("[{}]", link.uri),
        ContentBlock::Resource(resource) => match &resource.resource {
            EmbeddedResourceResource::TextResourceContents(text) => text.text.clone(),
            _ => "[resource]".to_owned(),
        },
        _ => "[block]".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use agent_client_protocol_schema::v1::TextContent;

    #[test]
    fn words_without_an_end_are_told_in_parts_of_bounded_length() {
        let mut spoken = Spoken::default();
        let piece = "x".repeat(1000);
        let mut parts = Vec::new();
        for _ in 0..5000 {
            let chunk = ContentChunk::new(ContentBlock::Text(TextContent::new(piece.clone())));
            for step in spoken.piece(Voice::Said, chunk) {
                if let Step::Item(Item::Text { text, .. }) = step {
                    parts.push(text.len());
                }
            }
        }
        assert!(
            parts.len() == 4 && parts.iter().all(|part| *part < LONGEST + 1000),
            "{parts:?}"
        );
        let rest = spoken.end();
        assert!(
            matches!(&*rest, [Step::Item(Item::Text { .. })]),
            "{rest:?}"
        );
        let told: usize = parts.iter().sum::<usize>() + spoken.last().len();
        assert_eq!(told, 5_000_000);
    }
}
