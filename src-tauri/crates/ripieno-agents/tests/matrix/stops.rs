//! A stop in every state of a run: nothing of it is left, in time, and it is said only then (R9, rel-8).

use crate::{
    cells::careful,
    rig::{
        LIMIT,
        bench::{Bench, Live},
        marked, until,
    },
};
use ripieno_agents::{
    Agent, Control, RunSpec,
    stream::{Item, RunEvent, Verdict},
};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// What a run is at when it is stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Moment {
    /// Its program has just been started.
    Starting,
    /// The model was called and has not said a word.
    Calling,
    /// The model speaks.
    Streaming,
    /// A tool runs, and has left a child behind that wants to stay.
    Tool,
    /// A person is asked.
    Asking,
    /// A call failed and is tried again.
    Retrying,
}

impl Moment {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Moment::Starting => "cancel-starting",
            Moment::Calling => "cancel-calling",
            Moment::Streaming => "cancel-streaming",
            Moment::Tool => "cancel-tool",
            Moment::Asking => "cancel-asking",
            Moment::Retrying => "cancel-retrying",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Moment::Starting => "cancel while it starts leaves no process",
            Moment::Calling => "cancel before the first output leaves no process",
            Moment::Streaming => "cancel while it streams leaves no process",
            Moment::Tool => {
                "cancel during a tool leaves no process, nor a child that left its session and ignores TERM"
            }
            Moment::Asking => "cancel while an ask waits leaves no process",
            Moment::Retrying => "cancel during a retry leaves no process",
        }
    }
}

/// Stops a run at this moment.
pub(crate) async fn cancel<A: Agent>(bench: &Bench<A>, moment: Moment) {
    let stray = bench.root.path().join("stray");
    let live = match moment {
        Moment::Starting => bench.start(bench.spec("ok", "hi")).await,
        Moment::Calling => calling(bench, bench.spec("hang", "hi"), 1).await,
        Moment::Retrying => calling(bench, bench.persistent("e500", "hi"), 3).await,
        Moment::Streaming => streaming(bench).await,
        Moment::Tool => tool(bench, &stray).await,
        Moment::Asking => careful(bench).await.0,
    };
    stop(live).await;
    assert_eq!(marked(&bench.mark), [] as [i32; 0]);
    assert_eq!(reading(&stray), [] as [i32; 0]);
}

async fn stop(mut live: Live) {
    let asked = Instant::now();
    live.run.control.send(Control::Stop).await.unwrap();
    while live.next_ask().await.is_some() {}
    assert!(asked.elapsed() < LIMIT, "{:?}", asked.elapsed());
    assert_eq!(live.outcome().verdict, Verdict::Stopped);
}

/// Goes on until the model was called so many times.
async fn calling<A: Agent>(bench: &Bench<A>, spec: RunSpec, times: usize) -> Live {
    let mut live = bench.start(spec).await;
    let called = bench.server.requested(times);
    tokio::pin!(called);
    loop {
        let event = tokio::select! {
            () = &mut called => return live,
            event = live.run.events.recv() => event,
        };
        if let Some(RunEvent::Ended(outcome)) = event {
            panic!("it ended before call {times}: {outcome:?}");
        }
    }
}

async fn streaming<A: Agent>(bench: &Bench<A>) -> Live {
    let mut live = bench.start(bench.spec("drip", "hi")).await;
    let first = async {
        while let Some(event) = live.run.events.recv().await {
            match event {
                RunEvent::Delta { .. } => return,
                RunEvent::Ended(outcome) => panic!("it ended first: {outcome:?}"),
                _ => {}
            }
        }
    };
    let patience = Duration::from_secs(60);
    tokio::time::timeout(patience, first)
        .await
        .expect("a word while it streams");
    live
}

/// A tool that forks twice into a session of its own, with an environment of its own and deaf to TERM, and then never ends.
async fn tool<A: Agent>(bench: &Bench<A>, stray: &Path) -> Live {
    fs::write(stray, "").unwrap();
    let file = stray.display();
    let command = format!(
        "(env -i setsid sh -c 'trap \"\" TERM INT HUP; tail -f {file}' >/dev/null 2>&1 &); tail -f /dev/null"
    );
    let mut live = bench
        .start(bench.spec("run", &format!("$ {command}")))
        .await;
    live.until(|item| matches!(item, Item::ToolCall { .. }))
        .await;
    until("the tool runs", || {
        let waits = marked(&bench.mark)
            .into_iter()
            .any(|pid| reads(pid, "/dev/null"));
        waits && !reading(stray).is_empty()
    })
    .await;
    live
}

/// The processes that have this file in their command line.
fn reading(file: &Path) -> Vec<i32> {
    let file = file.display().to_string();
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            // The agent's own command line may hold the whole command; the stray is `sh -c` or `tail`.
            let line = String::from_utf8_lossy(&line).into_owned();
            ["sh\0-c\0trap", "tail\0-f\0"]
                .iter()
                .any(|head| line.starts_with(head))
                && line.contains(&file)
        })
        .collect()
}

fn reads(pid: i32, file: &str) -> bool {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line == format!("tail\0-f\0{file}\0").as_bytes()
}
