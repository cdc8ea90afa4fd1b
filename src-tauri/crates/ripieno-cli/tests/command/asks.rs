//! Asks: opened inside a task, answered from outside, never by a task.

use crate::rig::Rig;
use serde_json::Value;

/// Asks and goes on with the answer.
const ASKING: &str = "answer=$(ripieno ask create --text 'Which one?' --option a=Alpha --option Beta)\necho \"chose $answer\"";

#[test]
fn answer_reaches_the_script_that_waits_for_it() {
    let rig = Rig::start();
    let view = rig
        .run(&[
            "task", "add", "--piece", "script", "--wait", "--json", ASKING,
        ])
        .exits(6)
        .json();
    assert_eq!(view["state"], "needs_input");
    assert_eq!(view["asks"][0]["text"], "Which one?");
    let listed = rig.run(&["ask", "list", "--json"]).exits(0).json();
    assert_eq!(listed["asks"][0]["options"][1]["id"], "beta");
    assert_eq!(rig.run(&["status", "--json"]).exits(0).json()["asks"], 1);
    rig.run(&["ask", "answer", "A-1", "Beta"]).exits(0);
    assert_eq!(
        rig.wait_state("1", "done")["result"]["summary"],
        "chose beta"
    );
}

#[test]
fn option_is_named_by_id_number_or_label_and_text_only_where_taken() {
    let rig = Rig::start();
    for (n, given) in ["a", "2", "Alpha"].iter().enumerate() {
        rig.run(&["task", "add", "--piece", "script", "--wait", ASKING])
            .exits(6);
        let ask = format!("A-{}", n + 1);
        rig.run(&["ask", "answer", &ask, "gamma"]).exits(2);
        rig.run(&["ask", "answer", &ask, "--text", "words"])
            .exits(2);
        rig.run(&["ask", "answer", &ask, given]).exits(0);
    }
    rig.run(&["ask", "answer", "A-9", "a"]).exits(1);
}

#[test]
fn second_answer_is_told_who_was_first() {
    let rig = Rig::start();
    rig.run(&["task", "add", "--piece", "script", "--wait", ASKING])
        .exits(6);
    rig.run(&["ask", "answer", "1", "a"]).exits(0);
    let late = rig
        .run(&["ask", "answer", "1", "beta", "--json"])
        .exits(7)
        .json();
    assert_eq!(late["error"]["code"], "already_answered");
    assert!(
        late["error"]["message"]
            .as_str()
            .unwrap()
            .starts_with("already answered by cli"),
        "{late}"
    );
}

#[test]
fn script_that_does_not_wait_ends_and_runs_again_with_the_answer() {
    let rig = Rig::start();
    let script = "echo run >> runs\nanswer=$(ripieno ask create --wait 0 --text 'Name?' --text-ok)\necho \"hello $answer\"";
    rig.run(&["task", "add", "--piece", "script", "--wait", script])
        .exits(6);
    rig.run(&["ask", "answer", "1", "--text", "Ada"]).exits(0);
    let view = rig.wait_state("1", "done");
    assert_eq!(view["result"]["summary"], "hello Ada");
    let runs =
        std::fs::read_to_string(format!("{}/runs", view["workdir"].as_str().unwrap())).unwrap();
    assert!(runs.lines().count() <= 2, "{runs}");
}

#[test]
fn expired_ask_takes_its_default() {
    let rig = Rig::start();
    let script = "echo \"got $(ripieno ask create --text Q --option yes --option no --default no --expires 300ms)\"";
    rig.run(&["task", "add", "--piece", "script", script])
        .exits(0);
    assert_eq!(rig.wait_state("1", "done")["result"]["summary"], "got no");
}

#[test]
fn task_can_do_nothing_but_speak_of_itself_and_read_its_family() {
    let rig = Rig::start();
    rig.run(&["task", "add", "--piece", "script", "--wait", ASKING])
        .exits(6);
    let forbidden = [
        "ask answer 1 a",
        "ask list",
        "task add x",
        "task cancel 1",
        "task pause 1",
        "task resume 1",
        "task retry 1",
        "task seen --all",
        "task comment 1 x",
        "pause",
        "resume",
        "config set slots 9",
        "lane release shell",
        "status",
        "lock list",
        "runtime list",
        "backup",
        "events",
        "task show 1",
        "task logs 1",
    ];
    let mut script = String::from("export T=\"$RIPIENO_TASK_TOKEN\"\nset +e\n");
    for verb in forbidden {
        // With its token, and without it: descent alone is enough.
        for unset in ["", "env -u RIPIENO_TASK_TOKEN -u RIPIENO_TASK_ID "] {
            script.push_str(&format!(
                "{unset}ripieno {verb} >/dev/null 2>&1; echo \"$? {verb}\"\n"
            ));
        }
    }
    script.push_str("ripieno task show $RIPIENO_TASK_ID >/dev/null; echo \"$? own\"\n");
    let file = rig.home().join("attack.sh");
    std::fs::write(&file, script).unwrap();
    let add = [
        "task",
        "add",
        "--piece",
        "script",
        "--wait",
        "--file",
        file.to_str().unwrap(),
    ];
    rig.run(&add).exits(0);
    let raw = rig.run(&["task", "logs", "2", "--raw"]).exits(0).stdout;
    assert_eq!(raw.lines().count(), forbidden.len() * 2 + 1, "{raw}");
    for line in raw.lines() {
        let code = if line.ends_with(" own") { "0" } else { "8" };
        assert!(line.starts_with(&format!("{code} ")), "{line}");
    }
}

#[test]
fn process_left_over_from_an_ended_task_may_do_nothing() {
    let rig = Rig::start();
    // The marker stays in the environment of what is started with it, wherever its parent went.
    let id = rig
        .run(&[
            "task", "add", "--piece", "script", "--wait", "--json", "true",
        ])
        .exits(0)
        .json()["id"]
        .clone();
    let mut leftover = rig.command();
    leftover
        .env("RIPIENO_TASK_ID", id.as_str().unwrap())
        .args(["task", "list", "--json"]);
    let output = leftover.output().unwrap();
    let refused: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (output.status.code(), &refused["error"]["code"]),
        (Some(8), &"forbidden".into())
    );
}

#[test]
fn task_reports_its_own_result_and_progress() {
    let rig = Rig::start();
    let script = "ripieno task progress 'half way'\n\
        echo '{\"status\":\"completed\",\"summary\":\"told\",\"artifacts\":[{\"kind\":\"file\",\"ref\":\"a.md\"}]}' > r.json\n\
        ripieno task result --file r.json\necho ignored";
    let view = rig
        .run(&[
            "task", "add", "--piece", "script", "--wait", "--json", script,
        ])
        .exits(0)
        .json();
    assert_eq!(view["result"]["summary"], "told");
    assert_eq!(view["result"]["artifacts"][0]["ref"], "a.md");
    let outside = rig.run(&["task", "progress", "x"]).exits(8);
    assert!(
        outside.stderr.contains("only inside a running task"),
        "{}",
        outside.stderr
    );
}
