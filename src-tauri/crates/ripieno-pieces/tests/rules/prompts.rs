//! Prompts: what a performer reads on its first turn, and what on every later one.

use ripieno_pieces::handoff::Handoff;
use ripieno_pieces::prompt::{
    Asking, Ending, Files, Knows, PromptParts, TaskText, TimeContext, assemble,
};
use ripieno_pieces::schema::{AgentPart, Piece, Work};
use ripieno_pieces::step::News;
use ripieno_pieces::thread::{ThreadEntry, ThreadItem};

use crate::{example, name};

fn part<'a>(piece: &'a Piece, movement: &str) -> &'a AgentPart {
    match piece.movement(&name(movement)).unwrap().work() {
        Work::Agent { part, .. } => part,
        other => panic!("{other:?} is not agent work"),
    }
}

fn parts<'a>(piece: &'a Piece, movement: &str) -> PromptParts<'a> {
    PromptParts {
        part: part(piece, movement),
        choices: piece.movement(&name(movement)).unwrap().choices(),
        ending: Ending::Command,
        knows: Knows::Nothing,
        task: TaskText {
            id: "T-41",
            title: "Add a dark mode",
            prompt: "Add a dark mode\nto the settings page.",
            brief: None,
        },
        thread: &[],
        handoff: None,
        files: Files::default(),
        time: TimeContext {
            utc: "2026-03-01T10:00:00Z",
            local: "Sunday 2026-03-01 11:00",
            zone: "Europe/Vienna",
        },
        comments: &[],
        news: None,
        asking: Asking::Unsaid,
    }
}

#[test]
fn first_prompt_holds_facets_task_ending_and_time() {
    let piece = example();
    let prompt = assemble(&parts(&piece, "plan"));
    assert_eq!(prompt.system, "The persona \"planner\".");
    insta::assert_snapshot!(prompt.message);
}

#[test]
fn everything_there_is_has_its_place() {
    let piece = example();
    let thread = [ThreadEntry {
        at: "2026-02-28T09:00:00Z".into(),
        what: ThreadItem::Result {
            piece: "solo".into(),
            text: "Found the page.".into(),
        },
    }];
    let handoff = Handoff {
        reason: "The agent crashed.".into(),
        ..Handoff::default()
    };
    let (inputs, comments) = (["logo.svg".to_owned()], ["Use CSS variables.".to_owned()]);
    let prompt = assemble(&PromptParts {
        thread: &thread,
        handoff: Some(&handoff),
        comments: &comments,
        files: Files {
            inputs_dir: "/data/in",
            inputs: &inputs,
            outputs_dir: "/data/out",
            outputs: &[],
        },
        asking: Asking::WhenStuck,
        ending: Ending::Tag,
        ..parts(&piece, "build")
    });
    insta::assert_snapshot!(prompt.message);
}

#[test]
fn session_that_knows_the_movement_is_told_only_the_news() {
    let piece = example();
    let news = News::GatesFailed {
        round: 2,
        rounds: 5,
        output: "```\n1 test failed".into(),
    };
    let prompt = assemble(&PromptParts {
        knows: Knows::Movement,
        news: Some(&news),
        ..parts(&piece, "build")
    });
    insta::assert_snapshot!(prompt.message);
}

#[test]
fn repair_prompt_names_what_was_said_and_the_choices() {
    let piece = example();
    let news = News::Repair {
        said: Some("perhaps".into()),
    };
    let prompt = assemble(&PromptParts {
        knows: Knows::Movement,
        news: Some(&news),
        ending: Ending::Tag,
        time: TimeContext::default(),
        ..parts(&piece, "plan")
    });
    insta::assert_snapshot!(prompt.message);
}

#[test]
fn resumed_session_without_news_is_told_to_go_on() {
    let piece = crate::built_in("solo");
    let prompt = assemble(&PromptParts {
        knows: Knows::Movement,
        ..parts(&piece, "work")
    });
    insta::assert_snapshot!(prompt.message);
}

#[test]
fn title_that_says_more_than_the_prompt_is_kept() {
    let piece = crate::built_in("solo");
    let mut parts = parts(&piece, "work");
    parts.task = TaskText {
        title: "Dark mode",
        prompt: "As discussed.",
        ..TaskText::default()
    };
    assert!(
        assemble(&parts)
            .message
            .contains("# Task\n\nDark mode\n\nAs discussed.")
    );
}

#[test]
fn limit_of_questions_is_told() {
    let piece = crate::built_in("solo");
    let prompt = assemble(&PromptParts {
        asking: Asking::LimitReached,
        ..parts(&piece, "work")
    });
    assert!(
        prompt
            .message
            .contains("No more questions can be put to the person")
    );
}
