//! The barrier (U2): an update waits for what runs, or suspends it when told to; nothing is cut.

use crate::rig::ripieno;
use crate::stage::{CLAIMS_AGAIN, Stage, check, wait_file, waiting_script};
use serde_json::json;
use std::{fs, time::Instant};

fn lines(path: &std::path::Path) -> usize {
    fs::read_to_string(path).map_or(0, |text| text.lines().count())
}

#[test]
fn update_waits_for_running_tasks_and_takes_its_place_when_none_is_left() {
    let stage = Stage::with_settings("slots = 2");
    let mut daemon = stage.run();
    assert_eq!(daemon.version(), "0.1.0");
    let pid = daemon.pid();
    let folder = stage.home.folder("marks");
    let mut client = daemon.client();
    let names = ["a", "b", "c"];
    let tasks = names.map(|name| client.script(&waiting_script(&folder, name), json!({})));
    // Two run, one waits for a slot: an update in waiting keeps nobody out.
    wait_file(&folder.join("a.begun"));
    wait_file(&folder.join("b.begun"));
    stage.offer("0.2.0");
    let update = check(&mut client);
    assert_eq!(update["phase"], "ready", "{update:#}");
    assert_eq!(
        (&update["version"], &update["waits_for"]),
        (&json!("0.2.0"), &json!(2))
    );
    let output = stage.command(&["status"]).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("update 0.2.0 is ready, waits for 2 tasks"),
        "{said}"
    );
    let output = stage
        .command(&["update", "status"])
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("Ripieno 0.1.0: 0.2.0 is ready, waits for 2 tasks"),
        "{said}"
    );

    fs::write(folder.join("go"), "").expect("they are let go");
    assert!(daemon.wait_ready(), "it goes on in the new version");
    assert_eq!(daemon.version(), "0.2.0");
    assert_eq!(daemon.pid(), pid, "a supervisor would have noticed");
    let up = Instant::now();
    let mut client = daemon.client();
    for (name, id) in names.into_iter().zip(&tasks) {
        let view = client.wait_done(id);
        assert_eq!(view["attempt"], 1, "{name} was interrupted: {view:#}");
        assert_eq!(lines(&folder.join(format!("{name}.begun"))), 1);
        assert_eq!(lines(&folder.join(format!("{name}.ended"))), 1);
    }
    let after = client.script("echo after", json!({}));
    client.wait_done(&after);
    assert!(up.elapsed() < CLAIMS_AGAIN, "{:?}", up.elapsed());
    let update = client.call("update.status", json!({}));
    assert_eq!(update["current"], "0.2.0");
    assert_eq!(
        (&update["last"]["previous"], &update["last"]["undone"]),
        (&json!("0.1.0"), &json!(null))
    );
    assert_eq!(
        check(&mut client)["phase"],
        "idle",
        "the newest is not offered again"
    );
}

#[test]
fn update_now_suspends_what_runs_and_the_same_session_goes_on() {
    let mut stage = Stage::new();
    let folder = stage.home.folder("agents");
    fs::copy(
        ripieno().with_file_name("ripieno-fake-agent"),
        folder.join("claude"),
    )
    .expect("an agent");
    let empty = stage.home.folder("user").display().to_string();
    stage.home.env.extend([
        (
            "PATH".into(),
            format!("{}:/usr/local/bin:/usr/bin:/bin", folder.display()),
        ),
        ("HOME".into(), empty),
        ("ANTHROPIC_API_KEY".into(), "dummy".into()),
    ]);
    let mut daemon = stage.run();
    let mut client = daemon.client();
    let prompt = json!({ "prompt": "Do it. FAKE1:hang FAKE2:ok", "agent": "claude", "approvals": "trusted" });
    let agent = client.call("task.add", prompt)["short_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let marks = stage.home.folder("marks");
    let script = client.script(&waiting_script(&marks, "s"), json!({}));
    wait_file(&marks.join("s.begun"));
    let session = crate::rig::wait_for(crate::rig::PATIENCE, || {
        let run = client.call("task.run", json!({ "id": agent }));
        run["session"].as_str().map(str::to_owned)
    });
    let session = session.expect("the agent has a session");
    stage.offer("0.2.0");
    assert_eq!(check(&mut client)["waits_for"], 2);
    let update = stage.json(&["update", "now"]);
    assert_eq!(update["version"], "0.2.0", "{update:#}");
    assert!(daemon.wait_ready());
    assert_eq!(daemon.version(), "0.2.0");
    let mut client = daemon.client();
    let view = client.wait_done(&agent);
    assert_eq!(
        (&view["attempt"], &view["tries_used"]),
        (&json!(2), &json!(0)),
        "{view:#}"
    );
    let run = client.call("task.run", json!({ "id": agent }));
    let resumed = json!(format!("--resume={session}"));
    let arguments = run["arguments"].as_array().expect("arguments");
    assert!(arguments.contains(&resumed), "{run:#}");
    fs::write(marks.join("go"), "").expect("it is let go");
    let view = client.wait_done(&script);
    assert_eq!(
        view["tries_used"], 0,
        "a suspended task spends no try: {view:#}"
    );
}

#[test]
fn skipped_version_is_left_out_until_it_is_asked_for() {
    let stage = Stage::new();
    let mut daemon = stage.run();
    let mut client = daemon.client();
    let marks = stage.home.folder("marks");
    let task = client.script(&waiting_script(&marks, "s"), json!({}));
    wait_file(&marks.join("s.begun"));
    stage.offer("0.2.0");
    assert_eq!(check(&mut client)["phase"], "ready");
    let update = stage.json(&["update", "skip"]);
    assert_eq!(
        (&update["phase"], &update["skipped"]),
        (&json!("idle"), &json!("0.2.0"))
    );
    assert_eq!(check(&mut client)["phase"], "idle");
    fs::write(marks.join("go"), "").expect("it is let go");
    client.wait_done(&task);
    assert_eq!(client.call("status", json!({}))["update"], json!(null));
    stage.json(&["update", "now"]);
    assert!(daemon.wait_ready());
    assert_eq!(daemon.version(), "0.2.0");
}

#[test]
fn update_that_may_not_be_installed_by_itself_waits_for_a_word() {
    let stage = Stage::new();
    let mut daemon = stage.run();
    let mut client = daemon.client();
    client.call(
        "config.set",
        json!({ "key": "update.when_idle", "value": "false" }),
    );
    stage.offer("0.2.0");
    assert_eq!(check(&mut client)["phase"], "ready");
    let task = client.script("echo goes on", json!({}));
    client.wait_done(&task);
    assert_eq!(client.call("update.status", json!({}))["phase"], "ready");
    client.call(
        "config.set",
        json!({ "key": "update.when_idle", "value": "true" }),
    );
    assert!(daemon.wait_ready());
    assert_eq!(daemon.version(), "0.2.0");
}
