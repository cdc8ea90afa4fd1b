//! A program that speaks no protocol, as an agent of the real worker (A2, A3): its prompt, its lines, its end, its questions.

use super::rig::{Client, Daemon, Home, PATIENCE, wait_for};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt};

/// A worker whose only agent is this script.
struct Own {
    home: Home,
    daemon: Daemon,
}

impl Own {
    /// With more fields of its entry.
    fn set(script: &str, fields: &str) -> Self {
        let entry = format!(
            "[retry]\ntries = 1\n\n[[agents]]\nname = \"mine\"\ntitle = \"My own\"\nprotocol = \"lines\"\ncommand = \"my-agent\"\n{fields}\n"
        );
        let home = Home::with_config(&entry);
        let program = home.folder("bin").join("my-agent");
        fs::write(&program, script).expect("the program is written");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it may be run");
        let path = format!(
            "{}:/usr/local/bin:/usr/bin:/bin",
            home.folder("bin").display()
        );
        let daemon = home
            .try_daemon(&[("PATH", &path)])
            .expect("the daemon becomes ready");
        Own { home, daemon }
    }

    fn add(&self, client: &mut Client, prompt: &str, more: Value) -> String {
        let dir = self.home.folder("work-here");
        let mut params = json!({ "prompt": prompt, "agent": "mine", "dir": dir, "mode": "in_place", "approvals": "trusted" });
        if let (Some(all), Some(more)) = (params.as_object_mut(), more.as_object()) {
            all.extend(more.clone());
        }
        let added = client.call("task.add", params);
        added["short_id"].as_str().expect("a short id").to_owned()
    }
}

const WORKS: &str = r#"#!/bin/sh
prompt=$(cat)
case $prompt in *"paint the shed"*) ;; *) exit 9 ;; esac
echo '{"type":"text","text":"I begin."}'
echo '{"type":"tool_use","name":"sh","id":"1","input":{"command":"echo red > shed"}}'
echo red > shed
echo '{"type":"tool_result","id":"1","output":""}'
echo '{"type":"usage","model":"m-1","usage":{"input_tokens":7,"output_tokens":3}}'
echo 'This is plain text.'
printf '{"type":"result","result":"Done.\\n```json\\n{\\"status\\":\\"completed\\",\\"summary\\":\\"The shed is red\\"}\\n```"}\n'
"#;

#[test]
fn program_that_speaks_no_protocol_works_reports_and_is_counted() {
    let own = Own::set(WORKS, "");
    let mut client = own.daemon.client();
    let runtimes = client.call("runtime.list", json!({}))["runtimes"].clone();
    let mine = runtimes
        .as_array()
        .expect("runtimes")
        .iter()
        .find(|row| row["kind"] == "mine");
    let mine = mine.cloned().unwrap_or_default();
    assert_eq!(
        (&mine["protocol"], &mine["usable"]),
        (&json!("lines"), &json!(true)),
        "{mine:#}"
    );
    assert!(
        mine["reason"]
            .to_string()
            .contains("without asking for leave"),
        "{mine:#}"
    );
    let id = own.add(&mut client, "Please paint the shed.", json!({}));
    let view = client.wait_done(&id);
    assert_eq!(
        fs::read_to_string(own.home.folder("work-here").join("shed")).expect("the shed"),
        "red\n"
    );
    assert_eq!(view["result"]["summary"], "The shed is red", "{view:#}");
    assert_eq!(
        (&view["usage"][0]["model"], &view["usage"][0]["output"]),
        (&json!("m-1"), &json!(3)),
        "{view:#}"
    );
    let log = client.call("task.logs", json!({ "id": id })).to_string();
    for told in ["I begin.", "sh: echo red > shed", "This is plain text."] {
        assert!(log.contains(told), "{told} in {log}");
    }
}

#[test]
fn question_of_such_a_program_is_answered_while_it_waits_and_after_it_has_left() {
    let script = r#"#!/bin/sh
case $1 in *"The answer was blue"* | *blue*) echo "heard it in the prompt"; exit 0 ;; esac
answer=$(ripieno ask create --text 'Which colour?' --option red --option blue --wait 0) || exit 4
echo "heard $answer"
"#;
    let own = Own::set(script, "prompt = \"argument\"");
    let mut client = own.daemon.client();
    let id = own.add(&mut client, "Ask me.", json!({}));
    client.wait_state(&id, &["needs_input"]);
    let ask = wait_for(PATIENCE, || {
        client.call("ask.list", json!({}))["asks"].get(0).cloned()
    })
    .expect("an ask");
    client.call(
        "ask.answer",
        json!({ "id": ask["short_id"], "option": "blue" }),
    );
    let view = client.wait_done(&id);
    assert_eq!(view["tries_used"], 0, "{view:#}");
    let log = client
        .call("task.logs", json!({ "id": id, "attempt": 2 }))
        .to_string();
    assert!(log.contains("heard it in the prompt"), "{log}");
    let run = client.call("task.run", json!({ "id": id })).to_string();
    assert!(
        run.contains("{prompt}") && !run.contains("Ask me."),
        "{run}"
    );
}

#[test]
fn rejected_login_of_such_a_program_signs_its_lane_out() {
    let own = Own::set(
        "#!/bin/sh\necho 'Error code: 401 - Incorrect API key provided' >&2\nexit 1\n",
        "prompt = \"file\"",
    );
    let mut client = own.daemon.client();
    own.add(&mut client, "Anything.", json!({}));
    let ask = wait_for(PATIENCE, || {
        client.call("ask.list", json!({}))["asks"].get(0).cloned()
    })
    .expect("an ask");
    assert_eq!(ask["kind"], "sign_in", "{ask:#}");
}

const SPEAKS_MCP: &str = r#"#!/usr/bin/env python3
import json, subprocess, sys
with open(sys.argv[sys.argv.index("--mcp") + 1]) as file:
    server = json.load(file)["mcpServers"]["ripieno"]
child = subprocess.Popen([server["command"], *server["args"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
def say(message):
    child.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    child.stdin.flush()
def call(number, method, params):
    say({"id": number, "method": method, "params": params})
    while True:
        answer = json.loads(child.stdout.readline())
        if answer.get("id") == number:
            return answer["result"]
call(1, "initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "mine", "version": "1"}})
say({"method": "notifications/initialized"})
result = call(2, "tools/call", {"name": "submit_result", "arguments": {"status": "completed", "summary": "by our own tool"}})
print(json.dumps({"type": "text", "text": json.dumps(result)}))
child.stdin.close()
child.wait()
"#;

#[test]
fn such_a_program_reports_by_our_server_where_it_takes_one() {
    let own = Own::set(SPEAKS_MCP, "args = [\"--mcp\", \"{mcp}\"]");
    let mut client = own.daemon.client();
    let id = own.add(&mut client, "Report.", json!({}));
    let view = client.wait_done(&id);
    assert_eq!(view["result"]["summary"], "by our own tool", "{view:#}");
}

#[test]
fn program_that_fails_fails_its_task_with_what_it_said() {
    let own = Own::set(
        "#!/bin/sh\necho working\necho 'the paint is gone' >&2\nexit 3\n",
        "",
    );
    let mut client = own.daemon.client();
    let id = own.add(&mut client, "Anything.", json!({}));
    let view = client.wait_state(&id, &["dead"]);
    let told = view.to_string();
    assert!(
        told.contains("it exited with 3: the paint is gone"),
        "{view:#}"
    );
}
