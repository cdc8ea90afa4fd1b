//! Between two movements: what was done stands, whatever a person or a stop wants in that moment (T12, P9).

use crate::{
    Journey,
    rig::{Client, Daemon, Home, PATIENCE, wait_for},
};
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "movement_that_ended_before_a_pause_is_not_run_again",
            paused,
        ),
        (
            "movement_that_ended_before_a_stop_counts_as_interrupted_by_nothing",
            suspended,
        ),
        ("piece_that_ended_before_a_pause_is_done", paused_at_the_end),
    ]
}

/// A worker that goes no further than the end of a movement until the file is removed, and where movements leave a mark.
struct Stage {
    daemon: Daemon,
    hold: PathBuf,
    marks: PathBuf,
}

impl Stage {
    fn set(home: &Home) -> Self {
        let pieces = home.path().join("config/pieces");
        fs::create_dir_all(&pieces).expect("the folder of pieces");
        let marks = home.folder("marks").join("log");
        let piece = format!(
            "version: 1\nname: steps\nsummary: For a journey\nmovements:\n  - name: first\n    run: echo first >> '{0}'\n    \
             on_interrupt: fail\n    outcomes:\n      - {{ when: ok, next: second }}\n  - name: second\n    \
             run: echo second >> '{0}'\n    outcomes:\n      - {{ when: ok, next: COMPLETE }}\n",
            marks.display()
        );
        fs::write(pieces.join("steps.yaml"), piece).expect("the piece is written");
        let hold = home.folder("hold").join("between");
        fs::write(&hold, "").expect("the hold is set");
        let daemon = home
            .try_daemon(&[("RIPIENO_HOLD_BETWEEN", &hold.display().to_string())])
            .expect("it becomes ready");
        Stage {
            daemon,
            hold,
            marks,
        }
    }

    /// Submits the only task there is, and waits until its first movement has ended.
    fn stops_between(&self, client: &mut Client, prompt: &str, piece: &str) -> String {
        let id = client.script(prompt, json!({ "piece": piece }));
        let ended = wait_for(PATIENCE, || {
            let ended = |event: &Value| event["kind"] == "movement_ended";
            client.events().iter().any(ended).then_some(())
        });
        assert!(ended.is_some(), "{:#}", client.task(&id));
        id
    }

    fn goes_on(&self) {
        fs::remove_file(&self.hold).expect("the hold is taken away");
    }

    fn marks(&self) -> String {
        fs::read_to_string(&self.marks).expect("they left marks")
    }
}

fn paused(home: &Home) {
    let stage = Stage::set(home);
    let mut client = stage.daemon.client();
    let id = stage.stops_between(&mut client, "go", "steps");
    client.call("task.pause", json!({ "ids": [id] }));
    stage.goes_on();
    client.wait_state(&id, &["paused"]);
    client.call("task.resume", json!({ "ids": [id] }));
    client.wait_done(&id);
    assert_eq!(stage.marks(), "first\nsecond\n");
}

fn suspended(home: &Home) {
    let stage = Stage::set(home);
    let mut client = stage.daemon.client();
    let id = stage.stops_between(&mut client, "go", "steps");
    client.call("worker.pause", json!({ "suspend": true }));
    stage.goes_on();
    client.wait_state(&id, &["queued"]);
    client.call("worker.resume", json!({}));
    client.wait_done(&id);
    assert_eq!(stage.marks(), "first\nsecond\n");
}

fn paused_at_the_end(home: &Home) {
    let stage = Stage::set(home);
    let mut client = stage.daemon.client();
    let script = format!("echo only >> '{}'", stage.marks.display());
    let id = stage.stops_between(&mut client, &script, "script");
    client.call("task.pause", json!({ "ids": [id] }));
    stage.goes_on();
    client.wait_done(&id);
    assert_eq!(stage.marks(), "only\n");
}
