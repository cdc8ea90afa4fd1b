//! The data folder: what takes space is said, what may go goes, and it stays within its limit (D7).

use crate::{
    Journey,
    rig::{Home, volume, wait_for},
};
use serde_json::{Value, json};
use std::{fs, time::Duration};

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "output_of_five_times_the_limit_stays_within_it_and_every_record_remains",
            within_limit,
        ),
        (
            "clean_up_removes_by_age_and_never_what_was_delivered",
            by_age,
        ),
        (
            "workspace_goes_once_it_is_kept_and_is_there_again_when_its_thread_goes_on",
            workspaces,
        ),
        ("full_data_folder_starts_nothing_and_asks_once", full),
        (
            "attached_archive_is_unpacked_into_the_inputs_read_only",
            attached,
        ),
        (
            "archive_that_leads_out_is_refused_and_nothing_is_added",
            hostile,
        ),
    ]
}

fn within_limit(home: &Home) {
    let (tasks, each, limit) = (40, 5, 40);
    let volume = volume::under_limit(home, tasks, each, limit);
    let allowed = (limit << 20) * 105 / 100;
    assert!(
        volume.highest < allowed,
        "{} bytes at the most, {allowed} allowed",
        volume.highest
    );
    assert_eq!(volume.records, tasks);
    println!(
        "{} MiB printed, limit {limit} MiB, at the most {:.1} MiB in {} looks, {} records",
        tasks * each,
        volume.highest as f64 / f64::from(1 << 20),
        volume.looks,
        volume.records
    );
}

/// As if so many hours had passed since a task's end.
fn age(home: &Home, id: &str, hours: i64) {
    let db = rusqlite::Connection::open(home.database()).expect("the database opens");
    let no: i64 = id.trim_start_matches("T-").parse().expect("a number");
    let changed = db
        .execute(
            "UPDATE tasks SET finished_at = finished_at - ?1 WHERE no = ?2",
            (hours * 3_600_000, no),
        )
        .expect("the row changes");
    assert_eq!(changed, 1);
}

fn by_age(home: &Home) {
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let script = "echo said; echo out > \"$RIPIENO_OUTPUTS/out\"; mkdir -p node_modules; echo dep > node_modules/dep; echo mine > mine";
    let old = client.script(script, json!({}));
    let young = client.script(script, json!({}));
    let failed = client.script("echo why; exit 3", json!({}));
    let going_on = client.script(script, json!({}));
    for id in [&old, &young, &going_on] {
        client.wait_done(id);
    }
    client.wait_state(&failed, &["failed"]);
    let goes_on = client.script(
        "true",
        json!({ "continue": going_on, "not_before": "2099-01-01T00:00:00Z" }),
    );
    let dir = |client: &mut crate::rig::Client, id: &str| {
        let id = client.task(id)["id"].as_str().expect("an id").to_owned();
        home.path().join("data/tasks").join(id)
    };
    let folders: Vec<_> = [&old, &young, &failed, &going_on]
        .map(|id| dir(&mut client, id))
        .to_vec();
    assert_eq!(daemon.term(), Some(0));
    for id in [&old, &failed, &going_on] {
        age(home, id, 25);
    }
    let daemon = home.daemon();
    let mut client = daemon.client();
    let (code, out, err) = home.run(&["gc", "--dry-run"]);
    assert!(
        code == 0 && out.contains("done for more than a day"),
        "{out}{err}"
    );
    assert!(
        folders[0].join("attempts/1/raw.log").exists(),
        "nothing was touched"
    );
    let cleaned = home.json(&["gc", "--json"]);
    assert_eq!(cleaned["dry_run"], false);
    let gone = |at: usize, path: &str| !folders[at].join(path).exists();
    assert!(gone(0, "attempts/1/raw.log") && gone(0, "workspace"));
    for kept in ["outputs/out", "attempts/1/transcript.jsonl", "piece.json"] {
        assert!(!gone(0, kept), "{kept}: {cleaned}");
    }
    assert!(
        !gone(1, "attempts/1/raw.log") && !gone(1, "workspace/mine"),
        "not old enough"
    );
    assert!(!gone(2, "attempts/1/raw.log"), "a failure is kept");
    assert!(
        !gone(3, "attempts/1/raw.log") && !gone(3, "workspace/node_modules"),
        "its thread goes on"
    );
    client.call("task.cancel", json!({ "ids": [goes_on] }));
    // A task may not, whatever it tries.
    let inside = client.script("ripieno gc && exit 9; true", json!({}));
    client.wait_done(&inside);
}

fn workspaces(home: &Home) {
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let makes = "printf 'a\\r\\nb' > text; mkdir -p d; printf '\\000\\377' > d/bytes; echo true > run; chmod 755 run; \
                 ln -s text link; printf '* text=auto eol=lf\\n' > .gitattributes; mkdir -p node_modules; echo dep > node_modules/dep";
    let whole = client.script(makes, json!({}));
    let ignoring = client.script("echo '*.log' > .gitignore; echo x > only.log", json!({}));
    let own = client.script("git init -q; echo x > tracked", json!({}));
    let failed = client.script("echo why > why; exit 3", json!({}));
    let threads = client.script("echo first > first", json!({}));
    for id in [&whole, &ignoring, &own, &threads] {
        client.wait_done(id);
    }
    client.wait_state(&failed, &["failed"]);
    let next = client.script("echo second > second", json!({ "continue": threads }));
    client.wait_done(&next);
    let place = |client: &mut crate::rig::Client, id: &str| {
        let id = client.task(id)["id"].as_str().expect("an id").to_owned();
        home.path().join("data/tasks").join(id).join("workspace")
    };
    let [at, stays, repository, late, thread] =
        [&whole, &ignoring, &own, &failed, &threads].map(|id| place(&mut client, id));
    assert_eq!(daemon.term(), Some(0));
    for id in [&whole, &ignoring, &own, &failed, &threads] {
        age(home, id, 25);
    }
    let mut daemon = home.daemon();
    let mut client = daemon.client();
    let (code, out, err) = home.run(&["gc", "--dry-run"]);
    assert!(
        code == 0 && out.contains("a snapshot keeps it"),
        "{out}{err}"
    );
    assert!(at.exists(), "nothing was touched");
    let cleaned = home.json(&["gc", "--json"]);
    assert!(!at.exists(), "{cleaned:#}");
    assert!(stays.join("only.log").exists(), "nothing else holds it");
    assert!(repository.join("tracked").exists(), "it is a repository");
    assert!(late.join("why").exists(), "a failure stays longer");
    assert!(thread.exists(), "its last task has just ended");
    let removed: Vec<&Value> = cleaned["removed"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    let workspace = |part: &&&Value| part["part"] == "workspace";
    assert_eq!(removed.iter().filter(workspace).count(), 1, "{cleaned:#}");
    let spaces = cleaned["spaces"].as_array().expect("a list");
    let snapshots = spaces.iter().find(|space| space["what"] == "snapshots");
    assert!(snapshots.is_some(), "{cleaned:#}");
    let again = home.json(&["gc", "--dry-run", "--json"]);
    assert!(
        !again["removed"].to_string().contains("\"workspace\""),
        "what was looked at is the only copy: {again:#}"
    );
    let kept = again["kept"].as_array().expect("a list");
    assert!(
        kept.iter().any(|kept| kept["what"] == "only_copy"),
        "{again:#}"
    );
    // The task's record is what it was, and whoever goes on finds everything.
    assert_eq!(client.state(&whole), "done");
    let looks = "test -x run && test ! -e node_modules && cat link";
    let follow_up = client.script(looks, json!({ "continue": whole }));
    client.wait_done(&follow_up);
    let read = |name: &str| fs::read(at.join(name)).expect("it is there again");
    assert_eq!(read("text"), b"a\r\nb");
    assert_eq!(read("d/bytes"), [0, 255]);
    assert_eq!(
        fs::read_link(at.join("link")).expect("a link"),
        std::path::Path::new("text")
    );
    // Killed between the snapshot and the removal, nothing is lost either way.
    assert_eq!(daemon.term(), Some(0));
    age(home, &follow_up, 25);
    age(home, &threads, 25);
    age(home, &next, 25);
    let crash = [("RIPIENO_CRASH_AT", "daemon.workspace.before_removal")];
    let mut daemon = home.try_daemon(&crash).expect("it becomes ready");
    drop(home.run(&["gc"]));
    assert!(daemon.wait_ended(Duration::from_secs(30)), "it is killed");
    let daemon = home.daemon();
    let mut client = daemon.client();
    home.json(&["gc", "--json"]);
    assert!(!thread.exists() && !at.exists());
    let last = client.script("cat first second", json!({ "continue": threads }));
    assert_eq!(
        client.wait_done(&last)["result"]["summary"],
        "first\nsecond"
    );
}

fn full(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    client.call(
        "config.set",
        json!({ "key": "storage.limit", "value": "8 MiB" }),
    );
    let fills = client.script(
        "head -c 9000000 /dev/zero > \"$RIPIENO_OUTPUTS/large\"",
        json!({}),
    );
    let view = client.wait_done(&fills);
    let asks = |client: &mut crate::rig::Client| -> Vec<Value> {
        client.call("ask.list", json!({}))["asks"]
            .as_array()
            .expect("a list")
            .clone()
    };
    home.json(&["gc", "--json"]);
    let ask = wait_for(Duration::from_secs(30), || asks(&mut client).pop()).expect("an ask");
    assert!(
        ask["text"]
            .as_str()
            .expect("a text")
            .contains("storage.limit"),
        "{ask}"
    );
    let waits = client.script("true", json!({}));
    let held = wait_for(Duration::from_secs(30), || {
        let why = client.call("task.why", json!({ "id": waits }));
        (why["hold"]["kind"] == "disk_space").then_some(())
    });
    assert!(held.is_some(), "{}", client.task(&waits));
    home.json(&["gc", "--json"]);
    assert_eq!(asks(&mut client).len(), 1, "asked once");
    let large = home
        .path()
        .join("data/tasks")
        .join(view["id"].as_str().expect("an id"))
        .join("outputs/large");
    fs::remove_file(large).expect("the person removes it");
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": "again" }),
    );
    client.wait_done(&waits);
    assert!(asks(&mut client).is_empty());
}

/// A tar of one file.
fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    // Past the library, which would refuse a name that leads out.
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    builder.append(&header, content).expect("an entry");
    builder.into_inner().expect("an archive")
}

fn attached(home: &Home) {
    let _daemon = home.daemon();
    let archive = home.folder("given").join("data.tar");
    fs::write(&archive, tar("sub/notes.txt", b"from the archive\n")).expect("an archive");
    let script = "cat \"$RIPIENO_INPUTS/data/sub/notes.txt\" > \"$RIPIENO_OUTPUTS/read\"; \
                  test \"$(stat -c %a \"$RIPIENO_INPUTS/data/sub/notes.txt\")\" = 444";
    let view = home.json(&[
        "task",
        "add",
        "--piece",
        "script",
        "--unpack",
        archive.to_str().expect("text"),
        "--wait",
        "--json",
        script,
    ]);
    assert_eq!(view["state"], "done", "{view:#}");
    let outputs = home.json(&[
        "task",
        "outputs",
        view["id"].as_str().expect("an id"),
        "--json",
    ]);
    let folder = outputs["folder"].as_str().expect("a folder");
    let read = fs::read_to_string(std::path::Path::new(folder).join("read")).expect("it was read");
    assert_eq!(read, "from the archive\n");
}

fn hostile(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let folder = home.folder("given");
    let archive = folder.join("evil.tar");
    fs::write(&archive, tar("../../../../evil", b"evil")).expect("an archive");
    let (code, _, err) = home.run(&[
        "task",
        "add",
        "--piece",
        "script",
        "--unpack",
        archive.to_str().expect("text"),
        "true",
    ]);
    assert!(
        code == 2 && err.contains("leads out of its folder"),
        "{err}"
    );
    let text = folder.join("notes.txt");
    fs::write(&text, "x").expect("a file");
    let (code, _, err) = home.run(&[
        "task",
        "add",
        "--piece",
        "script",
        "--unpack",
        text.to_str().expect("text"),
        "true",
    ]);
    assert!(code == 2 && err.contains("is no archive"), "{err}");
    assert_eq!(client.call("task.list", json!({}))["tasks"], json!([]));
    let left = fs::read_dir(home.path().join("data/tasks")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "nothing is left of them");
}
