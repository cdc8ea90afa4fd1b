//! The installed package: replaced by its package manager as root, once the person agreed. What runs here in the place of
//! `pkexec` is a double that agrees, or does not; the step itself is the real one, with the real dpkg.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::folder::claims_again;
use super::stage::{NAMES, Stage, run, script, tasks, waiting};
use crate::Rule;
use crate::releases::write_stamp;
use crate::rig::wait_for;
use crate::session::PATIENCE;
use crate::session::installed::{Installed, NAME, Package};
use crate::session::person::App;
use crate::session::taskbar::Taskbar;

pub fn rules() -> Vec<Rule> {
    vec![(
        "installed_package_is_updated_behind_the_barrier_and_put_back_when_it_does_not_hold",
        installed_package_is_updated,
    )]
}

/// Who agrees to everything.
const AGREES: &str = "exec \"$@\"";
/// Who says no.
const REFUSES: &str = "exit 126";

/// Who agrees, while another program exchanges the file between our check and root's: its path is the fifth argument.
const EXCHANGES: &str = "echo changed >>\"$5\"\nexec \"$@\"";

/// An application that is healthy where it is tried first, and not where it was installed: it exits,
const EXITS: &str = "exit 7";
/// it breaks off its migration,
const MIGRATES: (&str, &str) = (
    "python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute(\"CREATE TABLE half (x TEXT)\")
db.execute(\"DROP TABLE comments\")
db.execute(\"PRAGMA user_version = 999\")' \"$HOME/.local/share/ripieno/ripieno.db\"
echo the migration broke off >&2; exit 1",
    "the migration broke off",
);
/// or it hangs.
const HANGS: (&str, &str) = ("exec sleep 600", "said nothing for 1 s");

/// Puts a double of `pkexec` first on the path; gives the file in which it writes down that it was asked.
fn privileged(stage: &Stage<'_>, what: &str) -> PathBuf {
    let double = stage.first_on_path().join("pkexec");
    script(&double, &format!("echo asked >>\"$0.log\"\n{what}"));
    let log = double.with_file_name("pkexec.log");
    drop(fs::remove_file(&log));
    log
}

fn times_asked(log: &Path) -> usize {
    fs::read_to_string(log).map_or(0, |text| text.lines().count())
}

/// Builds and offers a package with the programs of a tree.
fn offer(stage: &Stage<'_>, version: &str, tree: &Path) {
    let text = |path: &Path| path.display().to_string();
    let control = tree.join("DEBIAN");
    run(
        "dpkg-deb",
        &["--control", &text(&stage.package.0), &text(&control)],
    );
    drop(fs::remove_file(control.join("md5sums")));
    let file = control.join("control");
    let fields = fs::read_to_string(&file).expect("a control file");
    let fields = fields
        .lines()
        .map(|line| match line.strip_prefix("Version:") {
            Some(_) => format!("Version: {version}\n"),
            None => format!("{line}\n"),
        });
    fs::write(&file, fields.collect::<String>()).expect("another version");
    let name = format!("ripieno_{version}.deb");
    let file = stage.releases.file(&name);
    let build = [
        "--root-owner-group",
        "-Znone",
        "--build",
        &text(tree),
        &text(&file),
    ];
    run("dpkg-deb", &build);
    let target = format!("linux-{}-deb", std::env::consts::ARCH);
    stage.releases.offer(version, &target, &[(&name, &file)]);
}

/// A package whose application is healthy while it is tried, and does this once it is installed; its command as well.
fn offer_broken(stage: &Stage<'_>, version: &str, installed: &str) {
    let tree = broken_tree(stage, version, installed);
    script(
        &tree.join("usr/bin/ripieno"),
        &format!("exit 1 # {version}"),
    );
    offer(stage, version, &tree);
}

/// The same with a sound command: with it the application can be put back.
fn offer_broken_application(stage: &Stage<'_>, version: &str, installed: &str) {
    let tree = broken_tree(stage, version, installed);
    let command = tree.join("usr/bin/ripieno");
    fs::copy("/usr/bin/ripieno", &command).expect("a copy");
    write_stamp(&command, version);
    offer(stage, version, &tree);
}

fn broken_tree(stage: &Stage<'_>, version: &str, installed: &str) -> PathBuf {
    let tree = stage.dir.path().join("tree");
    drop(fs::remove_dir_all(&tree));
    let healthy = json!({ "event": "healthy", "version": version });
    script(
        &tree.join("usr/bin/ripieno-desktop"),
        &format!("case $0 in\n/usr/bin/*) ;;\n*) echo '{healthy}'; exit 0 ;;\nesac\n{installed}"),
    );
    tree
}

/// The version that the package manager knows, and the digests of both programs.
fn installed_now() -> (String, Vec<String>) {
    let version = run(
        "dpkg-query",
        &["--showformat", "${Version}", "--show", NAME],
    );
    let digests = NAMES.map(|name| run("sha256sum", &[&format!("/usr/bin/{name}")]));
    (version, digests.to_vec())
}

fn installed_package_is_updated(package: &Package) {
    let installed = Installed::new(package);
    if installed.root() != Path::new("/") {
        println!(
            "only root can try this: it is this system's own dpkg that says whose a program is"
        );
        return;
    }
    let stage = Stage::new(package, installed.programs());
    let app = stage.start();
    let pid = app.pid();
    assert_eq!(stage.version(), "0.1.0");

    // While a task runs nobody is asked; then the package is installed, and the same process goes on.
    let asked = privileged(&stage, AGREES);
    let tree = stage.tree("0.2.0");
    offer(&stage, "0.2.0", &tree);
    let marks = stage.person.folder("marks");
    let mut client = stage.person.client();
    let running = client.script(&waiting(&marks), json!({}));
    client.wait_state(&running, &["running"]);
    let update = stage.check().expect("an answer");
    assert_eq!(
        (&update["phase"], &update["waits_for"]),
        (&json!("ready"), &json!(1)),
        "{update:#}"
    );
    let menu = stage.session.menu();
    menu.wait_for("Update to 0.2.0 waits for 1 task");
    assert_eq!(times_asked(&asked), 0, "asked while a task runs");
    fs::write(marks.join("go"), "").expect("it is let go");
    let said = stage.settled("0.2.0");
    assert_eq!(said["last"]["undone"], json!(null), "{said:#}");
    assert_eq!((stage.version(), app.pid()), ("0.2.0".into(), pid));
    assert_eq!(
        (installed_now().0.as_str(), times_asked(&asked)),
        ("0.2.0", 1)
    );
    claims_again(&stage, &[&running]);

    let before = installed_now();
    for (version, wait, (broken, why)) in [("0.3.0", "20s", MIGRATES), ("0.3.1", "1s", HANGS)] {
        let asked = privileged(&stage, AGREES);
        offer_broken(&stage, version, broken);
        let undone = comes_back(&stage, version, wait);
        assert!(undone.contains(why), "{undone}");
        assert_eq!(times_asked(&asked), 2, "installed, and put back");
        assert_eq!(installed_now(), before, "{version}");
    }

    // Nobody agrees, or the file is not the one that was verified: everything is as it was.
    for (version, double, why) in [
        ("0.3.2", REFUSES, "not allowed"),
        ("0.3.3", EXCHANGES, "checksum did NOT match"),
    ] {
        let asked = privileged(&stage, double);
        offer_broken(&stage, version, "exit 1");
        let undone = comes_back(&stage, version, "20s");
        assert!(undone.contains(why), "{undone}");
        assert_eq!((times_asked(&asked), &installed_now()), (1, &before));
    }
    assert_eq!(app.pid(), pid);
    stays_stopped_until_granted(&stage, app);
}

/// Putting back needs the privileged step as well (U4): until it is granted nothing runs, and the tasks are untouched.
fn stays_stopped_until_granted(stage: &Stage<'_>, mut app: App) {
    let before = installed_now();
    privileged(
        stage,
        "test \"$(wc -l <\"$0.log\")\" = 1 || exit 126\nexec \"$@\"",
    );
    offer_broken_application(stage, "0.3.4", EXITS);
    let known = tasks(&mut stage.person.client());
    stage.check();
    // The person is told why in a dialog, with which the program ends.
    let taskbar = Taskbar::of(&stage.session.screen);
    let ended = wait_for(PATIENCE, || {
        taskbar.close_all();
        app.child.try_wait().expect("it can be asked")
    });
    assert_eq!(ended.expect("the application ends").code(), Some(8));
    assert_eq!(installed_now().0, "0.3.4", "nobody agreed to put it back");

    privileged(stage, AGREES);
    let said = stage.command(&["doctor", "--undo-update"]);
    assert!(said.contains("was finished or undone"), "{said}");
    assert_eq!(installed_now(), before);
    let app = stage.start();
    assert_eq!(stage.version(), "0.2.0");
    let said = stage.settled("0.3.4");
    let undone = said["last"]["undone"].as_str().unwrap_or_default();
    assert!(undone.contains("0.3.4 did not hold"), "{said:#}");
    assert_eq!(tasks(&mut stage.person.client()), known);
    claims_again(stage, &[]);
    stage.session.menu().click("Quit");
    app.wait_ended();
}

/// Lets a version fail; the one before goes on with every task, and why is given.
fn comes_back(stage: &Stage<'_>, version: &str, wait: &str) -> String {
    let mut client = stage.person.client();
    let wait = json!({ "key": "update.health_wait", "value": wait });
    client.call("config.set", wait);
    let known = tasks(&mut client);
    stage.check();
    let said = stage.settled(version);
    assert_eq!(stage.version(), "0.2.0");
    let mut client = stage.person.client();
    let there: Vec<Value> = tasks(&mut client);
    assert_eq!(there, known, "after {version}");
    claims_again(stage, &[]);
    let undone = said["last"]["undone"].as_str();
    undone.expect("it was undone").to_owned()
}
