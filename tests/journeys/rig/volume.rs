//! The data folder under a limit: tasks print several times what it may hold.

use super::{Client, Home, PATIENCE, wait_for};
use serde_json::json;
use std::path::Path;

const MIB: u64 = 1 << 20;

/// What a run came to.
pub struct Volume {
    /// The most that the data folder held at any look, in bytes.
    pub highest: u64,
    /// How many looks there were.
    pub looks: u64,
    /// Tasks whose record was there at the end.
    pub records: u64,
}

/// Has `tasks` tasks print `each` MiB under a limit of `limit` MiB, two at a time, and looks at the data folder all the while.
pub fn under_limit(home: &Home, tasks: u64, each: u64, limit: u64) -> Volume {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let settings = [
        ("slots", "2".to_owned()),
        ("storage.limit", format!("{limit} MiB")),
    ];
    for (key, value) in settings {
        client.call("config.set", json!({ "key": key, "value": value }));
    }
    let line = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstu";
    let script = format!(
        "echo kept > \"$RIPIENO_OUTPUTS/kept\"; yes {line} | head -c {}",
        each * MIB
    );
    let ids: Vec<String> = (0..tasks)
        .map(|_| client.script(&script, json!({})))
        .collect();
    let data = home.path().join("data");
    let mut volume = Volume {
        highest: 0,
        looks: 0,
        records: 0,
    };
    let mut done = 0;
    for id in &ids {
        let ended = wait_for(PATIENCE * 2, || {
            volume.highest = volume.highest.max(size(&data));
            volume.looks += 1;
            let state = client.state(id);
            assert!(
                ["queued", "leased", "running", "done"].contains(&state.as_str()),
                "{}",
                client.task(id)
            );
            (state == "done").then_some(())
        });
        assert!(
            ended.is_some(),
            "{id} of {tasks} did not end: {}",
            client.task(id)
        );
        done += 1;
    }
    assert_eq!(done, tasks);
    volume.records = ids.iter().filter(|id| is_whole(&mut client, id)).count() as u64;
    volume.highest = volume.highest.max(size(&data));
    volume
}

/// Whether the record of a task is there: its view, its timeline, what it delivered, and the end of its log.
fn is_whole(client: &mut Client, id: &str) -> bool {
    let outputs = client.call("task.outputs", json!({ "id": id }));
    let timeline = client.call("task.timeline", json!({ "id": id }));
    let logs = client.call("task.logs", json!({ "id": id }));
    client.task(id)["ended_at"].is_string()
        && outputs["files"] == json!(["kept"])
        && timeline["attempts"][0]["end"] == "completed"
        && logs["entries"]
            .as_array()
            .is_some_and(|entries| !entries.is_empty())
}

/// The bytes of all files below a folder; a file that goes meanwhile counts as nothing.
fn size(path: &Path) -> u64 {
    let Ok(metadata) = std::fs::symlink_metadata(path) else {
        return 0;
    };
    if !metadata.is_dir() {
        return metadata.len();
    }
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| size(&entry.path())).sum()
}
