//! What a person does from the tray, without a window.

use serde_json::json;

use crate::rig::{Program, wait};
use crate::screen::Screen;
use crate::session::Session;

#[test]
fn pause_stops_claims_resume_restarts_them_and_quit_ends_in_order() {
    let Some(session) = Session::with_tray() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let app = Program::start(home.path(), &session, &[]);
    let menu = wait("the menu on the bus", || session.menu_of(app.child.id()));
    wait("the status line", || menu.has("Idle"));

    menu.click("Finish running");
    wait("the pause", || (app.state() == "paused").then_some(()));
    wait("the row Resume", || menu.has("Resume"));
    assert_eq!(menu.labels()[0], "Paused");
    let task = app.submit("true");
    let why = app.ask("task.why", json!({"id": task}));
    assert!(
        why["hold"]["text"].as_str().unwrap().contains("paused"),
        "{why}"
    );

    menu.click("Resume");
    wait("the task to be done", || {
        (app.task(&task)["state"] == "done").then_some(())
    });
    wait("the pause's submenu", || menu.has("Pause"));
    assert!(
        !app.shows_a_page(),
        "nothing of the web view runs before the first open"
    );

    menu.click("Quit");
    assert!(app.end().success());
}

#[test]
fn pause_until_tomorrow_says_until_when() {
    let Some(session) = Session::with_tray() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let app = Program::start(home.path(), &session, &[]);
    let menu = wait("the menu on the bus", || session.menu_of(app.child.id()));
    wait("the status line", || menu.has("Idle"));
    menu.click("Until tomorrow 09:00");
    wait("the pause", || {
        let status = app.ask("status", json!({}));
        status["paused_until"].is_string().then_some(())
    });
    wait("the status line", || {
        let line = menu.labels().into_iter().next()?;
        (line.starts_with("Paused until ") && line.ends_with("09:00")).then_some(())
    });
}

#[test]
fn ask_of_a_running_task_is_answered_from_the_menu_and_the_task_goes_on() {
    let Some(session) = Session::with_tray() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let app = Program::start(home.path(), &session, &[]);
    let menu = wait("the menu on the bus", || session.menu_of(app.child.id()));
    let task = app.submit(
        "chosen=$(ripieno ask create --text 'Which database?' --option pg=Postgres --option lite=SQLite --wait 10m)\n\
         echo \"chose $chosen\"",
    );
    wait("the ask in the menu", || {
        menu.has("Answer “Which database?”")
    });
    wait("the status line", || menu.has("1 question waiting"));
    menu.click("SQLite");
    let task = wait("the task to be done", || {
        let task = app.task(&task);
        (task["state"] == "done").then_some(task)
    });
    assert_eq!(task["result"]["summary"], "chose lite");
    let asks = app.ask("ask.list", json!({"all": true}));
    assert_eq!(asks["asks"][0]["answered"]["by"], "tray");
    wait("the status line", || menu.has("Idle"));
}

#[test]
fn failed_task_stays_in_the_menu_until_it_was_looked_at() {
    let Some(session) = Session::with_tray() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let app = Program::start(home.path(), &session, &[]);
    let menu = wait("the menu on the bus", || session.menu_of(app.child.id()));
    let task = app.submit("exit 3");
    wait("the status line", || menu.has("1 new failure"));
    wait("the task", || menu.has(&format!("{task} exit 3")));
    app.ask("task.seen", json!({"ids": [task]}));
    wait("the status line", || menu.has("Idle"));
    assert!(menu.has("New failures (1)").is_none());

    app.submit("exit 4");
    app.submit("exit 5");
    wait("the status line", || menu.has("2 new failures"));
    menu.click("Mark all as seen");
    wait("the status line", || menu.has("Idle"));
}

#[test]
fn beside_a_daemon_it_is_only_its_tray_and_starts_a_worker_when_that_has_gone() {
    let Some(session) = Session::with_tray() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let daemon = Program::daemon(home.path());
    let tray = Program::start(home.path(), &session, &[]);
    let menu = wait("the menu on the bus", || session.menu_of(tray.child.id()));
    wait("the row Quit", || menu.has("Quit; the worker goes on"));
    menu.click("Finish running");
    wait("the pause", || (daemon.state() == "paused").then_some(()));

    daemon.terminate();
    assert!(daemon.end().success());
    wait("the status line", || menu.has("Worker stopped"));
    menu.click("Start worker");
    wait("the pause that outlived it", || menu.has("Resume"));
    menu.click("Resume");
    let task = tray.submit("true");
    wait("the task to be done", || {
        (tray.task(&task)["state"] == "done").then_some(())
    });
    menu.click("Quit");
    assert!(tray.end().success());
}

#[test]
fn worker_that_cannot_be_started_from_the_menu_opens_the_window() {
    let Some(session) = Session::with_tray() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let daemon = Program::daemon(home.path());
    let tray = Program::start(home.path(), &session, &[]);
    let menu = wait("the menu on the bus", || session.menu_of(tray.child.id()));
    daemon.terminate();
    assert!(daemon.end().success());
    wait("the status line", || menu.has("Worker stopped"));
    let settings = home.path().join("config/config.toml");
    std::fs::write(settings, "slots = \"many\"\n").unwrap();
    menu.click("Start worker");
    wait("the window", || tray.shows_a_page().then_some(()));
}

#[test]
fn quitting_beside_a_daemon_leaves_it_at_work() {
    let Some(session) = Session::with_tray() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let daemon = Program::daemon(home.path());
    let tray = Program::start(home.path(), &session, &[]);
    let menu = wait("the menu on the bus", || session.menu_of(tray.child.id()));
    wait("the row Quit", || menu.has("Quit; the worker goes on"));
    menu.click("Quit; the worker goes on");
    assert!(tray.end().success());
    assert_eq!(daemon.state(), "running");
}

#[test]
fn quitting_while_a_task_is_at_work_asks_first_and_asking_twice_quits() {
    let Some(session) = Session::with_tray() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let app = Program::start(home.path(), &session, &[]);
    let menu = wait("the menu on the bus", || session.menu_of(app.child.id()));
    let task = app.submit("sleep 600");
    let quit = "Quit; 1 task will be suspended and resume later";
    wait("the task to be at work", || menu.has(quit));
    let screen = Screen::open();
    let dialog = || screen.window_of(app.child.id());

    menu.click(quit);
    screen.close(wait("the dialog", dialog));
    wait("the end of the dialog", || dialog().is_none().then_some(()));
    assert_eq!(app.task(&task)["state"], "running", "it goes on");

    menu.click(quit);
    wait("the dialog", dialog);
    menu.click(quit);
    assert!(app.end().success());
}

#[test]
fn looking_for_updates_opens_the_window_that_says_what_comes_of_it() {
    let Some(session) = Session::with_tray() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let app = Program::start(home.path(), &session, &[]);
    let menu = wait("the menu on the bus", || session.menu_of(app.child.id()));
    wait("the row", || menu.has("Look for updates…"));
    menu.click("Look for updates…");
    wait("the window", || app.shows_a_page().then_some(()));
}

#[test]
fn language_and_keeping_awake_are_settings_that_count_at_once() {
    let Some(session) = Session::with_tray() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let app = Program::start(home.path(), &session, &[]);
    let menu = wait("the menu on the bus", || session.menu_of(app.child.id()));
    wait("the setting in the menu", || menu.has("Keep awake"));
    menu.click("Off");
    wait("the setting", || {
        let setting = app.ask("config.get", json!({"key": "desktop.keep_awake"}));
        setting["value"].as_str()?.contains("off").then_some(())
    });
    let marked_is_off = || (menu.marked() == ["Off"]).then_some(());
    wait("the mark", marked_is_off);
    // The platform takes the mark of a clicked row away; nothing else changes.
    menu.click("Off");
    wait("the mark to be there again", marked_is_off);
    for (language, line, quit) in [
        ("ja", "待機中", "終了"),
        ("zh-Hans", "空闲", "退出"),
        ("en", "Idle", "Quit"),
    ] {
        let set = json!({"key": "desktop.language", "value": language});
        app.ask("config.set", set);
        wait("the status line", || menu.has(line));
        wait("the row Quit", || menu.has(quit));
    }
}
