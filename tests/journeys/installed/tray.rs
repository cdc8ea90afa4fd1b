//! The icon in the tray and its menu, without a window.

use serde_json::json;

use crate::Journey;
use crate::session::processes;
use crate::stage::Stage;

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "pause_in_the_tray_stops_claims_and_resume_restarts_them",
            pause_stops_claims,
        ),
        (
            "ask_is_answered_in_the_tray_menu",
            ask_is_answered_in_the_menu,
        ),
        (
            "without_a_window_nothing_of_webkit_runs",
            nothing_of_webkit_runs,
        ),
    ]
}

fn pause_stops_claims(stage: &Stage) {
    let app = stage.start();
    let mut client = stage.person.client();
    let menu = stage.session.menu();
    menu.wait_for("Idle");

    menu.click("Finish running, take nothing new");
    menu.wait_for("Paused");
    let task = client.script("echo done", json!({}));
    let why = client.call("task.why", json!({ "id": task }));
    assert_eq!(why["hold"]["kind"], "paused", "{why:#}");
    assert_eq!(client.state(&task), "queued");

    menu.click("Resume");
    client.wait_done(&task);
    menu.wait_for("Idle");
    menu.click("Quit");
    app.wait_ended();
    stage.session.tray.wait_until_empty();
}

fn ask_is_answered_in_the_menu(stage: &Stage) {
    let app = stage.start();
    let mut client = stage.person.client();
    let script =
        "ripieno ask create --text 'Which database?' --option pg=Postgres --option lite=SQLite";
    let task = client.script(script, json!({ "title": "Choose a database" }));
    let menu = stage.session.menu();
    menu.wait_for("1 question waiting");
    menu.wait_for("Answer “Which database?”");
    menu.click("SQLite");
    let done = client.wait_done(&task);
    assert!(
        done["result"]["summary"]
            .as_str()
            .is_some_and(|said| said.contains("lite")),
        "{done:#}"
    );
    menu.wait_without("Answer");
    menu.click("Quit");
    app.wait_ended();
}

fn nothing_of_webkit_runs(stage: &Stage) {
    let app = stage.start();
    let mut client = stage.person.client();
    let task = client.script("echo done", json!({}));
    client.wait_done(&task);
    let names = processes::Tree::of(app.pid()).names();
    assert!(
        !names.iter().any(|name| name.contains("WebKit")),
        "{names:?}"
    );
}
