//! A program in an agent's place that prints recordings and worse, and what its run told.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

use super::{spec, supervisor};
use ripieno_agents::{
    Approvals, Control, Run, RunSpec,
    acp::{Acp, Profile},
    claude::Claude,
    codex::Codex,
    process::Launcher,
    stream::{Item, Outcome, RunEvent, Verdict},
};
use ripieno_core::ask::Answer;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The program that prints; built beside the test by the same cargo call.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let program = folder.join("ripieno-replay");
    assert!(
        program.exists(),
        "{} is missing: run `cargo build -p ripieno-testkit` first",
        program.display()
    );
    program
}

/// It in Claude Code's place.
pub fn claude() -> Claude {
    Claude::new(program(), Launcher::new(supervisor()))
}

/// It in Codex's place.
pub fn codex() -> Codex {
    Codex::new(program(), Launcher::new(supervisor()))
}

/// It in opencode's place.
pub fn opencode() -> Acp {
    let profile = Profile::known("opencode").unwrap();
    Acp::new(profile, program(), Launcher::new(supervisor()))
}

/// What a real agent printed in a run that was completed, line by line, of either form of recording.
pub fn recording(name: &str) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name);
    let text = fs::read_to_string(file).unwrap();
    let printed = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap();
        match value["_dir"].as_str() {
            None => Some(line.to_owned()),
            Some("out") => Some(value["msg"].to_string()),
            Some(_) => None,
        }
    };
    text.lines().filter_map(printed).collect()
}

/// A line whose messages and calls are others at each repetition.
fn fresh(line: &str) -> String {
    let prefixes = ["msg_", "call_", "toolu_"];
    prefixes.iter().fold(line.to_owned(), |line, prefix| {
        line.replace(&format!("\"{prefix}"), &format!("\"{prefix}@N@"))
    })
}

/// Lines as a program prints them.
pub fn plain(lines: &[String]) -> Vec<u8> {
    lines
        .iter()
        .flat_map(|line| [line, "\n"].concat().into_bytes())
        .collect()
}

/// Each line with the half of it before, and noise that is no text between.
pub fn with_noise(lines: &[String]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in lines {
        bytes.extend_from_slice(&line.as_bytes()[..line.len() / 2]);
        bytes.extend_from_slice(b"\n\xff\xfe\0\0\n[1,2]\nnull\n\n");
        bytes.extend_from_slice(line.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// Bytes without any sense, always the same.
pub fn garbage(length: u32) -> Vec<u8> {
    let byte = |at: u32| (at.wrapping_mul(2_654_435_761) >> 13) as u8;
    (0..length).map(byte).collect()
}

/// What the program prints: `begin`, then `told` again and again up to so many bytes, then `end`.
#[derive(Default)]
pub struct Printed {
    pub begin: Vec<u8>,
    pub told: Vec<u8>,
    pub bytes: u64,
    pub end: Vec<u8>,
}

impl Printed {
    /// This and nothing else.
    pub fn once(end: &[u8]) -> Self {
        Printed {
            end: end.to_owned(),
            ..Printed::default()
        }
    }

    /// A recording whose lines of this kind come again and again before they come once more and it ends. Each time they name other
    /// messages and calls, and there is noise between them.
    pub fn flood(name: &str, bytes: u64, again: fn(&str) -> bool) -> Self {
        let lines = recording(name);
        let first = lines.iter().position(|line| again(line)).unwrap();
        let told: Vec<String> = lines
            .iter()
            .filter(|line| again(line))
            .map(|line| fresh(line))
            .collect();
        Printed {
            begin: plain(&lines[..first]),
            told: [with_noise(&told), garbage(4000), b"\n".to_vec()].concat(),
            bytes,
            end: [b"\n", &*plain(&lines[first..])].concat(),
        }
    }

    /// A run of the program in this folder.
    pub fn spec(&self, folder: &Path) -> RunSpec {
        let file = |name: &str, content: &[u8]| {
            let path = folder.join(name);
            fs::write(&path, content).unwrap();
            path.display().to_string()
        };
        let env = [
            ("RIPIENO_REPLAY_BEGIN", file("begin", &self.begin)),
            ("RIPIENO_REPLAY", file("told", &self.told)),
            ("RIPIENO_REPLAY_BYTES", self.bytes.to_string()),
            ("RIPIENO_REPLAY_END", file("end", &self.end)),
        ];
        RunSpec {
            env: BTreeMap::from(env.map(|(name, value)| (name.to_owned(), value))),
            approvals: Approvals::Trusted,
            ..spec::prompted(folder, "hi")
        }
    }
}

/// Follows a run to its end and allows what it asks; a thousand of its items are kept: what is told here is a flood.
pub async fn ended(mut run: Run) -> (Vec<Item>, Outcome) {
    let mut items = Vec::new();
    loop {
        let next = run.events.recv().await;
        match next.expect("the end comes before the channel's") {
            RunEvent::Item(item) if items.len() < 1000 => items.push(item),
            RunEvent::Asked(raised) => {
                let answer = Answer::Option {
                    id: raised.spec.options[0].id.clone(),
                    scope: None,
                };
                let key = raised.key;
                run.control.send(Control::Answer { key, answer }).await.ok();
            }
            RunEvent::Ended(outcome) => return (items, outcome),
            _ => {}
        }
    }
}

/// The run was completed, and of its noise there are a few notes.
pub fn assert_found(items: &[Item], outcome: &Outcome) {
    let completed = matches!(outcome.verdict, Verdict::Completed { .. });
    assert!(completed, "{outcome:?} {items:?}");
    let note =
        |item: &&Item| matches!(item, Item::Error { text } if text.starts_with("unreadable line"));
    let noted = items.iter().filter(note).count();
    assert!(
        (1..=20).contains(&noted),
        "a flood of noise is a few notes: {noted}"
    );
}
