//! What is told to the person who looks elsewhere, and what they can do about it there.

use std::process::Command;

use serde_json::{Value, json};

use crate::Journey;
use crate::rig::wait_for;
use crate::session::PATIENCE;
use crate::session::processes;
use crate::session::taskbar::Taskbar;
use crate::stage::Stage;

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "button_of_a_notification_answers_without_a_window",
            button_answers,
        ),
        ("failed_task_is_told_once", failed_task_is_told_once),
        (
            "failure_on_the_page_of_a_minimised_window_is_told_and_not_seen",
            failure_behind_a_minimised_window,
        ),
    ]
}

fn button_answers(stage: &Stage) {
    let app = stage.start();
    let mut client = stage.person.client();
    let script =
        "ripieno ask create --text 'Which database?' --option pg=Postgres --option lite=SQLite";
    let task = client.script(script, json!({ "title": "Choose a database" }));
    let notes = &stage.session.notes;
    let note = notes.wait_for("the question", |note| {
        note.summary.contains("Which database?")
    });
    assert!(note.summary.contains("Choose a database"), "{note:#?}");
    assert_eq!(
        note.desktop_entry.as_deref(),
        Some("Ripieno"),
        "the desktop file it belongs to"
    );
    stage.session.press(note.id, note.button("SQLite"));
    let done = client.wait_done(&task);
    assert!(
        done["result"]["summary"]
            .as_str()
            .is_some_and(|said| said.contains("lite")),
        "{done:#}"
    );
    notes.wait_for("the question to be taken back", |other| {
        other.id == note.id && other.closed
    });
    let names = processes::Tree::of(app.pid()).names();
    assert!(
        !names.iter().any(|name| name.contains("WebKit")),
        "a window was opened: {names:?}"
    );
}

fn failed_task_is_told_once(stage: &Stage) {
    let app = stage.start();
    let mut client = stage.person.client();
    let task = client.script("echo broken >&2; exit 3", json!({ "title": "Will fail" }));
    client.wait_state(&task, &["failed"]);
    let is_it = |summary: &str| summary.contains("Will fail");
    stage
        .session
        .notes
        .wait_for("the failure", |note| is_it(&note.summary));

    // The application starts again: what was told stays told.
    stage.session.menu().click("Quit");
    app.wait_ended();
    let _app = stage.start();
    let other = client_task(stage, "exit 4", "Fails later");
    stage.session.notes.wait_for("the later failure", |note| {
        note.summary.contains("Fails later")
    });
    let told = stage
        .session
        .notes
        .all()
        .into_iter()
        .filter(|note| is_it(&note.summary))
        .count();
    assert_eq!(told, 1, "after {other}");
}

fn client_task(stage: &Stage, script: &str, title: &str) -> String {
    let mut client = stage.person.client();
    let task = client.script(script, json!({ "title": title }));
    client.wait_state(&task, &["failed"]);
    task
}

fn failure_behind_a_minimised_window(stage: &Stage) {
    let page = stage.open(&["--open", "/tasks"]);
    let mut client = stage.person.client();
    let gate = stage.person.folder("gate").join("gate");
    let made = Command::new("mkfifo").arg(&gate).status();
    assert!(made.expect("mkfifo starts").success());
    let script = format!("read -r go < '{}'; exit 3", gate.display());
    let task = client.script(&script, json!({ "title": "Fails unseen" }));
    page.go(&format!("#/tasks/{task}"));
    page.find("heading", "Fails unseen");
    let taskbar = Taskbar::of(&stage.session.screen);
    taskbar.wait_until_active();
    taskbar.minimise();
    std::fs::write(&gate, "go\n").expect("the task reads on");
    stage
        .session
        .notes
        .wait_for("the failure", |note| note.summary.contains("Fails unseen"));
    let failed = client.task(&task);
    assert_eq!(failed["state"], "failed");
    assert_eq!(failed["seen_at"], Value::Null, "nobody has seen it");

    taskbar.bring_back();
    stage.session.notes.wait_for("it to be taken back", |note| {
        note.summary.contains("Fails unseen") && note.closed
    });
    let seen = wait_for(PATIENCE, || {
        (!client.task(&task)["seen_at"].is_null()).then_some(())
    });
    seen.expect("the person has seen it");
    page.close();
}
