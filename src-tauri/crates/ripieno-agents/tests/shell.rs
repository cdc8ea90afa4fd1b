//! Scripts: what they print, how they end, what ends them (P6, R2, R6, R9, R12, T10, rel-9).

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod rig;

use rig::{mark, marked, supervisor};
use ripieno_agents::{
    Access, Agent, Approvals, Control, Limits, Run, RunSpec, Session, Work,
    process::{Launcher, TASK_MARKER},
    raw_log::RAW_LOG_CAP,
    shell::Shell,
    stream::{Item, Outcome, RunEvent, Verdict},
};
use ripieno_core::failure::{Class, Failure};
use std::{collections::BTreeMap, path::Path, time::Duration};
use tempfile::TempDir;

const NONE: Limits = Limits {
    idle: None,
    tool: None,
    working: None,
    grace: Duration::from_millis(300),
};

fn spec(text: &str, folder: &Path, mark: &str, limits: Limits) -> RunSpec {
    RunSpec {
        work: Work::Script {
            text: text.to_owned(),
            file: folder.join("run.sh"),
        },
        folder: folder.to_owned(),
        env: BTreeMap::from([
            ("PATH".to_owned(), std::env::var("PATH").unwrap()),
            (TASK_MARKER.to_owned(), mark.to_owned()),
        ]),
        session: Session::New(uuid::Uuid::nil()),
        model: None,
        effort: None,
        approvals: Approvals::default(),
        access: Access::default(),
        limits,
        raw_log: folder.join("raw.log"),
        spill: folder.to_owned(),
        title: "a script".to_owned(),
        most_micros: None,
        tools: None,
    }
}

async fn start(spec: RunSpec) -> Result<Run, Failure> {
    Shell::new(Launcher::new(supervisor())).start(spec).await
}

/// What a script gave: its text by stream, its other entries, its end.
struct Told {
    stdout: String,
    stderr: String,
    deltas: String,
    errors: Vec<String>,
    order: Vec<String>,
    outcome: Outcome,
    folder: TempDir,
}

async fn told(text: &str, limits: Limits) -> Told {
    let folder = tempfile::tempdir().unwrap();
    let run = start(spec(text, folder.path(), &mark(), limits))
        .await
        .unwrap();
    listen(run, folder).await
}

async fn listen(mut run: Run, folder: TempDir) -> Told {
    let (mut stdout, mut stderr, mut deltas) = (String::new(), String::new(), String::new());
    let (mut errors, mut order, mut outcome) = (Vec::new(), Vec::new(), None);
    assert!(matches!(
        run.events.recv().await,
        Some(RunEvent::Spawned {
            pid: 2..,
            started: 1..
        })
    ));
    while let Some(event) = run.events.recv().await {
        assert_eq!(outcome, None, "something follows the end: {event:?}");
        match event {
            RunEvent::Item(Item::Text { text, stream }) => {
                assert!(text.len() <= 8 * 1024);
                let stream = stream.unwrap();
                if stream == "stdout" {
                    &mut stdout
                } else {
                    &mut stderr
                }
                .push_str(&text);
                order.push(stream);
            }
            RunEvent::Item(Item::Error { text }) => errors.push(text),
            RunEvent::Item(Item::Status { .. }) => {}
            RunEvent::Delta { text, .. } => deltas.push_str(&text),
            RunEvent::Ended(end) => outcome = Some(end),
            other => panic!("{other:?}"),
        }
    }
    let outcome = outcome.expect("a run ends");
    Told {
        stdout,
        stderr,
        deltas,
        errors,
        order,
        outcome,
        folder,
    }
}

fn completed(told: &Told) -> (&str, i32) {
    match &told.outcome.verdict {
        Verdict::Completed {
            text,
            exit: Some(exit),
        } => (text, *exit),
        other => panic!("{other:?}"),
    }
}

fn failure(told: &Told) -> &Failure {
    match &told.outcome.verdict {
        Verdict::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_script_that_succeeds_is_summed_up_by_its_last_eight_lines() {
    let told = told(
        "for i in 1 2 3 4 5 6 7 8 9 10; do echo line $i; echo; done; echo no >&2",
        NONE,
    );
    let told = told.await;
    let (text, exit) = completed(&told);
    assert_eq!(exit, 0);
    assert_eq!(text.lines().count(), 8);
    assert!(
        text.starts_with("line 3\n") && text.ends_with("line 10"),
        "{text}"
    );
    assert_eq!(told.stderr, "no\n");
    assert!(told.outcome.had_output && !told.outcome.resumable);
}

#[tokio::test]
async fn a_script_that_fails_is_summed_up_by_what_it_complained_of() {
    let loud = told("echo out; echo 'no such thing' >&2; exit 4", NONE).await;
    assert_eq!(completed(&loud), ("no such thing", 4));
    let quiet = told("echo only this; exit 5", NONE).await;
    assert_eq!(completed(&quiet), ("only this", 5));
}

#[tokio::test]
async fn a_script_stops_at_its_first_failing_command_and_unset_name() {
    assert_eq!(completed(&told("false; echo never", NONE).await).1, 1);
    let unset = told("echo $NO_SUCH_NAME; echo never", NONE).await;
    assert_ne!(completed(&unset).1, 0);
    assert!(!unset.stdout.contains("never"));
}

#[tokio::test]
async fn a_script_ended_by_a_signal_is_a_failure_with_its_name() {
    let told = told("echo before; kill -SEGV $$", NONE).await;
    assert_eq!(completed(&told), ("ended by SIGSEGV\nbefore", 139));
}

#[tokio::test]
async fn a_script_that_prints_nothing_completes_with_nothing() {
    let told = told(":", NONE).await;
    assert_eq!(completed(&told), ("", 0));
    assert!(!told.outcome.had_output);
}

#[tokio::test]
async fn a_script_runs_in_its_folder_from_a_private_file_and_not_from_its_arguments() {
    let told = told(
        "pwd -P; cat \"/proc/$$/cmdline\" | tr '\\0' ' '; stat -c %a \"$0\"",
        NONE,
    )
    .await;
    let folder = std::fs::canonicalize(told.folder.path()).unwrap();
    let file = told.folder.path().join("run.sh");
    let expected = format!("{}\n/bin/sh -eu {} 600\n", folder.display(), file.display());
    assert_eq!(told.stdout, expected);
}

#[tokio::test]
async fn a_link_in_the_place_of_the_script_is_replaced_and_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let victim = folder.path().join("victim");
    std::fs::write(&victim, "mine").unwrap();
    std::os::unix::fs::symlink(&victim, folder.path().join("run.sh")).unwrap();
    let run = start(spec("echo ran", folder.path(), &mark(), NONE))
        .await
        .unwrap();
    let told = listen(run, folder).await;
    assert_eq!(told.stdout, "ran\n");
    assert_eq!(std::fs::read_to_string(victim).unwrap(), "mine");
}

#[tokio::test]
async fn a_prompt_is_not_for_the_shell() {
    let folder = tempfile::tempdir().unwrap();
    let mut spec = spec("", folder.path(), &mark(), NONE);
    spec.work = Work::Prompt("do it".to_owned());
    assert_eq!(start(spec).await.unwrap_err().class, Class::InvalidRequest);
}

#[tokio::test]
async fn a_missing_folder_or_full_disk_fails_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let mark = mark();
    let mut missing = spec("echo ran", folder.path(), &mark, NONE);
    missing.folder = "/nowhere/at/all".into();
    let failure = start(missing).await.unwrap_err();
    assert_eq!(failure.class, Class::WorkspaceFailed);
    assert!(failure.text.contains("/nowhere/at/all"), "{}", failure.text);
    let mut unlogged = spec("echo ran", folder.path(), &mark, NONE);
    unlogged.raw_log = folder.path().join("no/such/folder/raw.log");
    assert!(start(unlogged).await.unwrap_err().text.contains("raw.log"));
    assert_eq!(marked(&mark), [0; 0]);
}

#[tokio::test]
async fn output_keeps_its_order_across_streams_when_the_script_waits() {
    // Each line waits for the reader to have seen the one before: a delta is the event.
    let folder = tempfile::tempdir().unwrap();
    let text = "mkfifo go; echo one; read x <go; echo two >&2; read x <go; echo three";
    let mut run = start(spec(text, folder.path(), &mark(), NONE))
        .await
        .unwrap();
    let mut order = Vec::new();
    let mut go = None;
    while let Some(event) = run.events.recv().await {
        match event {
            RunEvent::Delta { text, .. } if text.ends_with('\n') && text != "three\n" => {
                // Kept open both ways: neither opening nor writing waits for the script, and nothing is lost.
                let go = go.get_or_insert_with(|| {
                    let fifo = folder.path().join("go");
                    std::fs::OpenOptions::new()
                        .read(true)
                        .write(true)
                        .open(fifo)
                        .unwrap()
                });
                std::io::Write::write_all(go, b"\n").unwrap();
            }
            RunEvent::Item(Item::Text { text, stream }) => order.push((stream.unwrap(), text)),
            _ => {}
        }
    }
    let order: Vec<(&str, &str)> = order
        .iter()
        .map(|(s, t)| (s.as_str(), t.as_str()))
        .collect();
    assert_eq!(
        order,
        [
            ("stdout", "one\n"),
            ("stderr", "two\n"),
            ("stdout", "three\n")
        ]
    );
}

#[tokio::test]
async fn a_partial_line_is_told_without_waiting_for_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let text = "mkfifo go; printf 'working...'; read x <go";
    let mut run = start(spec(text, folder.path(), &mark(), NONE))
        .await
        .unwrap();
    loop {
        match run
            .events
            .recv()
            .await
            .expect("the entry comes before the end")
        {
            RunEvent::Item(Item::Text { text, .. }) => break assert_eq!(text, "working..."),
            RunEvent::Ended(_) => panic!("the entry comes before the end"),
            _ => {}
        }
    }
    run.control.send(Control::Stop).await.unwrap();
    let told = loop {
        if let Some(RunEvent::Ended(outcome)) = run.events.recv().await {
            break outcome;
        }
    };
    assert_eq!(told.verdict, Verdict::Stopped);
}

#[tokio::test]
async fn a_stop_ends_everything_and_is_no_success_whatever_the_exit_status() {
    let folder = tempfile::tempdir().unwrap();
    let mark = mark();
    let text = "trap 'exit 0' TERM; setsid sleep 600 & echo up; while :; do sleep 0.01; done";
    let mut run = start(spec(text, folder.path(), &mark, NONE)).await.unwrap();
    while !matches!(run.events.recv().await, Some(RunEvent::Delta { .. })) {}
    run.control.send(Control::Stop).await.unwrap();
    loop {
        if let RunEvent::Ended(outcome) = run.events.recv().await.unwrap() {
            assert_eq!(outcome.verdict, Verdict::Stopped);
            break;
        }
    }
    assert_eq!(
        marked(&mark),
        [0; 0],
        "the end comes when no process is left"
    );
    assert_eq!(run.events.recv().await, None);
}

#[tokio::test]
async fn a_worker_that_takes_nothing_can_still_stop_the_script() {
    let folder = tempfile::tempdir().unwrap();
    let mark = mark();
    let run = start(spec("trap '' TERM; yes", folder.path(), &mark, NONE))
        .await
        .unwrap();
    run.control.send(Control::Stop).await.unwrap();
    rig::until("the script is gone", || marked(&mark).is_empty()).await;
    assert_eq!(listen(run, folder).await.outcome.verdict, Verdict::Stopped);
}

#[tokio::test]
async fn a_dropped_run_leaves_no_process() {
    let folder = tempfile::tempdir().unwrap();
    let mark = mark();
    let mut run = start(spec(
        "trap '' TERM; echo up; sleep 600",
        folder.path(),
        &mark,
        NONE,
    ))
    .await
    .unwrap();
    while !matches!(run.events.recv().await, Some(RunEvent::Delta { .. })) {}
    assert!(!marked(&mark).is_empty());
    drop(run);
    rig::until("the script is gone", || marked(&mark).is_empty()).await;
}

#[tokio::test]
async fn the_limit_on_working_time_ends_the_script_and_is_named() {
    let limits = Limits {
        working: Some(Duration::from_millis(200)),
        ..NONE
    };
    let told = told("echo up; while :; do echo x; sleep 0.02; done", limits).await;
    assert_eq!(failure(&told).class, Class::Timeout);
    assert_eq!(
        told.errors,
        ["the limit of 200ms on working time is reached"]
    );
}

#[tokio::test]
async fn silence_ends_the_script_and_its_limit_is_named() {
    let limits = Limits {
        idle: Some(Duration::from_millis(200)),
        ..NONE
    };
    let told = told("echo up; sleep 600", limits).await;
    assert_eq!(failure(&told).class, Class::IdleStall);
    assert_eq!(
        failure(&told).text,
        "idle_watchdog: 200ms without a message"
    );
    assert_eq!(told.stdout, "up\n");
}

#[tokio::test]
async fn a_worker_that_is_slow_to_listen_is_not_the_scripts_silence() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        idle: Some(Duration::from_millis(150)),
        ..NONE
    };
    let text = "head -c 8000000 /dev/zero | tr '\\0' x | fold -w 100";
    let run = start(spec(text, folder.path(), &mark(), limits))
        .await
        .unwrap();
    // Longer than the limit, with the queue full all the while.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let told = listen(run, folder).await;
    assert_eq!(completed(&told).1, 0);
    assert_eq!(told.stdout.len(), 8_000_000 + 80_000 - 1);
}

#[tokio::test]
async fn a_descendant_that_keeps_the_streams_does_not_hold_the_end() {
    let told = told("(trap '' TERM; setsid sleep 600) & echo done", NONE).await;
    assert_eq!(completed(&told), ("done", 0));
}

#[tokio::test]
async fn a_stream_held_outside_the_run_is_given_up() {
    // The other end is kept by this process: it opens the script's stream by its name.
    let folder = tempfile::tempdir().unwrap();
    let text = "mkfifo go; echo $$; read x <go; echo last";
    let mut run = start(spec(text, folder.path(), &mark(), NONE))
        .await
        .unwrap();
    let pid = loop {
        if let Some(RunEvent::Delta { text, .. }) = run.events.recv().await {
            break text.trim().to_owned();
        }
    };
    let held = std::fs::OpenOptions::new()
        .write(true)
        .open(format!("/proc/{pid}/fd/1"))
        .unwrap();
    std::fs::write(folder.path().join("go"), "\n").unwrap();
    let mut events = Vec::new();
    while let Some(event) = run.events.recv().await {
        events.push(event);
    }
    drop(held);
    let Some(RunEvent::Ended(outcome)) = events.last() else {
        panic!("{events:?}")
    };
    let text = format!("{pid}\nlast");
    assert_eq!(
        outcome.verdict,
        Verdict::Completed {
            text,
            exit: Some(0)
        }
    );
}

#[tokio::test]
async fn streams_closed_early_do_not_end_the_script() {
    let told = told("echo first; exec >&- 2>&-; sleep 0.05; exit 6", NONE).await;
    assert_eq!(completed(&told), ("first", 6));
}

#[tokio::test]
async fn hostile_bytes_become_plain_text_and_stay_raw_in_the_log() {
    let text = r"printf 'a\033]52;c;aGk=\007b\000c\377d\r\n\033[31mred\033[0m'";
    let told = told(text, NONE).await;
    assert_eq!(told.stdout, "abc\u{fffd}d\nred");
    let raw = std::fs::read(told.folder.path().join("raw.log")).unwrap();
    assert_eq!(raw, b"a\x1b]52;c;aGk=\x07b\x00c\xffd\r\n\x1b[31mred\x1b[0m");
    assert_eq!(told.deltas, told.stdout);
}

#[tokio::test]
async fn a_line_of_200_mb_is_cut_and_the_script_completes() {
    let told = told(
        "head -c 200000000 /dev/zero | tr '\\0' x; echo; echo end",
        NONE,
    )
    .await;
    assert_eq!(completed(&told).1, 0);
    assert!(told.stdout.len() < 70_000, "{}", told.stdout.len());
    assert!(
        told.stdout
            .contains("[line cut: 199934464 more bytes]\nend\n")
    );
    let raw = std::fs::metadata(told.folder.path().join("raw.log"))
        .unwrap()
        .len();
    assert!((RAW_LOG_CAP..RAW_LOG_CAP + 100).contains(&raw), "{raw}");
}

#[tokio::test]
async fn ten_million_empty_lines_complete() {
    let told = told("yes '' | head -n 10000000; echo end", NONE).await;
    assert_eq!(completed(&told), ("end", 0));
    assert_eq!(told.stdout.len(), 10_000_004);
}

#[tokio::test]
async fn what_was_printed_on_both_streams_is_all_there() {
    let told = told("seq 1 20000; seq 1 20000 >&2", NONE).await;
    let all: String = (1..=20000).map(|n| format!("{n}\n")).collect();
    assert!(told.stdout == all && told.stderr == all);
    assert!(
        told.order.len() < 40,
        "entries are merged: {}",
        told.order.len()
    );
}
