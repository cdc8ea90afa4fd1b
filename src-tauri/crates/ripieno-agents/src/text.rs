//! What a program printed, made fit to be shown: no control sequence, no broken character, no endless line.
//!
//! The raw log keeps every byte; a transcript is shown in terminals and windows, where OSC 52 would write the clipboard
//! and OSC 8 would disguise a link (rel-9).

/// What of one line is kept; the rest of it is counted and left out.
pub const LONGEST_LINE: usize = 64 * 1024;

/// What of one line a summary keeps.
const SUMMARY_LINE: usize = 1000;

/// Turns the bytes of one stream into text, piece by piece, in memory that does not grow with the stream.
#[derive(Debug, Default)]
pub struct Plain {
    /// The bytes of a character that is not whole yet.
    carry: Vec<u8>,
    state: State,
    /// Bytes of the current line that were kept.
    column: usize,
    /// Bytes of the current line that were left out.
    dropped: u64,
    /// Whether the last character was a carriage return: a newline after it is the same end of line.
    returned: bool,
}

/// Where in a control sequence the stream is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum State {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// In a control sequence: ends with a final byte.
    Control,
    /// In a string (OSC, DCS, ...): ends with BEL, ESC \ or the line.
    String,
    /// After ESC within a string.
    StringEscape,
}

impl Plain {
    /// Appends what these bytes say to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut String) {
        if self.dropped > 0 && self.carry.is_empty() {
            // Deep in a line that is too long nothing counts but its end.
            let end = memchr::memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
            self.dropped += end as u64;
            self.state = State::Text;
            return if end < bytes.len() {
                self.decode(&bytes[end..], out)
            };
        }
        if self.carry.is_empty() {
            return self.decode(bytes, out);
        }
        let mut joined = std::mem::take(&mut self.carry);
        joined.extend_from_slice(bytes);
        self.decode(&joined, out);
    }

    /// Appends what is left at the end of the stream.
    pub fn finish(&mut self, out: &mut String) {
        if !std::mem::take(&mut self.carry).is_empty() {
            self.run("\u{fffd}", out);
        }
        self.mark_cut(out);
    }

    fn decode(&mut self, bytes: &[u8], out: &mut String) {
        let mut rest = bytes;
        loop {
            let error = match std::str::from_utf8(rest) {
                Ok(text) => return self.run(text, out),
                Err(error) => error,
            };
            let (valid, after) = rest.split_at(error.valid_up_to());
            self.run(std::str::from_utf8(valid).unwrap_or_default(), out);
            let Some(length) = error.error_len() else {
                self.carry = after.to_vec();
                return;
            };
            self.run("\u{fffd}", out);
            rest = &after[length..];
        }
    }

    /// Takes text that is whole characters: plain stretches at once, anything else one by one.
    fn run(&mut self, text: &str, out: &mut String) {
        let mut rest = text;
        while !rest.is_empty() {
            let plain = match self.state {
                State::Text if !self.returned => plain_stretch(rest),
                _ => 0,
            };
            self.keep(&rest[..plain], out);
            rest = &rest[plain..];
            let mut characters = rest.chars();
            if let Some(character) = characters.next() {
                self.step(character, out);
            }
            rest = characters.as_str();
        }
    }

    fn step(&mut self, character: char, out: &mut String) {
        let returned = std::mem::take(&mut self.returned);
        self.state = match (self.state, character) {
            (_, '\n') => {
                if !returned {
                    self.end_line(out);
                }
                State::Text
            }
            (State::Text, '\r') => {
                self.end_line(out);
                self.returned = true;
                State::Text
            }
            (State::Escape, '[') => State::Control,
            (State::Escape, ']' | 'P' | 'X' | '^' | '_') => State::String,
            (State::Escape, ' '..='/') | (State::StringEscape, '\u{1b}') => self.state,
            (State::Control, ' '..='?') | (State::String, '\r') => self.state,
            (State::String, '\u{7}') | (State::StringEscape, '\\') => State::Text,
            (State::String, '\u{1b}') => State::StringEscape,
            (State::String | State::StringEscape, _) => State::String,
            (_, '\u{1b}') => State::Escape,
            (State::Escape | State::Control, _) => State::Text,
            (State::Text, character) => {
                if character == '\t' || !character.is_control() {
                    self.keep(character.encode_utf8(&mut [0; 4]), out);
                }
                State::Text
            }
        };
    }

    /// Keeps text without newlines as far as the line may go.
    fn keep(&mut self, text: &str, out: &mut String) {
        let room = LONGEST_LINE.saturating_sub(self.column);
        let kept = match self.dropped {
            0 => floor(text, room),
            _ => 0,
        };
        out.push_str(&text[..kept]);
        self.column += kept;
        self.dropped += (text.len() - kept) as u64;
    }

    fn end_line(&mut self, out: &mut String) {
        self.mark_cut(out);
        out.push('\n');
        self.column = 0;
    }

    fn mark_cut(&mut self, out: &mut String) {
        let dropped = std::mem::take(&mut self.dropped);
        if dropped > 0 {
            out.push_str(&format!(" [line cut: {dropped} more bytes]"));
        }
    }
}

/// The longest start of a text that is whole characters and at most `room` bytes.
pub(crate) fn floor(text: &str, room: usize) -> usize {
    let mut end = room.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    end
}

/// How many bytes at the start are neither newline nor control character.
fn plain_stretch(text: &str) -> usize {
    let bytes = text.as_bytes();
    let special = |at: usize| match bytes[at] {
        b'\t' => false,
        0..=0x1f | 0x7f => true,
        // U+0080 to U+009F, the other controls.
        0xc2 => bytes.get(at + 1).is_some_and(|next| *next < 0xa0),
        _ => false,
    };
    (0..bytes.len())
        .find(|at| special(*at))
        .unwrap_or(bytes.len())
}

/// The last lines of a text that comes in pieces.
#[derive(Debug, Default)]
pub struct LastLines {
    lines: std::collections::VecDeque<String>,
    open: String,
}

impl LastLines {
    /// Takes the next piece.
    pub fn push(&mut self, text: &str) {
        let mut parts = text.split('\n');
        self.extend(parts.next().unwrap_or_default());
        for part in parts {
            self.close();
            self.extend(part);
        }
    }

    /// The last `count` lines that are not blank, in order.
    #[must_use]
    pub fn last(&self, count: usize) -> String {
        let open = Some(self.open.trim_end()).filter(|line| !line.is_empty());
        let lines: Vec<&str> = self.lines.iter().map(String::as_str).chain(open).collect();
        lines[lines.len().saturating_sub(count)..].join("\n")
    }

    fn extend(&mut self, part: &str) {
        let room = SUMMARY_LINE.saturating_sub(self.open.len());
        self.open.push_str(&part[..floor(part, room)]);
    }

    fn close(&mut self) {
        let line = self.open.trim_end();
        if !line.trim_start().is_empty() {
            if self.lines.len() >= ripieno_core::receipt::SUMMARY_LINES {
                self.lines.pop_front();
            }
            self.lines.push_back(line.to_owned());
        }
        self.open.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(pieces: &[&[u8]]) -> String {
        let (mut plain, mut out) = (Plain::default(), String::new());
        pieces.iter().for_each(|piece| plain.push(piece, &mut out));
        plain.finish(&mut out);
        out
    }

    #[test]
    fn control_sequences_are_left_out_also_when_split() {
        assert_eq!(plain(&[b"a\x1b[1;31mred\x1b[0m b"]), "ared b");
        assert_eq!(plain(&[b"a\x1b", b"[1;", b"31mred"]), "ared");
        assert_eq!(
            plain(&[b"x\x1b]52;c;aGk=\x07y\x1b]8;;http://a\x1b\\z"]),
            "xyz"
        );
        assert_eq!(
            plain(&[b"x\x1bPq#0\x1b\\y\x1b(Bz\x1b7w\x08\x07\x7f"]),
            "xyzw"
        );
        assert_eq!(plain(&["a\u{9b}b".as_bytes()]), "ab");
    }

    #[test]
    fn an_unended_control_string_swallows_no_more_than_its_line() {
        assert_eq!(plain(&[b"a\x1b]0;title\nb"]), "a\nb");
    }

    #[test]
    fn carriage_returns_end_lines_once() {
        assert_eq!(plain(&[b"a\r\nb\r", b"\nc\rd"]), "a\nb\nc\nd");
    }

    #[test]
    fn broken_characters_are_replaced_and_split_ones_joined() {
        assert_eq!(plain(&[b"\xc3", b"\xbc!"]), "ü!");
        assert_eq!(plain(&[b"a\xffb\xf0\x9f"]), "a\u{fffd}b\u{fffd}");
        assert_eq!(plain(&[b"nul\0nul"]), "nulnul");
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_with_its_length_and_the_next_is_whole() {
        let long = vec![b'x'; LONGEST_LINE + 5];
        let text = plain(&[&long, &long, b"yy\nnext\n"]);
        let (cut, next) = text.split_once('\n').unwrap();
        assert_eq!(
            cut.len(),
            LONGEST_LINE + format!(" [line cut: {} more bytes]", 0).len() + 4
        );
        assert!(cut.ends_with(&format!(" [line cut: {} more bytes]", LONGEST_LINE + 12)));
        assert_eq!(next, "next\n");
    }

    #[test]
    fn the_last_lines_are_kept_without_blank_ones() {
        let mut last = LastLines::default();
        (0..20).for_each(|n| last.push(&format!("line {n}  \n\n  \n")));
        last.push("op");
        last.push("en");
        assert_eq!(last.last(3), "line 18\nline 19\nopen");
        assert_eq!(last.last(8).lines().count(), 8);
        assert_eq!(LastLines::default().last(8), "");
    }

    proptest! {
        #[test]
        fn how_the_stream_is_cut_into_pieces_does_not_matter(
            bytes in proptest::collection::vec(
                prop_oneof![any::<u8>(), Just(0x1b), Just(b'\n'), Just(b'\r'), Just(b']'), Just(0xc3)],
                0..120,
            ),
            step in 1_usize..10,
        ) {
            let stepwise: Vec<&[u8]> = bytes.chunks(step).collect();
            let whole = plain(&[&bytes]);
            prop_assert_eq!(plain(&stepwise), whole.clone());
            prop_assert!(whole.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
        }
    }
}
