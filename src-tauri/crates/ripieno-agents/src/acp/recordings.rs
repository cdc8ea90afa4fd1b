//! Every recording of real agents, read again: what comes out is pinned by snapshots.

use super::{conversation::Conversation, profile::Profile};
use crate::{
    dialogue::{Cause, Dialogue, policy::Policy, replay},
    stream::Verdict,
};

fn names() -> Vec<String> {
    replay::names(&replay::fixtures("acp").join("names.txt"))
}

fn printed(name: &str) -> Vec<String> {
    replay::printed(&replay::fixtures("acp").join(format!("{name}.jsonl")))
}

/// The conversation of a recording: its name begins with the agent's.
fn conversation(name: &str) -> Conversation {
    let (kind, _) = name.split_once('-').expect("an agent and a case");
    let profile = Profile::known(kind).expect("a row of the table");
    let mut spec = replay::spec("/home/user/work/o5");
    if name.contains("load") {
        spec.session = crate::Session::Resume("ses_1".to_owned());
    }
    Conversation::new(&profile, &spec, "write a file", Policy::new(&spec))
}

#[test]
fn every_recording_reads_as_pinned() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../tests/snapshots/acp");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(env!("CARGO_PKG_VERSION"), "VERSION");
    settings.bind(|| {
        for name in names() {
            let text = replay::replay(conversation(&name), &printed(&name));
            insta::assert_snapshot!(name.clone(), text);
        }
    });
}

#[test]
fn any_recording_cut_at_any_line_never_reads_as_success_before_its_turn_ended() {
    for name in names() {
        let lines = printed(&name);
        for end in 0..lines.len() {
            let mut conversation = conversation(&name);
            replay::feed_with_noise(&mut conversation, &lines[..end]);
            let outcome = conversation.conclude(&replay::ending(Cause::Itself));
            let ended = lines[..end]
                .iter()
                .any(|line| line.contains("\"stopReason\":\"end_turn\""));
            let success = matches!(outcome.verdict, Verdict::Completed { .. });
            assert!(
                !success || ended,
                "{name} cut after {end} lines: {outcome:?}"
            );
        }
    }
}
