//! What real programs print in their one-way JSON modes, read without knowing which program it is: pinned by snapshots.

use super::conversation::Conversation;
use crate::{
    dialogue::{
        Cause, Dialogue, Ending, Step,
        replay::{NOW, ending, fixtures, spec},
    },
    process::Exit,
    stream::{Item, Outcome, Verdict},
};
use std::{fmt::Write, fs};

/// Recordings of this adapter, and two of Claude Code's that its own adapter has.
fn recordings() -> Vec<(String, i32)> {
    let list = fs::read_to_string(fixtures("generic").join("exits.txt")).expect("the list");
    let own = list.lines().map(|line| {
        let (name, status) = line.split_once(' ').expect("a name and a status");
        (format!("generic/{name}"), status.parse().expect("a status"))
    });
    let claude = [("claude/ok-shell-allowed", 0), ("claude/maxturns", 1)];
    let claude = claude.map(|(name, status)| (name.to_owned(), status));
    own.chain(claude).collect()
}

fn lines(name: &str) -> Vec<String> {
    let text = fs::read_to_string(fixtures(&format!("{name}.jsonl"))).expect("a recording");
    text.lines().map(str::to_owned).collect()
}

fn conversation() -> Conversation {
    Conversation::new("My agent", &spec("/home/user/work"), None)
}

fn ended(status: i32) -> Ending {
    Ending {
        exit: Exit::Code(status),
        ..ending(Cause::Itself)
    }
}

/// Feeds lines; gives the entries and the end.
fn told(lines: &[impl AsRef<[u8]>], status: i32) -> (Vec<Item>, Outcome) {
    let mut run = conversation();
    let mut steps = Vec::new();
    for line in lines {
        steps.extend(run.line(line.as_ref(), NOW));
    }
    steps.extend(run.give_out(true));
    let items = steps.into_iter().map(|step| match step {
        Step::Item(item) => item,
        other => panic!("only entries: {other:?}"),
    });
    (items.collect(), run.conclude(&ended(status)))
}

fn words(items: &[Item]) -> Vec<&str> {
    let texts = items.iter().filter_map(|item| match item {
        Item::Text { text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn class(outcome: &Outcome) -> &'static str {
    match &outcome.verdict {
        Verdict::Failed(failure) => failure.class.name(),
        Verdict::Completed { .. } => "completed",
        Verdict::Stopped => "stopped",
    }
}

#[test]
fn every_recording_reads_as_pinned() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../tests/snapshots/generic");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, status) in recordings() {
            let (items, outcome) = told(&lines(&name), status);
            let mut text = String::new();
            for item in items {
                let line = serde_json::to_string(&item).expect("items are JSON");
                writeln!(text, "{line}").expect("a string takes all");
            }
            writeln!(text, "{outcome:#?}").expect("a string takes all");
            insta::assert_snapshot!(name.replace('/', "-"), text);
        }
    });
}

#[test]
fn recording_whose_turn_was_cut_is_no_success_although_the_program_says_0() {
    for (name, _) in recordings() {
        let lines = lines(&name);
        let opened = |line: &String| {
            ["turn.started", "\"init\"", "step_start"]
                .iter()
                .any(|word| line.contains(word))
        };
        let Some(begun) = lines.iter().position(opened) else {
            continue;
        };
        let ends = [
            "turn.completed",
            "turn.failed",
            "step_finish",
            "\"type\":\"result\"",
        ];
        for end in begun + 1..lines.len() {
            if ends.iter().any(|word| lines[end - 1].contains(word)) {
                break;
            }
            let (_, outcome) = told(&lines[..end], 0);
            assert_ne!(class(&outcome), "completed", "{name} cut after {end} lines");
        }
    }
}

#[test]
fn plain_text_is_joined_without_control_sequences_and_is_the_answer() {
    let lines: [&[u8]; 5] = [
        b"\x1b[1mReading\x1b[0m the code",
        b"",
        b"10%\r55%\r100%",
        b"ok \xff\xfe",
        b"OUTCOME: done",
    ];
    let (items, outcome) = told(&lines, 0);
    let answer = "Reading the code\n\n100%\nok \u{fffd}\u{fffd}\nOUTCOME: done";
    assert_eq!(words(&items), [answer]);
    let completed = Verdict::Completed {
        text: answer.to_owned(),
        exit: None,
    };
    assert_eq!(outcome.verdict, completed);
}

#[test]
fn objects_with_one_usual_field_are_its_words_and_data_is_plain_text() {
    let lines = [
        r#"{"text":"a"}"#,
        r#"{"message":"b"}"#,
        r#"{"role":"assistant","content":[{"type":"text","text":"c"}]}"#,
        r#"{"role":"user","content":"mine"}"#,
        r#"{"type":"never_seen","x":{"y":1}}"#,
        r#"{"width":3}"#,
        r#"{"type":"message_delta","delta":"d"}"#,
        r#"{"type":"message_delta","delta":"e"}"#,
    ];
    let (items, outcome) = told(&lines, 0);
    assert_eq!(words(&items), ["a", "b", "c", r#"{"width":3}"#, "de"]);
    assert!(
        matches!(outcome.verdict, Verdict::Completed { ref text, .. } if text == "de"),
        "{outcome:?}"
    );
}

#[test]
fn tools_of_every_form_are_calls_with_results() {
    let lines = [
        r#"{"type":"tool_use","name":"Bash","id":"1","input":{"command":"ls"}}"#,
        r#"{"type":"tool_result","tool_use_id":"1","content":[{"type":"text","text":"a b"}]}"#,
        r#"{"type":"tool.execution_start","data":{"toolCallId":"2","toolName":"edit","arguments":"{\"path\":\"x\"}"}}"#,
        r#"{"type":"tool.execution_complete","data":{"toolCallId":"2","success":false,"error":{"message":"no leave","code":"denied"}}}"#,
    ];
    let (items, _) = told(&lines, 0);
    let shown: Vec<String> = items
        .iter()
        .map(|item| match item {
            Item::ToolCall { id, line, .. } => format!("{id} {line}"),
            Item::ToolResult {
                id, output, error, ..
            } => format!("{id} {output} {error}"),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        shown,
        ["1 Bash: ls", "1 a b false", "2 edit: x", "2 no leave true"]
    );
}

#[test]
fn failure_is_classified_by_what_was_said_of_it_and_an_exit_status_is_one_by_itself() {
    let one = |line: &str, status| told(&[line], status).1;
    for (line, status, want) in [
        (
            r#"{"type":"error","message":"slow down","statusCode":429}"#,
            1,
            "rate_limited",
        ),
        (
            r#"{"type":"error","message":"bad key","code":"authentication_error"}"#,
            0,
            "auth_rejected",
        ),
        (
            r#"{"type":"result","subtype":"error_max_turns","is_error":true}"#,
            1,
            "iteration_limit",
        ),
        (
            r#"{"type":"result","subtype":"error_max_budget_usd","is_error":true}"#,
            1,
            "budget_spent",
        ),
        (
            r#"{"type":"result","is_error":true,"result":"Prompt is too long"}"#,
            0,
            "context_overflow",
        ),
        (
            r#"{"type":"result","status":"failed","error":"HTTP 500"}"#,
            0,
            "provider_server_error",
        ),
        ("Error code: 401 - Incorrect API key", 1, "auth_rejected"),
        ("You've hit your usage limit", 1, "quota_exhausted"),
        ("something broke", 3, "process_crashed"),
        (
            r#"{"type":"result","result":"all done"}"#,
            2,
            "process_crashed",
        ),
        ("", 0, "completed"),
        (r#"{"type":"result","result":"all done"}"#, 0, "completed"),
        ("I explained what HTTP 401 means", 0, "completed"),
        ("No response requested.", 0, "fallback_message"),
        (r#"{"type":"assistant","mess"#, 0, "empty_output"),
    ] {
        assert_eq!(class(&one(line, status)), want, "{line}");
    }
}

#[test]
fn error_that_it_went_on_after_is_none_of_its_end() {
    let lines = [
        r#"{"type":"error","message":"HTTP 503"}"#,
        r#"{"type":"text","text":"now it works"}"#,
    ];
    assert_eq!(class(&told(&lines, 0).1), "completed");
    let lines = [lines[1], lines[0]];
    assert_eq!(class(&told(&lines, 0).1), "provider_server_error");
}

#[test]
fn half_lines_of_a_program_that_speaks_in_objects_are_noted_and_the_last_one_is_no_success() {
    let half = r#"{"type":"text","te"#;
    let (items, outcome) = told(
        &[
            r#"{"type":"text","text":"a"}"#,
            half,
            r#"{"type":"text","text":"b"}"#,
        ],
        0,
    );
    assert_eq!(words(&items), ["a", "b"]);
    assert!(
        items
            .iter()
            .any(|item| matches!(item, Item::Error { text } if text.contains("unreadable line")))
    );
    assert_eq!(class(&outcome), "completed");
    let (_, outcome) = told(&[r#"{"type":"text","text":"a"}"#, half], 0);
    assert_eq!(class(&outcome), "empty_output");
}

#[test]
fn stop_and_limits_end_it_unless_its_last_word_was_success() {
    let stopped = |line: &str| {
        let mut run = conversation();
        run.line(line.as_bytes(), NOW);
        run.conclude(&ending(Cause::Stopped))
    };
    assert_eq!(class(&stopped("working")), "stopped");
    assert_eq!(
        class(&stopped(r#"{"type":"result","result":"all done"}"#)),
        "completed"
    );
}
