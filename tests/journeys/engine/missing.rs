//! Agents whose program is away, or does not answer, while their tasks wait (S9).

use crate::{
    Journey,
    agents::{agent, install, start},
    rig::{Home, PATIENCE, ripieno, wait_for},
};
use serde_json::json;

pub fn journeys() -> Vec<Journey> {
    vec![
        ("agent_that_has_gone_missing_holds_its_tasks", missing),
        (
            "agent_that_does_not_tell_its_version_is_asked_again_and_no_other_is_started",
            silent,
        ),
    ]
}

fn missing(home: &Home) {
    let mut daemon = start(home);
    let mut client = daemon.client();
    let first = agent(&mut client, "FAKE:ok", json!({}));
    client.wait_done(&first);
    std::fs::remove_file(home.folder("bin").join("claude")).expect("the agent goes away");
    let id = agent(&mut client, "FAKE:ok", json!({}));
    daemon.kill();
    let path = format!(
        "{}:/usr/local/bin:/usr/bin:/bin",
        home.folder("bin").display()
    );
    let user = home.folder("user").display().to_string();
    let daemon = home
        .try_daemon(&[("PATH", &path), ("HOME", &user)])
        .expect("it becomes ready");
    let mut client = daemon.client();
    let view = wait_for(PATIENCE, || {
        let view = client.task(&id);
        (view["hold"]["kind"] == "not_configured").then_some(view)
    })
    .expect("it is held");
    assert_eq!(
        (view["state"].clone(), view["tries_used"].clone()),
        (json!("queued"), json!(0)),
        "{view:#}"
    );
    install(home);
    client.call("lane.release", json!({ "lane": "claude:default" }));
    client.wait_done(&id);
}

/// An agent on the search path that adds a line to a file whenever it is asked for its version; while it is busy it gives none.
fn counted(home: &Home, name: &str, version: &str) -> std::path::PathBuf {
    let notes = home.folder("notes");
    let (starts, busy) = (notes.join(name), notes.join(format!("{name} is busy")));
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" != --version ]; then exec '{}' \"$@\"; fi\n\
         echo asked >> '{}'\n[ -e '{}' ] && exit 1\necho '{version}'\n",
        ripieno().with_file_name("ripieno-fake-agent").display(),
        starts.display(),
        busy.display(),
    );
    let program = home.folder("bin").join(name);
    std::fs::write(&program, script).expect("an agent");
    let runs = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, runs).expect("it can be run");
    starts
}

fn silent(home: &Home) {
    let claude = counted(home, "claude", "2.1.329 (Claude Code)");
    let codex = counted(home, "codex", "codex-cli 99.0.0");
    let asked = |starts: &std::path::Path| {
        let lines = std::fs::read_to_string(starts).unwrap_or_default();
        lines.lines().count()
    };
    let mut daemon = start(home);
    let mut client = daemon.client();
    client.call("worker.pause", json!({}));
    let id = agent(&mut client, "FAKE:ok", json!({}));
    daemon.kill();
    let busy = home.folder("notes").join("claude is busy");
    std::fs::write(&busy, "").expect("a busy machine");
    let daemon = start(home);
    let mut client = daemon.client();
    client.call("worker.resume", json!({}));
    wait_for(PATIENCE, || {
        let view = client.task(&id);
        (view["hold"]["kind"] == "not_configured").then_some(())
    })
    .expect("it is held");
    let (one, other) = (asked(&claude), asked(&codex));
    wait_for(PATIENCE, || (asked(&claude) > one).then_some(())).expect("it is asked again");
    std::fs::remove_file(&busy).expect("the machine is free again");
    client.wait_done(&id);
    assert_eq!(asked(&codex), other, "nothing was missing of it");
}
