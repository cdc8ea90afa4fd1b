//! The application as files of the person's own: nobody is asked, and both programs change together.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;

use super::stage::{NAMES, Stage, run, waiting};
use crate::Rule;
use crate::rig::{PATIENCE, ripieno, wait_for};
use crate::session::installed::{Package, Programs};

pub fn rules() -> Vec<Rule> {
    vec![(
        "application_in_a_folder_waits_for_tasks_or_suspends_them_and_becomes_the_new_version",
        application_becomes_the_new_version,
    )]
}

/// How long claims may take to start again after a new version is up.
const CLAIMS_AGAIN: Duration = Duration::from_secs(10);

/// The application of the package, in a folder that no package manager knows.
fn own_files(package: &Package) -> (tempfile::TempDir, Programs) {
    let folder = tempfile::tempdir().expect("a folder");
    package.unpack(folder.path());
    let programs = Programs(folder.path().join("usr/bin"));
    (folder, programs)
}

fn offer(stage: &Stage<'_>, version: &str) {
    let tree = stage.tree(version);
    let files = NAMES.map(|name| {
        let served = stage.releases.file(&format!("{name}-{version}"));
        fs::rename(tree.join("usr/bin").join(name), &served)
            .or_else(|_| fs::copy(tree.join("usr/bin").join(name), &served).map(drop))
            .expect("it is served");
        (name, served)
    });
    let files: Vec<(&str, &std::path::Path)> = files
        .iter()
        .map(|(name, file)| (*name, file.as_path()))
        .collect();
    let target = format!("linux-{}-desktop", std::env::consts::ARCH);
    stage.releases.offer(version, &target, &files);
}

fn application_becomes_the_new_version(package: &Package) {
    let (_folder, programs) = own_files(package);
    let installed = Programs(programs.0.clone());
    let stage = Stage::new(package, programs);
    fs::copy(
        ripieno().with_file_name("ripieno-fake-agent"),
        stage.first_on_path().join("claude"),
    )
    .expect("an agent");
    let app = stage.start();
    let pid = app.pid();
    let old = stage.session.tray.wait_for_item();
    assert_eq!(stage.version(), "0.1.0");

    // When idle: the tray says what it waits for, and the task is not touched.
    offer(&stage, "0.2.0");
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
    assert_eq!(client.state(&running), "running");
    fs::write(marks.join("go"), "").expect("it is let go");
    let said = stage.settled("0.2.0");
    assert_eq!(said["last"]["undone"], json!(null), "{said:#}");
    claims_again(&stage, &[&running]);
    assert_eq!((stage.version(), app.pid()), ("0.2.0".into(), pid));
    in_place(&installed, "0.2.0");
    let new = stage.session.tray.wait_for_item_after(&old);
    stage.session.menu().wait_for("Idle");

    // Now: what runs gives its task back, and the same session goes on in the new version.
    fs::remove_file(marks.join("go")).expect("the next one waits again");
    let mut client = stage.person.client();
    let prompt = json!({ "prompt": "Do it. FAKE1:hang FAKE2:ok", "agent": "claude", "approvals": "trusted" });
    let added = client.call("task.add", prompt);
    let agent_task = added["short_id"].as_str().expect("an id").to_owned();
    let script = client.script(&waiting(&marks), json!({}));
    client.wait_state(&script, &["running"]);
    let session = wait_for(PATIENCE, || {
        let run = client.call("task.run", json!({ "id": agent_task }));
        run["session"].as_str().map(str::to_owned)
    });
    let session = session.expect("the agent has a session");
    offer(&stage, "0.3.0");
    stage.check();
    let menu = stage.session.menu();
    menu.wait_for("Update to 0.3.0 waits for 2 tasks");
    menu.click("Update now");
    let said = stage.settled("0.3.0");
    assert_eq!(said["last"]["undone"], json!(null), "{said:#}");
    let mut client = stage.person.client();
    let view = client.wait_done(&agent_task);
    assert_eq!(
        (&view["attempt"], &view["tries_used"]),
        (&json!(2), &json!(0)),
        "{view:#}"
    );
    let run = client.call("task.run", json!({ "id": agent_task }));
    let arguments = run["arguments"].as_array().expect("arguments");
    assert!(
        arguments.contains(&json!(format!("--resume={session}"))),
        "{run:#}"
    );
    fs::write(marks.join("go"), "").expect("it is let go");
    let view = client.wait_done(&script);
    assert_eq!(view["tries_used"], 0, "a suspended task spends no try");
    assert_eq!((stage.version(), app.pid()), ("0.3.0".into(), pid));
    in_place(&installed, "0.3.0");
    stage.session.tray.wait_for_item_after(&new);
    stage.session.menu().click("Quit");
    app.wait_ended();

    // By hand, told to the command: the application goes back along with it.
    let undone = stage.command(&["doctor", "--undo-update"]);
    assert!(undone.contains("version 0.2.0 is back"), "{undone}");
    in_place(&installed, "0.2.0");
}

/// Both programs say which version they are.
fn in_place(programs: &Programs, version: &str) {
    for name in NAMES {
        let program: PathBuf = programs.path(name);
        let said = run(
            "env",
            &[
                "RIPIENO_TEST_VERSION=stamped",
                &program.display().to_string(),
                "--version",
            ],
        );
        assert!(said.contains(version), "{name}: {said}");
    }
}

/// What ran before was not cut, nothing began behind the barrier, and a new task is claimed at once.
pub fn claims_again(stage: &Stage<'_>, before: &[&str]) {
    let up = Instant::now();
    let mut client = stage.person.client();
    let after = client.script("echo after", json!({}));
    client.wait_done(&after);
    assert!(up.elapsed() < CLAIMS_AGAIN, "{:?}", up.elapsed());
    for task in before {
        let view = client.wait_done(task);
        assert_eq!(view["attempt"], 1, "it was interrupted: {view:#}");
    }
    let behind = client.claimed_while_updating();
    assert!(behind.is_empty(), "claimed behind the barrier: {behind:#?}");
}
