//! The runs, and what was measured in them.

use std::path::{Path, PathBuf};
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

/// What ran on the screen before: the first program of GTK loads the OpenGL driver, and notes for all that follow how
/// windows are drawn there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Screen {
    Fresh,
    Used,
}

/// A program that shows its icon and has nothing to do, on a fresh screen and on a used one.
pub struct Tray {
    /// From start to icon.
    pub start: Vec<f64>,
    pub start_later: Vec<f64>,
    pub idle: Memory,
    pub idle_later: Memory,
    pub activity: Activity,
}

/// Everything measured, times in milliseconds.
pub struct Figures {
    pub ours: Tray,
    pub bare: Tray,
    pub window: Vec<f64>,
    pub reopened: Vec<f64>,
    pub open: Memory,
    pub open_activity: Activity,
    pub closed_once: Memory,
    pub closed_often: Memory,
    pub page_kb: f64,
}

pub fn all(root: &Path) -> Figures {
    let bench = Bench {
        programs: Programs(root.join("target/release")),
        bare: root.join("target/bench-peers/bare-tray/release/bench-peer-bare-tray"),
    };
    let ours = bench.programs.path("ripieno-desktop");
    let mut starts = [const { Vec::new() }; 4];
    // Interleaved, so that all meet the same machine.
    for _ in 0..ROUNDS {
        let runs = [
            (&ours, Screen::Fresh),
            (&bench.bare, Screen::Fresh),
            (&ours, Screen::Used),
            (&bench.bare, Screen::Used),
        ];
        for (times, (program, screen)) in starts.iter_mut().zip(runs) {
            times.push(bench.time_to_tray(program, screen));
        }
    }
    let [start, bare_start, start_later, bare_start_later] = starts;
    let bare = bench.tray(&bench.bare, bare_start, bare_start_later);
    let ours = bench.tray(&ours, start, start_later);
    let window = Windows::measure(&bench.programs);
    Figures {
        ours,
        bare,
        window: window.first,
        reopened: window.again,
        open: window.open,
        open_activity: window.open_activity,
        closed_once: window.closed_once,
        closed_often: window.closed_often,
        page_kb: page_kb(root),
    }
}

struct Bench {
    programs: Programs,
    bare: PathBuf,
}

impl Bench {
    fn session(&self, person: &Person, screen: Screen) -> Session {
        let session = Session::start();
        if screen == Screen::Used {
            let before = self.start(&self.bare, &session, person);
            session.tray.wait_for_item();
            drop(before);
            session.tray.wait_until_empty();
        }
        session
    }

    fn start(&self, program: &Path, session: &Session, person: &Person) -> App {
        let ours = person.command(&self.programs, "ripieno-desktop");
        let env = ours
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?)));
        let child = Command::new(program)
            .env_clear()
            .envs(env)
            .envs(session.env())
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        App {
            child: child.expect("the program is built: see `make bench-desktop`"),
        }
    }

    /// From the start of the process to its icon in the tray.
    fn time_to_tray(&self, program: &Path, screen: Screen) -> f64 {
        let person = Person::new();
        let session = self.session(&person, screen);
        let begin = Instant::now();
        let app = self.start(program, &session, &person);
        session.tray.wait_for_item();
        let took = millis(begin.elapsed());
        drop(app);
        took
    }

    fn tray(&self, program: &Path, start: Vec<f64>, start_later: Vec<f64>) -> Tray {
        let (idle_later, _) = self.idling(program, Screen::Used);
        let (idle, activity) = self.idling(program, Screen::Fresh);
        Tray {
            start,
            start_later,
            idle,
            idle_later,
            activity,
        }
    }

    /// Memory and wakeups of a program that shows its icon and has nothing to do.
    fn idling(&self, program: &Path, screen: Screen) -> (Memory, Activity) {
        let person = Person::new();
        let session = self.session(&person, screen);
        let app = self.start(program, &session, &person);
        session.tray.wait_for_item();
        std::thread::sleep(SETTLE);
        let memory = Tree::of(app.pid()).memory();
        let activity = watch(app.pid(), WATCH);
        (memory, activity)
    }
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
