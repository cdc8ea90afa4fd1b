//! What a task's performers write down while they work: the brief (T20), the checklist (L10) and lessons (T9).

use serde::{Deserialize, Serialize};

/// How long a brief may be, in characters.
pub const BRIEF_CHARS: usize = 4_000;
/// How many steps a checklist has at most.
pub const STEPS: usize = 50;
/// How long a step or a lesson may be, in characters.
pub const LINE_CHARS: usize = 300;
/// How many lessons are kept; the newest.
pub const LESSONS: usize = 12;

/// Where a step stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not begun.
    #[default]
    Open,
    /// Under way.
    Doing,
    /// Done.
    Done,
}

/// One step of a checklist.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChecklistStep {
    /// What is to be done, in one line.
    pub text: String,
    /// Where it stands.
    #[serde(default)]
    pub state: StepState,
}

/// Everything a task's performers wrote down.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Notes {
    /// What the task is about, shown first.
    pub brief: Option<String>,
    /// The steps, in the performer's order.
    pub checklist: Vec<ChecklistStep>,
    /// What the next performer should know, oldest first.
    pub lessons: Vec<String>,
}

/// Why a note is not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadNote {
    /// Too many steps.
    #[error("a checklist has at most {most} steps, not {0}: join small ones", most = STEPS)]
    TooManySteps(usize),
    /// A step that says nothing.
    #[error("step {0} of the checklist is empty: say in one line what is to be done")]
    EmptyStep(usize),
    /// Too long a brief.
    #[error("a brief has at most {most} characters, not {0}: keep what the next reader needs", most = BRIEF_CHARS)]
    LongBrief(usize),
}

/// A checklist as it is kept: each step one line.
///
/// # Errors
/// [`BadNote`] for too many steps, and for one without a text.
pub fn checklist(steps: Vec<ChecklistStep>) -> Result<Vec<ChecklistStep>, BadNote> {
    if steps.len() > STEPS {
        return Err(BadNote::TooManySteps(steps.len()));
    }
    let kept = steps.into_iter().enumerate().map(|(n, step)| {
        let text = one_line(&step.text);
        if text.is_empty() {
            return Err(BadNote::EmptyStep(n + 1));
        }
        Ok(ChecklistStep { text, ..step })
    });
    kept.collect()
}

/// A brief as it is kept; an empty one takes the brief away.
///
/// # Errors
/// [`BadNote::LongBrief`].
pub fn brief(text: &str) -> Result<Option<String>, BadNote> {
    let text = text.trim();
    let chars = text.chars().count();
    if chars > BRIEF_CHARS {
        return Err(BadNote::LongBrief(chars));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// The lessons with new ones after them: one line each, the same one once, the newest kept.
#[must_use]
pub fn with_lessons(mut known: Vec<String>, new: &[String]) -> Vec<String> {
    for lesson in new.iter().map(|text| one_line(text)) {
        if !lesson.is_empty() && !known.contains(&lesson) {
            known.push(lesson);
        }
    }
    let extra = known.len().saturating_sub(LESSONS);
    known.drain(..extra);
    known
}

fn one_line(text: &str) -> String {
    let flat: Vec<&str> = text.split_whitespace().collect();
    flat.join(" ").chars().take(LINE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(text: &str) -> ChecklistStep {
        ChecklistStep {
            text: text.to_owned(),
            state: StepState::Doing,
        }
    }

    #[test]
    fn steps_are_lines_and_none_is_empty() {
        let kept = checklist(vec![step("look\n  around"), step(&"x".repeat(999))]).unwrap();
        assert_eq!(kept[0], step("look around"));
        assert_eq!(kept[1].text.chars().count(), LINE_CHARS);
        assert_eq!(
            checklist(vec![step("a"), step(" \n")]),
            Err(BadNote::EmptyStep(2))
        );
        assert_eq!(
            checklist(vec![step("a"); STEPS + 1]),
            Err(BadNote::TooManySteps(STEPS + 1))
        );
    }

    #[test]
    fn brief_is_kept_whole_or_not_at_all() {
        assert_eq!(
            brief(" find the leak\n"),
            Ok(Some("find the leak".to_owned()))
        );
        assert_eq!(brief(" \n"), Ok(None));
        let long = "é".repeat(BRIEF_CHARS + 1);
        assert_eq!(brief(&long), Err(BadNote::LongBrief(BRIEF_CHARS + 1)));
    }

    #[test]
    fn newest_lessons_are_kept_each_once() {
        let numbered =
            |from: usize, to: usize| (from..to).map(|n| n.to_string()).collect::<Vec<_>>();
        let known = with_lessons(numbered(0, 10), &numbered(8, 15));
        assert_eq!(known, numbered(3, 15));
        assert_eq!(
            with_lessons(Vec::new(), &["  ".to_owned()]),
            Vec::<String>::new()
        );
    }
}
