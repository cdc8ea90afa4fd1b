//! The pictures of the README: the window as it is on a day with some work, taken in passing.

use serde_json::json;

use crate::Journey;
use crate::rig::Client;
use crate::session::webdriver::Page;
use crate::stage::Stage;

pub fn journeys() -> Vec<Journey> {
    vec![("pictures_for_the_readme", pictures)]
}

/// Width and height of the pictures, with the frame of the window.
const SIZE: (u32, u32) = (1200, 780);

fn pictures(stage: &Stage) {
    let page = stage.open(&["--open"]);
    page.resize(SIZE.0, SIZE.1);
    let mut client = stage.person.client();
    client.call(
        "config.set",
        json!({ "key": "desktop.welcome", "value": "false" }),
    );
    let day = Day::begin(stage, &mut client);
    for theme in ["light", "dark"] {
        client.call(
            "config.set",
            json!({ "key": "desktop.theme", "value": theme }),
        );
        show_inbox(stage, &page, theme);
        show_tasks(stage, &page, theme, &day);
        show_changes(stage, &page, theme, &day);
    }
    page.close();
}

/// The tasks of the day.
struct Day {
    running: String,
    reviewed: String,
}

impl Day {
    fn begin(stage: &Stage, client: &mut Client) -> Self {
        let site = stage.repository("site", &[("login.js", LOGIN), ("README.md", "# Site\n")]);
        let docs = stage.repository("docs", &[("index.md", "# Docs\n")]);
        let reviewed = client.script(
            FIX,
            json!({ "title": "Fix the flaky login test", "dir": site }),
        );
        let failed = client.script(
            "echo '2 links lead nowhere' >&2; exit 1",
            json!({ "title": "Check the links of the documentation", "dir": docs }),
        );
        client.wait_done(&reviewed);
        client.wait_state(&failed, &["failed"]);
        let running = client.script(
            RUN,
            json!({ "title": "Update the dependencies", "dir": site }),
        );
        let asking = client.script(
            ASK,
            json!({ "title": "Move the tests to a real database", "dir": docs }),
        );
        client.script(
            "echo written",
            json!({ "title": "Write the release notes", "dir": site }),
        );
        client.wait_state(&running, &["running"]);
        client.wait_state(&asking, &["waiting", "running"]);
        Day { running, reviewed }
    }
}

const LOGIN: &str = "export async function login(page) {\n  await page.goto('/login');\n  await page.click('#submit');\n}\n";
const FIX: &str = "cat > login.js <<'END'
export async function login(page) {
  await page.goto('/login');
  await page.waitForSelector('#submit');
  await page.click('#submit');
}
END
echo 'The test clicked before the button was there. It waits for it now.'
echo '50 runs, 0 failures'";
const RUN: &str = "echo 'Reading package.json'; echo '14 packages are behind'; echo 'Running the tests after each'; sleep 600";
const ASK: &str = "echo 'The tests use two features that only one of them has.'
ripieno ask create --text 'Which database should the tests use?' --option pg='Postgres in a container' --option lite=SQLite --text-ok";

fn show_inbox(stage: &Stage, page: &Page, theme: &str) {
    page.go("#/inbox");
    page.find("heading", "Which database should the tests use?");
    stage.photograph(page, &format!("inbox-{theme}"));
}

fn show_tasks(stage: &Stage, page: &Page, theme: &str, day: &Day) {
    page.go(&format!("#/tasks/{}", day.running));
    page.wait_for_text("Running the tests after each");
    page.wait_for_text("Write the release notes");
    stage.photograph(page, &format!("tasks-{theme}"));
}

fn show_changes(stage: &Stage, page: &Page, theme: &str, day: &Day) {
    page.go(&format!("#/tasks/{}/changes", day.reviewed));
    page.wait_for_text("waitForSelector");
    stage.photograph(page, &format!("changes-{theme}"));
}
