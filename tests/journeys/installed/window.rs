//! The window, from the first start on.

use serde_json::json;

use crate::Journey;
use crate::rig::wait_for;
use crate::session::PATIENCE;
use crate::session::taskbar::Taskbar;
use crate::session::webdriver::Page;
use crate::stage::Stage;

pub fn journeys() -> Vec<Journey> {
    vec![
        ("first_day_with_the_window", first_day),
        ("settings_survive_a_restart", settings_survive),
        ("route_that_opens_the_window_is_not_lost", route_is_not_lost),
        ("answer_of_the_last_moment_is_not_lost", answer_is_not_lost),
        (
            "answer_before_the_window_is_closed_is_not_lost",
            answer_outlives_the_window,
        ),
        (
            "answer_before_closing_the_window_quits_is_not_lost",
            answer_outlives_the_program,
        ),
    ]
}

/// Asks, changes a file as it was told, and says what it did.
const WORK: &str = "echo reading
answer=$(ripieno ask create --text 'Which greeting?' --option short=Hi --option long='Good morning')
echo \"greeting $answer\"
echo \"$answer\" >> greeting.txt
echo new > more.txt";

fn first_day(stage: &Stage) {
    let folder = stage.repository("project", &[("greeting.txt", "Hello\n")]);
    let page = stage.open(&["--open"]);
    welcome(stage, &page);
    let task = compose(stage, &page, WORK, Some(&folder.display().to_string()));
    watch_and_answer(stage, &page, &task);
    review(stage, &page, &task);
    cancel(stage, &page);
    page.close();
}

fn welcome(stage: &Stage, page: &Page) {
    page.find(
        "heading",
        "Ripieno works through your tasks with the agents you already have",
    );
    stage.photograph(page, "welcome");
    page.find("button", "Continue").click();
    page.find("heading", "Found on this computer");
    stage.photograph(page, "found");
    // Without an agent there is nothing to choose a folder and a level for.
    page.find("button", "Continue").click();
    page.find("heading", "The first task");
    stage.photograph(page, "first-task");
    page.find("button", "Start the first task").click();
    page.find("heading", "Welcome to Ripieno");
    page.wait_for_text("Done");
    stage.photograph(page, "first-task-done");
}

/// Hands over a script; the short id of its task.
fn compose(stage: &Stage, page: &Page, script: &str, folder: Option<&str>) -> String {
    page.find("link", "New task").click();
    page.find("textbox", "What is to be done").write(script);
    page.find("combobox", "Piece").choose("script");
    if let Some(folder) = folder {
        let field = page.find("combobox", "Folder");
        field.write(folder);
        page.wait_for_text("A git repository at main.");
    }
    stage.photograph(page, "composer");
    page.find("button", "Add task").click();
    page.find("tablist", "Parts of the task");
    let route = page.route();
    route.rsplit('/').next().expect("a short id").to_owned()
}

fn watch_and_answer(stage: &Stage, page: &Page, task: &str) {
    page.wait_for_text("reading");
    page.wait_for_text("Which greeting?");
    stage.photograph(page, "asks");
    page.go("#/inbox");
    page.find("heading", "Which greeting?");
    stage.photograph(page, "inbox");
    page.find_like("button", "Good morning").click();
    page.find_like("status", "Sent");
    stage.person.client().wait_done(task);
    page.go(&format!("#/tasks/{task}"));
    page.wait_for_text("greeting long");
    stage.photograph(page, "transcript");
}

fn review(stage: &Stage, page: &Page, task: &str) {
    page.find_like("tab", "^Changes").click();
    page.wait_for_text("2 files changed");
    page.wait_for_text("greeting.txt");
    // What is said to a script that has ended would be run: no line of it takes a comment.
    page.find_like("button", "Comment on line 2");
    let offers = page.evaluate(
        "return [...document.querySelectorAll('[aria-label^=\"Comment on line\"]')].map((line) => line.ariaDisabled)",
    );
    let offers = offers.as_array().expect("a list");
    assert!(offers.iter().all(|offer| offer == "true"), "{offers:?}");
    stage.photograph(page, "changes");
    let changes = stage
        .person
        .client()
        .call("task.changes", json!({ "id": task }));
    assert_eq!(changes["insertions"], 2, "{changes:#}");
}

fn cancel(stage: &Stage, page: &Page) {
    // Written so that only what it prints has the word in one piece.
    let task = compose(stage, page, "echo be''gun; sleep 600", None);
    page.wait_for_text("begun");
    page.find("button", "Cancel").click();
    page.find("dialog", "Cancel this task?");
    stage.photograph(page, "cancel");
    page.find("button", "Cancel tasks").click();
    stage.person.client().wait_state(&task, &["cancelled"]);
    page.wait_for_text("Cancelled");
    stage.photograph(page, "cancelled");
}

fn settings_survive(stage: &Stage) {
    let colour =
        |page: &Page| page.evaluate("return getComputedStyle(document.body).backgroundColor");
    let changed = |page: &Page| drop(page.find_like("button", "Reset “Colours”"));
    let page = stage.open(&["--open", "/settings"]);
    let colours = page.find("combobox", "Colours");
    let light = colour(&page);
    colours.choose("dark");
    changed(&page);
    stage.photograph(&page, "settings");
    let dark = colour(&page);
    assert_ne!(dark, light, "the window follows at once");
    stage.quit(page);

    let page = stage.open(&["--open", "/settings"]);
    changed(&page);
    assert_eq!(colour(&page), dark, "the window is dark again");
    stage.photograph(&page, "settings-again");
    page.close();
}

fn route_is_not_lost(stage: &Stage) {
    let task = {
        let app = stage.start();
        let mut client = stage.person.client();
        let task = client.script("echo from before", json!({ "title": "Linked to" }));
        client.wait_done(&task);
        stage.session.menu().click("Quit");
        app.wait_ended();
        task
    };
    let page = stage.open(&["--open", &format!("ripieno://task/{task}")]);
    page.find("heading", "Linked to");
    // A second start hands its link to the window that is open.
    let second = stage
        .person
        .command(stage.programs, "ripieno-desktop")
        .args(["--open", "ripieno://new?title=Buy%20milk"])
        .envs(stage.session.env())
        .status();
    assert!(second.expect("it starts").success());
    page.find("region", "New task");
    page.close();
}

fn answer_is_not_lost(stage: &Stage) {
    let page = answer(stage);
    stage.quit(page);
    let _app = stage.start();
    is_answered(stage);
}

fn answer_outlives_the_window(stage: &Stage) {
    let page = answer(stage);
    Taskbar::of(&stage.session.screen).close();
    is_answered(stage);
    page.close();
}

fn answer_outlives_the_program(stage: &Stage) {
    let settings = stage.person.config_file();
    std::fs::create_dir_all(settings.parent().expect("a folder")).expect("it can be made");
    std::fs::write(&settings, "[desktop]\nclose_to_tray = false\n").expect("settings");
    let page = answer(stage);
    let mut client = stage.person.client();
    let task = client.script("sleep 600", json!({}));
    client.wait_state(&task, &["running"]);
    let window = Taskbar::of(&stage.session.screen);
    window.close();
    // A task is at work, so closing asks; whoever wants it twice is not asked.
    window.wait_for_another();
    stage.session.menu().click("Quit");
    stage.session.tray.wait_until_empty();
    page.close();
    let _app = stage.start();
    is_answered(stage);
}

/// Answers a question in the window; it could still be taken back.
fn answer(stage: &Stage) -> Page {
    let page = stage.open(&["--open", "/tasks"]);
    compose(stage, &page, WORK, None);
    page.wait_for_text("Which greeting?");
    page.go("#/inbox");
    page.find_like("button", "Good morning").click();
    page.find_like("status", "Sent");
    page
}

/// Waits until the worker has the answer of the window.
fn is_answered(stage: &Stage) {
    let mut client = stage.person.client();
    let answered = wait_for(PATIENCE, || {
        let asks = client.call("ask.list", json!({ "all": true }));
        let answered = asks["asks"][0]["answered"].clone();
        (!answered.is_null()).then_some(answered)
    });
    let answered = answered.expect("the answer comes to the worker");
    assert_eq!(answered["by"], "window", "{answered:#}");
    assert_eq!(answered["value"], "long");
}
