//! A program in Claude Code's place that prints what no program should: one honest end (R12). What it may cost is counted in
//! `volume.rs`.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod rig;

use rig::{replay::ended, spec, supervisor};
use ripieno_agents::{
    Agent, RunSpec, Session,
    claude::Claude,
    process::Launcher,
    stream::{Item, Outcome, Verdict},
};
use ripieno_core::failure::Class;
use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, time::Duration};

const RESULT: &str = r#"{"type":"result","subtype":"success","is_error":false,"result":"done","stop_reason":"end_turn"}"#;

/// Runs a script in the program's place; gives its items and its end.
async fn told(script: &str) -> (Vec<Item>, Outcome) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("claude");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let spec = RunSpec {
        env: BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]),
        session: Session::Resume("11111111-2222-4333-8444-555555555555".to_owned()),
        ..spec::prompted(folder.path(), "hi")
    };
    let claude = Claude::new(program, Launcher::new(supervisor()));
    ended(claude.start(spec).await.unwrap()).await
}

fn class(outcome: &Outcome) -> &Class {
    match &outcome.verdict {
        Verdict::Failed(failure) => &failure.class,
        other => panic!("failed: {other:?}"),
    }
}

#[tokio::test]
async fn noise_half_lines_and_bytes_that_are_no_text_hide_no_result() {
    let noise = r#"printf '\377\376\000\n{"type":"assistant","mess\n[1,2]\nnull\n{"type":"never_seen","x":1}\n'"#;
    let (items, outcome) = told(&format!("{noise}; printf '%s' '{RESULT}'")).await;
    assert!(
        matches!(outcome.verdict, Verdict::Completed { ref text, .. } if text == "done"),
        "{outcome:?}"
    );
    assert_eq!(
        items
            .iter()
            .filter(|item| matches!(item, Item::Error { .. }))
            .count(),
        4
    );
}

#[tokio::test]
async fn end_without_a_result_is_a_failure_whatever_the_exit_status() {
    let (_, outcome) = told("exit 0").await;
    assert_eq!(class(&outcome), &Class::EmptyOutput);
    let (_, outcome) = told("echo 'what happened' >&2; exit 3").await;
    assert_eq!(class(&outcome), &Class::ProcessCrashed);
    let Verdict::Failed(failure) = &outcome.verdict else {
        panic!()
    };
    assert_eq!(
        failure.text,
        "it exited with 3 and gave no result: what happened"
    );
    assert!(!outcome.had_output && !outcome.resumable);
    let (_, outcome) = told("kill -9 $$").await;
    assert_eq!(class(&outcome), &Class::ProcessCrashed);
}

#[tokio::test]
async fn call_too_long_to_be_shown_is_refused_and_not_left_waiting() {
    let script = format!(
        r#"printf '{{"type":"control_request","request_id":"r1","request":{{"subtype":"can_use_tool","tool_name":"Write","input":{{"content":"'
        head -c 20000000 /dev/zero | tr '\0' x
        echo '"}}}}}}'
        while read -r line; do case $line in *'"deny"'*r1*|*r1*'"deny"'*) break ;; esac; done
        echo '{RESULT}'"#
    );
    let (_, outcome) = told(&script).await;
    assert!(
        matches!(outcome.verdict, Verdict::Completed { .. }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn program_that_stays_after_its_last_word_is_ended() {
    let script = format!("exec 0<&-; echo '{RESULT}'; tail -f /dev/null & wait");
    let begun = std::time::Instant::now();
    let (_, outcome) = told(&script).await;
    assert!(
        matches!(outcome.verdict, Verdict::Completed { .. }),
        "{outcome:?}"
    );
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
}
