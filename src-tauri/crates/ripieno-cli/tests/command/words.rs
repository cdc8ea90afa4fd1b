//! What the command says to people: what it does, in their own time, with the remedy.

use crate::rig::Rig;

#[test]
fn shown_piece_is_a_piece_behind_a_line_with_origin_and_digest() {
    let rig = Rig::offline();
    let shown = rig.run(&["piece", "show", "solo"]).exits(0).stdout;
    let digest = rig
        .run(&["piece", "show", "solo", "--json"])
        .exits(0)
        .json()["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        shown.starts_with(&format!("# solo  built-in  {digest}\n")),
        "{shown}"
    );
    assert!(shown.contains("\nmovements:"), "{shown}");
    let file = rig.home().join("solo.yaml");
    std::fs::write(&file, &shown).unwrap();
    rig.run(&["piece", "validate", file.to_str().unwrap()])
        .exits(0);
}

#[test]
fn backup_names_the_folder_that_is_missing_and_the_file_that_exists() {
    let rig = Rig::start();
    let backup = |to: &std::path::Path| {
        let said = rig.run(&["backup", to.to_str().unwrap()]).exits(2).stderr;
        assert!(!said.contains("database"), "{said}");
        said
    };
    let file = rig.home().join("file");
    std::fs::write(&file, "mine").unwrap();
    let missing = rig.home().join("no");
    assert!(backup(&missing.join("x")).contains(&format!(
        "the folder {} does not exist: make it first",
        missing.display()
    )));
    assert!(backup(&file).contains("exists already: name a file"));
    assert!(backup(&file.join("x")).contains("is not a folder"));
    // Nobody, root included, can make files there.
    assert!(
        backup(std::path::Path::new("/proc/ripieno")).contains("no file can be written in /proc (")
    );
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
}

#[test]
fn moments_are_local_for_people_and_utc_for_programs() {
    let rig = Rig::start();
    rig.run(&["pause", "--until", "2099-01-01T12:00:00Z"])
        .exits(0);
    let status = rig
        .command()
        .env("TZ", "UTC-3")
        .arg("status")
        .output()
        .unwrap();
    let status = String::from_utf8(status.stdout).unwrap();
    assert!(
        status.starts_with("paused until 2099-01-01 15:00  "),
        "{status}"
    );
    let view = rig.run(&["status", "--json"]).exits(0).json();
    assert_eq!(view["paused_until"], "2099-01-01T12:00:00Z");
    let id = rig.script("true");
    let why = rig.run(&["task", "why", &id, "--json"]).exits(0).json();
    assert_eq!(why["hold"]["until"], "2099-01-01T12:00:00Z");
    let text = why["hold"]["text"].as_str().unwrap();
    assert!(
        text.starts_with("The worker is paused until 2") && !text.contains('Z'),
        "{text}"
    );
}

#[test]
fn pause_of_the_worker_is_said_to_be_the_workers() {
    let rig = Rig::start();
    rig.run(&["pause"]).exits(0);
    let id = rig.script("true");
    let why = rig.run(&["task", "why", &id]).exits(0).stdout;
    assert_eq!(why, "The worker is paused.\n");
}

#[test]
fn running_task_is_said_to_be_stopping() {
    let rig = Rig::start();
    // Deaf, so that it is still there when the wish is stored.
    let deaf = "trap '' TERM; ripieno task progress up; sleep 60";
    let id = rig.script(deaf);
    rig.wait_until(&id, |view| view["activity"]["line"] == "up");
    let said = rig.run(&["task", "pause", &id]).exits(0).stdout;
    assert_eq!(
        said,
        format!("{id} is being stopped; it goes on when resumed\n")
    );
    let said = rig
        .run(&["task", "cancel", &id, "--no-wait"])
        .exits(0)
        .stdout;
    assert_eq!(said, format!("{id} is being cancelled\n"));
    rig.wait_state(&id, "cancelled");
}

#[test]
fn list_says_why_without_repeating_the_state() {
    let rig = Rig::start();
    let id = rig.script("exit 3");
    rig.wait_state(&id, "failed");
    for verb in [&["task", "list"][..], &["task", "show", &id]] {
        let said = rig.run(verb).exits(0).stdout;
        assert!(
            said.contains("failed") && !said.contains("It failed"),
            "{said}"
        );
    }
}

#[test]
fn home_that_is_a_file_is_named() {
    let rig = Rig::offline();
    let file = rig.home().join("file");
    std::fs::write(&file, "").unwrap();
    let mut status = rig.command();
    let output = status
        .env("RIPIENO_HOME", &file)
        .arg("status")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains(&format!("{} is not a folder", file.display())),
        "{said}"
    );
    assert!(!said.contains("sock"), "{said}");
}

#[test]
fn refused_setting_says_what_is_allowed_and_that_nothing_was_changed() {
    let rig = Rig::offline();
    let said = rig.run(&["config", "set", "slots", "0"]).exits(2).stderr;
    assert!(
        said.starts_with("error: nothing was changed: slots is \"0\"; allowed is "),
        "{said}"
    );
}

#[test]
fn quiet_in_full_and_pages_per_verb() {
    let rig = Rig::offline();
    rig.run(&["--quiet", "config", "path"]).exits(0);
    let folder = rig.home().join("man");
    rig.run(&["man", "--dir", folder.to_str().unwrap()])
        .exits(0);
    for page in ["ripieno.1", "ripieno-task-add.1"] {
        assert!(folder.join(page).is_file(), "{page}");
    }
}
