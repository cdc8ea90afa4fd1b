//! Recordings of real programs, read again by their adapters' tests.

pub(crate) use super::stage::{NOW, ending, spec};
use super::{Cause, Dialogue, Step};
use serde_json::Value;
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

/// The folder of an adapter's recordings.
pub(crate) fn fixtures(adapter: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(adapter)
}

/// The names in a list of recordings: the first word of each line.
pub(crate) fn names(list: &Path) -> Vec<String> {
    let list = fs::read_to_string(list).expect("the list of recordings");
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    list.lines().map(name).collect()
}

/// The lines the program printed, of a recording that has both sides.
pub(crate) fn printed(recording: &Path) -> Vec<String> {
    let text = fs::read_to_string(recording).expect("a recording");
    text.lines()
        .filter_map(|line| {
            let value: Value = serde_json::from_str(line).expect("a recording is JSON lines");
            (value["_dir"] == "out").then(|| value["msg"].to_string())
        })
        .collect()
}

/// Everything a conversation made of these lines, and how it ended.
pub(crate) fn replay(mut conversation: impl Dialogue, lines: &[String]) -> String {
    let mut out = String::new();
    let mut cause = Cause::Itself;
    for line in lines {
        for step in conversation.line(line.as_bytes(), NOW) {
            if step == Step::Hopeless {
                cause = Cause::Hopeless;
            }
            writeln!(out, "{}", shown(&step)).expect("a string takes all");
        }
    }
    for step in conversation.give_out(true) {
        writeln!(out, "{}", shown(&step)).expect("a string takes all");
    }
    let outcome = conversation.conclude(&ending(cause));
    writeln!(out, "{outcome:#?}").expect("a string takes all");
    out
}

/// Feeds the first lines, with half lines, bytes that are no text and noise between them.
pub(crate) fn feed_with_noise(conversation: &mut impl Dialogue, lines: &[String]) {
    for line in lines {
        conversation.line(line.as_bytes(), NOW);
        conversation.line(&line.as_bytes()[..line.len() / 2], NOW);
        conversation.line(b"\xff\xfe\0\0", NOW);
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
