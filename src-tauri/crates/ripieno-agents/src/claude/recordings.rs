//! Every recording of the real program, read again: what comes out is pinned by snapshots.

use super::reader::{Reader, Signal};
use crate::{
    dialogue::{Cause, Ending},
    process::Exit,
};
use jiff::tz::TimeZone;
use ripieno_core::time::Timestamp;
use serde_json::Value;
use std::{fmt::Write, fs, path::PathBuf};

const NOW: Timestamp = Timestamp(1_795_194_000_000);

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/claude")
}

/// The lines the program printed, of either form of recording.
fn printed(name: &str) -> Vec<String> {
    let text = fs::read_to_string(fixtures().join(format!("{name}.jsonl"))).unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let value: Value = serde_json::from_str(line).expect("a recording is JSON lines");
            match value.get("_dir").and_then(Value::as_str) {
                None => Some(line.to_owned()),
                Some("out") => Some(value["msg"].to_string()),
                Some(_) => None,
            }
        })
        .collect()
}

/// What the exit status of a recording stands for: 124 and 143 were TERM.
fn exit_of(status: i32) -> Exit {
    if matches!(status, 124 | 143) {
        Exit::Signal(15)
    } else {
        Exit::Code(status)
    }
}

fn replay(name: &str, status: i32) -> String {
    let mut reader = Reader::default();
    let mut shown = String::new();
    let mut hopeless = false;
    let mut open = 0_usize;
    for line in printed(name) {
        for signal in reader.read(line.as_bytes(), NOW) {
            hopeless |= signal == Signal::Hopeless;
            open += usize::from(matches!(signal, Signal::Asked { .. }));
            let line = match &signal {
                Signal::Item(item) => serde_json::to_string(item).expect("items are JSON"),
                Signal::Asked { request, .. } => {
                    format!(
                        "asked {} {} {}",
                        request.subtype, request.tool_name, request.input
                    )
                }
                Signal::Bound(_) => "bound".to_owned(),
                other => format!("{other:?}"),
            };
            writeln!(shown, "{line}").expect("a string takes all");
        }
    }
    let stderr = fs::read_to_string(fixtures().join(format!("{name}.stderr"))).unwrap_or_default();
    let outcome = reader.conclude(&Ending {
        cause: if hopeless {
            Cause::Hopeless
        } else {
            Cause::Itself
        },
        exit: exit_of(status),
        stderr,
        unanswered: usize::from(open > 0 && name == "ctl-eof-waiting"),
        now: NOW,
        zone: TimeZone::UTC,
    });
    writeln!(shown, "{outcome:#?}").expect("a string takes all");
    shown
}

#[test]
fn every_recording_reads_as_pinned() {
    let exits = fs::read_to_string(fixtures().join("exits.txt")).expect("the list of recordings");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../tests/snapshots/claude");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    // Ids differ from recording to recording and mean nothing.
    settings.add_filter(r"(toolu|msg)_[0-9a-f]+", "$1");
    settings.bind(|| {
        for line in exits.lines() {
            let (name, status) = line.split_once(' ').expect("name and status");
            let status = status.parse().expect("a number");
            insta::assert_snapshot!(name, replay(name, status));
        }
    });
}

#[test]
fn any_recording_cut_at_any_line_never_reads_as_success_before_its_result() {
    let exits = fs::read_to_string(fixtures().join("exits.txt")).expect("the list of recordings");
    for name in exits.lines().filter_map(|line| line.split(' ').next()) {
        let lines = printed(name);
        for end in 0..lines.len() {
            let mut reader = Reader::default();
            for line in &lines[..end] {
                reader.read(line.as_bytes(), NOW);
                // Half a line, bytes that are no text, and noise change nothing.
                reader.read(&line.as_bytes()[..line.len() / 2], NOW);
                reader.read(b"\xff\xfe\0\0", NOW);
            }
            let outcome = reader.conclude(&Ending {
                cause: Cause::Itself,
                exit: Exit::Code(0),
                stderr: String::new(),
                unanswered: 0,
                now: NOW,
                zone: TimeZone::UTC,
            });
            let ended = lines[..end]
                .iter()
                .any(|line| line.contains("\"type\":\"result\""));
            let success = matches!(outcome.verdict, crate::stream::Verdict::Completed { .. });
            assert!(
                !success || ended,
                "{name} cut after {end} lines: {outcome:?}"
            );
        }
    }
}
