//! The types of the page, written from those of the protocol: `ui/src/bindings/views.ts` and `commands.ts`. The files are
//! checked in, so that the page builds without Rust; this test fails when they differ, `make bindings` writes them.

use crate::{command, view};
use ripieno_core::{
    ask::{AskKind, AskScope},
    notes::{ChecklistStep, StepState},
    receipt::{Artifact, Check, CheckKind},
    state::{Priority, StateKind},
};
use serde::Serialize;
use serde_json::json;
use std::{collections::BTreeSet, fs, path::PathBuf};
use ts_rs::{Config, TS};

/// Set to write the files instead of comparing them.
const WRITE: &str = "RIPIENO_WRITE_BINDINGS";

const HEAD: &str =
    "// Written by `make bindings` from the types of src-tauri/crates/ripieno-api: not by hand.\n";

macro_rules! declared {
    ($($kind:ty),* $(,)?) => {
        [$(declaration::<$kind>()),*].join("\n")
    };
}

fn declaration<T: TS>() -> String {
    // Every number of the protocol is far below 2^53.
    let config = Config::new().with_large_int("number");
    let docs = T::docs().unwrap_or_default();
    format!("{docs}export {}\n", T::decl(&config))
}

/// A choice of words.
fn words<T: Serialize>(docs: &str, name: &str, all: &[T]) -> String {
    let all: Vec<String> = all.iter().map(|word| json!(word).to_string()).collect();
    format!("/** {docs} */\nexport type {name} = {};\n", all.join(" | "))
}

fn shared() -> String {
    let states = StateKind::ALL.iter().map(|state| state.name());
    let states: Vec<&str> = states.chain(["paused"]).collect();
    let workers = ["starting", "running", "paused", "updating", "stopping"];
    let phases = ["idle", "checking", "downloading", "ready", "installing"];
    let kinds = [
        AskKind::Question,
        AskKind::Approval,
        AskKind::SignIn,
        AskKind::Budget,
        AskKind::Review,
        AskKind::Drain,
    ];
    let scopes = [
        AskScope::Once,
        AskScope::Task,
        AskScope::Project,
        AskScope::Always,
    ];
    let steps = [StepState::Open, StepState::Doing, StepState::Done];
    let checks = [CheckKind::Command, CheckKind::File, CheckKind::Url];
    [
        words("The state of a task as people see it.", "TaskState", &states),
        words("What the worker does.", "WorkerState", &workers),
        words("What the updater does.", "UpdatePhase", &phases),
        words(
            "How urgent a task is.",
            "Priority",
            &Priority::ALL.map(Priority::name),
        ),
        words("What kind of thing a person is asked for.", "AskKind", &kinds),
        words("How far an approval reaches.", "AskScope", &scopes),
        words("How a check is run.", "CheckKind", &checks),
        "/** Something delivered. */\nexport type Artifact = { kind: string, ref: string, text: string, };\n".to_owned(),
        "/** One thing that can be checked. */\nexport type Check = { kind: CheckKind, value: string, expected: string, };\n".to_owned(),
        words("Where a step of a checklist stands.", "StepState", &steps),
        "/** One step of a checklist. */\nexport type ChecklistStep = { text: string, state: StepState, };\n".to_owned(),
        "/** Why a task waits: its kind with what the kind carries. */\nexport type Hold = { kind: string, text: string, [value: string]: unknown };\n".to_owned(),
        "/** One entry of a task's log; what else it holds depends on `kind`. */\nexport type LogEntry = { n: number, at: string, attempt: number, movement: string | null, kind: string, [value: string]: unknown };\n".to_owned(),
    ]
    .join("\n")
}

fn views() -> String {
    let types = declared!(
        view::ChangesSum,
        view::ChangedFile,
        view::Changes,
        view::Diff,
        view::Patch,
        view::RunEnv,
        view::RunSkill,
        view::SkillRow,
        view::Lease,
        view::TranscriptFile,
        view::Warning,
        view::Run,
        view::AskOption,
        view::Answered,
        view::Ask,
        view::Event,
        view::FolderFacts,
        view::RecentFolder,
        view::LocalServer,
        view::Logs,
        view::PieceRow,
        view::PieceText,
        view::Runtime,
        view::Environment,
        view::Lock,
        view::Project,
        view::Repository,
        view::CheckedOut,
        view::Grant,
        view::Space,
        view::TaskSpace,
        view::Removed,
        view::Storage,
        view::Setting,
        view::SettingKind,
        view::Slots,
        view::Lane,
        view::Status,
        view::LastUpdate,
        view::Update,
        view::Snapshot,
        view::Piece,
        view::Failure,
        view::TaskResult,
        view::Usage,
        view::Budget,
        view::Activity,
        view::Outputs,
        view::Worktree,
        view::Task,
        view::Merged,
        view::Discarded,
        view::Checkpoint,
        view::Checkpoints,
        view::Rewound,
        view::Attempt,
        view::Movement,
        view::Comment,
        view::Timeline,
    );
    format!("{HEAD}\n{}\n{types}", shared())
}

fn commands() -> String {
    let types = declared!(
        command::AskList,
        command::Answer,
        command::AskCreate,
        command::Finish,
        command::ReportResult,
        command::Progress,
        command::Checklist,
        command::Brief,
        command::PieceList,
        command::PieceShow,
        command::FolderCheck,
        command::FolderComplete,
        command::InputStage,
        command::ProjectSet,
        command::ProjectNamed,
        command::LockRelease,
        command::RepoNamed,
        command::RepoCheckout,
        command::GrantList,
        command::GrantRevoke,
        command::Snooze,
        command::NoticeClaim,
        command::NoticeForget,
        command::WorkerPause,
        command::LaneRelease,
        command::RuntimeList,
        command::ConfigGet,
        command::ConfigSet,
        command::EventsSince,
        command::Subscribe,
        command::Backup,
        command::Add,
        command::List,
        command::Named,
        command::Diff,
        command::Discard,
        command::Rewind,
        command::Run,
        command::Several,
        command::Cancel,
        command::Retry,
        command::Seen,
        command::Comment,
        command::Logs,
        command::Wait,
    );
    format!(
        "{HEAD}\nimport type {{ AskScope, ChecklistStep, Priority, TaskState }} from './views';\n\n{types}"
    )
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/bindings")
}

#[test]
fn types_of_the_page_are_those_of_the_protocol() {
    for (name, text) in [("views.ts", views()), ("commands.ts", commands())] {
        let file = folder().join(name);
        if std::env::var_os(WRITE).is_some() {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&file, &text).unwrap();
        }
        let there = fs::read_to_string(&file).unwrap_or_default();
        assert!(
            there == text,
            "{name} is not what the types say: run `make bindings`"
        );
    }
}

#[test]
fn every_view_and_command_has_its_type() {
    for (sources, text) in [("src/view", views()), ("src/command", commands())] {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(sources);
        let mut wanted = BTreeSet::new();
        for file in fs::read_dir(folder).unwrap().flatten() {
            let source = fs::read_to_string(file.path()).unwrap_or_default();
            let names = source.lines().filter_map(|line| {
                let rest = line
                    .strip_prefix("pub struct ")
                    .or(line.strip_prefix("pub enum "))?;
                rest.split(|c: char| !c.is_alphanumeric()).next()
            });
            wanted.extend(names.map(str::to_owned));
        }
        // Its name is taken there.
        if wanted.remove("Result") {
            wanted.insert("TaskResult".to_owned());
        }
        for name in wanted {
            let declared = format!("export type {name} = ");
            assert!(
                text.contains(&declared),
                "{name} of {sources} is missing: add it above"
            );
        }
    }
}

/// Types of other crates that are declared by hand above.
#[test]
fn hand_written_types_have_the_fields_that_are_sent() {
    let artifact = Artifact {
        kind: "file".into(),
        reference: "a".into(),
        text: "b".into(),
    };
    let check = Check {
        kind: CheckKind::Url,
        value: "a".into(),
        expected: "b".into(),
    };
    let shared = shared();
    let step = ChecklistStep {
        text: "a".into(),
        state: StepState::Open,
    };
    for (name, sent) in [
        ("Artifact", json!(artifact)),
        ("Check", json!(check)),
        ("ChecklistStep", json!(step)),
    ] {
        let line = format!("export type {name} = ");
        let declared = shared.lines().find(|l| l.starts_with(&line)).unwrap();
        for key in sent.as_object().unwrap().keys() {
            assert!(
                declared.contains(&format!("{key}: ")),
                "{key} of {name}: {declared}"
            );
        }
    }
}
