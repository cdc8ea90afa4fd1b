//! What the next performer is told after a failure, a yield or a reopening (T9).
//!
//! The caller gives texts that are free of secrets already.

use crate::text::{head, tail};

/// The most characters of a whole handoff.
pub const HANDOFF_CHARS: usize = 8_000;
const REASON_CHARS: usize = 2_000;
const MOVEMENT_CHARS: usize = 300;
const LESSON_CHARS: usize = 500;
const LESSONS: usize = 12;
const OUTPUT_CHARS: usize = 1_200;

const ADVICE: &str = "Check what is already there before you do anything: files, branches, \
commits and things sent out may exist from the earlier try. Do not repeat what is done; go on \
from it.";

/// What happened before, as far as the next performer should know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Handoff {
    /// Why the work begins again.
    pub reason: String,
    /// Earlier tries, oldest first.
    pub tries: Vec<EarlierTry>,
    /// What each movement did, oldest first.
    pub movements: Vec<MovementDone>,
    /// Lessons, oldest first.
    pub lessons: Vec<String>,
    /// What was printed last.
    pub last_output: String,
}

/// A try that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierTry {
    /// When it ended, as the prompt shows it (RFC 3339).
    pub at: String,
    /// Its failure class, or how else it ended.
    pub class: String,
}

/// A movement that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementDone {
    /// Its name.
    pub name: String,
    /// What it did.
    pub text: String,
}

impl Handoff {
    /// Writes the handoff in at most [`HANDOFF_CHARS`] characters.
    ///
    /// Reason, last output and advice always have their room; tries, movements and lessons share
    /// the rest, newest first.
    #[must_use]
    pub fn text(&self) -> String {
        let reason = format!(
            "Why this begins again: {}",
            head(&self.reason, REASON_CHARS)
        );
        let output = tail(&self.last_output, OUTPUT_CHARS);
        let output = if output.is_empty() {
            output
        } else {
            format!("The last output was:\n{output}")
        };
        let fixed: usize = [reason.as_str(), &output, ADVICE]
            .iter()
            .map(|t| t.chars().count())
            .sum();
        let mut room = HANDOFF_CHARS.saturating_sub(fixed + 200);

        let tries = self
            .tries
            .iter()
            .map(|t| format!("- {}: {}", t.at, head(&t.class, 80)))
            .collect();
        let tries = newest("Earlier tries:", tries, &mut room);
        let done = |m: &MovementDone| {
            format!("- {}: {}", m.name, head(&one_line(&m.text), MOVEMENT_CHARS))
        };
        let movements = newest(
            "What was done:",
            self.movements.iter().map(done).collect(),
            &mut room,
        );
        let from = self.lessons.len().saturating_sub(LESSONS);
        let lesson = |text: &String| format!("- {}", head(&one_line(text), LESSON_CHARS));
        let lessons = newest(
            "Lessons:",
            self.lessons[from..].iter().map(lesson).collect(),
            &mut room,
        );

        let parts = [reason, tries, movements, lessons, output, ADVICE.to_owned()];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        head(&parts.join("\n\n"), HANDOFF_CHARS)
    }
}

/// Takes the newest lines that fit and takes their size off the room.
fn newest(title: &str, lines: Vec<String>, room: &mut usize) -> String {
    let mut kept = Vec::new();
    let mut left = room.saturating_sub(title.chars().count() + 1);
    for line in lines.into_iter().rev() {
        let size = line.chars().count() + 1;
        if size > left {
            break;
        }
        left -= size;
        kept.push(line);
    }
    if kept.is_empty() {
        return String::new();
    }
    *room = left;
    kept.push(title.to_owned());
    kept.reverse();
    kept.join("\n")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handoff_tells_all_in_order() {
        let handoff = Handoff {
            reason: "The agent stopped answering.".into(),
            tries: vec![EarlierTry {
                at: "2026-01-02T03:04:05Z".into(),
                class: "idle_stall".into(),
            }],
            movements: vec![MovementDone {
                name: "plan".into(),
                text: "Wrote\n  a plan.".into(),
            }],
            lessons: vec!["make needs GNU make".into()],
            last_output: "running tests".into(),
        };
        insta::assert_snapshot!(handoff.text(), @r"
        Why this begins again: The agent stopped answering.

        Earlier tries:
        - 2026-01-02T03:04:05Z: idle_stall

        What was done:
        - plan: Wrote a plan.

        Lessons:
        - make needs GNU make

        The last output was:
        running tests

        Check what is already there before you do anything: files, branches, commits and things sent out may exist from the earlier try. Do not repeat what is done; go on from it.
        ");
    }

    #[test]
    fn everything_at_its_largest_stays_within_the_limit() {
        let long = "ö".repeat(10_000);
        let handoff = Handoff {
            reason: long.clone(),
            tries: vec![
                EarlierTry {
                    at: "t".into(),
                    class: long.clone()
                };
                50
            ],
            movements: vec![
                MovementDone {
                    name: "m".into(),
                    text: long.clone()
                };
                500
            ],
            lessons: vec![long.clone(); 50],
            last_output: format!("{long}THE END"),
        };
        let text = handoff.text();
        assert!(
            text.chars().count() <= HANDOFF_CHARS,
            "{}",
            text.chars().count()
        );
        assert!(text.contains("THE END") && text.ends_with("go on from it."));
    }
}
