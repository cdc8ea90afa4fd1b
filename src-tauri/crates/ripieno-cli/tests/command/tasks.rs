//! Tasks: added, waited for, listed, shown, followed, stopped, run again.

use crate::rig::Rig;
use serde_json::Value;

#[test]
fn waiting_add_prints_the_id_and_what_the_script_said_and_exits_0() {
    let rig = Rig::start();
    let said = rig
        .run(&["task", "add", "--piece", "script", "--wait", "echo made it"])
        .exits(0);
    assert_eq!(said.stdout, "T-1\nmade it\n");
    let view = rig
        .run(&[
            "task",
            "add",
            "--piece",
            "script",
            "--wait",
            "--json",
            "echo again",
        ])
        .exits(0)
        .json();
    assert_eq!(
        (view["schema"].clone(), view["state"].clone()),
        (1.into(), "done".into())
    );
    assert_eq!(view["result"]["summary"], "again");
}

#[test]
fn waiting_add_exits_1_when_the_task_failed_and_5_when_the_limit_is_over() {
    let rig = Rig::start();
    let view = rig
        .run(&[
            "task", "add", "--piece", "script", "--wait", "--json", "exit 3",
        ])
        .exits(1)
        .json();
    assert_eq!(view["state"], "failed");
    let view = rig
        .run(&[
            "task",
            "add",
            "--piece",
            "script",
            "--wait",
            "--wait-limit",
            "300ms",
            "--json",
            "sleep 60",
        ])
        .exits(5)
        .json();
    assert!(
        ["leased", "running"].contains(&view["state"].as_str().unwrap()),
        "{view}"
    );
}

#[test]
fn waiting_add_exits_3_when_the_worker_goes() {
    let mut rig = Rig::start();
    let mut add = rig.command();
    add.args([
        "task", "add", "--piece", "script", "--wait", "--json", "sleep 60",
    ])
    .stdout(std::process::Stdio::piped());
    let add = add.spawn().unwrap();
    rig.wait_until_added("T-1");
    rig.wait_state("T-1", "running");
    assert_eq!(rig.stop_worker(), 0);
    let output = add.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let view: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(view["short_id"], "T-1");
}

#[test]
fn prompt_comes_from_argument_input_or_file() {
    let rig = Rig::start();
    let file = rig.home().join("prompt.sh");
    std::fs::write(&file, "echo from file\n").unwrap();
    let said = rig
        .run(&[
            "task",
            "add",
            "--piece",
            "script",
            "--wait",
            "--file",
            file.to_str().unwrap(),
        ])
        .exits(0);
    assert!(said.stdout.ends_with("from file\n"), "{}", said.stdout);
    let said = rig
        .feed(
            &["task", "add", "--piece", "script", "--wait", "-"],
            b"echo from input",
        )
        .exits(0);
    assert!(said.stdout.ends_with("from input\n"), "{}", said.stdout);
}

#[test]
fn same_key_gives_the_open_task_back() {
    let rig = Rig::start();
    let add = |key| {
        rig.run(&["task", "add", "--piece", "script", "--key", key, "sleep 60"])
            .exits(0)
            .stdout
    };
    assert_eq!(add("once"), "T-1\n");
    assert_eq!(add("once"), "T-1\n");
    assert_eq!(add("twice"), "T-2\n");
    rig.run(&["task", "cancel", "1", "2"]).exits(0);
    assert_eq!(add("once"), "T-3\n");
}

#[test]
fn list_pages_newest_first_and_filters() {
    let rig = Rig::start();
    for n in 1..=3 {
        rig.run(&[
            "task",
            "add",
            "--piece",
            "script",
            "--wait",
            "--label",
            "a,b",
            &format!("echo {n}"),
        ])
        .exits(0);
    }
    rig.run(&[
        "task", "add", "--piece", "script", "--wait", "--title", "Other", "exit 1",
    ])
    .exits(1);
    let ids = |arguments: &[&str]| -> (Vec<String>, Value) {
        let page = rig
            .run(&[&["task", "list", "--json"], arguments].concat())
            .exits(0)
            .json();
        let ids = page["tasks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t["short_id"].as_str().unwrap().to_owned());
        (ids.collect(), page["next"].clone())
    };
    let (first, next) = ids(&["--limit", "2"]);
    assert_eq!(first, ["T-4", "T-3"]);
    let (second, next) = ids(&["--limit", "2", "--after", next.as_str().unwrap()]);
    assert_eq!(
        (second, next),
        (vec!["T-2".to_owned(), "T-1".to_owned()], Value::Null)
    );
    assert_eq!(ids(&["--state", "failed,dead"]).0, ["T-4"]);
    assert_eq!(ids(&["--label", "a", "--label", "b"]).0.len(), 3);
    assert_eq!(ids(&["--search", "Other"]).0, ["T-4"]);
    let lines = rig.run(&["task", "list", "--jsonl"]).exits(0).stdout;
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 4);
    rig.run(&["task", "list", "--state", "nonsense"]).exits(2);
}

#[test]
fn task_is_named_by_number_short_id_and_last_digits() {
    let rig = Rig::start();
    let id = rig.script("sleep 60");
    let uuid = rig.show(&id)["id"].as_str().unwrap().to_owned();
    for name in ["1", "T-1", "t-1", &uuid, &uuid[uuid.len() - 8..]] {
        assert_eq!(rig.show(name)["id"], uuid.as_str(), "{name}");
    }
    let refused = rig.run(&["task", "show", "T-99", "--json"]).exits(1).json();
    assert_eq!(refused["error"]["code"], "not_found");
}

#[test]
fn why_names_what_a_task_waits_for() {
    let rig = Rig::start();
    let first = rig.script("sleep 60");
    rig.run(&[
        "task",
        "add",
        "--piece",
        "script",
        "--depends-on",
        &first,
        "true",
    ])
    .exits(0);
    let why = rig.run(&["task", "why", "2", "--json"]).exits(0).json();
    assert_eq!(
        (why["hold"]["kind"].clone(), why["hold"]["task"].clone()),
        ("dependency".into(), "T-1".into())
    );
    rig.run(&[
        "task",
        "add",
        "--piece",
        "script",
        "--not-before",
        "2099-01-01T00:00:00Z",
        "true",
    ])
    .exits(0);
    let why = rig.run(&["task", "why", "3", "--json"]).exits(0).json();
    assert_eq!(why["hold"]["until"], "2099-01-01T00:00:00Z");
    rig.wait_state(&first, "running");
    assert_eq!(
        rig.run(&["task", "why", &first, "--json"]).exits(0).json()["hold"],
        Value::Null
    );
}

#[test]
fn pause_and_resume_are_idempotent_and_a_paused_task_goes_on() {
    let rig = Rig::start();
    let id = rig
        .run(&[
            "task",
            "add",
            "--piece",
            "script",
            "--not-before",
            "2099-01-01T00:00:00Z",
            "true",
        ])
        .exits(0)
        .stdout;
    let id = id.trim();
    for _ in 0..2 {
        rig.run(&["task", "pause", id]).exits(0);
        assert_eq!(rig.show(id)["state"], "paused");
    }
    for _ in 0..2 {
        rig.run(&["task", "resume", id]).exits(0);
        assert_eq!(rig.show(id)["state"], "queued");
    }
    let live = rig.script("sleep 60");
    rig.wait_state(&live, "running");
    rig.run(&["task", "pause", &live]).exits(0);
    rig.wait_state(&live, "paused");
    rig.run(&["task", "resume", &live]).exits(0);
    rig.wait_state(&live, "running");
}

#[test]
fn cancel_returns_when_the_processes_are_gone() {
    let rig = Rig::start();
    let id = rig
        .run(&[
            "task",
            "add",
            "--piece",
            "script",
            "echo $$ > pid; ripieno task progress up; exec sleep 60",
        ])
        .exits(0)
        .stdout
        .trim()
        .to_owned();
    let view = rig.wait_until(&id, |view| {
        std::path::Path::new(view["workdir"].as_str().unwrap())
            .join("pid")
            .exists()
    });
    let pid =
        std::fs::read_to_string(format!("{}/pid", view["workdir"].as_str().unwrap())).unwrap();
    rig.run(&["task", "cancel", &id]).exits(0);
    assert!(!std::path::Path::new(&format!("/proc/{}", pid.trim())).exists());
    assert_eq!(rig.show(&id)["state"], "cancelled");
    rig.run(&["task", "cancel", &id]).exits(0);
    rig.run(&["task", "add", "--piece", "script", "--wait", "true"])
        .exits(0);
    rig.run(&["task", "cancel", "2"]).exits(8);
}

#[test]
fn retry_runs_a_failed_task_again_and_seen_clears_its_mark() {
    let rig = Rig::start();
    rig.run(&[
        "task",
        "add",
        "--piece",
        "script",
        "--wait",
        "test -e again || { touch again; exit 1; }",
    ])
    .exits(1);
    let unseen = || rig.run(&["status", "--json"]).exits(0).json()["unseen_failures"].clone();
    assert_eq!(unseen(), 1);
    rig.run(&["task", "seen", "1"]).exits(0);
    assert_eq!(unseen(), 0);
    rig.run(&["task", "retry", "1"]).exits(0);
    let view = rig.wait_state("1", "done");
    assert_eq!(view["attempt"], 2);
    rig.run(&["task", "retry", "1"]).exits(8);
}

#[test]
fn comment_on_an_ended_task_starts_a_follow_up() {
    let rig = Rig::start();
    rig.run(&["task", "add", "--piece", "script", "--wait", "true"])
        .exits(0);
    assert_eq!(
        rig.run(&["task", "comment", "1", "echo more"])
            .exits(0)
            .stdout,
        "T-2\n"
    );
    let (first, second) = (rig.show("1"), rig.wait_state("2", "done"));
    assert_eq!(first["thread"], second["thread"]);
}

#[test]
fn logs_count_from_1_and_follow_ends_with_the_task() {
    let rig = Rig::start();
    let id = rig.script("echo one; echo two >&2");
    let entries = |arguments: &[&str]| -> Vec<Value> {
        let said = rig
            .run(&[&["task", "logs", id.as_str()], arguments].concat())
            .exits(0)
            .stdout;
        said.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let followed = entries(&["--follow", "--jsonl"]);
    let numbers: Vec<u64> = followed
        .iter()
        .map(|entry| entry["n"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    assert_eq!(entries(&["--jsonl"]), followed);
    assert_eq!(
        rig.run(&["task", "logs", &id, "--json"]).exits(0).json()["entries"]
            .as_array()
            .unwrap()
            .len(),
        followed.len()
    );
    let raw = rig.run(&["task", "logs", &id, "--raw"]).exits(0).stdout;
    assert!(raw.contains("one") && raw.contains("two"), "{raw}");
}

#[test]
fn outputs_names_the_folder_and_its_files() {
    let rig = Rig::start();
    rig.run(&[
        "task",
        "add",
        "--piece",
        "script",
        "--wait",
        "mkdir $RIPIENO_OUTPUTS/sub; echo x > $RIPIENO_OUTPUTS/sub/a.md",
    ])
    .exits(0);
    let outputs = rig.run(&["task", "outputs", "1", "--json"]).exits(0).json();
    assert_eq!(outputs["files"], serde_json::json!(["sub/a.md"]));
    assert!(
        std::path::Path::new(outputs["folder"].as_str().unwrap())
            .join("sub/a.md")
            .is_file()
    );
}

#[test]
fn events_come_in_order_without_a_gap() {
    let rig = Rig::start();
    rig.run(&["task", "add", "--piece", "script", "--wait", "true"])
        .exits(0);
    let events = |arguments: &[&str]| -> Vec<Value> {
        let said = rig.run(&[&["events"], arguments].concat()).exits(0).stdout;
        said.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let all = events(&[]);
    let numbers: Vec<i64> = all
        .iter()
        .map(|event| event["seq"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>());
    let kinds: Vec<&str> = all
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        (kinds.first().copied(), kinds.last().copied()),
        (Some("submitted"), Some("completed"))
    );
    assert_eq!(events(&["--since", "2"]), all[2..]);
}

#[test]
fn verbs_of_later_versions_exit_4_with_a_sentence() {
    let rig = Rig::offline();
    for arguments in [
        &["task", "accept", "1"][..],
        &["task", "reject", "1", "no"],
        &["task", "spawn", "x"],
        &["export", "f"],
        &["mcp", "serve"],
    ] {
        let said = rig.run(arguments).exits(4);
        assert!(
            said.stderr.contains("not possible in this version"),
            "{arguments:?}: {}",
            said.stderr
        );
    }
}

impl Rig {
    /// Waits until a task is known, by the event log.
    fn wait_until_added(&self, id: &str) {
        let mut events = self
            .command()
            .args(["events", "--follow"])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines =
            std::io::BufRead::lines(std::io::BufReader::new(events.stdout.take().unwrap()));
        while self.run(&["task", "show", id]).code != 0 {
            lines.next().unwrap().unwrap();
        }
        events.kill().unwrap();
        events.wait().unwrap();
    }
}
