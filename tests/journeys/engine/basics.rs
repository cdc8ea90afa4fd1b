//! Submitted, run, ended.

use crate::{Journey, rig::Home};
use serde_json::json;

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "script_that_succeeds_is_done_with_its_last_lines_as_result",
            succeeds,
        ),
        (
            "script_that_exits_with_another_code_fails_at_once_with_what_it_said",
            fails,
        ),
        (
            "dependant_starts_when_all_it_depends_on_is_done",
            dependencies,
        ),
        (
            "failed_dependency_fails_its_dependants_and_its_reopening_puts_them_back",
            failed_dependency,
        ),
        ("same_key_while_open_gives_the_same_task", same_key),
        (
            "inputs_are_given_read_only_and_outputs_are_kept",
            inputs_and_outputs,
        ),
        ("task_not_due_waits_for_its_moment_and_says_so", not_before),
        ("events_are_told_in_order_without_a_gap", events_without_gap),
        (
            "script_prints_garbage_and_much_of_it_and_still_ends",
            garbage,
        ),
    ]
}

fn succeeds(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script("echo one; echo two; echo three >&2", json!({}));
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "one\ntwo", "{view:#}");
    assert_eq!(view["attempt"], 1);
}

fn fails(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let id = client.script("echo fine; echo broken >&2; exit 3", json!({}));
    let view = client.wait_state(&id, &["failed", "dead", "done"]);
    assert_eq!(
        (&view["state"], &view["failure"]["class"]),
        (&json!("failed"), &json!("reported_failed"))
    );
    assert_eq!(view["failure"]["text"], "broken", "{view:#}");
    assert_eq!(client.call("status", json!({}))["unseen_failures"], 1);
    client.call("task.seen", json!({ "ids": [id] }));
    assert_eq!(client.call("status", json!({}))["unseen_failures"], 0);
}

fn dependencies(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let gate = home.folder("gate").join("open");
    let first = client.script(
        &format!("until [ -e {} ]; do sleep 0.02; done", gate.display()),
        json!({}),
    );
    let second = client.script("echo after", json!({ "depends_on": [first] }));
    assert_eq!(client.state(&second), "waiting");
    let why = client.call("task.why", json!({ "id": second }));
    assert_eq!(why["hold"]["kind"], "dependency", "{why}");
    client.call("task.pause", json!({ "ids": [second] }));
    assert_eq!(client.state(&second), "paused");
    client.call("task.resume", json!({ "ids": [second] }));
    std::fs::write(gate, "").expect("the gate opens");
    client.wait_done(&second);
    let cancelled = client.script("echo no", json!({ "not_before": "2099-01-01T00:00:00Z" }));
    let waiting = client.script("echo never", json!({ "depends_on": [cancelled] }));
    client.call("task.cancel", json!({ "ids": [waiting] }));
    assert_eq!(client.state(&waiting), "cancelled");
    client.call("task.retry", json!({ "ids": [waiting] }));
    assert_eq!(client.state(&waiting), "waiting");
    client.call("task.cancel", json!({ "ids": [cancelled] }));
}

fn failed_dependency(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let marker = home.folder("marker").join("mended");
    let first = client.script(&format!("test -e {}", marker.display()), json!({}));
    let second = client.script("echo after", json!({ "depends_on": [first] }));
    let view = client.wait_state(&second, &["failed"]);
    assert_eq!(view["failure"]["class"], "dependency_failed", "{view:#}");
    std::fs::write(marker, "").expect("it is mended");
    client.call("task.retry", json!({ "ids": [first] }));
    client.wait_done(&first);
    client.wait_done(&second);
}

fn same_key(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let later = json!({ "key": "nightly", "not_before": "2099-01-01T00:00:00Z" });
    let first = client.script("echo a", later.clone());
    let second = client.script("echo b", later.clone());
    assert_eq!(first, second);
    client.call("task.cancel", json!({ "ids": [first] }));
    let third = client.script("echo c", later);
    assert_ne!(first, third);
    let refused = client
        .request("task.retry", json!({ "ids": [first] }))
        .expect("an answer");
    assert_eq!(refused.expect_err("its key is taken")["code"], "conflict");
}

fn inputs_and_outputs(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let input = home.folder("in").join("data.txt");
    std::fs::write(&input, "seven").expect("the input is written");
    let id = client.script(
        "cp \"$RIPIENO_INPUTS/data.txt\" \"$RIPIENO_OUTPUTS/copy.txt\"; test ! -w \"$RIPIENO_INPUTS/data.txt\" || id -u",
        json!({ "inputs": [input] }),
    );
    let view = client.wait_done(&id);
    let outputs = std::path::PathBuf::from(view["outputs"].as_str().expect("a folder"));
    assert_eq!(
        std::fs::read_to_string(outputs.join("copy.txt")).expect("the output"),
        "seven"
    );
}

fn not_before(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let later = client.script(
        "echo later",
        json!({ "not_before": "2099-01-01T00:00:00Z" }),
    );
    let why = client.call("task.why", json!({ "id": later }));
    assert_eq!(why["hold"]["kind"], "not_before", "{why}");
    let soon = jiff_soon();
    let id = client.script("echo soon", json!({ "not_before": soon }));
    client.wait_done(&id);
}

/// Half a second from now, as RFC 3339.
fn jiff_soon() -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("a clock after 1970");
    let at =
        i64::try_from((now + std::time::Duration::from_millis(500)).as_millis()).expect("a moment");
    ripieno_daemon::words::rfc3339(ripieno_core::time::Timestamp(at))
}

fn events_without_gap(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let ids: Vec<String> = (0..20)
        .map(|n| client.script(&format!("echo {n}"), json!({})))
        .collect();
    for id in &ids {
        client.wait_done(id);
    }
    let (code, out, err) = home.run(&["events"]);
    assert_eq!(code, 0, "{err}");
    let seqs: Vec<i64> = out
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).expect("a line of JSON")["seq"]
                .as_i64()
                .expect("a seq")
        })
        .collect();
    assert!(seqs.len() > 60);
    assert!(
        seqs.windows(2).all(|w| w[1] == w[0] + 1),
        "a gap in {seqs:?}"
    );
}

fn garbage(home: &Home) {
    let daemon = home.daemon();
    let mut client = daemon.client();
    let script = "printf '\\377\\376\\000bad\\n'; head -c 20000000 /dev/zero | tr '\\0' x; echo; yes | head -n 200000; echo end";
    let id = client.script(script, json!({}));
    let view = client.wait_done(&id);
    assert!(
        view["result"]["summary"]
            .as_str()
            .expect("a summary")
            .ends_with("end")
    );
}
