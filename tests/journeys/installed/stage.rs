//! Where a journey plays: a fresh desktop, the installed programs, a person, and a camera.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::session::Session;
use crate::session::installed::Programs;
use crate::session::person::{App, Person};
use crate::session::webdriver::{Driver, Page};

pub struct Stage<'a> {
    name: String,
    pub session: Session,
    pub person: Person,
    pub programs: &'a Programs,
    taken: AtomicU32,
}

impl<'a> Stage<'a> {
    pub fn new(name: &str, programs: &'a Programs) -> Self {
        std::fs::create_dir_all(pictures()).expect("a folder for pictures");
        Stage {
            name: name.to_owned(),
            session: Session::start(),
            person: Person::new(),
            programs,
            taken: AtomicU32::new(1),
        }
    }

    /// The application without a window, as a login starts it.
    pub fn start(&self) -> App {
        self.person.start(&self.session, self.programs)
    }

    /// The application with its window, driven from here.
    pub fn open(&self, arguments: &[&str]) -> Page {
        Driver::start(&self.session, &self.person).open(self.programs, arguments)
    }

    /// Quits as by the tray menu, and waits until nothing of the application is left.
    pub fn quit(&self, page: Page) {
        self.session.menu().click("Quit");
        self.session.tray.wait_until_empty();
        page.close();
    }

    /// A picture of the page, named after the journey and the step.
    pub fn photograph(&self, page: &Page, step: &str) {
        page.photograph(&self.picture(step));
    }

    pub fn photograph_screen(&self, step: &str) {
        self.session.screen.photograph(&self.picture(step));
    }

    fn picture(&self, step: &str) -> PathBuf {
        let n = self.taken.fetch_add(1, Ordering::Relaxed);
        pictures().join(format!("{}-{n:02}-{step}.png", self.name))
    }

    /// A repository with one commit in the person's home.
    pub fn repository(&self, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let folder = self.person.folder(name);
        for (file, text) in files {
            std::fs::write(folder.join(file), text).expect("a file of the repository");
        }
        for arguments in [
            &["init", "--quiet", "--initial-branch=main"][..],
            &["add", "."],
            &["commit", "--quiet", "--message=First"],
        ] {
            let done = Command::new("git")
                .args(arguments)
                .current_dir(&folder)
                .env_clear()
                .envs(self.person.env())
                .status();
            assert!(done.expect("git starts").success(), "git {arguments:?}");
        }
        folder
    }
}

fn pictures() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("tests/ lies in it")
        .join("target/screenshots/installed")
}
