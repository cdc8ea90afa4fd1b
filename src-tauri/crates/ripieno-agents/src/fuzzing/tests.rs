//! Everything that was ever found or kept is read again.

use super::{acp, claude, codex, generic, lines, transcript};
use std::{fs, path::Path};

/// Reads every file of the corpus of a target, and of more folders; says how many there were.
fn read_again(target: &str, more: &str, read: fn(&[u8])) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = root.join("../../../fuzz/corpus").join(target);
    let folders = [corpus, root.join("tests/fixtures").join(more)];
    let mut count = 0;
    for folder in folders {
        for entry in fs::read_dir(&folder).expect("a folder of inputs") {
            let bytes = fs::read(entry.expect("an input").path()).expect("it can be read");
            read(&bytes);
            // The same cut in the middle, and with a byte that is no text.
            read(&bytes[..bytes.len() / 2]);
            let mut damaged = bytes.clone();
            let middle = damaged.len() / 2;
            damaged.insert(middle, 0xff);
            read(&damaged);
            count += 1;
        }
    }
    assert!(count > 3, "{target}: {count} inputs");
}

#[test]
fn corpus_of_claude_is_read_without_a_fault() {
    read_again("claude", "claude", claude);
}

#[test]
fn corpus_of_codex_is_read_without_a_fault() {
    read_again("codex", "codex", codex);
}

#[test]
fn corpus_of_acp_is_read_without_a_fault() {
    read_again("acp", "acp", acp);
}

#[test]
fn corpus_of_any_other_program_is_read_without_a_fault() {
    read_again("generic", "generic", generic);
}

#[test]
fn corpus_of_lines_is_read_without_a_fault() {
    read_again("lines", "claude", lines);
}

#[test]
fn corpus_of_transcripts_is_read_without_a_fault() {
    read_again("transcript", "acp", transcript);
}
