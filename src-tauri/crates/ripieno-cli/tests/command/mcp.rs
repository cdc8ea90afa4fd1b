//! `ripieno mcp task` as an agent talks to it: the rules of the Model Context Protocol over stdio (A6).

use crate::rig::Rig;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Lines, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// The revisions in which a session begins with a handshake.
const REVISIONS: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// The server, and the agent's end of its pipes.
struct Server {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    next: u64,
    /// The replies that came while another was waited for.
    others: Vec<Value>,
}

impl Server {
    fn start(mut command: Command) -> Self {
        command
            .args(["mcp", "task"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        Server {
            stdin: child.stdin.take().unwrap(),
            lines: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
            next: 0,
            others: Vec::new(),
        }
    }

    /// One that has been greeted.
    fn greeted(command: Command) -> Self {
        let mut server = Server::start(command);
        server.greet(REVISIONS[3]);
        server
    }

    fn greet(&mut self, revision: &str) -> Value {
        let client = json!({"name": "test", "version": "1"});
        let hello = json!({"protocolVersion": revision, "capabilities": {}, "clientInfo": client});
        let reply = self.ask("initialize", hello);
        self.notify("notifications/initialized", json!({}));
        reply["result"].clone()
    }

    fn tell(&mut self, line: &[u8]) {
        self.stdin.write_all(&[line, b"\n"].concat()).unwrap();
    }

    fn notify(&mut self, method: &str, params: Value) {
        let line = json!({"jsonrpc": "2.0", "method": method, "params": params});
        self.tell(line.to_string().as_bytes());
    }

    /// Sends a request and does not wait.
    fn request(&mut self, method: &str, params: Value) -> u64 {
        self.next += 1;
        let line = json!({"jsonrpc": "2.0", "id": self.next, "method": method, "params": params});
        self.tell(line.to_string().as_bytes());
        self.next
    }

    /// The reply to a request.
    fn reply(&mut self, id: u64) -> Value {
        if let Some(at) = self.others.iter().position(|reply| reply["id"] == id) {
            return self.others.swap_remove(at);
        }
        loop {
            let line = self.lines.next().unwrap().unwrap();
            let reply: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(reply["jsonrpc"], "2.0", "{reply}");
            if reply["id"] == id {
                return reply;
            }
            self.others.push(reply);
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        self.reply(id)
    }

    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.ask("tools/call", json!({"name": tool, "arguments": arguments}))
    }

    fn assert_lives(&mut self) {
        let pong = self.ask("ping", json!({}));
        assert_eq!(pong["result"], json!({}), "{pong}");
    }

    /// Closes its input; the exit code, and whatever was said besides.
    fn close(mut self) -> (Option<i32>, Vec<Value>) {
        drop(self.stdin);
        let rest = self
            .lines
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap());
        self.others.extend(rest);
        (self.child.wait().unwrap().code(), self.others)
    }
}

#[test]
fn revision_is_the_agents_where_it_is_known_and_else_one_that_is() {
    let rig = Rig::offline();
    for revision in REVISIONS {
        let mut server = Server::start(rig.command());
        let hello = server.greet(revision);
        assert_eq!(hello["protocolVersion"], revision);
        assert_eq!(hello["serverInfo"]["name"], "ripieno");
        assert!(hello["capabilities"]["tools"].is_object(), "{hello}");
        assert!(
            hello["instructions"]
                .as_str()
                .unwrap()
                .contains("ask_human")
        );
        assert_eq!(server.close(), (Some(0), vec![]));
    }
    let hello = Server::start(rig.command()).greet("1999-01-01");
    let offered = hello["protocolVersion"].as_str().unwrap();
    assert!(offered >= REVISIONS[3], "{offered}");
}

#[test]
fn tools_are_listed_each_with_an_object_for_its_input() {
    let rig = Rig::offline();
    let mut server = Server::greeted(rig.command());
    let list = server.ask("tools/list", json!({}));
    let tools = list["result"]["tools"].as_array().unwrap();
    let names: Vec<&str> = tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    let want = [
        "ask_human",
        "report_progress",
        "update_checklist",
        "update_brief",
        "finish_movement",
        "submit_result",
    ];
    assert_eq!(names, want);
    for tool in tools {
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{tool}");
        assert!(tool["description"].as_str().unwrap().len() > 40, "{tool}");
    }
}

#[test]
fn what_is_not_known_is_refused_by_the_protocols_numbers_and_the_server_goes_on() {
    let rig = Rig::offline();
    let mut server = Server::greeted(rig.command());
    let refused = server.ask("never/heard", json!({}));
    assert_eq!(refused["error"]["code"], -32601, "{refused}");
    let refused = server.call("rm", json!({}));
    assert_eq!(refused["error"]["code"], -32602, "{refused}");
    server.assert_lives();
    for bad in [
        &b"{"[..],
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"{\"jsonrpc\":\"2.0\"}",
    ] {
        server.tell(bad);
        server.assert_lives();
    }
    // A method is a word: a request that has another has no answer but an error.
    server.tell(b"{\"jsonrpc\":\"2.0\",\"id\":77,\"method\":2}");
    server.notify("notifications/never_heard", json!({"x": 1}));
    server.assert_lives();
    let (code, others) = server.close();
    assert_eq!(code, Some(0));
    assert!(
        others.iter().all(|reply| reply["error"].is_object()),
        "{others:?}"
    );
}

#[test]
fn call_that_cannot_be_carried_out_tells_the_model_why() {
    let rig = Rig::start();
    let mut server = Server::greeted(rig.command());
    let text = |reply: &Value| {
        reply["result"]["content"][0]["text"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let wrong = server.call("report_progress", json!({"words": "half"}));
    assert_eq!(wrong["result"]["isError"], true, "{wrong}");
    assert!(text(&wrong).contains("words"), "{wrong}");
    // Outside of a task the tools have nothing to work on.
    let stranger = server.call("report_progress", json!({"text": "half"}));
    assert_eq!(stranger["result"]["isError"], true, "{stranger}");
    server.assert_lives();
}

/// A task that stands still until the test lets it go, and its token.
struct Standing {
    id: String,
    token: String,
    gate: PathBuf,
}

impl Standing {
    fn start(rig: &Rig) -> Self {
        let [told, gate] = ["told", "gate"].map(|name| pipe(&rig.home().join(name)));
        let script = format!(
            "printf %s \"$RIPIENO_TASK_TOKEN\" > '{}'; cat '{}'",
            told.display(),
            gate.display()
        );
        let id = rig.script(&script);
        let token = std::fs::read_to_string(told).unwrap();
        Standing { id, token, gate }
    }

    /// The command as something the task started.
    fn command(&self, rig: &Rig) -> Command {
        let mut command = rig.command();
        command
            .env(
                "RIPIENO_TASK_ID",
                rig.show(&self.id)["id"].as_str().unwrap(),
            )
            .env("RIPIENO_TASK_TOKEN", &self.token);
        command
    }

    fn end(self, rig: &Rig) {
        std::fs::write(self.gate, "").unwrap();
        rig.wait_state(&self.id, "done");
    }
}

/// A pipe with a name: whoever opens one end waits for the other.
fn pipe(path: &Path) -> PathBuf {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
    path.to_owned()
}

#[test]
fn question_waits_while_other_calls_go_on_and_one_that_is_cancelled_is_not_answered() {
    let rig = Rig::start();
    let task = Standing::start(&rig);
    let mut server = Server::greeted(task.command(&rig));
    let ask = |question: &str| json!({"name": "ask_human", "arguments": {"question": question, "options": ["Red", "Blue"]}});
    let first = server.request("tools/call", ask("Which colour?"));
    rig.wait_state(&task.id, "needs_input");
    server.assert_lives();
    let progress = server.call("report_progress", json!({"text": "asked"}));
    assert_eq!(progress["result"]["isError"], false, "{progress}");
    let cancelled = json!({"requestId": first, "reason": "the turn is over"});
    server.notify("notifications/cancelled", cancelled);
    server.assert_lives();
    // The question itself stays: a person may be at it.
    let asks = rig.run(&["ask", "list", "--json"]).exits(0).json();
    assert_eq!(asks["asks"][0]["text"], "Which colour?");
    rig.run(&["ask", "answer", "A-1", "Blue"]).exits(0);
    rig.wait_state(&task.id, "running");
    let second = server.request("tools/call", ask("Are you sure?"));
    rig.wait_state(&task.id, "needs_input");
    rig.run(&["ask", "answer", "A-2", "Red"]).exits(0);
    let answered = server.reply(second);
    let text = &answered["result"]["content"][0]["text"];
    assert_eq!(text, "The person answers: Red", "{answered}");
    assert_eq!(
        server.close(),
        (Some(0), vec![]),
        "nothing came of the cancelled call"
    );
    task.end(&rig);
}

#[test]
fn end_of_input_ends_the_server_also_while_a_question_waits() {
    let rig = Rig::start();
    let task = Standing::start(&rig);
    let mut server = Server::greeted(task.command(&rig));
    let ask = json!({"name": "ask_human", "arguments": {"question": "Which colour?"}});
    server.request("tools/call", ask);
    rig.wait_state(&task.id, "needs_input");
    let (code, _) = server.close();
    assert_eq!(code, Some(0));
    rig.run(&["ask", "answer", "A-1", "--text", "Blue"]);
    task.end(&rig);
}

#[test]
fn number_written_as_words_of_ones_own_is_not_the_option_of_that_number() {
    let rig = Rig::start();
    let task = Standing::start(&rig);
    let mut server = Server::greeted(task.command(&rig));
    for (n, given, want) in [(1, ["--text", "2"], "2"), (2, ["--option", "2"], "8")] {
        let question = format!("How many, try {n}?");
        let asked = json!({"question": question, "options": ["4", "8"], "free_text": true});
        let call = server.request(
            "tools/call",
            json!({"name": "ask_human", "arguments": asked}),
        );
        rig.wait_state(&task.id, "needs_input");
        let id = format!("A-{n}");
        let option = given[0] == "--option";
        let mut args = vec!["ask", "answer", id.as_str()];
        args.extend(if option { &given[1..] } else { &given[..] });
        rig.run(&args).exits(0);
        let answered = server.reply(call);
        let text = &answered["result"]["content"][0]["text"];
        assert_eq!(*text, format!("The person answers: {want}"), "{answered}");
    }
    assert_eq!(server.close(), (Some(0), vec![]));
    task.end(&rig);
}

#[test]
fn answer_to_a_call_that_was_given_up_is_told_to_the_next_try() {
    let rig = Rig::start();
    let [told, gate] = ["told", "gate"].map(|name| pipe(&rig.home().join(name)));
    let script = format!(
        "printf %s \"$RIPIENO_TASK_TOKEN\" > '{}'; exit \"$(cat '{}')\"",
        told.display(),
        gate.display()
    );
    let id = rig.script(&script);
    let try_again = |gate: &Path| Standing {
        id: id.clone(),
        token: std::fs::read_to_string(&told).unwrap(),
        gate: gate.to_owned(),
    };
    let task = try_again(&gate);
    let asked = json!({"name": "ask_human", "arguments": {"question": "Which?", "options": ["Red", "Blue"]}});
    let mut server = Server::greeted(task.command(&rig));
    let call = server.request("tools/call", asked.clone());
    rig.wait_state(&id, "needs_input");
    let given_up = json!({"requestId": call, "reason": "timeout"});
    server.notify("notifications/cancelled", given_up);
    assert_eq!(server.close(), (Some(0), vec![]));
    rig.run(&["ask", "answer", "A-1", "Blue"]).exits(0);
    rig.wait_state(&id, "running");
    // It leaves without the answer: that is no failure, it is taken up again to be told.
    std::fs::write(&task.gate, "4").unwrap();
    rig.wait_until(&id, |view| view["attempt"] == 2);
    let task = try_again(&gate);
    let mut server = Server::greeted(task.command(&rig));
    let answered = server.ask("tools/call", asked);
    let text = &answered["result"]["content"][0]["text"];
    assert_eq!(text, "The person answers: Blue", "{answered}");
    assert_eq!(server.close(), (Some(0), vec![]));
    // Told, a failure is one.
    std::fs::write(&task.gate, "4").unwrap();
    rig.wait_state(&id, "failed");
}

#[test]
fn asker_who_sends_nothing_more_still_reads_the_answer() {
    let mut rig = Rig::offline();
    let ready = rig.start_worker(&[]);
    let task = Standing::start(&rig);
    let mut asker = UnixStream::connect(ready["socket"].as_str().unwrap()).unwrap();
    let params = json!({"text": "Which?", "options": ["a", "b"]});
    let line = json!({"id": 1, "method": "ask.create", "params": params, "token": task.token});
    asker.write_all(format!("{line}\n").as_bytes()).unwrap();
    asker.shutdown(std::net::Shutdown::Write).unwrap();
    rig.wait_state(&task.id, "needs_input");
    rig.run(&["ask", "answer", "A-1", "b"]).exits(0);
    let reply = BufReader::new(asker).lines().next().unwrap().unwrap();
    let reply: Value = serde_json::from_str(&reply).unwrap();
    let result = &reply["result"];
    assert_eq!(
        (&result["answer"], &result["option"]),
        (&json!("b"), &json!(true)),
        "{reply}"
    );
    task.end(&rig);
}
