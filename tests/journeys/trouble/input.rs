//! What a person can get wrong in a submission.

use crate::{refused, refused_submission, rig::Home};

#[test]
fn malformed_piece_is_refused_with_file_line_column_and_suggestion() {
    let home = Home::new();
    let _daemon = home.daemon();
    let folder = home.folder("project");
    let pieces = folder.join(".ripieno/pieces");
    std::fs::create_dir_all(&pieces).expect("a folder of pieces");
    let file = pieces.join("broken.yaml");
    let text = "version: 1\nname: broken\nsumary: a letter is missing\nmovements:\n  - name: run\n    run: { prompt: true }\n    \
                outcomes:\n      - { when: ok, next: COMPLETE }\n      - { when: failed, next: ABORT }\n";
    std::fs::write(&file, text).expect("the piece is written");
    let dir = folder.display().to_string();
    let said = refused_submission(&home, &["--dir", &dir, "--piece", "broken", "hi"]);
    said.names(&["broken.yaml:3:1", "sumary", "summary"]);
    let path = file.display().to_string();
    let said = refused(&home, &["piece", "validate", &path], 2, "invalid");
    said.names(&["broken.yaml:3:1", "sumary", "summary"]);
    let first = &said.detail["problems"][0];
    assert_eq!(
        first["at"],
        serde_json::json!({ "line": 3, "column": 1 }),
        "{}",
        said.detail
    );
}

#[test]
fn piece_that_can_never_end_is_refused_at_the_movement_that_turns_in_a_circle() {
    let home = Home::new();
    let _daemon = home.daemon();
    let pieces = home.path().join("config/pieces");
    std::fs::create_dir_all(&pieces).expect("a folder of pieces");
    let movement = |name: &str, next: &str| {
        format!(
            "  - name: {name}\n    run: {{ prompt: true }}\n    outcomes:\n      - {{ when: ok, next: {next} }}\n      \
             - {{ when: failed, next: {next} }}\n"
        )
    };
    let text = format!(
        "version: 1\nname: circle\nsummary: never ends\nmax_movements: 9\nmovements:\n{}{}",
        movement("one", "two"),
        movement("two", "one")
    );
    std::fs::write(pieces.join("circle.yaml"), text).expect("the piece is written");
    let said = refused_submission(&home, &["--piece", "circle", "hi"]);
    said.names(&["circle.yaml:6:5", "one", "two", "COMPLETE"]);
}

#[test]
fn unknown_piece_is_refused_and_names_the_folders_searched() {
    let home = Home::new();
    let _daemon = home.daemon();
    let dir = home.folder("project").display().to_string();
    let said = refused_submission(&home, &["--piece", "scrpt", "--dir", &dir, "hi"]);
    let user = home.path().join("config/pieces").display().to_string();
    said.names(&[
        "scrpt",
        &format!("{dir}/.ripieno/pieces"),
        &user,
        "built-in",
        "script",
    ]);
}

#[test]
fn unknown_agent_is_refused_and_names_the_verb_that_lists_them() {
    let home = Home::new();
    let _daemon = home.daemon();
    refused_submission(&home, &["--agent", "claud", "hi"])
        .names(&["claud", "ripieno runtime list"]);
}

#[test]
fn folder_that_is_missing_or_refused_is_refused_by_its_name() {
    let home = Home::new();
    let _daemon = home.daemon();
    let missing = home.dir.path().join("work/nowhere").display().to_string();
    refused_submission(&home, &["--piece", "script", "--dir", &missing, "hi"])
        .names(&[&missing, "create it"]);
    let file = home.folder("files").join("plain.txt");
    std::fs::write(&file, "").expect("a file");
    let file = file.display().to_string();
    let data = home.path().join("data").display().to_string();
    let remedies = [
        ("/", "name a project folder"),
        ("/etc", "name a project folder"),
        ("/tmp", "make a folder inside it"),
        (data.as_str(), "name a project folder"),
        (file.as_str(), "folder"),
    ];
    for (folder, remedy) in remedies {
        let said = refused_submission(&home, &["--piece", "script", "--dir", folder, "hi"]);
        said.names(&[folder, "cannot be worked in", remedy]);
    }
}

#[test]
fn unknown_or_circular_dependency_is_refused() {
    let home = Home::new();
    let daemon = home.daemon();
    refused_submission(&home, &["--piece", "script", "--depends-on", "99", "hi"])
        .names(&["99", "ripieno task list"]);
    // The number it would get itself: a task that waits for itself would wait for ever.
    refused_submission(&home, &["--piece", "script", "--depends-on", "T-1", "hi"]).names(&["1"]);
    let id = daemon.client().script(
        "true",
        serde_json::json!({ "key": "once", "not_before": "2099-01-01T00:00:00Z" }),
    );
    // The key is open: a second submission under it is that task, and cannot make it wait for itself.
    let again = home.json(&[
        "--json",
        "task",
        "add",
        "--piece",
        "script",
        "--key",
        "once",
        "--depends-on",
        &id,
        "true",
    ]);
    assert_eq!(again["short_id"], id.as_str());
    assert_eq!(again["depends_on"], serde_json::json!([]), "{again}");
}

#[test]
fn wrong_values_are_refused_with_the_values_there_are() {
    let home = Home::new();
    let _daemon = home.daemon();
    let cases: [(&str, &str, &[&str]); 4] = [
        ("--mode", "sideways", &["sideways", "in_place", "worktree"]),
        ("--priority", "soon", &["soon", "low", "urgent"]),
        ("--approvals", "all", &["all", "ask_all", "trusted"]),
        ("--input", "/nowhere/at/all", &["/nowhere/at/all", "file"]),
    ];
    for (option, value, names) in cases {
        refused_submission(&home, &["--piece", "script", option, value, "hi"]).names(names);
    }
    refused_submission(&home, &["--piece", "script", "  \n"]).names(&["prompt is empty"]);
    for (option, value) in [
        ("--not-before", "soonish"),
        ("--timeout", "long"),
        ("--max-tries", "many"),
    ] {
        refused(
            &home,
            &["task", "add", "--piece", "script", option, value, "hi"],
            2,
            "usage",
        )
        .names(&[value, option]);
    }
}
