//! The thread as text, for a performer that has no session to resume (T24).

/// The most bytes of a thread that go into a prompt; the newest entries are kept.
pub const THREAD_BYTES: usize = 32 * 1024;

/// One thing that happened in a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadEntry {
    /// When, as the prompt shows it (RFC 3339).
    pub at: String,
    /// What.
    pub what: ThreadItem,
}

/// What happened in a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreadItem {
    /// The person asked for an earlier task of the thread.
    Task(String),
    /// The person commented.
    Comment(String),
    /// A question, and the answer when there is one.
    Question {
        /// The question.
        text: String,
        /// The answer.
        answer: Option<String>,
    },
    /// A task or movement ended with this result.
    Result {
        /// The piece that ran (T19).
        piece: String,
        /// Its result.
        text: String,
    },
    /// Files came in (`inputs`) or were delivered (`outputs`), by name.
    Files {
        /// Names of input files.
        inputs: Vec<String>,
        /// Names of output files.
        outputs: Vec<String>,
    },
}

/// Writes a thread, oldest first, in at most `limit` bytes. The newest entries are kept; the
/// first line says how many were left out.
#[must_use]
pub fn thread_text(entries: &[ThreadEntry], limit: usize) -> String {
    // Room for the line that says what was left out.
    let room = limit.saturating_sub(64);
    let mut kept: Vec<String> = Vec::new();
    let mut used = 0;
    for entry in entries.iter().rev() {
        let text = entry_text(entry);
        let size = text.len() + 2;
        if used + size > room {
            if kept.is_empty() {
                kept.push(cut_at_byte(&text, room).to_owned());
            }
            break;
        }
        used += size;
        kept.push(text);
    }
    let left_out = entries.len() - kept.len();
    if left_out > 0 {
        kept.push(format!("({left_out} older entries are left out.)"));
    }
    kept.reverse();
    kept.join("\n\n")
}

fn entry_text(entry: &ThreadEntry) -> String {
    let at = &entry.at;
    match &entry.what {
        ThreadItem::Task(text) => format!("[{at}] The person asked:\n{}", text.trim()),
        ThreadItem::Comment(text) => format!("[{at}] The person wrote:\n{}", text.trim()),
        ThreadItem::Question { text, answer } => {
            let answer = answer.as_deref().unwrap_or("(not answered)").trim();
            format!("[{at}] Question: {}\nAnswer: {answer}", text.trim())
        }
        ThreadItem::Result { piece, text } => {
            format!("[{at}] Result of the piece \"{piece}\":\n{}", text.trim())
        }
        ThreadItem::Files { inputs, outputs } => {
            let line = |label: &str, names: &[String]| {
                (!names.is_empty()).then(|| format!("{label}: {}", names.join(", ")))
            };
            let lines: Vec<String> = [line("Input files", inputs), line("Output files", outputs)]
                .into_iter()
                .flatten()
                .collect();
            format!("[{at}] {}", lines.join("\n"))
        }
    }
}

fn cut_at_byte(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(n: usize, text: &str) -> ThreadEntry {
        ThreadEntry {
            at: format!("t{n}"),
            what: ThreadItem::Comment(text.to_owned()),
        }
    }

    #[test]
    fn newest_entries_are_kept_within_the_limit() {
        let entries: Vec<_> = (0..100).map(|n| comment(n, &"x".repeat(1_000))).collect();
        let text = thread_text(&entries, THREAD_BYTES);
        assert!(text.len() <= THREAD_BYTES, "{}", text.len());
        assert!(text.starts_with('(') && text.contains("older entries are left out"));
        assert!(text.contains("[t99]") && !text.contains("[t0]"));
    }

    #[test]
    fn one_huge_entry_is_cut_and_not_lost() {
        let text = thread_text(&[comment(1, &"ä".repeat(50_000))], THREAD_BYTES);
        assert!(text.len() <= THREAD_BYTES && text.len() > THREAD_BYTES - 100);
    }

    #[test]
    fn every_kind_of_entry_reads_as_text() {
        let entries = [
            ThreadEntry {
                at: "1".into(),
                what: ThreadItem::Task("Fix it".into()),
            },
            ThreadEntry {
                at: "2".into(),
                what: ThreadItem::Question {
                    text: "Which?".into(),
                    answer: Some("Both".into()),
                },
            },
            ThreadEntry {
                at: "3".into(),
                what: ThreadItem::Files {
                    inputs: vec!["a.csv".into()],
                    outputs: vec![],
                },
            },
            ThreadEntry {
                at: "4".into(),
                what: ThreadItem::Result {
                    piece: "solo".into(),
                    text: "Done.".into(),
                },
            },
        ];
        insta::assert_snapshot!(thread_text(&entries, THREAD_BYTES), @r#"
        [1] The person asked:
        Fix it

        [2] Question: Which?
        Answer: Both

        [3] Input files: a.csv

        [4] Result of the piece "solo":
        Done.
        "#);
    }
}
