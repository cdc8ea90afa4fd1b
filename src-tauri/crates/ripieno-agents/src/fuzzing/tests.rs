//! Everything that was ever found or kept is read again.

use super::{acp, claude, codex, generic, lines, transcript};

#[path = "../../../../../fuzz/reading/again.rs"]
mod again;

const FIXTURES: &str = "src-tauri/crates/ripieno-agents/tests/fixtures";

fn read_again(target: &str, more: &str, read: fn(&[u8])) {
    again::read_again(target, &[&format!("{FIXTURES}/{more}")], read);
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
