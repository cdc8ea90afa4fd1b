//! The whole state x event matrix, printed to docs/task-states.md.

use ripieno_core::{
    apply::{Refused, apply},
    coverage::{Coverage, Edge, Undriven, every_event, every_policy, every_task, legal_edges},
    event::EventKind,
    state::{LeaseToken, StateKind, TaskState, WaitOn, Wish},
    task::Task,
    time::Timestamp,
};
use std::{collections::BTreeSet, fmt::Write, path::PathBuf};

/// One column: its heading and which tasks belong to it.
type Column = (&'static str, fn(&TaskState) -> bool);

const LIVE: [Column; 4] = [
    ("leased", |s| matches!(s, TaskState::Leased { .. })),
    ("running", |s| matches!(s, TaskState::Running { .. })),
    ("needs_input (process kept)", |s| {
        matches!(s, TaskState::NeedsInput { lease: Some(_) })
    }),
    ("needs_verification", |s| {
        matches!(s, TaskState::NeedsVerification { .. })
    }),
];

const REST: [Column; 7] = [
    ("queued", |s| matches!(s, TaskState::Queued { .. })),
    ("waiting for dependencies", |s| {
        matches!(
            s,
            TaskState::Waiting {
                on: WaitOn::Dependencies
            }
        )
    }),
    ("waiting for subtasks", |s| {
        matches!(
            s,
            TaskState::Waiting {
                on: WaitOn::Subtasks
            }
        )
    }),
    ("needs_input", |s| {
        matches!(s, TaskState::NeedsInput { lease: None })
    }),
    ("done", |s| matches!(s, TaskState::Done)),
    ("failed, dead", |s| {
        matches!(s, TaskState::Failed { .. } | TaskState::Dead { .. })
    }),
    ("cancelled", |s| matches!(s, TaskState::Cancelled)),
];

const STATES: [(StateKind, &str); 10] = [
    (
        StateKind::Queued,
        "It may be claimed as soon as nothing holds it; `ripieno task why` names what does.",
    ),
    (
        StateKind::Waiting,
        "Other tasks must end first: those it depends on, or its own subtasks. No slot, no process.",
    ),
    (
        StateKind::Leased,
        "A worker has claimed it and prepares its folder and environment.",
    ),
    (StateKind::Running, "A performer is at work."),
    (
        StateKind::NeedsInput,
        "A person is asked. For a while the live process may be kept to take the answer; after that no slot is used.",
    ),
    (
        StateKind::NeedsVerification,
        "The performer claims to be done; its claim is being checked within the same attempt.",
    ),
    (
        StateKind::Done,
        "Accepted. Terminal; a comment starts a follow-up.",
    ),
    (
        StateKind::Failed,
        "Verdict: no. Terminal until a person reopens it.",
    ),
    (
        StateKind::Dead,
        "Its tries are used up. Terminal until a person reopens it.",
    ),
    (
        StateKind::Cancelled,
        "Stopped by a person. Terminal until a person reopens it.",
    ),
];

fn meaning(event: EventKind) -> &'static str {
    match event {
        EventKind::DependenciesMet => "all it depends on is done",
        EventKind::DependencyFailed => "one it depends on ended otherwise",
        EventKind::SubtasksAwaited => "the performer waits for its children",
        EventKind::SubtasksSettled => "the last child has ended",
        EventKind::Claimed => {
            "a worker took it; a marked task and one that is not yet due are refused"
        }
        EventKind::Started => "the performer begins",
        EventKind::Yielded => {
            "the attempt gives the task back: what it needs is held, or we stop; after a stop the movement's `on_interrupt` may ask or fail instead"
        }
        EventKind::AttemptFailed => "the attempt failed; the class of the failure decides",
        EventKind::LeaseLost => {
            "the attempt's process or our own is gone; the third crash in a row asks"
        }
        EventKind::Asked => "an ask was opened; where the process can take the answer it is kept",
        EventKind::WindowClosed => "the live process waits no longer, the asks stay open",
        EventKind::AsksSettled => "the last ask was answered, expired or withdrawn",
        EventKind::Completed => "the performer claims to be done",
        EventKind::Verified => "the checks passed",
        EventKind::Rejected => "the checks failed: back to the performer, twice at most",
        EventKind::VerificationImpossible => "the checks could not be run",
        EventKind::PauseRequested => "a person sets the mark; a live attempt is stopped",
        EventKind::ResumeRequested => "a person clears the mark",
        EventKind::CancelRequested => "a person cancels; a live attempt is stopped first",
        EventKind::Stopped => "the attempt ended because of the wish, its processes are gone",
        EventKind::Reopened => {
            "a person tries again, or the dependency that failed it was reopened"
        }
        EventKind::Rewound => "a person goes back to a checkpoint",
    }
}

/// What an event can lead to in a column, over every variation of task, event and rules.
fn cell(column: &Column, wish: Option<Wish>, event: EventKind) -> String {
    let mut targets: BTreeSet<(StateKind, String)> = BTreeSet::new();
    let mut already = false;
    let of_column = |t: &Task| column.1(&t.state) && t.wish == wish;
    for task in every_task().into_iter().filter(of_column) {
        let fence = task.state.lease().map(|lease| lease.token);
        for policy in every_policy() {
            for sample in every_event(LeaseToken(2)) {
                if sample.kind() == event {
                    match apply(&task, &sample, fence, Timestamp(0), &policy) {
                        Ok(taken) => {
                            targets.insert(target(&task, event, &taken.next));
                        }
                        Err(Refused::Already) => already = true,
                        Err(Refused::Illegal { .. }) => {}
                        Err(Refused::StaleLease { .. }) => unreachable!("the fence is right"),
                    }
                }
            }
        }
    }
    if targets.is_empty() {
        return if already { "already so" } else { "·" }.to_owned();
    }
    let words: Vec<String> = targets.into_iter().map(|(_, word)| word).collect();
    words.join(", ")
}

fn target(task: &Task, event: EventKind, next: &Task) -> (StateKind, String) {
    let (from, to) = (task.state.kind(), next.state.kind());
    let mark = match (Edge { from, event, to }).undriven() {
        Some(Undriven::Later(_)) => "°",
        Some(Undriven::Race(_)) => "~",
        None => "",
    };
    let same = from == to && task.state.lease().is_some() == next.state.lease().is_some();
    let kept = matches!(next.state, TaskState::NeedsInput { lease: Some(_) });
    let word = match (same, kept) {
        (true, _) => "stays".to_owned(),
        (false, true) => format!("{} (process kept)", to.name()),
        (false, false) => to.name().to_owned(),
    };
    (to, word + mark)
}

fn table(out: &mut String, columns: &[Column], wish: Option<Wish>, events: &[EventKind]) {
    let heads: Vec<&str> = columns.iter().map(|c| c.0).collect();
    writeln!(out, "| event | {} |", heads.join(" | ")).unwrap();
    writeln!(out, "|---|{}", "---|".repeat(heads.len())).unwrap();
    for &event in events {
        let cells: Vec<String> = columns.iter().map(|c| cell(c, wish, event)).collect();
        writeln!(out, "| {} | {} |", event.name(), cells.join(" | ")).unwrap();
    }
    out.push('\n');
}

fn teller(event: EventKind) -> &'static str {
    match event {
        EventKind::PauseRequested
        | EventKind::ResumeRequested
        | EventKind::CancelRequested
        | EventKind::AsksSettled
        | EventKind::Reopened
        | EventKind::Rewound => "a person",
        report if report.is_fenced() => "the attempt",
        _ => "the worker",
    }
}

/// One line of the last table; nothing out of `needs_verification` is driven, which is one line for all.
fn undriven(edge: Edge) -> Option<[&'static str; 4]> {
    let why = edge.undriven()?.reason();
    Some(match edge.from {
        StateKind::NeedsVerification => [edge.from.name(), "every event", "any state", why],
        from => [from.name(), edge.event.name(), edge.to.name(), why],
    })
}

fn document() -> String {
    let others: Vec<EventKind> = EventKind::ALL
        .into_iter()
        .filter(|e| !e.is_fenced())
        .collect();
    let mut out = String::from(INTRO);
    out.push_str("| state | meaning |\n|---|---|\n");
    for (state, text) in STATES {
        writeln!(out, "| {} | {text} |", state.name()).unwrap();
    }
    out.push_str(EVENTS);
    for event in EventKind::ALL {
        let (name, meaning) = (event.name(), meaning(event));
        writeln!(out, "| {name} | {meaning} | {} |", teller(event)).unwrap();
    }
    out.push_str(AT_REST);
    table(&mut out, &REST, None, &others);
    out.push_str(LIVE_TEXT);
    table(&mut out, &LIVE, None, &EventKind::ALL);
    out.push_str(CANCEL_TEXT);
    table(&mut out, &LIVE, Some(Wish::Cancel), &EventKind::ALL);
    out.push_str(PAUSE_TEXT);
    table(&mut out, &LIVE, Some(Wish::Pause), &EventKind::ALL);
    out.push_str(UNDRIVEN_TEXT);
    let undriven: BTreeSet<[&str; 4]> = legal_edges().into_iter().filter_map(undriven).collect();
    for [from, event, to, why] in undriven {
        writeln!(out, "| {from} | {event} | {to} | {why} |").unwrap();
    }
    out
}

const INTRO: &str = "# The states of a task

Generated from the machine itself (`ripieno-core`, `apply`) by its test; after a change run
`UPDATE_DOCS=1 cargo test -p ripieno-core` and read the difference.

A task is always in one of ten states. Something happens to it (an event), and one pure function says where
it stands then. Two things stand beside the state: the mark `paused`, which a person sets and clears, and a
wish (`cancel` or `pause`), which binds a live attempt until that attempt has ended.

";
const EVENTS: &str = "
## What can happen

Reports of an attempt carry its lease. One with another lease, or with none, comes too late and is dropped.

| event | meaning | told by |
|---|---|---|
";
const AT_REST: &str = "
## No attempt is live

Every report of an attempt is dropped here. How to read a cell: the states the event can lead to, which of
them depends on what it carries and on the rules of the task; `stays`: the state does not change, but a mark
or a wish may; `already so`: nothing is left to do; `·`: refused. `°`: nothing drives this yet, `~`: only a
race leads here (both are listed at the end).

";
const LIVE_TEXT: &str = "## An attempt is live, nobody wishes anything\n\n";
const CANCEL_TEXT: &str = "## An attempt is live and is to be cancelled

Nothing new begins, and however the attempt ends, the task ends `cancelled`.

";
const PAUSE_TEXT: &str = "## An attempt is live and is to be paused

Success stands, open asks and waits stand; every other end leads back to the queue and uses no try.

";
const UNDRIVEN_TEXT: &str = "## What no journey drives yet

The journeys take every other edge, and fail when one of those that come later is taken while it stands here.

| from | event | to | why |
|---|---|---|---|
";

#[test]
fn matrix_is_the_one_in_the_docs() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let path = root.join("docs/task-states.md");
    let made = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        made == kept.replace("\r\n", "\n"),
        "docs/task-states.md is out of date: UPDATE_DOCS=1 cargo test -p ripieno-core"
    );
}

#[test]
fn every_line_of_the_undriven_list_covers_a_legal_edge() {
    use ripieno_core::coverage::NOT_DRIVEN_YET;
    let edges = legal_edges();
    for line in NOT_DRIVEN_YET {
        let hit = edges.iter().any(|e| {
            e.event == line.event
                && line.from.is_none_or(|from| from == e.from)
                && line.to.is_none_or(|to| to == e.to)
        });
        assert!(hit, "{line:?}");
    }
}

#[test]
fn coverage_tells_missing_unlisted_and_illegal_apart() {
    let mut seen = Coverage::default();
    assert_eq!(seen.record_row("comment_added", None, None), Ok(false));
    assert_eq!(
        seen.record_row("submitted", None, Some("queued")),
        Ok(false)
    );
    assert_eq!(
        seen.record_row("claimed", Some("queued"), Some("leased")),
        Ok(true)
    );
    assert_eq!(
        seen.record_row("rejected", Some("needs_verification"), Some("running")),
        Ok(true)
    );
    assert_eq!(
        seen.record_row("claimed", Some("done"), Some("leased")),
        Ok(true)
    );
    assert!(
        seen.record_row("claimed", Some("gone"), Some("leased"))
            .is_err()
    );
    let edge = |from, event, to| Edge { from, event, to };
    let claimed = edge(StateKind::Queued, EventKind::Claimed, StateKind::Leased);
    assert!(!seen.missing().contains(&claimed));
    assert!(seen.missing().contains(&edge(
        StateKind::Leased,
        EventKind::Started,
        StateKind::Running
    )));
    let rework = edge(
        StateKind::NeedsVerification,
        EventKind::Rejected,
        StateKind::Running,
    );
    assert_eq!(seen.unlisted(), [rework]);
    assert_eq!(
        seen.illegal(),
        [edge(StateKind::Done, EventKind::Claimed, StateKind::Leased)]
    );
}
