//! Every recording of the real program, read again: what comes out is pinned by snapshots.

use super::{conversation::Conversation, wire::Turn};
use crate::{
    dialogue::{Cause, Dialogue, policy::Policy, replay},
    stream::Verdict,
};

fn names() -> Vec<String> {
    replay::names(&replay::fixtures("codex").join("exits.txt"))
}

fn printed(name: &str) -> Vec<String> {
    replay::printed(&replay::fixtures("codex").join(format!("{name}.jsonl")))
}

fn conversation() -> Conversation {
    let spec = replay::spec("/home/user/work/x3");
    Conversation::new(&spec, "write a file", Policy::new(&spec))
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
            let text = replay::replay(conversation(), &printed(&name));
            insta::assert_snapshot!(name.clone(), text);
        }
    });
}

#[test]
fn any_recording_cut_at_any_line_never_reads_as_success_before_its_turn_ended() {
    for name in names() {
        let lines = printed(&name);
        for end in 0..lines.len() {
            let mut conversation = conversation();
            replay::feed_with_noise(&mut conversation, &lines[..end]);
            let outcome = conversation.conclude(&replay::ending(Cause::Itself));
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
    let outcome = conversation.conclude(&replay::ending(Cause::Itself));
    assert!(matches!(outcome.verdict, Verdict::Failed(_)), "{outcome:?}");
}
