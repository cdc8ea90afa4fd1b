//! What the tests that start processes share: launching scripts, and looking for survivors.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

pub mod bench;
pub mod inside;
pub mod memory;
pub mod replay;
pub mod spec;

use ripieno_agents::process::{LaunchSpec, Launched, Launcher, Stdin, StdoutPipe, TASK_MARKER};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};

/// The limit of the specification on ending everything (rel-8).
pub const LIMIT: Duration = Duration::from_secs(7);

/// The program with the supervisor's verb.
pub fn supervisor() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_ripieno-supervise"))
}

/// A mark no other test has.
pub fn mark() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!(
        "test-{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}

/// A shell script as something to launch.
pub fn script(text: &str, mark: &str) -> LaunchSpec {
    LaunchSpec {
        program: PathBuf::from("/bin/sh"),
        args: vec!["-c".into(), text.into()],
        env: BTreeMap::from([
            ("PATH".to_owned(), std::env::var("PATH").unwrap()),
            (TASK_MARKER.to_owned(), mark.to_owned()),
        ]),
        cwd: PathBuf::from("/"),
        stdin: Stdin::Null,
    }
}

/// Launches a script.
pub async fn launch(text: &str, mark: &str) -> Launched {
    Launcher::new(supervisor())
        .launch(script(text, mark))
        .await
        .unwrap()
}

/// Everything a script prints.
pub async fn all(mut stdout: StdoutPipe) -> String {
    let mut text = String::new();
    stdout.read_to_string(&mut text).await.unwrap();
    text
}

/// The lines of a script.
pub fn lines(stdout: StdoutPipe) -> Lines<BufReader<StdoutPipe>> {
    BufReader::new(stdout).lines()
}

/// The processes that carry a mark and are not zombies.
pub fn marked(mark: &str) -> Vec<i32> {
    let wanted = format!("{TASK_MARKER}={mark}");
    pids()
        .filter(|pid| {
            std::fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environ| {
                environ
                    .split(|byte| *byte == 0)
                    .any(|entry| entry == wanted.as_bytes())
            })
        })
        .filter(|pid| lives(*pid))
        .collect()
}

fn pids() -> impl Iterator<Item = i32> {
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Whether a process runs code.
pub fn lives(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        let state = stat
            .rsplit(')')
            .next()
            .and_then(|rest| rest.trim().chars().next());
        !matches!(state, Some('Z' | 'X') | None)
    })
}

/// Waits for a condition, at most as long as the specification gives.
pub async fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !condition() {
        assert!(
            Instant::now() < deadline,
            "{what} did not come true within {LIMIT:?}"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
