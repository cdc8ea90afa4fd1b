//! The runs, and what was measured in them.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::pixels::Eye;
use crate::rig::wait_for;
use crate::session::installed::Programs;
use crate::session::person::{App, Person};
use crate::session::processes::{Activity, Memory, Tree, watch};
use crate::session::{PATIENCE, Session};

/// Starts and opens are repeated; the median counts.
const ROUNDS: usize = 9;
/// Open and close cycles after which memory must not have grown.
const CYCLES: usize = 10;
/// What a program does right after its start is not idling.
const SETTLE: Duration = Duration::from_secs(8);
const WATCH: Duration = Duration::from_secs(20);
/// Where the list is, as a share of the screen's width, and how many edges its rows have at least.
const LIST: f64 = 0.35;
const ROWS: usize = 60;

/// A failed task in the tray menu; a click on it opens the window at the list with that task beside it. It is seen then
/// and leaves the menu.
const BROKEN: &str = "T-";

/// Everything measured, times in milliseconds.
pub struct Figures {
    pub tray: Vec<f64>,
    pub bare_tray: Vec<f64>,
    pub window: Vec<f64>,
    pub reopened: Vec<f64>,
    pub idle: Memory,
    pub idle_activity: Activity,
    pub bare: Memory,
    pub bare_activity: Activity,
    pub open: Memory,
    pub open_activity: Activity,
    pub closed_once: Memory,
    pub closed_often: Memory,
    pub page_kb: f64,
}

pub fn all(root: &Path) -> Figures {
    let programs = Programs(root.join("target/release"));
    let bare = root.join("target/bench-peers/bare-tray/release/bench-peer-bare-tray");
    let mut tray = Vec::new();
    let mut bare_tray = Vec::new();
    // Interleaved, so that both meet the same machine.
    for _ in 0..ROUNDS {
        tray.push(time_to_tray(|session, person| {
            person
                .command(&programs, "ripieno-desktop")
                .envs(session.env())
                .spawn()
        }));
        bare_tray.push(time_to_tray(|session, person| {
            Command::new(&bare)
                .env_clear()
                .envs(person.env())
                .envs(session.env())
                .spawn()
        }));
    }
    let (bare, bare_activity) = idling(&bare, &programs);
    let (idle, idle_activity) = idling(&programs.path("ripieno-desktop"), &programs);
    let window = Windows::measure(&programs);
    Figures {
        tray,
        bare_tray,
        window: window.first,
        reopened: window.again,
        idle,
        idle_activity,
        bare,
        bare_activity,
        open: window.open,
        open_activity: window.open_activity,
        closed_once: window.closed_once,
        closed_often: window.closed_often,
        page_kb: page_kb(root),
    }
}

/// From the start of the process to its icon in the tray.
fn time_to_tray(start: impl Fn(&Session, &Person) -> std::io::Result<std::process::Child>) -> f64 {
    let (session, person) = (Session::start(), Person::new());
    let begin = Instant::now();
    let child = start(&session, &person).expect("the program is built: see `make bench-desktop`");
    let app = App { child };
    session.tray.wait_for_item();
    let took = millis(begin.elapsed());
    drop(app);
    took
}

/// Memory and wakeups of a program that shows its icon and has nothing to do.
fn idling(program: &Path, programs: &Programs) -> (Memory, Activity) {
    let (session, person) = (Session::start(), Person::new());
    let mut command = person.command(programs, "ripieno-desktop");
    let env: Vec<_> = command
        .get_envs()
        .map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned)))
        .collect();
    command = Command::new(program);
    command
        .env_clear()
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command.envs(
        env.into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let app = App {
        child: command
            .envs(session.env())
            .spawn()
            .expect("the program starts"),
    };
    session.tray.wait_for_item();
    std::thread::sleep(SETTLE);
    let memory = Tree::of(app.pid()).memory();
    let activity = watch(app.pid(), WATCH);
    (memory, activity)
}

struct Windows {
    first: Vec<f64>,
    again: Vec<f64>,
    open: Memory,
    open_activity: Activity,
    closed_once: Memory,
    closed_often: Memory,
}

impl Windows {
    fn measure(programs: &Programs) -> Self {
        let mut first = Vec::new();
        for _ in 0..ROUNDS {
            let desk = Desk::with_work(programs);
            assert_no_webkit(&desk.app);
            first.push(desk.open());
        }
        let desk = Desk::with_work(programs);
        desk.open();
        std::thread::sleep(SETTLE);
        let open = Tree::of(desk.app.pid()).memory();
        let open_activity = watch(desk.app.pid(), WATCH);
        desk.close();
        std::thread::sleep(SETTLE);
        let closed_once = Tree::of(desk.app.pid()).memory();
        let mut again = Vec::new();
        for _ in 1..CYCLES {
            again.push(desk.open());
            desk.close();
        }
        std::thread::sleep(SETTLE);
        let closed_often = Tree::of(desk.app.pid()).memory();
        Windows {
            first,
            again,
            open,
            open_activity,
            closed_once,
            closed_often,
        }
    }
}

/// A running application with some tasks behind it.
struct Desk {
    app: App,
    eye: Eye,
    _person: Person,
    session: Session,
}

impl Desk {
    fn with_work(programs: &Programs) -> Self {
        let (session, person) = (Session::start(), Person::new());
        let app = person.start(&session, programs);
        let mut client = person.client();
        client.call(
            "config.set",
            json!({ "key": "desktop.welcome", "value": "false" }),
        );
        // One for each time the window is opened.
        for n in 0..=CYCLES {
            let broken = client.script("exit 1", json!({ "title": format!("Broken {n}") }));
            client.wait_state(&broken, &["failed"]);
        }
        client.call("worker.pause", json!({}));
        for n in 0..30 {
            client.script("true", json!({ "title": format!("Task number {n}") }));
        }
        session.menu().wait_for(BROKEN);
        let eye = Eye::on(&session.screen.display);
        eye.wait_for_nothing(LIST);
        Desk {
            app,
            eye,
            _person: person,
            session,
        }
    }

    /// From the click in the tray menu to the rows of the list on the screen.
    fn open(&self) -> f64 {
        let menu = self.session.menu();
        let begin = Instant::now();
        menu.click(BROKEN);
        millis(self.eye.wait_for_edges(LIST, ROWS) - begin)
    }

    fn close(&self) {
        self.eye.close_windows();
        self.eye.wait_for_nothing(LIST);
        let pages = || {
            !Tree::of(self.app.pid())
                .names()
                .iter()
                .any(|name| name.contains("WebKitWebProces"))
        };
        wait_for(PATIENCE, || pages().then_some(())).expect("the page's process ends");
    }
}

fn assert_no_webkit(app: &App) {
    let names = Tree::of(app.pid()).names();
    assert!(
        !names.iter().any(|name| name.contains("WebKit")),
        "WebKit runs before the first window: {names:?}"
    );
}

/// All scripts of the built page, as they would travel.
fn page_kb(root: &Path) -> f64 {
    let scripts = std::fs::read_dir(root.join("ui/dist/assets")).expect("the page is built");
    let scripts = scripts
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "js"));
    let sizes = scripts.map(|path| {
        let zipped = Command::new("gzip")
            .args(["-9", "--stdout"])
            .arg(path)
            .output()
            .expect("gzip starts");
        #[allow(clippy::cast_precision_loss, reason = "a size of some kilobytes")]
        let size = zipped.stdout.len() as f64;
        size
    });
    sizes.sum::<f64>() / 1e3
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}
