//! Every recording of the real program, read again: what comes out is pinned by snapshots.

use super::{conversation::Conversation, wire::Turn};
use crate::{
    Access, Approvals, Limits, RunSpec, Session, Work,
    dialogue::{Cause, Dialogue, Ending, Step, policy::Policy},
    process::Exit,
    stream::Verdict,
};
use jiff::tz::TimeZone;
use ripieno_core::time::Timestamp;
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write, fs, path::PathBuf, time::Duration};

const NOW: Timestamp = Timestamp(1_795_194_000_000);

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codex")
}

fn names() -> Vec<String> {
    let list = fs::read_to_string(fixtures().join("exits.txt")).expect("the list of recordings");
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    list.lines().map(name).collect()
}

/// The lines the program printed.
fn printed(name: &str) -> Vec<String> {
    let text = fs::read_to_string(fixtures().join(format!("{name}.jsonl"))).expect("a recording");
    text.lines()
        .filter_map(|line| {
            let value: Value = serde_json::from_str(line).expect("a recording is JSON lines");
            (value["_dir"] == "out").then(|| value["msg"].to_string())
        })
        .collect()
}

fn conversation() -> Conversation {
    let spec = RunSpec {
        work: Work::Prompt(String::new()),
        folder: PathBuf::from("/home/user/work/x3"),
        env: BTreeMap::new(),
        session: Session::New(uuid::Uuid::nil()),
        model: None,
        approvals: Approvals::AskRisky,
        access: Access::Full,
        limits: Limits {
            idle: None,
            tool: None,
            working: None,
            grace: Duration::ZERO,
        },
        raw_log: PathBuf::new(),
        spill: PathBuf::new(),
        title: "Write a file".to_owned(),
    };
    Conversation::new(&spec, "write a file", Policy::new(&spec))
}

fn ending(cause: Cause) -> Ending {
    Ending {
        cause,
        exit: Exit::Code(0),
        stderr: String::new(),
        unanswered: 0,
        now: NOW,
        zone: TimeZone::UTC,
    }
}

fn shown(step: &Step) -> String {
    match step {
        Step::Item(item) => serde_json::to_string(item).expect("items are JSON"),
        Step::Write(line) => format!("write {}", String::from_utf8_lossy(line).trim_end()),
        Step::Ask(raised) => format!("ask {:?} {:?}", raised.spec.text, raised.spec.options.len()),
        Step::Bound(_) => "bound".to_owned(),
        other => format!("{other:?}"),
    }
}

fn replay(name: &str) -> String {
    let mut conversation = conversation();
    let mut out = String::new();
    let mut cause = Cause::Itself;
    for line in printed(name) {
        for step in conversation.line(line.as_bytes(), NOW) {
            if step == Step::Hopeless {
                cause = Cause::Hopeless;
            }
            writeln!(out, "{}", shown(&step)).expect("a string takes all");
        }
    }
    let outcome = conversation.conclude(&ending(cause));
    writeln!(out, "{outcome:#?}").expect("a string takes all");
    out
}

#[test]
fn every_recording_reads_as_pinned() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../tests/snapshots/codex");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    // Ids differ from recording to recording and mean nothing.
    settings.add_filter(r"01a1f9[0-9a-f]{2}-[0-9a-f-]{27}", "UUID");
    settings.add_filter(r"(call|msg)_[0-9a-f]+", "$1");
    settings.add_filter(env!("CARGO_PKG_VERSION"), "VERSION");
    settings.bind(|| {
        for name in names() {
            insta::assert_snapshot!(name.clone(), replay(&name));
        }
    });
}

#[test]
fn any_recording_cut_at_any_line_never_reads_as_success_before_its_turn_ended() {
    for name in names() {
        let lines = printed(&name);
        for end in 0..lines.len() {
            let mut conversation = conversation();
            for line in &lines[..end] {
                conversation.line(line.as_bytes(), NOW);
                // Half a line, bytes that are no text, and noise change nothing.
                conversation.line(&line.as_bytes()[..line.len() / 2], NOW);
                conversation.line(b"\xff\xfe\0\0", NOW);
            }
            let outcome = conversation.conclude(&ending(Cause::Itself));
            let ended = lines[..end]
                .iter()
                .any(|line| line.contains("\"method\":\"turn/completed\""));
            let success = matches!(outcome.verdict, Verdict::Completed { .. });
            assert!(
                !success || ended,
                "{name} cut after {end} lines: {outcome:?}"
            );
        }
    }
}

#[test]
fn turn_that_ends_in_an_unknown_way_is_a_failure() {
    let mut conversation = conversation();
    conversation.end = Some(super::conversation::End::Turn(Turn {
        status: "paused".to_owned(),
        ..Turn::default()
    }));
    let outcome = conversation.conclude(&ending(Cause::Itself));
    assert!(matches!(outcome.verdict, Verdict::Failed(_)), "{outcome:?}");
}
