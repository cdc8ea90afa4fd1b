//! Starting once, twice, at login, and where no icon can be shown.

use std::process::{Output, Stdio};

use crate::rig::{Program, application, terminate, wait};
use crate::screen::Screen;
use crate::session::Session;

fn second(app: &Program, session: &Session, arguments: &[&str]) -> Output {
    let output = application(&app.home, session)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let words = String::from_utf8_lossy(&output.stdout);
    assert!(words.contains("already running"), "{words}");
    output
}

#[test]
fn second_start_opens_the_window_of_the_first_and_term_quits_in_order() {
    let Some(session) = Session::with_tray() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let app = Program::start(home.path(), &session, &["--hidden"]);
    wait("the menu on the bus", || session.menu_of(app.child.id()));
    second(&app, &session, &["--hidden"]);
    assert!(!app.shows_a_page());
    second(&app, &session, &["ripieno://task/T-1"]);
    wait("the window", || app.shows_a_page().then_some(()));
    app.terminate();
    assert!(app.end().success());
}

#[test]
fn without_a_bus_a_second_start_still_reaches_the_first() {
    let Some(mut session) = Session::bare() else {
        return;
    };
    session.address = "unix:path=/nonexistent/bus".into();
    let home = tempfile::tempdir().unwrap();
    let app = Program::start(home.path(), &session, &["--hidden"]);
    second(&app, &session, &["--open", "/settings"]);
    wait("the window", || app.shows_a_page().then_some(()));
    app.terminate();
    assert!(app.end().success());
}

#[test]
fn where_no_icon_is_shown_the_window_opens_by_itself() {
    let Some(session) = Session::bare() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let app = Program::start(home.path(), &session, &[]);
    wait("the window", || app.shows_a_page().then_some(()));
}

#[test]
fn arguments_that_are_not_understood_end_with_the_usage() {
    let Some(session) = Session::bare() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    for arguments in [
        &["--opne"][..],
        &["ripieno://task/../x"],
        &["--open", "nowhere"],
    ] {
        let output = application(home.path(), &session)
            .args(arguments)
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(words.contains("usage: ripieno-desktop"), "{words}");
    }
    assert!(!home.path().join("state").exists(), "nothing was begun");
}

#[test]
fn without_a_display_it_names_the_headless_worker() {
    let Some(session) = Session::bare() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let output = application(home.path(), &session)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(8), "{words}");
    assert!(words.contains("ripieno daemon run"), "{words}");
    assert!(!words.contains("panicked"), "{words}");
}

#[test]
fn start_that_fails_says_why_in_a_dialog_and_ends_with_it() {
    let Some(session) = Session::bare() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let settings = home.path().join("config");
    std::fs::create_dir_all(&settings).unwrap();
    std::fs::write(settings.join("config.toml"), "slots = \"many\"\n").unwrap();
    let screen = Screen::open();
    for by_signal in [false, true] {
        let started = application(home.path(), &session)
            .env("GDK_BACKEND", "x11")
            .stderr(Stdio::piped())
            .spawn();
        let mut program = started.unwrap();
        let dialog = wait("the dialog", || {
            let ended = program.try_wait().unwrap();
            assert!(ended.is_none(), "it ended without a word: {ended:?}");
            screen.window_of(program.id())
        });
        if by_signal {
            terminate(&program);
        } else {
            screen.close(dialog);
        }
        let output = program.wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{words}");
        assert!(words.contains("slots"), "{words}");
    }
}
