//! A program's side of a run: its lines, joined where they belong together. Pure: the time is given.

use super::{
    message::{Complaint, Said, read},
    tally::Tally,
};
use crate::{
    RunSpec,
    dialogue::{Background, Dialogue, Ending, Step, Unreadable, describe},
    stream::{Item, Outcome, Usage},
    text::{Plain, floor},
};
use ripieno_core::{ask::Answer, time::Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// How much plain text is one entry at most, in bytes.
const ENTRY: usize = 8 * 1024;

/// How much of the end of its plain text is kept for its verdict, in bytes: a report stands at the end.
const KEPT: usize = 256 * 1024;

/// One run of the program.
pub(super) struct Conversation {
    name: String,
    /// What goes to its stdin.
    said: Option<Vec<u8>>,
    /// Plain text on its way to becoming an entry.
    plain: String,
    /// The end of the plain text.
    pub(super) tail: String,
    /// Pieces of a message whose whole has not been said.
    pieces: String,
    /// The last message, whole.
    pub(super) last: Option<String>,
    /// The answer, as the last word said it.
    pub(super) result: Option<String>,
    /// Whether a last word came that tells of success.
    pub(super) done: bool,
    /// What went wrong, when nothing went on after it.
    pub(super) trouble: Option<Complaint>,
    /// Whether a turn has begun whose end is told too.
    pub(super) turn_open: bool,
    /// Whether it speaks in objects.
    speaks_json: bool,
    /// Whether its last line was the beginning of an object.
    pub(super) cut_off: bool,
    live: BTreeMap<String, Timestamp>,
    tally: Tally,
    pub(super) had_output: bool,
    pub(super) unreadable: Unreadable,
}

impl Conversation {
    pub(super) fn new(name: &str, spec: &RunSpec, said: Option<Vec<u8>>) -> Self {
        let mut tally = Tally::default();
        tally.model = spec.model.clone().unwrap_or_else(|| name.to_owned());
        Conversation {
            name: name.to_owned(),
            said,
            plain: String::new(),
            tail: String::new(),
            pieces: String::new(),
            last: None,
            result: None,
            done: false,
            trouble: None,
            turn_open: false,
            speaks_json: false,
            cut_off: false,
            live: BTreeMap::new(),
            tally,
            had_output: false,
            unreadable: Unreadable::default(),
        }
    }

    /// What people call the program.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What was used, as far as it was told.
    pub(super) fn used(&self) -> Vec<Usage> {
        self.tally.all().into_iter().collect()
    }

    fn text_line(&mut self, line: &[u8]) -> Vec<Step> {
        let mut shown = String::new();
        let mut plain = Plain::default();
        plain.push(line, &mut shown);
        plain.finish(&mut shown);
        // A bar that redraws itself: what it came to.
        let shown = shown.trim_end_matches('\n');
        let shown = shown.rsplit('\n').next().unwrap_or_default();
        if !shown.trim().is_empty() {
            (self.had_output, self.trouble) = (true, None);
        }
        let mut steps = self.whole_of_pieces();
        for text in [shown, "\n"] {
            self.plain.push_str(text);
            self.tail.push_str(text);
        }
        // Moved rarely, not at every line.
        if self.tail.len() > 2 * KEPT {
            self.tail = last_of(&self.tail, KEPT).to_owned();
        }
        if self.plain.len() >= ENTRY {
            steps.extend(self.give_out(false));
        }
        steps
    }

    /// Pieces that nothing whole has followed are a message.
    fn whole_of_pieces(&mut self) -> Vec<Step> {
        let text = std::mem::take(&mut self.pieces);
        if text.is_empty() {
            return Vec::new();
        }
        self.last = Some(text.clone());
        vec![Step::Item(Item::Text { text, stream: None })]
    }

    fn object(&mut self, said: Vec<Said>, now: Timestamp) -> Vec<Step> {
        (self.speaks_json, self.cut_off) = (true, false);
        let mut steps = self.give_out(false);
        for said in said {
            steps.extend(self.take(said, now));
        }
        steps
    }

    fn take(&mut self, said: Said, now: Timestamp) -> Vec<Step> {
        let mut steps = match said {
            Said::Piece(_) | Said::Text(_) | Said::Model(_) | Said::Used { .. } => Vec::new(),
            _ => self.whole_of_pieces(),
        };
        let item = match said {
            Said::Piece(piece) => {
                let room = floor(&piece, KEPT.saturating_sub(self.pieces.len()));
                self.pieces.push_str(&piece[..room]);
                (self.had_output, self.trouble) = (true, None);
                return steps;
            }
            Said::Text(text) => {
                // The whole of the pieces before it.
                self.pieces.clear();
                (self.had_output, self.trouble) = (true, None);
                self.last = Some(text.clone());
                Item::Text { text, stream: None }
            }
            Said::Thinking(text) => Item::Thinking { text },
            Said::Status(text) => Item::Status { text },
            Said::Plan(items) => Item::Plan { items },
            Said::Call { id, tool, input } => {
                (self.had_output, self.trouble) = (true, None);
                self.live.insert(id.clone(), now);
                call(id, tool, input)
            }
            Said::Returned { id, output, failed } => {
                let began = self.live.remove(&id);
                let ms = began
                    .map(|began| u64::try_from(now.0.saturating_sub(began.0)).unwrap_or_default());
                Item::ToolResult {
                    id,
                    output,
                    spilled: None,
                    error: failed,
                    ms,
                }
            }
            Said::Model(model) => {
                self.tally.model = model;
                return steps;
            }
            Said::Used {
                message,
                whole,
                usage,
            } => {
                if whole {
                    self.tally.whole(&usage);
                } else {
                    self.tally.line(message.as_deref(), &usage);
                }
                let fresh = self.tally.report();
                return fresh
                    .map(|usage| Step::Item(Item::Usage(usage)))
                    .into_iter()
                    .collect();
            }
            Said::Began => {
                self.turn_open = true;
                return steps;
            }
            Said::Ended => {
                self.turn_open = false;
                return steps;
            }
            Said::Trouble(complaint) => {
                let text = complaint.text.clone();
                let again = self
                    .trouble
                    .replace(complaint)
                    .is_some_and(|known| known.text == text);
                self.done = false;
                if again {
                    return steps;
                }
                Item::Error { text }
            }
            Said::Warning(text) => Item::Error { text },
            Said::Result(text) => {
                let text = text.filter(|text| !text.trim().is_empty());
                (self.done, self.trouble) = (true, None);
                self.had_output |= text.is_some();
                let known = text == self.last;
                self.result.clone_from(&text);
                match text {
                    Some(text) if !known => Item::Text { text, stream: None },
                    _ => return steps,
                }
            }
        };
        steps.push(Step::Item(item));
        steps
    }

    fn not_read(&mut self, text: &str, bytes: u64) -> Vec<Step> {
        self.cut_off = true;
        let noted = self.unreadable.note(text, bytes);
        noted.map(Step::Item).into_iter().collect()
    }
}

fn call(id: String, tool: String, input: Value) -> Item {
    // Some give their input as JSON in a text.
    let told = input
        .as_str()
        .and_then(|text| serde_json::from_str(text).ok());
    let input = told.unwrap_or(input);
    Item::ToolCall {
        id,
        line: describe::one_line(&tool, &input),
        tool,
        input,
        spilled: None,
        parent: None,
    }
}

/// The last so many bytes of a text, in whole characters.
pub(super) fn last_of(text: &str, bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

impl Dialogue for Conversation {
    fn open(&mut self) -> Vec<Vec<u8>> {
        self.said.take().into_iter().collect()
    }

    fn line(&mut self, line: &[u8], now: Timestamp) -> Vec<Step> {
        let text = String::from_utf8_lossy(line);
        let trimmed = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        if !trimmed.starts_with('{') {
            self.cut_off &= trimmed.is_empty();
            return self.text_line(line);
        }
        match serde_json::from_str::<Value>(trimmed) {
            Ok(Value::Object(object)) => match read(&object) {
                Some(said) => self.object(said, now),
                // It prints data, not messages.
                None => self.text_line(line),
            },
            Ok(_) | Err(_) if self.speaks_json => self.not_read(trimmed, trimmed.len() as u64),
            Err(error) => {
                self.cut_off = error.is_eof() && trimmed.starts_with("{\"");
                self.text_line(line)
            }
            Ok(_) => self.text_line(line),
        }
    }

    fn cut(&mut self, head: &[u8], bytes: u64) -> Vec<Step> {
        let head = String::from_utf8_lossy(head).into_owned();
        let mut steps = self.give_out(false);
        steps.extend(self.not_read(&head, bytes));
        // It was whole, only too long to be read.
        self.cut_off = false;
        steps
    }

    fn answer(&mut self, _key: &str, _answer: &Answer) -> Vec<Step> {
        Vec::new()
    }

    fn prompt(&mut self, _text: &str) -> Vec<u8> {
        Vec::new()
    }

    fn cancel(&mut self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    fn open_asks(&self) -> usize {
        0
    }

    fn tool_in_flight(&self) -> bool {
        !self.live.is_empty()
    }

    fn between_turns(&self) -> bool {
        false
    }

    fn turn_failed(&self) -> bool {
        self.trouble.is_some()
    }

    fn background(&self) -> Background {
        Background::None
    }

    fn late_usage(&mut self) -> Vec<Usage> {
        self.tally.report().into_iter().collect()
    }

    fn conclude(&self, ending: &Ending) -> Outcome {
        super::verdict::conclude(self, ending)
    }

    fn is_told_once(&self) -> bool {
        true
    }

    fn keeps_back(&self) -> bool {
        !self.plain.is_empty()
    }

    fn give_out(&mut self, over: bool) -> Vec<Step> {
        let text = std::mem::take(&mut self.plain);
        let mut steps = Vec::new();
        if !text.trim().is_empty() {
            let text = text.trim_end_matches('\n').to_owned();
            steps.push(Step::Item(Item::Text { text, stream: None }));
        }
        // The whole of pieces may still come: until the end.
        if over {
            steps.extend(self.whole_of_pieces());
        }
        steps
    }
}

/// The last words of the program, wherever they stand: the last word, the last message, the last plain text.
pub(super) fn answer_of(run: &Conversation) -> String {
    let told = run.result.clone().or_else(|| run.last.clone());
    told.unwrap_or_else(|| last_of(&run.tail, KEPT).trim().to_owned())
}
