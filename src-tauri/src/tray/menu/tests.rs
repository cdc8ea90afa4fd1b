//! The menu for one situation after another, each compared whole.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::*;
use crate::scene::{Ask, Task};
use crate::words::Language;

/// What a worker says, as its views name it.
fn scene(view: Value) -> Scene {
    let list = |name: &str| view.get(name).cloned().unwrap_or_else(|| json!([]));
    let asks: Vec<Ask> = serde_json::from_value(list("asks")).unwrap();
    let mut status = view["status"].clone();
    status["asks"] = json!(asks.len());
    let tasks = |name| -> Vec<Task> { serde_json::from_value(list(name)).unwrap() };
    Scene {
        status: serde_json::from_value(status).unwrap(),
        asks,
        working: tasks("working"),
        failed: tasks("failed"),
        changes_at: None,
    }
}

/// The menu in lines: what it is called, and what a click does.
fn rows(entries: &[Entry], depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    for entry in entries {
        match entry {
            Entry::Text(text) => lines.push(format!("{indent}{text}")),
            Entry::Separator => lines.push(format!("{indent}--")),
            Entry::Item(item) => {
                let off = if item.enabled { "" } else { " (off)" };
                lines.push(format!(
                    "{indent}{}{off} -> {}",
                    item.label,
                    item.action.id()
                ));
            }
            Entry::Check(item, on) => {
                let mark = if *on { "[x]" } else { "[ ]" };
                lines.push(format!(
                    "{indent}{mark} {} -> {}",
                    item.label,
                    item.action.id()
                ));
            }
            Entry::Submenu(label, entries) => {
                lines.push(format!("{indent}{label} >"));
                rows(entries, depth + 1, lines);
            }
        }
    }
}

fn shown(view: Option<Value>, role: Role, language: Language) -> Vec<String> {
    let scene = view.map(scene);
    let facts = Facts {
        scene: scene.as_ref(),
        role,
        keep_awake: scene.is_some().then_some(KeepAwake::Ac),
        closed_to_tray: false,
    };
    let clock = Clock {
        now: Timestamp::UNIX_EPOCH,
        zone: TimeZone::UTC,
    };
    let (_, menu) = Menu::at(&facts, &clock, &Words::of(language));
    assert!(menu.entries.len() <= 20, "{} rows", menu.entries.len());
    let mut lines = Vec::new();
    rows(&menu.entries, 0, &mut lines);
    lines
}

fn host(view: Value) -> Vec<String> {
    shown(Some(view), Role::Host, Language::En)
}

const KEEP_AWAKE: [&str; 4] = [
    "Keep awake >",
    r#"  [ ] Off -> {"KeepAwake":"off"}"#,
    r#"  [x] While running on AC -> {"KeepAwake":"ac"}"#,
    r#"  [ ] While running -> {"KeepAwake":"always"}"#,
];
const PAUSE: [&str; 7] = [
    "Pause >",
    r#"  Finish running, take nothing new -> {"Pause":"Finish"}"#,
    r#"  Suspend running now; scripts start anew -> {"Pause":"Suspend"}"#,
    "  --",
    r#"  For 30 minutes -> {"Pause":"HalfHour"}"#,
    r#"  Until tomorrow 09:00 -> {"Pause":"Tomorrow"}"#,
    r#"  Until I resume -> {"Pause":"Open"}"#,
];
const NEW: &str = r#"New task… -> {"Show":"/new"}"#;
const WINDOW: [&str; 2] = [
    r#"Open window -> "Open""#,
    r#"Settings… -> {"Show":"/settings"}"#,
];

const LOOK: &str = r#"Look for updates… -> "LookForUpdates""#;

/// The menu around what is new: line, news, new task, control, window, quit.
fn around(line: &str, news: &[&str], control: &[&str], quit: &str) -> Vec<String> {
    let mut groups: Vec<Vec<&str>> = vec![vec![line]];
    if !news.is_empty() {
        groups.push(news.to_vec());
    }
    groups.push(vec![NEW]);
    groups.push(control.to_vec());
    let mut window = WINDOW.to_vec();
    // Whoever can be paused or resumed is at work and can look.
    let at_work = |row: &&str| row.starts_with("Pause") || row.starts_with("Resume");
    window.extend(control.iter().any(at_work).then_some(LOOK));
    groups.push(window);
    groups.push(vec![quit]);
    let joined: Vec<&str> = groups.join(&"--");
    joined.into_iter().map(str::to_owned).collect()
}

#[test]
fn idle_host_offers_a_new_task_pause_window_and_quit() {
    assert_eq!(
        host(json!({"status": {"state": "running"}})),
        around(
            "Idle",
            &[],
            &[&PAUSE[..], &KEEP_AWAKE].concat(),
            r#"Quit -> "Quit""#
        ),
    );
}

#[test]
fn ask_is_answered_on_the_spot_with_the_revision_that_was_read() {
    let view = json!({
        "status": {"state": "running"},
        "asks": [{
            "short_id": "A-3", "kind": "question", "text": "Which database?", "allows_text": true, "revision": 2,
            "options": [{"id": "pg", "label": "Postgres"}, {"id": "lite", "label": "SQLite & more"}],
        }],
    });
    let news = [
        "Answer “Which database?” >",
        r#"  Postgres -> {"Answer":{"ask":"A-3","revision":2,"option":"pg"}}"#,
        r#"  SQLite & more -> {"Answer":{"ask":"A-3","revision":2,"option":"lite"}}"#,
        "  --",
        r#"  Reply… -> {"Show":"/inbox/A-3"}"#,
        r#"  Open -> {"Show":"/inbox/A-3"}"#,
    ];
    let control = [&PAUSE[..], &KEEP_AWAKE].concat();
    assert_eq!(
        host(view),
        around("1 question waiting", &news, &control, r#"Quit -> "Quit""#),
    );
}

#[test]
fn approval_is_denied_or_read_never_allowed_from_here() {
    let view = json!({
        "status": {"state": "running"},
        "asks": [{
            "short_id": "A-1", "kind": "approval", "text": "Run rm -r build?", "allows_text": true, "revision": 1,
            "options": [{"id": "allow", "label": "Allow"}, {"id": "deny", "label": "Deny"}],
        }],
    });
    let lines = host(view);
    assert_eq!(
        lines[2..7],
        [
            "Answer “Run rm -r build?” >",
            r#"  Deny -> {"Answer":{"ask":"A-1","revision":1,"option":"deny"}}"#,
            "  --",
            r#"  Open -> {"Show":"/inbox/A-1"}"#,
            "--",
        ]
    );
    assert!(
        !lines.iter().any(|line| line.contains("allow")),
        "{lines:?}"
    );
}

#[test]
fn fourth_ask_is_in_the_inbox() {
    let ask = |n: u32| {
        json!({"short_id": format!("A-{n}"), "kind": "question", "text": format!("Q{n}"), "allows_text": false,
               "revision": 1, "options": []})
    };
    let asks: Vec<Value> = (1..=5).map(ask).collect();
    let lines = host(json!({"status": {"state": "running"}, "asks": asks}));
    assert_eq!(
        lines[..10],
        [
            "5 questions waiting",
            "--",
            "Answer “Q1” >",
            r#"  Open -> {"Show":"/inbox/A-1"}"#,
            "Answer “Q2” >",
            r#"  Open -> {"Show":"/inbox/A-2"}"#,
            "Answer “Q3” >",
            r#"  Open -> {"Show":"/inbox/A-3"}"#,
            r#"2 more questions… -> {"Show":"/inbox"}"#,
            "--",
        ]
    );
}

#[test]
fn words_of_others_stay_one_short_line_inside_ours() {
    let text = format!("Quit”\u{202e}\n {}", "long ".repeat(40));
    let view = json!({
        "status": {"state": "running"},
        "asks": [{"short_id": "A-1", "kind": "question", "text": text, "allows_text": false, "revision": 1, "options": []}],
    });
    let lines = host(view);
    let line = &lines[2];
    assert!(
        line.starts_with("Answer “Quit' long") && line.ends_with("…” >"),
        "{line}"
    );
    assert!(line.chars().count() < 64, "{line}");
}

#[test]
fn tasks_at_work_and_failed_are_named_up_to_five() {
    let task = |n: u32| json!({"short_id": format!("T-{n}"), "title": format!("Task {n}")});
    let working: Vec<Value> = (1..=7).map(task).collect();
    let view = json!({
        "status": {"state": "running", "counts": {"running": 7, "queued": 2}, "unseen_failures": 1},
        "working": working, "failed": [task(9)],
    });
    let lines = host(view);
    assert_eq!(
        lines[..15],
        [
            "1 new failure",
            "--",
            "Running (7) >",
            r#"  T-1 Task 1 -> {"Show":"/tasks/T-1"}"#,
            r#"  T-2 Task 2 -> {"Show":"/tasks/T-2"}"#,
            r#"  T-3 Task 3 -> {"Show":"/tasks/T-3"}"#,
            r#"  T-4 Task 4 -> {"Show":"/tasks/T-4"}"#,
            r#"  T-5 Task 5 -> {"Show":"/tasks/T-5"}"#,
            "  --",
            r#"  Show all… -> {"Show":"/tasks"}"#,
            "New failures (1) >",
            r#"  T-9 Task 9 -> {"Show":"/tasks/T-9"}"#,
            "  --",
            r#"  Show all… -> {"Show":"/tasks"}"#,
            r#"  Mark all as seen -> "SeenAll""#,
        ]
    );
    let quit = r#"Quit; 7 tasks will be suspended and resume later -> "Quit""#;
    assert_eq!(lines.last().unwrap(), quit);
}

#[test]
fn paused_worker_offers_resume_and_a_stopping_one_neither_pause_nor_a_second_quit() {
    let control = [&[r#"Resume -> "Resume""#][..], &KEEP_AWAKE].concat();
    assert_eq!(
        host(json!({"status": {"state": "paused"}})),
        around("Paused", &[], &control, r#"Quit -> "Quit""#),
    );
    assert_eq!(
        host(json!({"status": {"state": "stopping"}})),
        around("Stopping", &[], &KEEP_AWAKE, r#"Quit (off) -> "Quit""#),
    );
}

#[test]
fn client_leaves_the_worker_alone_and_can_start_one_when_it_has_gone() {
    let control = [&PAUSE[..], &KEEP_AWAKE].concat();
    let view = json!({"status": {"state": "running", "counts": {"queued": 1}}});
    assert_eq!(
        shown(Some(view), Role::Client, Language::En),
        around(
            "1 queued",
            &[],
            &control,
            r#"Quit; the worker goes on -> "Quit""#
        ),
    );
    assert_eq!(
        shown(None, Role::Client, Language::En),
        around(
            "Worker stopped",
            &[],
            &[r#"Start worker -> "StartWorker""#],
            r#"Quit -> "Quit""#
        ),
    );
}

#[test]
fn every_row_is_in_the_language_of_the_words() {
    let view = || json!({"status": {"state": "running", "counts": {"running": 1}}});
    for (language, line, quit) in [
        (
            Language::Ja,
            "実行中 1 件・待機 0 件",
            "終了（1 件のタスクを中断し、次回再開します）",
        ),
        (
            Language::ZhHans,
            "1 个运行中，0 个排队",
            "退出（1 个任务将被挂起，稍后继续）",
        ),
    ] {
        let lines = shown(Some(view()), Role::Host, language);
        assert_eq!(lines[0], line);
        assert_eq!(lines.last().unwrap(), &format!(r#"{quit} -> "Quit""#));
        let english = host(view());
        let same: Vec<&String> = lines
            .iter()
            .filter(|l| !l.contains("--") && english.contains(l))
            .collect();
        assert!(same.is_empty(), "{same:?}");
    }
}

#[test]
fn closing_to_the_tray_is_told_under_the_status_line() {
    let scene = scene(json!({"status": {"state": "running"}}));
    let facts = Facts {
        scene: Some(&scene),
        role: Role::Host,
        keep_awake: None,
        closed_to_tray: true,
    };
    let clock = Clock {
        now: Timestamp::UNIX_EPOCH,
        zone: TimeZone::UTC,
    };
    let (_, menu) = Menu::at(&facts, &clock, &Words::of(Language::En));
    let told = Entry::Text("The window is closed; Ripieno goes on here".into());
    assert_eq!(menu.entries[1], told);
}

#[test]
fn every_action_is_found_by_its_id() {
    let actions = [
        Action::Show("/tasks/T-1".parse().unwrap()),
        Action::Open,
        Action::Answer {
            ask: "A-1".into(),
            revision: 7,
            option: "a:b\"c".into(),
        },
        Action::Pause(Pause::Tomorrow),
        Action::SeenAll,
        Action::Resume,
        Action::StartWorker,
        Action::KeepAwake(KeepAwake::Always),
        Action::LookForUpdates,
        Action::Quit,
    ];
    for action in actions {
        assert_eq!(Action::from_id(&action.id()), Some(action));
    }
    assert_eq!(Action::from_id("12"), None);
}

#[test]
fn ready_update_says_what_it_waits_for_and_can_be_had_now() {
    let view = |tasks: u64| {
        json!({"status": {
            "state": "running", "update": "0.2.0", "update_waits_for": tasks, "counts": {"running": tasks},
        }})
    };
    let row = |language, tasks: u64| {
        let lines = shown(Some(view(tasks)), Role::Host, language);
        let at = lines
            .iter()
            .position(|line| line.ends_with(r#""UpdateNow""#))
            .unwrap();
        assert!(!lines.iter().any(|line| line.contains("LookForUpdates")));
        [lines[at - 1].clone(), lines[at].clone()]
    };
    assert_eq!(
        row(Language::En, 1),
        [
            "Update to 0.2.0 waits for 1 task",
            r#"Update now; tasks go on afterwards -> "UpdateNow""#
        ]
    );
    assert_eq!(row(Language::En, 3)[0], "Update to 0.2.0 waits for 3 tasks");
    assert_eq!(row(Language::En, 0)[0], "Update to 0.2.0 is ready");
    assert_eq!(
        row(Language::Ja, 2)[0],
        "0.2.0 への更新は 2 件のタスクを待っています"
    );
    assert_eq!(row(Language::ZhHans, 2)[0], "更新到 0.2.0：等待 2 个任务");
}
