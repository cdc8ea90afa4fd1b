//! Entry points for made-up input: each reads any bytes as one of our parsers would, and must come to an end (sec-19).
//!
//! `make fuzz` drives them by libFuzzer (`fuzz/`); what was ever found or kept there is read again by this module's tests.

use crate::{
    acp, claude, codex,
    dialogue::{
        Cause, Dialogue, Step,
        stage::{NOW, ending, spec},
    },
    generic,
    lines::Pieces,
    transcript::{Entry, Query, page_of},
};
use futures_util::FutureExt;
use ripieno_core::{
    ask::Answer,
    failure::{Class, Failure},
};

const FOLDER: &str = "/home/user/work";

/// The lines of Claude Code.
pub fn claude(bytes: &[u8]) {
    converse(claude::dialogue_of(&spec(FOLDER)), bytes);
}

/// The lines of `codex app-server`.
pub fn codex(bytes: &[u8]) {
    converse(codex::dialogue_of(&spec(FOLDER)), bytes);
}

/// The lines of an agent that speaks ACP.
pub fn acp(bytes: &[u8]) {
    let kinds = ["opencode", "gemini", "copilot", "codex-acp"];
    // The first byte chooses the agent, so that what is special about each is tried.
    let kind = kinds[usize::from(bytes.first().copied().unwrap_or_default()) % kinds.len()];
    let Some(profile) = acp::Profile::known(kind) else {
        return;
    };
    converse(acp::dialogue_of(&profile, &spec(FOLDER)), bytes);
}

/// The lines of any other program.
pub fn generic(bytes: &[u8]) {
    converse(generic::dialogue_of(&spec(FOLDER)), bytes);
}

/// Lines of bounded length; the first byte is the bound.
///
/// # Panics
/// When the pieces joined again are not what was printed.
pub fn lines(bytes: &[u8]) {
    let Some((longest, printed)) = bytes.split_first() else {
        return;
    };
    let longest = usize::from(*longest).max(1);
    let mut pieces = Pieces::new(printed, longest);
    let mut joined = Vec::new();
    while let Some(Ok(Some(piece))) = pieces.next().now_or_never() {
        assert!(piece.bytes.len() <= longest);
        joined.extend_from_slice(piece.bytes);
        if piece.ends {
            joined.push(b'\n');
        }
    }
    let ended = printed.is_empty() || printed.ends_with(b"\n");
    let joined = if ended {
        &joined[..]
    } else {
        joined.strip_suffix(b"\n").unwrap_or(&joined)
    };
    assert_eq!(joined, printed);
}

/// A transcript from the disk.
pub fn transcript(bytes: &[u8]) {
    let query = Query {
        entries: 100,
        bytes: 4096,
        ..Query::from(1)
    };
    let Ok(page) = page_of(bytes, query) else {
        return;
    };
    for entry in page.entries {
        // What was damaged is no entry; nothing else may come of it.
        drop(serde_json::from_str::<Entry>(entry.get()));
    }
}

/// Feeds every line whole and as the head of a longer one, answers what is asked, and ends it in every way there is.
fn converse(mut run: impl Dialogue, bytes: &[u8]) {
    run.open();
    for line in bytes.split(|byte| *byte == b'\n') {
        let steps = run.line(line, NOW);
        answer(&mut run, steps);
        if line.len() > 40 {
            run.cut(&line[..40], line.len() as u64);
        }
        let state = (run.open_asks(), run.tool_in_flight(), run.background());
        std::hint::black_box(state);
        if run.between_turns() && !run.turn_failed() {
            run.prompt("and now?");
        }
    }
    run.give_out(false);
    run.give_out(true);
    run.late_usage();
    let limit = Failure::new(Class::IdleStall, "silent for too long");
    for cause in [Cause::Itself, Cause::Stopped, Cause::Limit(limit)] {
        std::hint::black_box(run.conclude(&ending(cause)));
    }
    run.cancel();
}

fn answer(run: &mut impl Dialogue, steps: Vec<Step>) {
    for step in steps {
        let Step::Ask(raised) = step else { continue };
        let answer = match raised.spec.options.first() {
            Some(option) => Answer::Option {
                id: option.id.clone(),
                scope: raised.spec.scopes.first().copied(),
            },
            None => Answer::Text("yes".to_owned()),
        };
        run.answer(&raised.key, &answer);
        // What is not open any more is answered to nobody.
        let again = run.answer(&raised.key, &answer);
        assert!(!again.iter().any(|step| matches!(step, Step::Write(_))));
    }
}

#[cfg(test)]
mod tests;
