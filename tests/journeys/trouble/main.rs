//! What happens when something is wrong: each bad input, folder, disk or database gets one clear error that names the thing and
//! the remedy, the exit code of the contract, and leaves nothing half-done (rel-4, rel-6, rel-9).

#[path = "../rig/mod.rs"]
mod rig;

mod database;
mod doors;
mod input;
mod namespace;
mod room;
mod size;
mod text;

use rig::Home;
use serde_json::Value;

/// What a refusal said.
struct Refusal {
    message: String,
    detail: Value,
}

impl Refusal {
    /// It names each of these.
    fn names(&self, parts: &[&str]) {
        for part in parts {
            assert!(
                self.message.contains(part),
                "`{part}` is missing in: {}",
                self.message
            );
        }
    }
}

/// Runs a command that must be refused, for people and for programs: the same sentence, exit code and silence otherwise.
fn refused(home: &Home, args: &[&str], exit: i32, code: &str) -> Refusal {
    let (status, out, err) = home.run(args);
    assert_eq!(status, exit, "{args:?}\n{out}\n{err}");
    assert_eq!(out, "", "{args:?}: a refusal belongs on stderr");
    assert_eq!(
        err.matches("error: ").count(),
        1,
        "{args:?}: one error, not several:\n{err}"
    );
    assert!(err.starts_with("error: "), "{args:?}:\n{err}");
    let json: Vec<&str> = [&["--json"], args].concat();
    let (status, out, err) = home.run(&json);
    assert_eq!(status, exit, "{json:?}\n{out}\n{err}");
    assert_eq!(err, "", "{json:?}: the error is on stdout");
    let value: Value =
        serde_json::from_str(&out).unwrap_or_else(|e| panic!("{json:?}: {e}\n{out}"));
    assert_eq!(value["schema"], 1, "{value}");
    assert_eq!(value["error"]["code"], code, "{value}");
    let message = value["error"]["message"]
        .as_str()
        .expect("a message")
        .to_owned();
    assert!(message.len() > 20, "{args:?}: a sentence: {message}");
    Refusal {
        message,
        detail: value["error"]["detail"].clone(),
    }
}

/// The tasks on record, and the folders of tasks on disk.
fn inventory(home: &Home) -> (i64, usize) {
    let db = rusqlite::Connection::open(home.database()).expect("the database opens");
    let rows = db
        .query_row("SELECT count(*) FROM tasks", [], |row| row.get(0))
        .expect("a count");
    let folders = std::fs::read_dir(home.path().join("data/tasks")).map_or(0, Iterator::count);
    (rows, folders)
}

/// A submission that must be refused and leave nothing behind.
fn refused_submission(home: &Home, args: &[&str]) -> Refusal {
    let before = inventory(home);
    let refusal = refused(home, &[&["task", "add"], args].concat(), 2, "invalid");
    assert_eq!(inventory(home), before, "{args:?} left something behind");
    refusal
}
