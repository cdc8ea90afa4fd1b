//! Settings, pieces, and verbs that need nothing.

use crate::rig::Rig;

#[test]
fn settings_are_read_and_changed_without_a_worker() {
    let rig = Rig::offline();
    assert_eq!(rig.run(&["config", "get", "slots"]).exits(0).stdout, "4\n");
    rig.run(&["config", "set", "slots", "7"]).exits(0);
    assert_eq!(rig.run(&["config", "get", "slots"]).exits(0).stdout, "7\n");
    let path = rig.run(&["config", "path"]).exits(0).stdout;
    assert!(
        std::fs::read_to_string(path.trim())
            .unwrap()
            .contains("slots = 7")
    );
    assert!(
        rig.run(&["config", "show", "--origin"])
            .exits(0)
            .stdout
            .contains("config.toml:")
    );
    let wrong = rig
        .run(&["config", "set", "slot", "7", "--json"])
        .exits(2)
        .json();
    assert!(
        wrong["error"]["message"]
            .as_str()
            .unwrap()
            .contains("slots"),
        "{wrong}"
    );
    rig.run(&["config", "set", "slots", "many"]).exits(2);
    rig.run(&["config", "reset", "slots"]).exits(0);
    assert_eq!(rig.run(&["config", "get", "slots"]).exits(0).stdout, "4\n");
    rig.run(&["config", "reset", "slots"]).exits(0);
    rig.run(&["config", "reset", "slotz"]).exits(2);
}

#[test]
fn change_takes_effect_in_a_running_worker_at_once() {
    let rig = Rig::start();
    rig.run(&["config", "set", "slots", "9"]).exits(0);
    let total = || rig.run(&["status", "--json"]).exits(0).json()["slots"]["total"].clone();
    assert_eq!(total(), 9);
    rig.run(&["config", "reset", "slots"]).exits(0);
    assert_eq!(total(), 4);
}

#[test]
fn pieces_are_listed_shown_checked_and_tried_without_a_worker() {
    let rig = Rig::offline();
    let listed = rig.run(&["piece", "list", "--json"]).exits(0).json();
    let names: Vec<&str> = listed["pieces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|piece| piece["name"].as_str().unwrap())
        .collect();
    for name in ["solo", "script", "fix-until-green"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert_eq!(
        rig.run(&["piece", "show", "script", "--json"])
            .exits(0)
            .json()["name"],
        "script"
    );
    rig.run(&["piece", "show", "scrpt"]).exits(2);
    let file = rig.home().join("broken.yaml");
    std::fs::write(&file, "piece: broken\nmovments: []\n").unwrap();
    let said = rig
        .run(&["piece", "validate", file.to_str().unwrap()])
        .exits(2);
    assert!(said.stderr.contains("broken.yaml:2:"), "{}", said.stderr);
}

#[test]
fn completion_and_manual_page_name_the_verbs() {
    let rig = Rig::offline();
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            rig.run(&["completion", shell])
                .exits(0)
                .stdout
                .contains("ripieno"),
            "{shell}"
        );
    }
    assert!(rig.run(&["man"]).exits(0).stdout.contains(".TH ripieno"));
    rig.run(&["--version"]).exits(0);
    rig.run(&["completion", "cmd"]).exits(2);
}
